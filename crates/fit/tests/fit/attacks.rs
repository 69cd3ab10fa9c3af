//! Law 4: what an attacker does while we watch becomes no permission.

use burgward_code::{AwsCall, Value};
use burgward_fit::From;
use insta::assert_snapshot;

use crate::support::{Case, call, env, event, told};

const TEMPLATE: &str = "\
Transform: AWS::Serverless-2016-10-31
Globals: { Function: { Runtime: python3.11, CodeUri: src/, Handler: app.handler } }
Resources:
  Shop:
    Type: AWS::Serverless::Function
    Properties:
      Role: !GetAtt Role.Arn
      Environment: { Variables: { ITEMS: !Ref Items } }
  Other:
    Type: AWS::Serverless::Function
    Properties: { Role: !GetAtt Role.Arn }
  Items: { Type: AWS::DynamoDB::Table, Properties: { TableName: items, BillingMode: PAY_PER_REQUEST, AttributeDefinitions: [{ AttributeName: id, AttributeType: S }], KeySchema: [{ AttributeName: id, KeyType: HASH }] } }
  Cards: { Type: AWS::DynamoDB::Table, Properties: { TableName: cards, BillingMode: PAY_PER_REQUEST, AttributeDefinitions: [{ AttributeName: id, AttributeType: S }], KeySchema: [{ AttributeName: id, KeyType: HASH }] } }
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{ Effect: Allow, Principal: { Service: lambda.amazonaws.com }, Action: 'sts:AssumeRole' }]
      Policies:
        - PolicyName: all
          PolicyDocument: { Statement: [{ Effect: Allow, Action: '*', Resource: '*' }] }
";

const ITEMS: &str = "arn:aws:dynamodb:us-east-1:123456789012:table/items";
const CARDS: &str = "arn:aws:dynamodb:us-east-1:123456789012:table/cards";
const ELSEWHERE: &str = "arn:aws:dynamodb:us-east-1:123456789012:table/elsewhere";

fn shop(calls: &[AwsCall]) -> Case {
    Case::new(TEMPLATE).function("Shop", calls).function("Other", &[])
}

fn reading() -> [AwsCall; 1] {
    [call("dynamodb.GetItem", &[("TableName", env("ITEMS"))])]
}

/// What injected code did.
fn attacked(case: Case) -> Case {
    case.seen("Shop", "dynamodb:GetItem", ITEMS, true, 4)
        .seen("Shop", "dynamodb:Scan", CARDS, true, 9)
        .seen("Shop", "dynamodb:GetItem", CARDS, true, 1)
        .seen("Shop", "dynamodb:DeleteTable", ITEMS, true, 1)
        .seen("Shop", "s3:GetObject", "arn:aws:s3:::somebody-elses/key", true, 1)
        .seen("Shop", "iam:CreateUser", "arn:aws:iam::123456789012:user/x", false, 2)
}

#[test]
fn an_attack_during_observation_widens_nothing() {
    for from in [From::Both, From::Observed, From::Static] {
        let clean = shop(&reading()).seen("Shop", "dynamodb:GetItem", ITEMS, true, 4).from(from);
        let (_, wanted) = clean.patched();
        let (fit, got) = attacked(shop(&reading())).from(from).patched();
        assert_eq!(got, wanted, "{from:?}");
        assert_eq!(fit.unexplained.iter().filter(|u| u.accepted).count(), 0);
    }
    assert_snapshot!(told(&attacked(shop(&reading())).fit(), "Shop"), @r##"
    dynamodb:GetItem on ${Items.Arn}
      dynamodb:GetItem: Shop/app.py:1, observed 4
    unexplained: dynamodb:DeleteTable on arn:aws:dynamodb:us-east-1:123456789012:table/items x1
    unexplained: dynamodb:GetItem on arn:aws:dynamodb:us-east-1:123456789012:table/cards x1 (the code has this action, but not on this resource)
    unexplained: dynamodb:Scan on arn:aws:dynamodb:us-east-1:123456789012:table/cards x9
    unexplained: s3:GetObject on arn:aws:s3:::somebody-elses/key x1
    "##);
}

#[test]
fn an_unexplained_call_is_granted_only_by_its_id() {
    let case = attacked(shop(&reading()));
    let scan = case.fit().unexplained.into_iter().find(|u| u.action == "dynamodb:Scan").unwrap();
    assert_snapshot!(scan.id, @"c41a8925a3034fe6");
    assert_snapshot!(told(&case.accept(&scan.id).patched().0, "Shop"), @r##"
    dynamodb:GetItem on ${Items.Arn}
      dynamodb:GetItem: Shop/app.py:1, observed 4
    dynamodb:Scan on ${Cards.Arn}
      dynamodb:Scan: , observed 9; observed without code behind it, accepted as c41a8925a3034fe6
    unexplained: dynamodb:DeleteTable on arn:aws:dynamodb:us-east-1:123456789012:table/items x1
    unexplained: dynamodb:GetItem on arn:aws:dynamodb:us-east-1:123456789012:table/cards x1 (the code has this action, but not on this resource)
    accepted: dynamodb:Scan on arn:aws:dynamodb:us-east-1:123456789012:table/cards x9
    unexplained: s3:GetObject on arn:aws:s3:::somebody-elses/key x1
    "##);
    let wrong = attacked(shop(&reading())).accept("dynamodb:Scan").accept("");
    assert!(wrong.fit().unexplained.iter().all(|u| !u.accepted));
}

#[test]
fn what_one_function_did_grants_another_nothing() {
    let case = shop(&reading()).seen("Other", "dynamodb:GetItem", ITEMS, true, 5);
    let (fit, _) = case.patched();
    assert_snapshot!(told(&fit, "Shop"), @r##"
    dynamodb:GetItem on ${Items.Arn}
      dynamodb:GetItem: Shop/app.py:1, observed 0
    "##);
    assert_snapshot!(told(&fit, "Other"), @"unexplained: dynamodb:GetItem on arn:aws:dynamodb:us-east-1:123456789012:table/items x5");
}

#[test]
fn where_the_sender_chooses_observation_is_not_believed() {
    let chosen = [call("dynamodb.GetItem", &[("TableName", event("body.table"))])];
    let (clean, wanted) = shop(&chosen).patched();
    assert_snapshot!(told(&clean, "Shop"), @r##"
    dynamodb:GetItem on ${Cards.Arn}, ${Items.Arn}
      dynamodb:GetItem: Shop/app.py:1, observed 0; the sender of the request chooses which resource: not narrowed, and observation is not believed
    "##);
    let case = shop(&chosen).seen("Shop", "dynamodb:GetItem", CARDS, true, 9).seen(
        "Shop",
        "dynamodb:GetItem",
        ELSEWHERE,
        true,
        9,
    );
    let (_, observed) = case.clone().from(From::Observed).patched();
    assert_eq!(observed, wanted);
    let (fit, got) = case.patched();
    assert_eq!(got, wanted);
    assert_snapshot!(told(&fit, "Shop"), @r##"
    dynamodb:GetItem on ${Cards.Arn}, ${Items.Arn}
      dynamodb:GetItem: Shop/app.py:1, observed 9; the sender of the request chooses which resource: not narrowed, and observation is not believed
    unexplained: dynamodb:GetItem on arn:aws:dynamodb:us-east-1:123456789012:table/elsewhere x9 (the code has this action, but not on this resource)
    "##);
}

#[test]
fn what_code_does_not_tell_is_narrowed_and_never_extended() {
    let unknown = [call("dynamodb.GetItem", &[("TableName", Value::Unknown)])];
    let case = shop(&unknown)
        .seen("Shop", "dynamodb:GetItem", ITEMS, true, 9)
        .seen("Shop", "dynamodb:GetItem", ELSEWHERE, true, 9)
        .seen("Shop", "dynamodb:GetItem", CARDS, false, 9);
    assert_snapshot!(told(&case.patched().0, "Shop"), @r##"
    dynamodb:GetItem on ${Items.Arn}
      dynamodb:GetItem: Shop/app.py:1, observed 9; which resource is not known from the code, and it was seen on `Items` only: `Cards` is left out; run more requests, or take `--from static`
    unexplained: dynamodb:GetItem on arn:aws:dynamodb:us-east-1:123456789012:table/elsewhere x9 (the code has this action, but not on this resource)
    "##);
}
