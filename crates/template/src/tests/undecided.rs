//! Conditions, `Fn::If` and `AWS::NoValue` around what bears on security.

use super::{Only, load_text};
use crate::{Loaded, Parameters, load};

const TEMPLATE: &str = "Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String, Default: dev}
Conditions:
  Prod: !Equals [!Ref Stage, prod]
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: v1
      Auth: {DefaultAuthorizer: !If [Prod, Check, !Ref AWS::NoValue], Authorizers: {Check: {FunctionArn: !GetAtt F.Arn}}}
  Boundary:
    Type: AWS::IAM::ManagedPolicy
    Properties: {PolicyDocument: {Statement: [{Effect: Allow, Action: '*', Resource: '*'}]}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.11
      CodeUri: src
      PermissionsBoundary: !If [Prod, !Ref Boundary, !Ref AWS::NoValue]
      Policies:
        - Statement:
            - !If [Prod, {Effect: Deny, Action: '*', Resource: '*'}, !Ref AWS::NoValue]
            - {Effect: Allow, Action: 's3:*', Resource: '*', Condition: !If [Prod, {Bool: {'aws:SecureTransport': true}}, !Ref AWS::NoValue]}
      Events: {E: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /a, Method: get}}}
  Bucket:
    Type: AWS::S3::Bucket
    Properties: {BucketName: b, PublicAccessBlockConfiguration: !If [Prod, !Ref AWS::NoValue, {BlockPublicPolicy: true}]}
  Policy:
    Type: AWS::S3::BucketPolicy
    Condition: Prod
    Properties: {Bucket: !Ref Bucket, PolicyDocument: {Statement: [{Effect: Deny, Principal: '*', Action: '*', Resource: '*'}]}}
";

fn staged(stage: &str) -> Loaded {
    let values = vec![("Stage".to_owned(), stage.to_owned())];
    load("template.yaml", &Only(TEMPLATE), &Parameters { values, ..Parameters::default() })
}

/// What guards, in a line each.
fn guards(loaded: &Loaded) -> String {
    let app = loaded.app.as_ref().unwrap();
    let role = app.role("FRole").unwrap();
    let statements = role.policies.iter().map(|p| p.document["Statement"].to_string()).collect::<Vec<_>>();
    format!(
        "refused {:?}\nauthorizer {:?}\nboundary {:?}\nstatements {}\nblock {:?}\nbucket policy {}",
        loaded.refused,
        app.apis[0].routes[0].authorizer,
        role.boundary.as_ref().map(|b| &b.name),
        statements.last().unwrap(),
        app.buckets[0].public_access_block.restrict_public_buckets,
        app.buckets[0].policy.is_some(),
    )
}

#[test]
fn no_value_takes_away_and_conditions_decide() {
    insta::assert_snapshot!(format!("{}\n{}", guards(&staged("dev")), guards(&staged("prod"))), @r#"
    refused []
    authorizer None
    boundary None
    statements [{"Effect":"Allow","Action":"s3:*","Resource":"*"}]
    block false
    bucket policy false
    refused []
    authorizer Some("Check")
    boundary Some("Boundary")
    statements [{"Effect":"Deny","Action":"*","Resource":"*"},{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":true}}}]
    block true
    bucket policy true
    "#);
}

#[test]
fn what_cannot_be_decided_is_refused() {
    let undecided = [
        "Conditions: {C: !Equals [!ImportValue x, y]}\nResources:\n  B: {Type: AWS::S3::Bucket, Condition: C}\n",
        "Conditions: {C: !Not [!Condition C]}\nResources:\n  B: {Type: AWS::S3::Bucket, Condition: C}\n",
        "Conditions: {C: maybe}\nResources:\n  B: {Type: AWS::S3::Bucket, Condition: C}\n",
        "Resources:\n  B: {Type: AWS::S3::Bucket, Condition: Unheard}\n",
        "Parameters: {P: {Type: String}}\nConditions: {C: !Equals [!Ref P, y]}\nResources:\n  B: {Type: AWS::S3::Bucket, Condition: C}\n",
        "Resources:\n  B: {Type: AWS::S3::Bucket, Properties: !Ref AWS::NoValue}\n",
        "Conditions: {C: !Equals [!ImportValue x, y]}\nResources:\n  B: {Type: AWS::S3::Bucket, Properties: {PublicAccessBlockConfiguration: !If [C, {BlockPublicPolicy: true}, !Ref AWS::NoValue]}}\n",
        "Conditions: {C: !Equals [!ImportValue x, y]}\nResources:\n  B: {Type: AWS::S3::Bucket, Properties: {PublicAccessBlockConfiguration: {BlockPublicPolicy: !If [C, true, false]}}}\n",
        "Resources:\n  B: {Type: AWS::S3::Bucket, Properties: {PublicAccessBlockConfiguration: {BlockPublicPolicy: !If [Unheard, true, false]}}}\n",
    ];
    for text in undecided {
        assert!(!load_text(text).refused.is_empty(), "{text}");
    }
}

/// A resource that does not exist lends nothing, also not by a name that is written out.
#[test]
fn what_does_not_exist_is_not_referred_to() {
    let loaded = load_text(
        "Conditions: {Never: !Equals [a, b]}
Resources:
  R:
    Type: AWS::IAM::Role
    Condition: Never
    Properties: {RoleName: r, AssumeRolePolicyDocument: {Statement: [{}]}}
  F:
    Type: AWS::Lambda::Function
    Properties: {Handler: a.b, Runtime: python3.11, Code: src, Role: !Sub 'arn:aws:iam::${AWS::AccountId}:role/r'}
Rules: {R: {Assertions: []}}
",
    );
    let refused: Vec<_> = loaded.refused.iter().map(|d| d.message.as_str()).collect();
    let expected =
        ["the role of `F` is not in the template: what it allows is not known", "`Rules` are not checked here"];
    assert_eq!(refused, expected);
}
