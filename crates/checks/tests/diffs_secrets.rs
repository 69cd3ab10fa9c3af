//! Fixes of secrets as a person reads them: what each writes, line by line.

mod common;

use burgward_diag::Disposition;

use common::diff;

/// The template alone: a parameter brings it, a secret keeps it, the variable refers to it.
#[test]
fn a_secret_moves_to_secrets_manager() {
    insta::assert_snapshot!(diff(&[("template.yaml", r"Transform: AWS::Serverless-2016-10-31
Resources:
  orders:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment:
        Variables:
          DB_PASSWORD: correct-horse # for now
"), ("src/app.py", r#"import os

DATABASE = os.environ["DB_PASSWORD"]


def handler(event, context):
    return os.getenv("DB_PASSWORD", "none") == os.environ.get('DB_PASSWORD')
"#)], Disposition::Safe), @r"
    env-plaintext-secret@template.yaml:11: move `DB_PASSWORD` to the secret `OrdersDbPasswordSecret`, and refer to it
    OrdersDbPassword = correct-horse
    --- template.yaml
    +Parameters:
    +  OrdersDbPassword:
    +    Type: String
    +    NoEcho: true
    -          DB_PASSWORD: correct-horse # for now
    +          DB_PASSWORD: !Sub '{{resolve:secretsmanager:${OrdersDbPasswordSecret}}}' # for now
    +  OrdersDbPasswordSecret:
    +    Type: AWS::SecretsManager::Secret
    +    Properties:
    +      SecretString: !Ref OrdersDbPassword
    ");
}

/// Code as well: the variable names the secret, every read fetches it, and the role may.
#[test]
fn code_fetches_a_secret() {
    insta::assert_snapshot!(diff(&[("template.yaml", r"Transform: AWS::Serverless-2016-10-31
Resources:
  orders:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment:
        Variables:
          DB_PASSWORD: correct-horse # for now
"), ("src/app.py", r#"import os

DATABASE = os.environ["DB_PASSWORD"]


def handler(event, context):
    return os.getenv("DB_PASSWORD", "none") == os.environ.get('DB_PASSWORD')
"#)], Disposition::All), @r#"
    env-plaintext-secret@template.yaml:11: fetch `DB_PASSWORD` from the secret `OrdersDbPasswordSecret` at run time
    OrdersDbPassword = correct-horse
    --- src/app.py
    +import boto3
    -DATABASE = os.environ["DB_PASSWORD"]
    +DATABASE = boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["DB_PASSWORD_SECRET"])["SecretString"]
    -    return os.getenv("DB_PASSWORD", "none") == os.environ.get('DB_PASSWORD')
    +    return boto3.client("secretsmanager").get_secret_value(SecretId=os.getenv("DB_PASSWORD_SECRET"))["SecretString"] == boto3.client("secretsmanager").get_secret_value(SecretId=os.environ.get('DB_PASSWORD_SECRET'))["SecretString"]
    --- template.yaml
    +Parameters:
    +  OrdersDbPassword:
    +    Type: String
    +    NoEcho: true
    -          DB_PASSWORD: correct-horse # for now
    +          DB_PASSWORD_SECRET: !Ref OrdersDbPasswordSecret # for now
    +      Policies:
    +        - Statement:
    +            - Effect: Allow
    +              Action: secretsmanager:GetSecretValue
    +              Resource: !Ref OrdersDbPasswordSecret
    +  OrdersDbPasswordSecret:
    +    Type: AWS::SecretsManager::Secret
    +    Properties:
    +      SecretString: !Ref OrdersDbPassword
    "#);
}

/// What the safe fix left: the secret is there and is used.
#[test]
fn code_goes_on_from_a_reference() {
    insta::assert_snapshot!(diff(&[("template.yaml", r"Transform: AWS::Serverless-2016-10-31
Parameters:
  Password: {Type: String, NoEcho: true}
Resources:
  orders:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Policies: [{Statement: []}]
      Environment:
        Variables: {DB_PASSWORD: !Sub '{{resolve:secretsmanager:${Kept}}}'}
  Kept: {Type: AWS::SecretsManager::Secret, Properties: {SecretString: !Ref Password}}
"), ("src/app.py", r#"import os

DATABASE = os.environ["DB_PASSWORD"]


def handler(event, context):
    return os.getenv("DB_PASSWORD", "none") == os.environ.get('DB_PASSWORD')
"#)], Disposition::All), @r#"
    env-plaintext-secret@template.yaml:13: fetch `DB_PASSWORD` from the secret `Kept` at run time
    --- src/app.py
    +import boto3
    -DATABASE = os.environ["DB_PASSWORD"]
    +DATABASE = boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["DB_PASSWORD_SECRET"])["SecretString"]
    -    return os.getenv("DB_PASSWORD", "none") == os.environ.get('DB_PASSWORD')
    +    return boto3.client("secretsmanager").get_secret_value(SecretId=os.getenv("DB_PASSWORD_SECRET"))["SecretString"] == boto3.client("secretsmanager").get_secret_value(SecretId=os.environ.get('DB_PASSWORD_SECRET'))["SecretString"]
    --- template.yaml
    -      Policies: [{Statement: []}]
    +      Policies: [{Statement: []}, {Statement: [{Effect: Allow, Action: secretsmanager:GetSecretValue, Resource: !Ref Kept}]}]
    -        Variables: {DB_PASSWORD: !Sub '{{resolve:secretsmanager:${Kept}}}'}
    +        Variables: {DB_PASSWORD_SECRET: !Ref Kept}
    "#);
}

/// Something else may read the variable: only the template is mended.
#[test]
fn code_that_takes_the_whole_environment_is_left() {
    insta::assert_snapshot!(diff(&[("template.yaml", r"Transform: AWS::Serverless-2016-10-31
Resources:
  orders:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment:
        Variables:
          DB_PASSWORD: correct-horse # for now
"), ("src/app.py", r#"import os

SETTINGS = dict(os.environ)
PASSWORD = os.environ["DB_PASSWORD"]


def handler(event, context):
    return PASSWORD
"#)], Disposition::All), @r"
    env-plaintext-secret@template.yaml:11: move `DB_PASSWORD` to the secret `OrdersDbPasswordSecret`, and refer to it
    OrdersDbPassword = correct-horse
    --- template.yaml
    +Parameters:
    +  OrdersDbPassword:
    +    Type: String
    +    NoEcho: true
    -          DB_PASSWORD: correct-horse # for now
    +          DB_PASSWORD: !Sub '{{resolve:secretsmanager:${OrdersDbPasswordSecret}}}' # for now
    +  OrdersDbPasswordSecret:
    +    Type: AWS::SecretsManager::Secret
    +    Properties:
    +      SecretString: !Ref OrdersDbPassword
    ");
}

/// Two functions share it, and their code.
#[test]
fn a_secret_of_globals_is_mended_once() {
    insta::assert_snapshot!(diff(&[("template.yaml", r"Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Environment:
      Variables: {API_TOKEN: !Sub b1g-secret}
Resources:
  one:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
  two:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
"), ("src/app.py", r#"import boto3
import os


def handler(event, context):
    return os.environ["API_TOKEN"]
"#)], Disposition::All), @r#"
    env-plaintext-secret@template.yaml:5: fetch `API_TOKEN` from the secret `SharedApiTokenSecret` at run time
    SharedApiToken = b1g-secret
    --- src/app.py
    -    return os.environ["API_TOKEN"]
    +    return boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["API_TOKEN_SECRET"])["SecretString"]
    --- template.yaml
    -      Variables: {API_TOKEN: !Sub b1g-secret}
    +      Variables: {API_TOKEN_SECRET: !Ref SharedApiTokenSecret}
    +Parameters:
    +  SharedApiToken:
    +    Type: String
    +    NoEcho: true
    +      Policies:
    +        - Statement:
    +            - Effect: Allow
    +              Action: secretsmanager:GetSecretValue
    +              Resource: !Ref SharedApiTokenSecret
    +      Policies:
    +        - Statement:
    +            - Effect: Allow
    +              Action: secretsmanager:GetSecretValue
    +              Resource: !Ref SharedApiTokenSecret
    +  SharedApiTokenSecret:
    +    Type: AWS::SecretsManager::Secret
    +    Properties:
    +      SecretString: !Ref SharedApiToken
    "#);
}

/// And no line break comes to its end.
#[test]
fn json_stays_json() {
    insta::assert_snapshot!(diff(&[("template.yaml", r#"{
  "Transform": "AWS::Serverless-2016-10-31",
  "Resources": {
    "Work": {
      "Type": "AWS::Serverless::Function",
      "Properties": {
        "CodeUri": "src/", "Handler": "app.handler", "Runtime": "python3.13",
        "Environment": {"Variables": {"DB_PASSWORD": "correct-horse"}}
      }
    }
  }
}"#)], Disposition::Safe), @r#"
    env-plaintext-secret@template.yaml:8: move `DB_PASSWORD` to the secret `WorkDbPasswordSecret`, and refer to it
    WorkDbPassword = correct-horse
    --- template.yaml
    +  "Parameters": {
    +    "WorkDbPassword": {
    +      "Type": "String",
    +      "NoEcho": true
    +    }
    +  },
    -        "Environment": {"Variables": {"DB_PASSWORD": "correct-horse"}}
    +        "Environment": {"Variables": {"DB_PASSWORD": {"Fn::Sub": "{{resolve:secretsmanager:${WorkDbPasswordSecret}}}"}}}
    +      }
    +    },
    +    "WorkDbPasswordSecret": {
    +      "Type": "AWS::SecretsManager::Secret",
    +      "Properties": {
    +        "SecretString": {"Ref": "WorkDbPassword"}
    "#);
}

/// Whoever deploys gives the value.
#[test]
fn a_parameter_loses_its_secret_default() {
    insta::assert_snapshot!(diff(&[("template.yaml", "Transform: AWS::Serverless-2016-10-31
Parameters:
  Password: {Default: correct-horse, Type: String}
  ApiToken:
    Type: String
    Default: b1g-secret # for now
Resources:
  Orders: {Type: AWS::Serverless::SimpleTable}
")], Disposition::Safe), @r"
        param-default-secret@template.yaml:3: ask for `Password` instead of keeping a default
        param-default-secret@template.yaml:6: ask for `ApiToken` instead of keeping a default
        Password = correct-horse
        ApiToken = b1g-secret
        --- template.yaml
        -  Password: {Default: correct-horse, Type: String}
        +  Password: {Type: String, NoEcho: true}
        -    Default: b1g-secret # for now
        +    NoEcho: true
        ");
}

/// An anchored environment is mended where it stands, for all that use it.
#[test]
fn an_anchored_environment_is_mended_once() {
    insta::assert_snapshot!(diff(&[("template.yaml", "Transform: AWS::Serverless-2016-10-31
Resources:
  one:
    Type: AWS::Serverless::Function
    Properties: &common
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment: &env
        Variables: {DB_PASSWORD: \"correct-horse\"}
  two:
    Type: AWS::Serverless::Function
    Properties:
      <<: *common
      Environment: *env
"), ("src/app.py", "from os import environ


def handler(event, context):
    return environ['DB_PASSWORD']
")], Disposition::All), @r#"
        env-plaintext-secret@template.yaml:10: fetch `DB_PASSWORD` from the secret `SharedDbPasswordSecret` at run time
        SharedDbPassword = correct-horse
        --- src/app.py
        +import boto3
        -    return environ['DB_PASSWORD']
        +    return boto3.client("secretsmanager").get_secret_value(SecretId=environ['DB_PASSWORD_SECRET'])["SecretString"]
        --- template.yaml
        +Parameters:
        +  SharedDbPassword:
        +    Type: String
        +    NoEcho: true
        -        Variables: {DB_PASSWORD: "correct-horse"}
        +        Variables: {DB_PASSWORD_SECRET: !Ref SharedDbPasswordSecret}
        +      Policies:
        +        - Statement:
        +            - Effect: Allow
        +              Action: secretsmanager:GetSecretValue
        +              Resource: !Ref SharedDbPasswordSecret
        +      Policies:
        +        - Statement:
        +            - Effect: Allow
        +              Action: secretsmanager:GetSecretValue
        +              Resource: !Ref SharedDbPasswordSecret
        +  SharedDbPasswordSecret:
        +    Type: AWS::SecretsManager::Secret
        +    Properties:
        +      SecretString: !Ref SharedDbPassword
        "#);
}

/// A secret that is defined by an alias of something else stays: its place is not its own.
#[test]
fn a_value_behind_an_alias_is_left() {
    insta::assert_snapshot!(diff(&[("template.yaml", "Transform: AWS::Serverless-2016-10-31
Mappings:
  All: {Secrets: {Password: &pw correct-horse}}
Resources:
  one:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment: {Variables: {DB_PASSWORD: *pw}}
")], Disposition::All), @"");
}

/// A constant of the variable's name is no other read of it; the name in a shell's command is.
#[test]
fn other_uses_of_the_name_count_only_if_they_look_it_up() {
    let template = "Transform: AWS::Serverless-2016-10-31
Resources:
  orders: {Type: AWS::Serverless::Function, Properties: {CodeUri: src/, Handler: app.handler, Runtime: python3.13,
    Environment: {Variables: {DB_PASSWORD: correct-horse}}}}
";
    let written = |line: &str| {
        let code = format!(
            "import os\n\nDB_PASSWORD = os.environ[\"DB_PASSWORD\"]\n\n\ndef handler(event, context):\n    return {line}\n"
        );
        diff(&[("template.yaml", template), ("src/app.py", &code)], Disposition::All).contains("get_secret_value")
    };
    assert!(written("DB_PASSWORD"));
    assert!(written("f\"{DB_PASSWORD}\", \"DB_PASSWORD is missing\", \"DB_PASSWORD_FILE\""));
    assert!(!written("os.system(\"psql -W $DB_PASSWORD\")"));
    assert!(!written("settings(\"DB_PASSWORD\")"));
    assert!(!written("{**os.environ}"));
}
