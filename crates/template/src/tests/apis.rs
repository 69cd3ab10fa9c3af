//! APIs: SAM's, implicit ones, and those written as CloudFormation resources.

use super::summary::summary;
use super::{load_text, remarks};

#[test]
fn a_rest_api_with_authorizer_keys_and_plan() {
    let loaded = load_text(
        "Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Runtime: python3.11, Timeout: 10, Environment: {Variables: {A: global, B: global}}}
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: v1
      Cors: \"'https://example.com'\"
      Auth:
        DefaultAuthorizer: Token
        AddApiKeyRequiredToCorsPreflight: false
        ApiKeyRequired: true
        Authorizers:
          Token: {FunctionArn: !GetAtt Check.Arn, Identity: {Header: X-Token, ReauthorizeEvery: 0}}
          Request: {FunctionArn: !GetAtt Check.Arn, FunctionPayloadType: REQUEST, Identity: {Headers: [Authorization], QueryStrings: [q]}}
        UsagePlan: {CreateUsagePlan: PER_API, Throttle: {RateLimit: 5, BurstLimit: 10}, Quota: {Limit: 100, Period: DAY}}
  Check:
    Type: AWS::Serverless::Function
    Properties: {Handler: check.handler, CodeUri: check}
  Pets:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      CodeUri: src
      Timeout: 20
      Environment: {Variables: {B: own, TABLE: !Ref Table}}
      Policies: [DynamoDBReadPolicy: {TableName: !Ref Table}]
      Events:
        List: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /pets, Method: get}}
        Open: {Type: Api, Properties: {RestApiId: !Ref Api, Path: '/open/{id}', Method: any, Auth: {Authorizer: NONE, ApiKeyRequired: false}}}
        Other: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /pets, Method: post, Auth: {Authorizer: Request}}}
  Table:
    Type: AWS::Serverless::SimpleTable
",
    );
    assert_eq!(remarks(&loaded), "");
    insta::assert_snapshot!(summary(&loaded.app.unwrap()), @"");
}

#[test]
fn implicit_apis() {
    let loaded = load_text(
        "Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.11
      CodeUri: .
      Events:
        Rest: {Type: Api, Properties: {Path: '/{proxy+}', Method: post}}
        All: {Type: HttpApi}
        One: {Type: HttpApi, Properties: {Path: /one, Method: get, PayloadFormatVersion: '1.0'}}
Outputs:
  Url: {Value: !Sub 'https://${ServerlessRestApi}.execute-api.${AWS::Region}.amazonaws.com/Prod/'}
",
    );
    assert_eq!(remarks(&loaded), "");
    let app = loaded.app.unwrap();
    assert!(app.outputs[0].value.to_string().contains(&app.apis[0].id));
    insta::assert_snapshot!(summary(&app), @"");
}

#[test]
fn apis_of_cloudformation() {
    let loaded = load_text(
        "Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Action: 'sts:AssumeRole', Principal: {Service: lambda.amazonaws.com}}]}
  F:
    Type: AWS::Lambda::Function
    Properties: {Handler: index.handler, Runtime: python3.11, Role: !GetAtt Role.Arn, Code: {ZipFile: 'def handler(e, c): return 1'}}
  Rest: {Type: AWS::ApiGateway::RestApi, Properties: {Name: rest}}
  Pets: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Rest, ParentId: !GetAtt Rest.RootResourceId, PathPart: pets}}
  Pet: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Rest, ParentId: !Ref Pets, PathPart: '{id}'}}
  Auth:
    Type: AWS::ApiGateway::Authorizer
    Properties:
      RestApiId: !Ref Rest
      Name: auth
      Type: TOKEN
      IdentitySource: method.request.header.X-Auth
      AuthorizerUri: !Sub 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations'
  Get:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Rest
      ResourceId: !Ref Pet
      HttpMethod: GET
      AuthorizationType: CUSTOM
      AuthorizerId: !Ref Auth
      ApiKeyRequired: true
      Integration: {Type: AWS_PROXY, IntegrationHttpMethod: POST, Uri: !Sub 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations'}
  Mock:
    Type: AWS::ApiGateway::Method
    Properties: {RestApiId: !Ref Rest, ResourceId: !Ref Pets, HttpMethod: OPTIONS, AuthorizationType: AWS_IAM, Integration: {Type: MOCK}}
  Deployment: {Type: AWS::ApiGateway::Deployment, Properties: {RestApiId: !Ref Rest, StageName: live}}
  Plan: {Type: AWS::ApiGateway::UsagePlan, Properties: {ApiStages: [{ApiId: !Ref Rest, Stage: live}], Throttle: {RateLimit: 1, BurstLimit: 2}}}
  Key: {Type: AWS::ApiGateway::ApiKey, Properties: {Enabled: true}}
  Link: {Type: AWS::ApiGateway::UsagePlanKey, Properties: {KeyId: !Ref Key, KeyType: API_KEY, UsagePlanId: !Ref Plan}}
  Http: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: http, ProtocolType: HTTP}}
  Integration: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Http, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt F.Arn, PayloadFormatVersion: '2.0'}}
  Route: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Http, RouteKey: 'GET /x', Target: !Join [/, [integrations, !Ref Integration]]}}
  Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Http, StageName: $default, AutoDeploy: true}}
  Allow: {Type: AWS::Lambda::Permission, Properties: {FunctionName: !Ref F, Action: 'lambda:InvokeFunction', Principal: apigateway.amazonaws.com, SourceArn: !Sub 'arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Rest}/*'}}
",
    );
    insta::assert_snapshot!(remarks(&loaded), @"");
    insta::assert_snapshot!(summary(&loaded.app.unwrap()), @"");
}
