//! Values: intrinsics, parameters, dynamic references, policies, stores.

use super::summary::summary;
use super::{Only, load_text, remarks};
use crate::model::{DynamicReference, SecretValue, TextPart};
use crate::{Parameters, load};

const FUNCTION: &str = "Parameters:
  Stage: {Type: String, Default: dev}
  Password: {Type: String, NoEcho: true, Default: hunter2}
Mappings: {Sizes: {dev: {memory: 256}, prod: {memory: 1024}}}
Conditions: {Prod: !Equals [!Ref Stage, prod], NotProd: !Not [!Condition Prod]}
Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.11
      CodeUri: src
      MemorySize: !FindInMap [Sizes, !Ref Stage, memory]
      ReservedConcurrentExecutions: !If [Prod, 5, !Ref AWS::NoValue]
      Environment:
        Variables:
          JOINED: !Join ['-', [!Ref Stage, !Select [1, !Split [',', 'a,b,c']]]]
          SUBBED: !Sub ['${!x} ${Y} ${AWS::Region} ${Secret}', {Y: !Ref Stage}]
          PASSWORD: !Sub 'pw=${Password}'
          DYNAMIC: '{{resolve:ssm:/db/host:3}}/{{resolve:secretsmanager:db:SecretString:user}}'
          PARAMETER: !Sub '{{resolve:secretsmanager:${Secret}:SecretString:pw::}}'
          ROLE: !GetAtt FRole.Arn
          TABLE: !If [NotProd, !GetAtt Table.Arn, none]
  Table:
    Type: AWS::DynamoDB::Table
    Condition: NotProd
    Properties:
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
      ProvisionedThroughput: {ReadCapacityUnits: '5', WriteCapacityUnits: 5}
  Secret:
    Type: AWS::SecretsManager::Secret
    Properties: {GenerateSecretString: {SecretStringTemplate: '{\"user\": \"admin\"}', GenerateStringKey: pw, PasswordLength: 20}}
";

#[test]
fn intrinsics_and_dynamic_references() {
    let loaded = load_text(FUNCTION);
    assert_eq!(remarks(&loaded), "");
    let app = loaded.app.unwrap();
    insta::assert_snapshot!(summary(&app), @r#"
    function F shop-F-C0RPC7ZUATJH python3.11 app.handler 256MB 3s role=FRole @template.yaml:8
      JOINED=dev-b @template.yaml:18
      SUBBED=${x} dev us-east-1 arn:aws:secretsmanager:us-east-1:123456789012:secret:shop-Secret-S256FUSOG8GJ-HYKSSf @template.yaml:19
      PASSWORD=**** @template.yaml:20
      DYNAMIC={{resolve:ssm:/db/host:3}}/{{resolve:secretsmanager:db:SecretString:user}} @template.yaml:21
      PARAMETER={{resolve:secretsmanager:arn:aws:secretsmanager:us-east-1:123456789012:secret:shop-Secret-S256FUSOG8GJ-HYKSSf:SecretString:pw}} @template.yaml:22
      ROLE=arn:aws:iam::123456789012:role/shop-FRole-DHF75B1TTBBL @template.yaml:23
      TABLE=arn:aws:dynamodb:us-east-1:123456789012:table/shop-Table-WHW3QPOSMWYD @template.yaml:24
    role FRole arn:aws:iam::123456789012:role/shop-FRole-DHF75B1TTBBL
      AWSLambdaBasicExecutionRole [{"Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Effect":"Allow","Resource":"*"}] ["template.yaml:8"]
    table arn:aws:dynamodb:us-east-1:123456789012:table/shop-Table-WHW3QPOSMWYD {"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],"ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":5},"TableName":"shop-Table-WHW3QPOSMWYD"}
    "#);
    let dynamic = &app.functions[0].env[3].1.value;
    let host = DynamicReference::Ssm { name: "/db/host".into(), version: Some(3) };
    assert_eq!(dynamic.parts[0], TextPart::Dynamic(host));
    let password = &app.functions[0].env[2].1.value;
    assert_eq!((password.as_literal().as_deref(), password.to_string().as_str()), (Some("pw=hunter2"), "****"));
    assert!(matches!(&app.secrets[0].value, SecretValue::Generate(g) if g.length == 20));
}

#[test]
fn given_values_win_and_conditions_follow() {
    let values = vec![("Stage".to_owned(), "prod".to_owned())];
    let loaded = load("t.yaml", &Only(FUNCTION), &Parameters { values, ..Parameters::default() });
    let app = loaded.app.unwrap();
    assert_eq!(app.functions[0].memory_mb.value, 1024);
    assert_eq!(app.functions[0].reserved_concurrency.as_ref().map(|r| r.value), Some(5));
    assert!(app.tables.is_empty());
    assert_eq!(app.functions[0].env[6].1.value.to_string(), "none");
}

#[test]
fn policies_of_every_kind() {
    let loaded = load_text(
        "Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.11
      CodeUri: src
      Policies:
        - AmazonDynamoDBReadOnlyAccess_
        - Statement:
            - Effect: Allow
              Action: s3:GetObject
              Resource: !Sub '${Bucket.Arn}/*'
        - SSMParameterReadPolicy: {ParameterName: db/host}
        - NoSuchPolicy: {}
        - SQSSendMessagePolicy: {Wrong: x}
  Bucket:
    Type: AWS::S3::Bucket
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument: {Statement: {Effect: Deny, Principal: '*', Action: 's3:*', Resource: !GetAtt Bucket.Arn, Condition: {Bool: {'aws:SecureTransport': false}}}}
",
    );
    insta::assert_snapshot!(remarks(&loaded), @r#"
    refused template.yaml:10:11: the policy `arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess_` cannot be applied: its document is not at hand
      hint: write the statements that the function needs inline; `burgward fit` helps
    refused template.yaml:16:11: `NoSuchPolicy` is neither a policy document nor a SAM policy template
      hint: see the list of SAM policy templates
    refused template.yaml:17:11: `SQSSendMessagePolicy` needs the parameter `QueueName`
      hint: see the list of SAM policy templates
    "#);
    insta::assert_snapshot!(summary(&loaded.app.unwrap()), @r#"
    function F shop-F-C0RPC7ZUATJH python3.11 app.handler 128MB 3s role=FRole @template.yaml:3
    role FRole arn:aws:iam::123456789012:role/shop-FRole-DHF75B1TTBBL
      AWSLambdaBasicExecutionRole [{"Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Effect":"Allow","Resource":"*"}] ["template.yaml:3"]
      FRolePolicy1 [{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::shop-bucket-e8xobbhkwrxg/*"}] ["template.yaml:12"]
      FRolePolicy2 [{"Action":["ssm:DescribeParameters"],"Effect":"Allow","Resource":"*"},{"Action":["ssm:GetParameters","ssm:GetParameter","ssm:GetParametersByPath"],"Effect":"Allow","Resource":"arn:aws:ssm:us-east-1:123456789012:parameter/db/host"}] ["template.yaml:15", "template.yaml:15"]
    bucket arn:aws:s3:::shop-bucket-e8xobbhkwrxg PublicAccessBlock { block_public_acls: true, ignore_public_acls: true, block_public_policy: true, restrict_public_buckets: true } Some("{\"Statement\":{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::shop-bucket-e8xobbhkwrxg\",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":false}}}}")
    "#);
}

#[test]
fn a_refusal_in_globals_reaches_every_function() {
    let loaded = load_text(
        "Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Handler: a.b, Runtime: python3.11, CodeUri: ., VpcConfig: {SubnetIds: [s]}}}
Resources:
  A: {Type: AWS::Serverless::Function}
  B: {Type: AWS::Serverless::Function}
",
    );
    assert!(loaded.plan.iter().all(|p| p.verdict == crate::Verdict::Refuse), "{:?}", loaded.plan);
}

#[test]
fn the_plan_names_every_resource() {
    let loaded = load_text(
        "Resources:
  B: {Type: AWS::S3::Bucket}
  W: {Type: AWS::S3::Bucket, Properties: {WebsiteConfiguration: {IndexDocument: i.html}}}
  Q: {Type: AWS::SQS::Queue}
  A: {Type: AWS::CloudWatch::Alarm}
  V: {Type: AWS::EC2::VPC}
",
    );
    let lines: Vec<_> = loaded
        .plan
        .iter()
        .map(|p| format!("{} {} {:?} {}", p.span.place(), p.logical_id, p.verdict, p.reason))
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    template.yaml:2 B Run 
    template.yaml:3 W Refuse `WebsiteConfiguration` of AWS::S3::Bucket is not enforced here
    template.yaml:4 Q Forward it needs an engine that is not run here
    template.yaml:5 A Note it has no bearing on what runs
    template.yaml:6 V Refuse this type is not run here
    "#);
}

#[test]
fn tags_are_read_in_both_forms() {
    let loaded = load_text(
        "Transform: AWS::Serverless-2016-10-31
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {Handler: a.b, Runtime: python3.11, CodeUri: s, Tags: {team: blue}}}
  B: {Type: AWS::S3::Bucket, Properties: {Tags: [{Key: team, Value: red}, {Key: n, Value: 1}]}}
  L: {Type: AWS::Logs::LogGroup, Properties: {Tags: [team]}}
",
    );
    let app = loaded.app.as_ref().unwrap();
    let tags = (&app.functions[0].tags, &app.roles[0].tags, &app.buckets[0].tags);
    insta::assert_snapshot!(format!("{tags:?}\n{}", remarks(&loaded)), @r#"
    ([("team", "blue")], [("team", "blue")], [("team", "red"), ("n", "1")])
    refused template.yaml:5:53: `Tags` of `L` is not a mapping of names to texts or a list of `Key` and `Value`
      hint: give a mapping of names to texts or a list of `Key` and `Value`
    listed template.yaml:3:100: `Tags` of AWS::Serverless::Function has no effect here
      hint: policies that ask for tags are refused, because services do not hold any yet
    listed template.yaml:4:43: `Tags` of AWS::S3::Bucket has no effect here
      hint: policies that ask for tags are refused, because services do not hold any yet
    listed template.yaml:5:47: `Tags` of AWS::Logs::LogGroup has no effect here
      hint: policies that ask for tags are refused, because services do not hold any yet
    "#);
}
