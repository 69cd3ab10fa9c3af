//! SAM templates.

use burgward_fit::prove;
use insta::assert_snapshot;

use crate::support::{Case, call, env, event, join, text, told};

const SHARED: &str = "\
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: python3.11
Resources:
  Write:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: write/
      Handler: app.handler
      Role: !GetAtt Everything.Arn   # for now
      Environment:
        Variables:
          ITEMS: !Ref Items
  Report:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: report/
      Handler: app.handler
      Environment:
        Variables:
          ITEMS: !Ref Items
          REPORTS: !Ref Reports
      Role: !GetAtt Everything.Arn
  Idle:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: idle/
      Handler: app.handler
      Role: !GetAtt Everything.Arn
  Items:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
  Reports:
    Type: AWS::S3::Bucket
  Everything:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: { Service: lambda.amazonaws.com }
            Action: sts:AssumeRole
      Policies:
        - PolicyName: all
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - Effect: Allow
                Action: '*'
                Resource: '*'
Outputs:
  Table:
    Value: !Ref Items
";

fn shared() -> Case {
    Case::new(SHARED)
        .function("Write", &[call("dynamodb.PutItem", &[("TableName", env("ITEMS"))])])
        .function(
            "Report",
            &[
                call("dynamodb.Scan", &[("TableName", env("ITEMS"))]),
                call(
                    "s3.PutObject",
                    &[("Bucket", env("REPORTS")), ("Key", join(&[text("reports/"), event("body.name")]))],
                ),
            ],
        )
        .function("Idle", &[])
}

#[test]
fn a_shared_role_becomes_one_for_each() {
    assert_snapshot!(shared().diff(), @r##"
    @@ -10,3 +10,8 @@
           Handler: app.handler
    -      Role: !GetAtt Everything.Arn   # for now
    +      Policies:
    +        - Version: '2012-10-17'
    +          Statement:
    +            - Effect: Allow
    +              Action: dynamodb:PutItem
    +              Resource: !GetAtt Items.Arn
           Environment:
    @@ -23,3 +28,11 @@
               REPORTS: !Ref Reports
    -      Role: !GetAtt Everything.Arn
    +      Policies:
    +        - Version: '2012-10-17'
    +          Statement:
    +            - Effect: Allow
    +              Action: dynamodb:Scan
    +              Resource: !GetAtt Items.Arn
    +            - Effect: Allow
    +              Action: s3:PutObject
    +              Resource: !Sub '${Reports.Arn}/reports/*'
       Idle:
    @@ -29,3 +42,2 @@
           Handler: app.handler
    -      Role: !GetAtt Everything.Arn
       Items:
    @@ -38,19 +50,2 @@
         Type: AWS::S3::Bucket
    -  Everything:
    -    Type: AWS::IAM::Role
    -    Properties:
    -      AssumeRolePolicyDocument:
    -        Version: '2012-10-17'
    -        Statement:
    -          - Effect: Allow
    -            Principal: { Service: lambda.amazonaws.com }
    -            Action: sts:AssumeRole
    -      Policies:
    -        - PolicyName: all
    -          PolicyDocument:
    -            Version: '2012-10-17'
    -            Statement:
    -              - Effect: Allow
    -                Action: '*'
    -                Resource: '*'
     Outputs:
    "##);
}

#[test]
fn evidence_and_counts() {
    let case = shared().seen(
        "Write",
        "dynamodb:PutItem",
        "arn:aws:dynamodb:us-east-1:123456789012:table/app-Items-VMS4P2AIACKC",
        true,
        7,
    );
    let (fit, _) = case.patched();
    assert_snapshot!(told(&fit, "Report"), @r##"
    dynamodb:Scan on ${Items.Arn}
      dynamodb:Scan: Report/app.py:1, observed 0
    s3:PutObject on ${Reports.Arn}/reports/*
      s3:PutObject: Report/app.py:2, observed 0
    "##);
    let write = &fit.functions[0];
    assert_snapshot!(serde_json::to_string_pretty(write).unwrap(), @r##"
    {
      "function": "Write",
      "role": {
        "logical_id": "Everything",
        "shared_with": [
          "Report",
          "Idle"
        ],
        "beyond": [
          "* on * (template.yaml:53)"
        ]
      },
      "statements": [
        {
          "actions": [
            "dynamodb:PutItem"
          ],
          "resources": [
            {
              "arn": "arn:aws:dynamodb:us-east-1:123456789012:table/app-Items-VMS4P2AIACKC",
              "written": "${Items.Arn}"
            }
          ],
          "evidence": [
            {
              "action": "dynamodb:PutItem",
              "places": [
                "Write/app.py:1"
              ],
              "observed": 7
            }
          ]
        }
      ],
      "denied": [],
      "dropped": [],
      "notes": [],
      "operations": {
        "today": 99,
        "fitted": 1
      }
    }
    "##);
}

const IMPLICIT: &str = "\
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::Serverless::SimpleTable
  Take:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.take
      Runtime: python3.11
      Environment: { Variables: { TABLE: !Ref Orders } }
      Policies:
        # everything on the table
        - DynamoDBCrudPolicy: { TableName: !Ref Orders }
        - AmazonS3ReadOnlyAccess
      Events:
        Post: { Type: HttpApi, Properties: { Path: /orders, Method: post } }
  Gate:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: gate/
      Handler: app.gate
      Runtime: python3.11
      Policies: AmazonDynamoDBFullAccess
";

#[test]
fn policy_templates_become_exact_statements() {
    let case = Case::new(IMPLICIT)
        .function(
            "Take",
            &[
                call("dynamodb.PutItem", &[("TableName", env("TABLE"))]),
                call("dynamodb.Query", &[("TableName", env("TABLE")), ("IndexName", text("by-day"))]),
            ],
        )
        .function("Gate", &[]);
    assert_snapshot!(case.diff(), @r##"
    @@ -13,4 +13,10 @@
             # everything on the table
    -        - DynamoDBCrudPolicy: { TableName: !Ref Orders }
    -        - AmazonS3ReadOnlyAccess
    +        - Version: '2012-10-17'
    +          Statement:
    +            - Effect: Allow
    +              Action: dynamodb:PutItem
    +              Resource: !GetAtt Orders.Arn
    +            - Effect: Allow
    +              Action: dynamodb:Query
    +              Resource: !Sub '${Orders.Arn}/index/by-day'
           Events:
    @@ -23,2 +29 @@
           Runtime: python3.11
    -      Policies: AmazonDynamoDBFullAccess
    "##);
}

#[test]
fn a_role_that_fits_is_left_alone() {
    let template = IMPLICIT.replace(
        "        # everything on the table
        - DynamoDBCrudPolicy: { TableName: !Ref Orders }
        - AmazonS3ReadOnlyAccess
",
        "        - Statement:
            Effect: Allow
            Action: [DynamoDB:putitem]
            Resource: !Sub arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Orders}
",
    );
    let template = template.replace("      Policies: AmazonDynamoDBFullAccess\n", "");
    let calls = [call("dynamodb.PutItem", &[("TableName", env("TABLE"))])];
    let case = Case::new(&template).function("Take", &calls).function("Gate", &[]);
    assert_snapshot!(case.diff(), @"");
}

#[test]
fn a_role_used_once_is_rewritten_in_place() {
    let template = SHARED
        .replace("Role: !GetAtt Everything.Arn\n  Idle", "Role: !GetAtt Reporter.Arn\n  Idle")
        .replace("      Role: !GetAtt Everything.Arn   # for now\n", "")
        .replace("      Handler: app.handler\n      Role: !GetAtt Everything.Arn\n", "      Handler: app.handler\n")
        .replace("  Everything:", "  Reporter:")
        .replace(
            "      Policies:\n        - PolicyName: all",
            "      ManagedPolicyArns:
        - arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess
        - arn:aws:iam::aws:policy/AmazonS3FullAccess
      Policies:
        - PolicyName: all",
        );
    let case = shared().with_text(template);
    assert_snapshot!(case.diff(), @r##"
    @@ -46,4 +46,4 @@
           ManagedPolicyArns:
    -        - arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess
    -        - arn:aws:iam::aws:policy/AmazonS3FullAccess
    +        - !Sub 'arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'
    +        - 'arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess'
           Policies:
    @@ -54,4 +54,7 @@
                   - Effect: Allow
    -                Action: '*'
    -                Resource: '*'
    +                Action: dynamodb:Scan
    +                Resource: !GetAtt Items.Arn
    +              - Effect: Allow
    +                Action: s3:PutObject
    +                Resource: !Sub '${Reports.Arn}/reports/*'
     Outputs:
    "##);
}

#[test]
fn rights_that_depend_on_a_condition_are_left() {
    let template = SHARED
        .replace(
            "Resources:\n",
            "Parameters:\n  P: { Type: String, Default: x }\nConditions:\n  C: !Equals [!Ref P, x]\nResources:\n",
        )
        .replace(
            "Role: !GetAtt Everything.Arn   # for now",
            "Role: !If [C, !GetAtt Everything.Arn, !GetAtt Everything.Arn]",
        );
    let (fit, text) = shared().with_text(template).patched();
    assert_snapshot!(told(&fit, "Write"), @"left: template.yaml:15: `Role` depends on a condition or a macro, which is not fitted");
    assert!(text.contains("\n  Everything:\n") && text.matches("!GetAtt Everything.Arn").count() == 2);
}

#[test]
fn the_json_form() {
    let case = shared()
        .seen(
            "Write",
            "dynamodb:PutItem",
            "arn:aws:dynamodb:us-east-1:123456789012:table/app-Items-VMS4P2AIACKC",
            true,
            7,
        )
        .seen("Write", "iam:ListUsers", "*", true, 1);
    let json = case.fit().to_json();
    let keys: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
    assert_snapshot!(keys.join(" "), @"schema functions unexplained notes proof edits");
    assert_snapshot!(json["unexplained"], @r##"[{"id":"8a2ea141d6d02b06","function":"Write","action":"iam:ListUsers","resource":"*","count":1,"accepted":false}]"##);
    assert_snapshot!(json["edits"][0], @r##"{"file":"template.yaml","line":11,"start":204,"end":251,"text":""}"##);
    assert_snapshot!(json["functions"][0]["statements"][0]["evidence"], @r##"[{"action":"dynamodb:PutItem","places":["Write/app.py:1"],"observed":7}]"##);
    assert_snapshot!(json["notes"], @r##"["the role `Everything` is used by nothing any more and goes"]"##);
}

#[test]
fn the_proof_names_what_does_not_hold() {
    let case = shared();
    let (fit, text) = case.patched();
    let before = prove(&fit, &case.app());
    assert_snapshot!(before.failures.join("\n"), @r##"
    Write: its role still serves `Report`
    Report: its role still serves `Write`
    Idle: its role still serves `Write`
    "##);
    let wider = text.replace("Action: dynamodb:PutItem", "Action: ['dynamodb:PutItem', 'dynamodb:Delete*']");
    assert_snapshot!(prove(&fit, &case.clone().with_text(wider).app()).failures.join("\n"), @r##"
    Write: dynamodb:DeleteItem on arn:aws:dynamodb:us-east-1:123456789012:table/app-Items-VMS4P2AIACKC is not needed and allowed
    Write: dynamodb:DeleteResourcePolicy on arn:aws:dynamodb:us-east-1:123456789012:table/app-Items-VMS4P2AIACKC is not needed and allowed
    Write: dynamodb:DeleteTable on arn:aws:dynamodb:us-east-1:123456789012:table/app-Items-VMS4P2AIACKC is not needed and allowed
    "##);
    let narrower = text.replace("${Reports.Arn}/reports/*", "${Reports.Arn}/reports/a*");
    assert_snapshot!(prove(&fit, &case.with_text(narrower).app()).failures.join("\n"), @"Report: s3:PutObject on arn:aws:s3:::app-reports-13ifck0c4acf/reports/* is needed and not allowed");
}
