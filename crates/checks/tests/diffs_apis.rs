//! Fixes of APIs as a person reads them: what each writes, line by line.

mod common;

use burgward_diag::Disposition;

use common::diff;

/// Preflight requests and routes that say so stay open; the settings that are there are kept.
#[test]
fn a_rest_api_of_sam() {
    insta::assert_snapshot!(diff(&[("template.yaml", r#"Transform: AWS::Serverless-2016-10-31
Resources:
  Shop:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      Cors: "'*'"
      MethodSettings:
      - {ResourcePath: '/*', HttpMethod: '*', MetricsEnabled: true}
      Auth:
        Authorizers: {Tokens: {FunctionArn: !GetAtt Check.Arn}}
  Check:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
  Order:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Events:
        Call:
          Type: Api
          Properties: {RestApiId: !Ref Shop, Path: /a, Method: post}
  Open:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Events:
        Call:
          Type: Api
          Properties: {RestApiId: !Ref Shop, Path: /b, Method: get, Auth: {Authorizer: NONE}}
  Ask:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Events:
        Call:
          Type: Api
          Properties: {RestApiId: !Ref Shop, Path: /c, Method: options}
"#)], Disposition::Safe), @r"
        api-no-throttle@template.yaml:3: limit `Shop` to 50 requests a second, 100 at once
        authorizer-unused@template.yaml:11: attach the authorizer `Tokens` to the routes of `Shop`; with it api-route-no-auth@template.yaml:25
        --- template.yaml
        -      - {ResourcePath: '/*', HttpMethod: '*', MetricsEnabled: true}
        +      - {ResourcePath: '/*', HttpMethod: '*', MetricsEnabled: true, ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100}
        -        Authorizers: {Tokens: {FunctionArn: !GetAtt Check.Arn}}
        +        Authorizers: {Tokens: {FunctionArn: !GetAtt Check.Arn, Identity: {ReauthorizeEvery: 0}}}
        +        DefaultAuthorizer: Tokens
        +        AddDefaultAuthorizerToCorsPreflight: false
        -          Properties: {RestApiId: !Ref Shop, Path: /c, Method: options}
        +          Properties: {RestApiId: !Ref Shop, Path: /c, Method: options, Auth: {Authorizer: NONE}}
        +  ShopUsagePlan:
        +    Type: AWS::ApiGateway::UsagePlan
        +    Properties:
        +      ApiStages:
        +      - ApiId: !Ref Shop
        +        Stage: !Ref Shop.Stage
        +      Throttle:
        +        RateLimit: 50
        +        BurstLimit: 100
        +      Quota:
        +        Limit: 100000
        +        Period: DAY
        ");
}

#[test]
fn an_http_api_of_sam() {
    insta::assert_snapshot!(diff(&[("template.yaml", r"Transform: AWS::Serverless-2016-10-31
Resources:
  Shop:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        Authorizers:
          Tokens:
            FunctionArn: !GetAtt Check.Arn
            AuthorizerPayloadFormatVersion: '2.0'
  Check:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
  Order:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Events:
        Call:
          Type: HttpApi
          Properties: {ApiId: !Ref Shop, Path: /a, Method: post}
")], Disposition::Safe), @r"
    api-no-throttle@template.yaml:3: limit `Shop` to 50 requests a second, 100 at once
    authorizer-unused@template.yaml:8: attach the authorizer `Tokens` to the routes of `Shop`; with it api-route-no-auth@template.yaml:24
    --- template.yaml
    +            EnableFunctionDefaultPermissions: true
    +        DefaultAuthorizer: Tokens
    +      DefaultRouteSettings:
    +        ThrottlingRateLimit: 50
    +        ThrottlingBurstLimit: 100
    ");
}

/// An authorizer that an HTTP API may not invoke answers every request with status 500: after the fix the API may,
/// and what gives the right already is not doubled.
#[test]
fn an_http_api_may_invoke_its_authorizer() {
    let template = |settings: &str, more: &str| {
        format!(
            "Transform: AWS::Serverless-2016-10-31
Resources:
  Shop:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        Authorizers:
          Tokens: {{FunctionArn: !GetAtt Check.Arn, AuthorizerPayloadFormatVersion: '2.0'{settings}}}
  Check:
    Type: AWS::Serverless::Function
    Properties: {{CodeUri: src/, Handler: app.handler, Runtime: python3.13}}
  Order:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Events:
        Call:
          Type: HttpApi
          Properties: {{ApiId: !Ref Shop, Path: /a, Method: post}}
{more}"
        )
    };
    let permission = |arn: &str| {
        format!(
            "  Right:
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: !Ref Check
      Action: lambda:InvokeFunction
      Principal: apigateway.amazonaws.com
      SourceArn: !Sub 'arn:aws:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:{arn}'
"
        )
    };
    let cases = [
        (template("", ""), 1),
        (template(", EnableFunctionDefaultPermissions: false", ""), 1),
        (template(", EnableFunctionDefaultPermissions: true", ""), 1),
        (template("", &permission("${Shop}/authorizers/*")), 0),
        (template("", &permission("${Shop}/*")), 0),
        (template("", &permission("${Shop}/*/POST/a")), 1),
    ];
    for (text, written) in cases {
        let files = [("template.yaml".to_owned(), text)].into();
        let before = burgward_checks::Workspace { files, ..burgward_checks::Workspace::default() };
        let after = common::mended("template.yaml", &before, Disposition::Safe);
        let new = &after.workspace.files["template.yaml"];
        assert!(new.contains("DefaultAuthorizer: Tokens"), "{new}");
        assert_eq!(new.matches("EnableFunctionDefaultPermissions: true").count(), written, "{new}");
        let app = common::loaded("template.yaml", &after.workspace).app.unwrap();
        let id = app.apis[0].id.clone();
        let invokes =
            |arn: &str| arn.contains(&id) && (arn.contains("/authorizers/") || arn.ends_with(&format!("{id}/*")));
        let rights = app.lambda_permissions.iter().filter(|p| p.function == "Check");
        assert!(rights.filter_map(|p| p.source_arn.as_deref()).any(invokes), "{new}");
    }
}

#[test]
fn implicit_apis_are_set_in_globals() {
    insta::assert_snapshot!(diff(&[("template.yaml", r"Transform: AWS::Serverless-2016-10-31
Resources:
  Order:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Events:
        Call:
          Type: Api
          Properties: {Path: /a, Method: post}
")], Disposition::Safe), @r"
    api-no-throttle@template.yaml:10: limit `ServerlessRestApi` to 50 requests a second, 100 at once
    --- template.yaml
    +Globals:
    +  Api:
    +    MethodSettings:
    +      - ResourcePath: '/*'
    +        HttpMethod: '*'
    +        ThrottlingRateLimit: 50
    +        ThrottlingBurstLimit: 100
    +  ServerlessRestApiUsagePlan:
    +    Type: AWS::ApiGateway::UsagePlan
    +    Properties:
    +      ApiStages:
    +        - ApiId: !Ref ServerlessRestApi
    +          Stage: !Ref ServerlessRestApi.Stage
    +      Throttle:
    +        RateLimit: 50
    +        BurstLimit: 100
    +      Quota:
    +        Limit: 100000
    +        Period: DAY
    ");
}

/// A plan for an API that may not be there may not be there either.
#[test]
fn a_usage_plan_has_the_condition_of_its_api() {
    let template = r"Transform: AWS::Serverless-2016-10-31
Conditions: {Live: !Equals [a, a]}
Resources:
  Shop: {Type: AWS::Serverless::Api, Condition: Live, Properties: {StageName: prod}}
  Order:
    Type: AWS::Serverless::Function
    Condition: Live
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Events: {Call: {Type: Api, Properties: {RestApiId: !Ref Shop, Path: /a, Method: post}}}
";
    let written = diff(&[("template.yaml", template)], Disposition::Safe);
    assert!(written.contains("+    Type: AWS::ApiGateway::UsagePlan\n+    Condition: Live\n"), "{written}");
}

#[test]
fn an_implicit_http_api() {
    insta::assert_snapshot!(diff(&[("template.yaml", r"Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Timeout: 5}
Resources:
  Order:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Events:
        Call:
          Type: HttpApi
          Properties: {Path: /a, Method: post}
")], Disposition::Safe), @r"
    api-no-throttle@template.yaml:12: limit `ServerlessHttpApi` to 50 requests a second, 100 at once
    --- template.yaml
    +  HttpApi:
    +    DefaultRouteSettings:
    +      ThrottlingRateLimit: 50
    +      ThrottlingBurstLimit: 100
    ");
}

#[test]
fn of_several_authorizers_none_is_chosen() {
    insta::assert_snapshot!(diff(&[("template.yaml", r"Transform: AWS::Serverless-2016-10-31
Resources:
  Shop:
    Type: AWS::Serverless::HttpApi
    Properties:
      DefaultRouteSettings: {ThrottlingRateLimit: 5}
      Auth:
        Authorizers:
          One: {FunctionArn: !GetAtt Check.Arn, AuthorizerPayloadFormatVersion: '2.0'}
          Two: {FunctionArn: !GetAtt Check.Arn, AuthorizerPayloadFormatVersion: '2.0'}
  Check:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
  Order:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Events:
        Call:
          Type: HttpApi
          Properties: {ApiId: !Ref Shop, Path: /a, Method: post}
")], Disposition::All), @"");
}

#[test]
fn a_rest_api_of_cloudformation() {
    insta::assert_snapshot!(diff(&[("template.yaml", r"Resources:
  Work: {Type: AWS::Lambda::Function, Properties: {Code: {ZipFile: 'def handler(e, c): return e'}, Handler: index.handler, Runtime: python3.13, Role: !GetAtt WorkRole.Arn}}
  WorkRole: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]}}}
  Shop: {Type: AWS::ApiGateway::RestApi, Properties: {Name: shop}}
  Path: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Shop, ParentId: !GetAtt Shop.RootResourceId, PathPart: a}}
  Tokens:
    Type: AWS::ApiGateway::Authorizer
    Properties:
      RestApiId: !Ref Shop
      Name: tokens
      Type: TOKEN
      IdentitySource: method.request.header.Authorization
      AuthorizerUri: !Sub arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Work.Arn}/invocations
  Post:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Shop
      ResourceId: !Ref Path
      HttpMethod: POST
      AuthorizationType: NONE
      Integration: {Type: AWS_PROXY, IntegrationHttpMethod: POST, Uri: !Sub 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Work.Arn}/invocations'}
  Deployed: {Type: AWS::ApiGateway::Deployment, DependsOn: Post, Properties: {RestApiId: !Ref Shop}}
  Live: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Shop, DeploymentId: !Ref Deployed, StageName: live}}
")], Disposition::Safe), @r"
        api-no-throttle@template.yaml:4: limit `Shop` to 50 requests a second, 100 at once
        authorizer-unused@template.yaml:6: attach the authorizer `Tokens` to the routes of `Shop`; with it api-route-no-auth@template.yaml:14
        --- template.yaml
        +      AuthorizerResultTtlInSeconds: 0
        -      AuthorizationType: NONE
        +      AuthorizationType: CUSTOM
        +      AuthorizerId: !Ref Tokens
        -  Live: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Shop, DeploymentId: !Ref Deployed, StageName: live}}
        +  Live: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Shop, DeploymentId: !Ref Deployed, StageName: live, MethodSettings: [{ResourcePath: '/*', HttpMethod: '*', ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100}]}}
        +  ShopUsagePlan:
        +    Type: AWS::ApiGateway::UsagePlan
        +    Properties:
        +      ApiStages:
        +        - ApiId: !Ref Shop
        +          Stage: !Ref Live
        +      Throttle:
        +        RateLimit: 50
        +        BurstLimit: 100
        +      Quota:
        +        Limit: 100000
        +        Period: DAY
        ");
}
