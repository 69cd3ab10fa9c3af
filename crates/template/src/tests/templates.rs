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
    insta::assert_snapshot!(summary(&app), @"");
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
    insta::assert_snapshot!(remarks(&loaded), @"");
    insta::assert_snapshot!(summary(&loaded.app.unwrap()), @"");
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
    insta::assert_snapshot!(lines.join("\n"), @"");
}
