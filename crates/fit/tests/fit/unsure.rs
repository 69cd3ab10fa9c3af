//! Arguments that may not be given: the role must allow both.

use insta::assert_snapshot;

use crate::support::{Case, call, env, text, told};

const TEMPLATE: &str = "\
Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.11
      Environment:
        Variables:
          FILES: !Ref Files
          TABLE: !Ref Accounts
      Policies:
        - Version: '2012-10-17'
          Statement:
            - { Effect: Allow, Action: '*', Resource: '*' }
  Accounts:
    Type: AWS::Serverless::SimpleTable
    Properties: { TableName: accounts }
  Files:
    Type: AWS::S3::Bucket
";

#[test]
fn both_cases_are_allowed() {
    let optional = |name: &str, arguments: &[(&str, burgward_code::Value)], names: &[&str]| burgward_code::AwsCall {
        optional: names.iter().map(|name| (*name).to_owned()).collect(),
        ..call(name, arguments)
    };
    let calls = [
        optional("dynamodb.Query", &[("TableName", env("TABLE")), ("IndexName", text("gsi"))], &["IndexName"]),
        optional("dynamodb.Scan", &[("TableName", env("TABLE"))], &["*"]),
        optional(
            "s3.GetObject",
            &[("Bucket", env("FILES")), ("Key", text("k")), ("VersionId", text("v"))],
            &["VersionId"],
        ),
        optional("s3.DeleteObject", &[("Bucket", env("FILES")), ("Key", text("k"))], &["*"]),
        optional("s3.ListObjectsV2", &[("Bucket", env("FILES")), ("Prefix", text("pub/"))], &["Prefix"]),
        optional("events.PutEvents", &[("EventBusName", text("bus"))], &["EventBusName"]),
        call(
            "dynamodb.TransactWriteItems",
            &[("TransactItems.Put.TableName", env("TABLE")), ("TransactItems.Update.TableName", env("TABLE"))],
        ),
    ];
    let case = Case::new(TEMPLATE).function("F", &calls);
    assert_snapshot!(told(&case.patched().0, "F"), @r#"
    dynamodb:PutItem, dynamodb:UpdateItem on ${Accounts.Arn}
      dynamodb:PutItem: F/app.py:7, observed 0
      dynamodb:UpdateItem: F/app.py:7, observed 0
    dynamodb:Query on ${Accounts.Arn}, ${Accounts.Arn}/index/gsi
      dynamodb:Query: F/app.py:1, observed 0
    dynamodb:Scan on ${Accounts.Arn}, ${Accounts.Arn}/index/*
      dynamodb:Scan: F/app.py:2, observed 0
    events:PutEvents on arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/bus, arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/default
      events:PutEvents: F/app.py:6, observed 0
    s3:DeleteObject, s3:DeleteObjectVersion, s3:GetObject, s3:GetObjectVersion on ${Files.Arn}/k
      s3:DeleteObject: F/app.py:4, observed 0
      s3:DeleteObjectVersion: F/app.py:4, observed 0
      s3:GetObject: F/app.py:3, observed 0
      s3:GetObjectVersion: F/app.py:3, observed 0
    s3:ListBucket on ${Files.Arn}
      s3:ListBucket: F/app.py:5, observed 0
    "#);
}
