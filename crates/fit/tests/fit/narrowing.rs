//! What arguments and observation make of resources.

use burgward_code::{AwsCall, Value};
use burgward_fit::From;
use insta::assert_snapshot;

use crate::support::{Case, call, env, event, join, text, told};

/// Two tables, a bucket and parameters under one function; `STATEMENT` is what its role allows.
const TEMPLATE: &str = "\
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: { Type: String, Default: test }
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.11
      Environment:
        Variables:
          PREFIX: !Sub /shop/${Stage}
          FILES: !Ref Files
          SECRET: !Ref Token
      Policies:
        - Version: '2012-10-17'
          Statement:
            - STATEMENT
  Orders:
    Type: AWS::Serverless::SimpleTable
  Accounts:
    Type: AWS::Serverless::SimpleTable
    Properties: { TableName: accounts }
  Files:
    Type: AWS::S3::Bucket
  Token:
    Type: AWS::SecretsManager::Secret
  Greeting:
    Type: AWS::SSM::Parameter
    Properties: { Name: !Sub '/shop/${Stage}/greeting', Type: String, Value: hello }
";

const ALL: &str = "{ Effect: Allow, Action: '*', Resource: '*' }";
const ACCOUNTS: &str = "arn:aws:dynamodb:us-east-1:123456789012:table/accounts";

fn case(statement: &str) -> Case {
    Case::new(&TEMPLATE.replace("STATEMENT", statement))
}

fn of(case: &Case) -> String {
    told(&case.patched().0, "F")
}

#[test]
fn arguments_lead_to_resources() {
    let calls = [
        call("dynamodb.GetItem", &[("TableName", text("accounts"))]),
        call("s3.GetObject", &[("Bucket", env("FILES")), ("Key", join(&[text("in/"), event("name")]))]),
        call("s3.ListObjectsV2", &[("Bucket", env("FILES")), ("Prefix", text("in/"))]),
        call("ssm.GetParametersByPath", &[("Path", env("PREFIX"))]),
        call("ssm.GetParameter", &[("Name", join(&[env("PREFIX"), text("/greeting")]))]),
        call("ssm.GetParameter", &[("Name", text("/elsewhere"))]),
        call("secretsmanager.GetSecretValue", &[("SecretId", env("SECRET"))]),
        call("secretsmanager.GetSecretValue", &[("SecretId", text("other/secret"))]),
        call("rekognition.DetectLabels", &[]),
        call("sts.GetCallerIdentity", &[]),
    ];
    let case = case(ALL).function("F", &calls);
    assert_snapshot!(of(&case), @r##"
    dynamodb:GetItem on ${Accounts.Arn}
      dynamodb:GetItem: F/app.py:1, observed 0
    rekognition:DetectLabels on *
      rekognition:DetectLabels: F/app.py:9, observed 0; not exactly known: no table has `DetectLabels` of `rekognition`
    s3:GetObject on ${Files.Arn}/in/*
      s3:GetObject: F/app.py:2, observed 0; where the condition of its s3:ListBucket does not hold, a key that does not exist is answered with 403 instead of 404
    s3:ListBucket on ${Files.Arn} if {"StringEquals":{"s3:prefix":"in/"}}
      s3:ListBucket: F/app.py:3, observed 0
    secretsmanager:GetSecretValue on ${Token}, arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:other/secret-??????
      secretsmanager:GetSecretValue: F/app.py:7, F/app.py:8, observed 0
    ssm:GetParameter on arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/elsewhere, arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter${Greeting}
      ssm:GetParameter: F/app.py:5, F/app.py:6, observed 0
    ssm:GetParametersByPath on arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/shop/${Stage}, arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/shop/${Stage}/*
      ssm:GetParametersByPath: F/app.py:4, observed 0
    "##);
    assert_snapshot!(case.diff(), @r##"
    @@ -18,3 +18,32 @@
               Statement:
    -            - { Effect: Allow, Action: '*', Resource: '*' }
    +            - Effect: Allow
    +              Action: dynamodb:GetItem
    +              Resource: !GetAtt Accounts.Arn
    +            - Effect: Allow
    +              Action: rekognition:DetectLabels
    +              Resource: '*'
    +            - Effect: Allow
    +              Action: s3:GetObject
    +              Resource: !Sub '${Files.Arn}/in/*'
    +            - Effect: Allow
    +              Action: s3:ListBucket
    +              Resource: !GetAtt Files.Arn
    +              Condition:
    +                StringEquals:
    +                  s3:prefix: in/
    +            - Effect: Allow
    +              Action: secretsmanager:GetSecretValue
    +              Resource:
    +                - !Ref Token
    +                - !Sub 'arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:other/secret-??????'
    +            - Effect: Allow
    +              Action: ssm:GetParameter
    +              Resource:
    +                - !Sub 'arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/elsewhere'
    +                - !Sub 'arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter${Greeting}'
    +            - Effect: Allow
    +              Action: ssm:GetParametersByPath
    +              Resource:
    +                - !Sub 'arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/shop/${Stage}'
    +                - !Sub 'arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/shop/${Stage}/*'
       Orders:
    "##);
}

#[test]
fn batches_transactions_and_partiql() {
    let statement = |sql: &str| call("dynamodb.ExecuteStatement", &[("Statement", text(sql))]);
    let calls = [
        call("dynamodb.BatchWriteItem", &[("TableName", text("accounts"))]),
        call("dynamodb.TransactWriteItems", &[("TransactItems", Value::Unknown)]),
        statement("SELECT * FROM \"accounts\".\"by-name\" WHERE name = 'x'"),
        statement("insert into accounts value {'id': '1'}"),
    ];
    assert_snapshot!(of(&case(ALL).function("F", &calls)), @r##"
    dynamodb:BatchWriteItem, dynamodb:PartiQLInsert on ${Accounts.Arn}
      dynamodb:BatchWriteItem: F/app.py:1, observed 0
      dynamodb:PartiQLInsert: F/app.py:4, observed 0
    dynamodb:ConditionCheckItem, dynamodb:DeleteItem, dynamodb:PutItem, dynamodb:UpdateItem on ${Accounts.Arn}, ${Orders.Arn}
      dynamodb:ConditionCheckItem: F/app.py:2, observed 0; which resource is not known: not narrowed
      dynamodb:DeleteItem: F/app.py:2, observed 0; which resource is not known: not narrowed
      dynamodb:PutItem: F/app.py:2, observed 0; which resource is not known: not narrowed
      dynamodb:UpdateItem: F/app.py:2, observed 0; which resource is not known: not narrowed
    dynamodb:PartiQLSelect on ${Accounts.Arn}/index/by-name
      dynamodb:PartiQLSelect: F/app.py:3, observed 0
    "##);
}

#[test]
fn an_unknown_table_is_narrowed_by_observation() {
    let calls = [call("dynamodb.PutItem", &[("TableName", Value::Unknown)])];
    assert_snapshot!(of(&case(ALL).function("F", &calls)), @r##"
    dynamodb:PutItem on ${Accounts.Arn}, ${Orders.Arn}
      dynamodb:PutItem: F/app.py:1, observed 0; which resource is not known: not narrowed
    "##);
    let seen = case(ALL).function("F", &calls).seen("F", "dynamodb:PutItem", ACCOUNTS, true, 3);
    assert_snapshot!(of(&seen), @r##"
    dynamodb:PutItem on ${Accounts.Arn}
      dynamodb:PutItem: F/app.py:1, observed 3; which resource is not known from the code, and it was seen on `Accounts` only: `Orders` is left out; run more requests, or take `--from static`
    "##);
    assert_snapshot!(of(&seen.from(From::Static)), @r##"
    dynamodb:PutItem on ${Accounts.Arn}, ${Orders.Arn}
      dynamodb:PutItem: F/app.py:1, observed 3; which resource is not known: not narrowed
    "##);
}

#[test]
fn observation_alone_drops_what_was_not_seen() {
    let calls = [
        call("dynamodb.PutItem", &[("TableName", text("accounts"))]),
        call("dynamodb.DeleteItem", &[("TableName", text("accounts"))]),
    ];
    let case = case(ALL).function("F", &calls).seen("F", "dynamodb:PutItem", ACCOUNTS, true, 3).from(From::Observed);
    assert_snapshot!(of(&case), @r##"
    dynamodb:PutItem on ${Accounts.Arn}
      dynamodb:PutItem: F/app.py:1, observed 3
    dropped: dynamodb:DeleteItem on arn:aws:dynamodb:us-east-1:123456789012:table/accounts (F/app.py:2)
    note: ways through the code that were not observed will be denied: see what was dropped
    "##);
}

#[test]
fn no_more_than_today() {
    let statement = "{ Effect: Allow, Action: ['s3:GetObject', 's3:ListBucket'], Condition: { StringLike: { 's3:prefix': 'public/*' } }, \
                     Resource: [!Sub '${Files.Arn}', !Sub '${Files.Arn}/public/*'] }";
    let calls = [
        call("s3.GetObject", &[("Bucket", env("FILES")), ("Key", event("name"))]),
        call("s3.ListObjectsV2", &[("Bucket", env("FILES")), ("Prefix", text("public/a"))]),
        call("s3.PutObject", &[("Bucket", env("FILES")), ("Key", event("name"))]),
    ];
    assert_snapshot!(of(&case(statement).function("F", &calls)), @r##"
    s3:GetObject on ${Files.Arn}/public/* if {"StringLike":{"s3:prefix":"public/*"}}
      s3:GetObject: F/app.py:1, observed 0; no more of it than today's role allows; where the condition of its s3:ListBucket does not hold, a key that does not exist is answered with 403 instead of 404
    s3:ListBucket on ${Files.Arn} if {"StringLike":{"s3:prefix":"public/*"}}
      s3:ListBucket: F/app.py:2, observed 0
    denied today: s3:PutObject on arn:aws:s3:::app-files-w6wq3tuvafy6/*
    "##);
}

#[test]
fn policy_variables_and_circles_are_left() {
    let statement = "{ Effect: Allow, Action: 's3:*', Resource: 'arn:aws:s3:::x/${aws:PrincipalAccount}/*' }";
    assert_snapshot!(of(&case(statement).function("F", &[])), @"left: template.yaml:19: the statement names resources by a policy variable, which is not fitted");
    let own = [call("lambda.Invoke", &[("FunctionName", env("AWS_LAMBDA_FUNCTION_NAME"))])];
    assert_snapshot!(of(&case(ALL).function("F", &own)), @"left: `F` depends on the function, so that a role which names it would be a circular dependency");
}

#[test]
fn copies_tags_and_versions() {
    let files =
        |more: &[(&'static str, Value)]| [("Bucket", env("FILES"))].iter().chain(more).cloned().collect::<Vec<_>>();
    let source = join(&[env("FILES"), text("/in/"), event("k")]);
    let calls = [
        call("s3.PutObject", &files(&[("Key", text("a")), ("ACL", text("private")), ("Tagging", event("t"))])),
        call("s3.CopyObject", &files(&[("Key", text("out/b")), ("CopySource", source)])),
        call("s3.GetObject", &files(&[("Key", event("k")), ("VersionId", event("v"))])),
        call("s3.AbortMultipartUpload", &files(&[("Key", text("a"))])),
        call("s3.DeleteObjects", &files(&[])),
    ];
    assert_snapshot!(of(&case(ALL).function("F", &calls)), @r##"
    s3:AbortMultipartUpload, s3:PutObjectAcl, s3:PutObjectTagging on ${Files.Arn}/a
      s3:AbortMultipartUpload: F/app.py:4, observed 0
      s3:PutObjectAcl: F/app.py:1, observed 0
      s3:PutObjectTagging: F/app.py:1, observed 0
    s3:DeleteObject, s3:GetObjectVersion on ${Files.Arn}/*
      s3:DeleteObject: F/app.py:5, observed 0
      s3:GetObjectVersion: F/app.py:3, observed 0
    s3:GetObject on ${Files.Arn}/in/*
      s3:GetObject: F/app.py:2, observed 0; without s3:ListBucket, a key that does not exist is answered with 403 instead of 404
    s3:PutObject on ${Files.Arn}/a, ${Files.Arn}/out/b
      s3:PutObject: F/app.py:1, F/app.py:2, observed 0
    "##);
}

/// A call in code that the handler does not reach.
fn beside(name: &str, arguments: &[(&str, Value)]) -> AwsCall {
    AwsCall { reached: false, ..call(name, arguments) }
}

#[test]
fn calls_that_the_handler_does_not_reach_are_named() {
    let calls = [
        call("dynamodb.GetItem", &[("TableName", text("accounts"))]),
        beside("secretsmanager.GetSecretValue", &[("SecretId", env("SECRET"))]),
    ];
    assert_snapshot!(of(&case(ALL).function("F", &calls)), @r##"
    dynamodb:GetItem on ${Accounts.Arn}
      dynamodb:GetItem: F/app.py:1, observed 0
    note: `secretsmanager:GetSecretValue` at F/app.py:2 stands in code that the handler does not reach: not granted
    "##);
    let calls = [
        call("dynamodb.GetItem", &[("TableName", text("accounts"))]),
        beside("dynamodb.GetItem", &[("TableName", text("accounts"))]),
        beside("dynamodb.PutItem", &[("TableName", text("accounts"))]),
        beside("dynamodb.PutItem", &[("TableName", env("TABLE"))]),
        beside("s3.GetObject", &[("Bucket", env("FILES")), ("Key", text("a"))]),
    ];
    assert_snapshot!(of(&case(ALL).function("F", &calls)), @r##"
    dynamodb:GetItem on ${Accounts.Arn}
      dynamodb:GetItem: F/app.py:1, observed 0
    note: `dynamodb:PutItem` at F/app.py:3 and F/app.py:4; `s3:GetObject` at F/app.py:5 stand in code that the handler does not reach: not granted
    "##);
}

#[test]
fn what_is_denied_on_an_unknown_table_is_said_in_words() {
    let statement = "{ Effect: Allow, Action: 's3:PutObject', Resource: '*' }";
    let calls = [call("dynamodb.GetItem", &[("TableName", Value::Unknown)])];
    assert_snapshot!(of(&case(statement).function("F", &calls)), @"denied today: dynamodb:GetItem on any table: the code does not tell which, and today's role allows it on none");
}

#[test]
fn who_may_list_learns_what_is_missing() {
    let read = call("s3.GetObject", &[("Bucket", env("FILES")), ("Key", event("name"))]);
    let list = call("s3.ListObjectsV2", &[("Bucket", env("FILES"))]);
    assert_snapshot!(of(&case(ALL).function("F", &[read.clone(), list])), @r##"
    s3:GetObject on ${Files.Arn}/*
      s3:GetObject: F/app.py:1, observed 0
    s3:ListBucket on ${Files.Arn}
      s3:ListBucket: F/app.py:2, observed 0
    "##);
    let below = call("s3.ListObjectsV2", &[("Bucket", env("FILES")), ("Prefix", text("in/"))]);
    assert_snapshot!(of(&case(ALL).function("F", &[read, below])), @r##"
    s3:GetObject on ${Files.Arn}/*
      s3:GetObject: F/app.py:1, observed 0; where the condition of its s3:ListBucket does not hold, a key that does not exist is answered with 403 instead of 404
    s3:ListBucket on ${Files.Arn} if {"StringEquals":{"s3:prefix":"in/"}}
      s3:ListBucket: F/app.py:2, observed 0
    "##);
}
