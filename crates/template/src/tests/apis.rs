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
    insta::assert_snapshot!(summary(&loaded.app.unwrap()), @r#"
    function Check shop-Check-80G5OSRLTD81 python3.11 check.handler 128MB 10s role=CheckRole @template.yaml:3
      A=global @template.yaml:3
      B=global @template.yaml:3
    function Pets shop-Pets-KIQB8R9WTVQV python3.11 app.handler 128MB 20s role=PetsRole @template.yaml:26
      A=global @template.yaml:3
      B=own @template.yaml:27
      TABLE=shop-Table-WHW3QPOSMWYD @template.yaml:27
    api Api Rest 53xvmmklld v1 cors=Some((Some("Token"), false))
      authorizer Token Token { header: "X-Token", validation: None } Check 0s
      authorizer Request Request { identity: [Header("Authorization"), Query("q")], payload_version: V1, simple_responses: false } Check 300s
      GET /pets -> Pets V1 authorizer=Some("Token") key=true @template.yaml:30
      ANY /open/{id} -> Pets V1 authorizer=None key=false @template.yaml:31
      POST /pets -> Pets V1 authorizer=Some("Request") key=true @template.yaml:32
    plan ApiUsagePlan Some(Throttle { rate: 5.0, burst: 10 }) Some(Quota { limit: 100, period: Day, offset: 0 }) ["Api/v1"] ["ApiApiKey"]
    role CheckRole arn:aws:iam::123456789012:role/shop-CheckRole-QAOWFBBU2KNK
      AWSLambdaBasicExecutionRole [{"Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Effect":"Allow","Resource":"*"}] ["template.yaml:18"]
    role PetsRole arn:aws:iam::123456789012:role/shop-PetsRole-1D3J69HL8R8V
      AWSLambdaBasicExecutionRole [{"Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Effect":"Allow","Resource":"*"}] ["template.yaml:21"]
      PetsRolePolicy0 [{"Action":["dynamodb:GetItem","dynamodb:Scan","dynamodb:Query","dynamodb:BatchGetItem","dynamodb:DescribeTable"],"Effect":"Allow","Resource":["arn:aws:dynamodb:us-east-1:123456789012:table/shop-Table-WHW3QPOSMWYD","arn:aws:dynamodb:us-east-1:123456789012:table/shop-Table-WHW3QPOSMWYD/index/*"]}] ["template.yaml:28"]
    table arn:aws:dynamodb:us-east-1:123456789012:table/shop-Table-WHW3QPOSMWYD {"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"BillingMode":"PAY_PER_REQUEST","TableName":"shop-Table-WHW3QPOSMWYD"}
    permission ApiTokenAuthorizerPermission Check apigateway.amazonaws.com Some("arn:aws:execute-api:us-east-1:123456789012:53xvmmklld/authorizers/*")
    permission ApiRequestAuthorizerPermission Check apigateway.amazonaws.com Some("arn:aws:execute-api:us-east-1:123456789012:53xvmmklld/authorizers/*")
    permission PetsListPermissionv1 Pets apigateway.amazonaws.com Some("arn:aws:execute-api:us-east-1:123456789012:53xvmmklld/*/GET/pets")
    permission PetsOpenPermissionv1 Pets apigateway.amazonaws.com Some("arn:aws:execute-api:us-east-1:123456789012:53xvmmklld/*/*/open/*")
    permission PetsOtherPermissionv1 Pets apigateway.amazonaws.com Some("arn:aws:execute-api:us-east-1:123456789012:53xvmmklld/*/POST/pets")
    "#);
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
    insta::assert_snapshot!(summary(&app), @r#"
    function F shop-F-C0RPC7ZUATJH python3.11 app.handler 128MB 3s role=FRole @template.yaml:3
    api ServerlessRestApi Rest bvhe36zzqk Prod cors=None
      POST /{proxy+} -> F V1 authorizer=None key=false @template.yaml:10
    api ServerlessHttpApi Http onedvbncn4 $default cors=None
      ANY $default -> F V2 authorizer=None key=false @template.yaml:11
      GET /one -> F V1 authorizer=None key=false @template.yaml:12
    role FRole arn:aws:iam::123456789012:role/shop-FRole-DHF75B1TTBBL
      AWSLambdaBasicExecutionRole [{"Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Effect":"Allow","Resource":"*"}] ["template.yaml:3"]
    permission FRestPermissionProd F apigateway.amazonaws.com Some("arn:aws:execute-api:us-east-1:123456789012:bvhe36zzqk/*/POST/*")
    permission FAllPermission F apigateway.amazonaws.com Some("arn:aws:execute-api:us-east-1:123456789012:onedvbncn4/*/*")
    permission FOnePermission F apigateway.amazonaws.com Some("arn:aws:execute-api:us-east-1:123456789012:onedvbncn4/*/GET/one")
    "#);
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
    insta::assert_snapshot!(remarks(&loaded), @r#"
    refused template.yaml:32:125: the integration of `Mock` (type MOCK) runs no function of the template
      hint: integrations of type AWS_PROXY with a function of the template are run
    "#);
    insta::assert_snapshot!(summary(&loaded.app.unwrap()), @r#"
    function F shop-F-C0RPC7ZUATJH python3.11 index.handler 128MB 3s role=Role @template.yaml:6
    api Rest Rest 48nwykocgl live cors=None
      authorizer auth Token { header: "X-Auth", validation: None } F 300s
      GET /pets/{id} -> F V1 authorizer=Some("auth") key=true @template.yaml:20
    api Http Http in29uaop9a $default cors=None
      GET /x -> F V2 authorizer=None key=false @template.yaml:39
    plan Plan Some(Throttle { rate: 1.0, burst: 2 }) None ["Rest/live"] ["Key"]
    role Role arn:aws:iam::123456789012:role/shop-Role-MU3HOP9BTFA5
    permission Allow F apigateway.amazonaws.com Some("arn:aws:execute-api:us-east-1:123456789012:48nwykocgl/*")
    "#);
}
