//! An app as a team in a hurry writes it, and the same app mended: what a person sees of each.

use burgward_checks::{Persona, run, run_as};
use burgward_diag::render_human;
use burgward_template::model::App;
use burgward_template::{FileError, Files, Parameters, load};

struct One(&'static str);

impl Files for One {
    fn read(&self, _: &str) -> Result<String, FileError> {
        Ok(self.0.to_owned())
    }

    fn exists_dir(&self, _: &str) -> bool {
        true
    }
}

fn app(text: &'static str) -> App {
    load("template.yaml", &One(text), &Parameters::default()).app.unwrap_or_default()
}

const HURRIED: &str = "\
Transform: AWS::Serverless-2016-10-31
Resources:
  Shop:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      Auth:
        Authorizers:
          Tokens: {FunctionArn: !GetAtt Check.Arn}
  Check: {Type: AWS::Serverless::Function, Properties: {CodeUri: c/, Handler: a.h, Runtime: python3.13}}
  Order:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: o/
      Handler: a.h
      Runtime: python3.13
      Environment: {Variables: {DB_PASSWORD: correct-horse}}
      Policies:
        - Statement: {Effect: Allow, Action: '*', Resource: '*'}
      Events:
        Post: {Type: Api, Properties: {RestApiId: !Ref Shop, Path: /orders, Method: post}}
";

const MENDED: &str = "\
Transform: AWS::Serverless-2016-10-31
Resources:
  Shop:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      MethodSettings: [{HttpMethod: '*', ResourcePath: '/*', ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100}]
      Auth:
        DefaultAuthorizer: Tokens
        Authorizers:
          Tokens: {FunctionArn: !GetAtt Check.Arn}
  Check: {Type: AWS::Serverless::Function, Properties: {CodeUri: c/, Handler: a.h, Runtime: python3.13}}
  Orders: {Type: AWS::Serverless::SimpleTable}
  Secret: {Type: AWS::SecretsManager::Secret, Properties: {GenerateSecretString: {PasswordLength: 32}}}
  Order:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: o/
      Handler: a.h
      Runtime: python3.13
      Environment: {Variables: {DB_SECRET: !Ref Secret}}
      Policies:
        - Statement:
            - {Effect: Allow, Action: dynamodb:PutItem, Resource: !GetAtt Orders.Arn}
            - {Effect: Allow, Action: secretsmanager:GetSecretValue, Resource: !Ref Secret}
      Events:
        Post: {Type: Api, Properties: {RestApiId: !Ref Shop, Path: /orders, Method: post}}
";

#[test]
fn a_hurried_app_is_told_where_and_why() {
    insta::assert_snapshot!(render_human(&run(&app(HURRIED)), ""), @r#"
    medium[api-no-throttle]: nothing limits the rate of requests to `Shop`
      --> template.yaml:3:3
    3 |   Shop:
      |   ^^^^ no rate, no burst
      --> template.yaml:21:9
    21 |         Post: {Type: Api, Properties: {RestApiId: !Ref Shop, Path: /orders, Method: post}}
       |         ^^^^ such as this route
       = why: one caller can use up what all APIs of the account share, and every request is paid for
       = hint: set a rate and a burst for the stage: `MethodSettings` of a REST API, `DefaultRouteSettings` of an HTTP API
       = fix: limit `Shop` to 50 requests a second, 100 at once (`check --fix`)

    medium[authorizer-unused]: no route of `Shop` uses the authorizer `Tokens`
      --> template.yaml:9:11
    9 |           Tokens: {FunctionArn: !GetAtt Check.Arn}
      |           ^^^^^^ defined, attached to nothing
       = why: the API looks protected and is not
       = hint: make it the `DefaultAuthorizer` of the API, or remove it
       = fix: attach the authorizer `Tokens` to the routes of `Shop` (`check --fix`)

    high[env-plaintext-secret]: `DB_PASSWORD` of `Order` holds a secret as plain text
      --> template.yaml:17:46
    17 |       Environment: {Variables: {DB_PASSWORD: correct-horse}}
       |                                              ^^^^^^^^^^^^^ a secret
       = why: it can be read in the repository, in the console, and by every process of the function
       = hint: keep it in Secrets Manager and fetch it at run time, or use a `{{resolve:secretsmanager:...}}` reference; and replace it: it is known by now
       = fix: move `DB_PASSWORD` to the secret `OrderDbPasswordSecret`, and refer to it (`check --fix`)

    critical[iam-star-action]: `Order` allows every action
      --> template.yaml:19:46
    19 |         - Statement: {Effect: Allow, Action: '*', Resource: '*'}
       |                                              ^^^ every action
       = why: one flaw in a function that holds this role gives away everything in the account
       = hint: name the actions that the code calls; `burgward fit` writes such a policy

    high[api-route-no-auth]: `POST /orders` is open to anybody, though its API defines an authorizer
      --> template.yaml:21:9
    21 |         Post: {Type: Api, Properties: {RestApiId: !Ref Shop, Path: /orders, Method: post}}
       |         ^^^^ no authorizer
      --> template.yaml:9:11
    9 |           Tokens: {FunctionArn: !GetAtt Check.Arn}
      |           ^^^^^^ defined here, not used there
       = why: anybody who finds the URL runs the function with all that its role allows
       = hint: set `DefaultAuthorizer` of the API, or `Auth.Authorizer` of the event
       = fix: attach the authorizer `Tokens` to the routes of `Shop` (`check --fix`)
    "#);
}

#[test]
fn the_mended_app_is_silent() {
    assert_eq!(render_human(&run(&app(MENDED)), ""), "");
}

#[test]
fn each_persona_sees_what_the_one_before_sees_and_more() {
    let seen =
        [Persona::Regular, Persona::Pedantic, Persona::Auditor].map(|persona| run_as(&app(HURRIED), persona).len());
    assert!(seen.is_sorted() && seen[0] < seen[1], "{seen:?}");
}

/// Nothing of the template is there to be found in an empty model.
#[test]
fn an_empty_model_has_no_findings() {
    assert!(run_as(&App::default(), Persona::Auditor).is_empty());
}
