//! What cannot be fitted is left by itself, with the reason, and the others are fitted.

use burgward_code::{Code, Unparsed};
use insta::assert_snapshot;

use crate::support::{Case, call, env, told};

/// Three functions with one list of policies, and one without.
const ANCHOR: &str = "\
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: { Runtime: python3.11, CodeUri: src/ }
Resources:
  Get:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.get
      Environment: &env
        Variables: { TABLE: !Ref T }
      Policies: &pol   # for all
        - DynamoDBCrudPolicy: { TableName: !Ref T }
  Put:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.put
      Environment: *env
      Policies: *pol
  Strange:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.strange
      Environment: *env
      Policies: *pol
  Plain:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.plain
      Environment: *env
      Policies:
        - AmazonDynamoDBFullAccess
  T:
    Type: AWS::Serverless::SimpleTable
";

fn anchor() -> Case {
    let one = |operation: &str| call(&format!("dynamodb.{operation}"), &[("TableName", env("TABLE"))]);
    Case::new(ANCHOR)
        .function("Get", &[one("GetItem")])
        .function("Put", &[one("PutItem")])
        .function("Plain", &[one("Scan")])
}

#[test]
fn an_anchor_that_others_need_stays_and_the_others_are_fitted() {
    let case = anchor().undecided("Strange", "the operation is chosen at run time");
    let (fit, text) = case.patched();
    let left = told(&fit, "Get");
    let place = "left: template.yaml:11: its permissions cannot be rewritten where they stand: ";
    assert!(left.starts_with(place) && !left.contains("edited:"), "{left}");
    assert_snapshot!(told(&fit, "Strange"), @"left: Strange/app.py:3: the operation is chosen at run time");
    assert!(text.contains("Policies: &pol   # for all") && text.matches("*pol").count() == 1, "{text}");
    assert_snapshot!(told(&fit, "Put"), @r##"
    dynamodb:PutItem on ${T.Arn}
      dynamodb:PutItem: Put/app.py:1, observed 0
    "##);
    assert_snapshot!(told(&fit, "Plain"), @r##"
    dynamodb:Scan on ${T.Arn}
      dynamodb:Scan: Plain/app.py:1, observed 0
    "##);
    assert!(!fit.is_complete());
}

#[test]
fn what_stays_is_counted_as_it_is() {
    let (fit, _) = anchor().unparsed("Strange", "`helper.py` is not read: not UTF-8").patched();
    let counts: Vec<_> = fit
        .functions
        .iter()
        .map(|f| format!("{}: {} -> {}", f.function, f.operations.today, f.operations.fitted))
        .collect();
    assert_snapshot!(counts.join("\n"), @r##"
    Get: 12 -> 12
    Put: 12 -> 1
    Strange: 12 -> 12
    Plain: 44 -> 1
    "##);
}

#[test]
fn partial_knowledge_of_code_fits_nothing() {
    let call = call("dynamodb.GetItem", &[("TableName", env("TABLE"))]);
    for why in ["`helper.py` is not read: not UTF-8", "a layer is published elsewhere: its code is not read"] {
        let unparsed = vec![Unparsed { why: why.into(), place: None }];
        let code = Code { calls: vec![call.clone()], unparsed, ..Code::default() };
        let (fit, text) = Case::new(ANCHOR).code("Plain", code).patched();
        assert_eq!(told(&fit, "Plain"), format!("left: {why}"));
        assert!(fit.edits.is_empty() && text == ANCHOR && !fit.is_complete());
    }
}

#[test]
fn a_role_of_the_globals_becomes_one_for_each() {
    let text = ANCHOR
        .replace("CodeUri: src/ }", "CodeUri: src/, Role: !GetAtt R.Arn }")
        .replace("      Policies: &pol   # for all\n        - DynamoDBCrudPolicy: { TableName: !Ref T }\n", "")
        .replace("      Policies: *pol\n", "")
        .replace("      Policies:\n        - AmazonDynamoDBFullAccess\n", "");
    let role = "  R:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{ Effect: Allow, Principal: { Service: lambda.amazonaws.com }, Action: sts:AssumeRole }]
      Policies:
        - PolicyName: all
          PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: Allow, Action: 'dynamodb:*', Resource: '*' }] }
";
    let case = anchor().with_text(text + role).function("Strange", &[]);
    // SAM knows no such global; what is fitted with a warning is fitted nevertheless.
    let fit = case.fitted(&case.app_refused());
    assert_eq!(fit.proof.failures, Vec::<String>::new());
    assert!(fit.is_complete(), "{:?}", fit.functions);
    assert_eq!(fit.edits.iter().filter(|edit| edit.text.contains("Role: !GetAtt ")).count(), 4);
}
