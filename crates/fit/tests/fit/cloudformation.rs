//! Plain CloudFormation, JSON, and roles that cannot be SAM's.

use insta::assert_snapshot;

use crate::support::{Case, call, env, told};

const PLAIN: &str = "\
Resources:
  Data:
    Type: AWS::S3::Bucket
  Shared:
    Type: AWS::IAM::Role
    Properties:
      Path: /app/
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: { Service: lambda.amazonaws.com }
            Action: sts:AssumeRole
      PermissionsBoundary: !Ref Limit
      Policies:
        - PolicyName: rw
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - Effect: Allow
                Action: s3:*
                Resource: [!GetAtt Data.Arn, !Sub '${Data.Arn}/*']
                Condition: { Bool: { aws:SecureTransport: true } }
              - Sid: Never
                Effect: Deny
                Action: s3:*
                Resource: !Sub ${Data.Arn}/private/*
  Limit:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: '2012-10-17'
        Statement: [{ Effect: Allow, Action: ['s3:Get*', 's3:Put*', 'logs:*'], Resource: '*' }]
  Reader:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.11
      Handler: index.handler
      Role: !GetAtt Shared.Arn
      Code: { ZipFile: 'x' }
      Environment: { Variables: { DATA: !Ref Data } }
  Writer:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.11
      Handler: index.handler
      Role: !GetAtt Shared.Arn
      Code: { ZipFile: 'x' }
      Environment: { Variables: { DATA: !Ref Data } }
";

#[test]
fn conditions_denials_and_the_boundary_stay() {
    let case = Case::new(PLAIN).function("Reader", &[call("s3.GetObject", &[("Bucket", env("DATA"))])]).function(
        "Writer",
        &[call("s3.PutObject", &[("Bucket", env("DATA"))]), call("s3.DeleteObject", &[("Bucket", env("DATA"))])],
    );
    assert_snapshot!(case.diff(), @r##"
    @@ -3,6 +3,19 @@
         Type: AWS::S3::Bucket
    -  Shared:
    +  Limit:
    +    Type: AWS::IAM::ManagedPolicy
    +    Properties:
    +      PolicyDocument:
    +        Version: '2012-10-17'
    +        Statement: [{ Effect: Allow, Action: ['s3:Get*', 's3:Put*', 'logs:*'], Resource: '*' }]
    +  Reader:
    +    Type: AWS::Lambda::Function
    +    Properties:
    +      Runtime: python3.11
    +      Handler: index.handler
    +      Role: !GetAtt ReaderRole.Arn
    +      Code: { ZipFile: 'x' }
    +      Environment: { Variables: { DATA: !Ref Data } }
    +  ReaderRole:
         Type: AWS::IAM::Role
         Properties:
    -      Path: /app/
           AssumeRolePolicyDocument:
    @@ -11,7 +24,11 @@
               - Effect: Allow
    -            Principal: { Service: lambda.amazonaws.com }
    +            Principal:
    +              Service: lambda.amazonaws.com
                 Action: sts:AssumeRole
    +      Path: /app/
           PermissionsBoundary: !Ref Limit
    +      ManagedPolicyArns:
    +        - !Sub 'arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'
           Policies:
    -        - PolicyName: rw
    +        - PolicyName: Reader
               PolicyDocument:
    @@ -20,16 +37,12 @@
                   - Effect: Allow
    -                Action: s3:*
    -                Resource: [!GetAtt Data.Arn, !Sub '${Data.Arn}/*']
    -                Condition: { Bool: { aws:SecureTransport: true } }
    +                Action: s3:GetObject
    +                Resource: !Sub '${Data.Arn}/*'
    +                Condition:
    +                  Bool:
    +                    aws:SecureTransport: true
                   - Sid: Never
                     Effect: Deny
    -                Action: s3:*
    -                Resource: !Sub ${Data.Arn}/private/*
    -  Limit:
    -    Type: AWS::IAM::ManagedPolicy
    -    Properties:
    -      PolicyDocument:
    -        Version: '2012-10-17'
    -        Statement: [{ Effect: Allow, Action: ['s3:Get*', 's3:Put*', 'logs:*'], Resource: '*' }]
    -  Reader:
    +                Action: 's3:*'
    +                Resource: !Sub '${Data.Arn}/private/*'
    +  Writer:
         Type: AWS::Lambda::Function
    @@ -38,12 +51,33 @@
           Handler: index.handler
    -      Role: !GetAtt Shared.Arn
    +      Role: !GetAtt WriterRole.Arn
           Code: { ZipFile: 'x' }
           Environment: { Variables: { DATA: !Ref Data } }
    -  Writer:
    -    Type: AWS::Lambda::Function
    +  WriterRole:
    +    Type: AWS::IAM::Role
         Properties:
    -      Runtime: python3.11
    -      Handler: index.handler
    -      Role: !GetAtt Shared.Arn
    -      Code: { ZipFile: 'x' }
    -      Environment: { Variables: { DATA: !Ref Data } }
    +      AssumeRolePolicyDocument:
    +        Version: '2012-10-17'
    +        Statement:
    +          - Effect: Allow
    +            Principal:
    +              Service: lambda.amazonaws.com
    +            Action: sts:AssumeRole
    +      Path: /app/
    +      PermissionsBoundary: !Ref Limit
    +      ManagedPolicyArns:
    +        - !Sub 'arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'
    +      Policies:
    +        - PolicyName: Writer
    +          PolicyDocument:
    +            Version: '2012-10-17'
    +            Statement:
    +              - Effect: Allow
    +                Action: s3:PutObject
    +                Resource: !Sub '${Data.Arn}/*'
    +                Condition:
    +                  Bool:
    +                    aws:SecureTransport: true
    +              - Sid: Never
    +                Effect: Deny
    +                Action: 's3:*'
    +                Resource: !Sub '${Data.Arn}/private/*'
    "##);
    assert_snapshot!(told(&case.fit(), "Writer"), @r##"
    s3:PutObject on ${Data.Arn}/* if {"Bool":{"aws:SecureTransport":true}}
      s3:PutObject: Writer/app.py:1, observed 0
    denied today: s3:DeleteObject on arn:aws:s3:::app-data-mgp03vptiopw/*
    note: its role gets AWSLambdaBasicExecutionRole, which today's does not amount to: it writes the log
    "##);
}

#[test]
fn a_function_that_cannot_be_fitted_keeps_the_role() {
    let case = Case::new(PLAIN)
        .function("Reader", &[call("s3.GetObject", &[("Bucket", env("DATA"))])])
        .undecided("Writer", "the operation is chosen at run time");
    let (fit, text) = case.patched();
    assert_snapshot!(told(&fit, "Writer"), @"left: Writer/app.py:3: the operation is chosen at run time");
    assert!(text.contains("  Shared:\n") && text.contains("Role: !GetAtt ReaderRole.Arn"));
    let other = Case::new(PLAIN).unparsed("Reader", "nodejs20.x is not understood");
    assert_snapshot!(told(&other.fit(), "Reader"), @"left: nodejs20.x is not understood");
    assert_snapshot!(told(&other.fit(), "Writer"), @"left: its code was not read");
    assert!(other.fit().edits.is_empty());
}

const JSON: &str = r#"{
  "Resources": {
    "Data": { "Type": "AWS::S3::Bucket" },
    "One": {
      "Type": "AWS::Lambda::Function",
      "Properties": {
        "Runtime": "python3.11",
        "Handler": "index.handler",
        "Role": { "Fn::GetAtt": ["Shared", "Arn"] },
        "Code": { "ZipFile": "x" },
        "Environment": { "Variables": { "DATA": { "Ref": "Data" } } }
      }
    },
    "Two": {
      "Type": "AWS::Lambda::Function",
      "Properties": {
        "Runtime": "python3.11",
        "Handler": "index.handler",
        "Role": { "Fn::GetAtt": ["Shared", "Arn"] },
        "Code": { "ZipFile": "x" }
      }
    },
    "Shared": {
      "Type": "AWS::IAM::Role",
      "Properties": {
        "AssumeRolePolicyDocument": {
          "Version": "2012-10-17",
          "Statement": [
            { "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" }
          ]
        },
        "ManagedPolicyArns": ["arn:aws:iam::aws:policy/PowerUserAccess"]
      }
    }
  }
}
"#;

#[test]
fn json_stays_json() {
    let case =
        Case::new(JSON).function("One", &[call("s3.ListObjectsV2", &[("Bucket", env("DATA"))])]).function("Two", &[]);
    assert_snapshot!(case.diff(), @r##"
    @@ -8,3 +8,3 @@
             "Handler": "index.handler",
    -        "Role": { "Fn::GetAtt": ["Shared", "Arn"] },
    +        "Role": {"Fn::GetAtt": ["OneRole", "Arn"]},
             "Code": { "ZipFile": "x" },
    @@ -18,3 +18,3 @@
             "Handler": "index.handler",
    -        "Role": { "Fn::GetAtt": ["Shared", "Arn"] },
    +        "Role": {"Fn::GetAtt": ["TwoRole", "Arn"]},
             "Code": { "ZipFile": "x" }
    @@ -22,3 +22,3 @@
         },
    -    "Shared": {
    +    "OneRole": {
           "Type": "AWS::IAM::Role",
    @@ -28,6 +28,45 @@
               "Statement": [
    -            { "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" }
    +            {
    +              "Effect": "Allow",
    +              "Principal": {
    +                "Service": "lambda.amazonaws.com"
    +              },
    +              "Action": "sts:AssumeRole"
    +            }
               ]
             },
    -        "ManagedPolicyArns": ["arn:aws:iam::aws:policy/PowerUserAccess"]
    +        "ManagedPolicyArns": [{"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"}],
    +        "Policies": [
    +          {
    +            "PolicyName": "One",
    +            "PolicyDocument": {
    +              "Version": "2012-10-17",
    +              "Statement": [
    +                {
    +                  "Effect": "Allow",
    +                  "Action": "s3:ListBucket",
    +                  "Resource": {"Fn::GetAtt": ["Data", "Arn"]}
    +                }
    +              ]
    +            }
    +          }
    +        ]
    +      }
    +    },
    +    "TwoRole": {
    +      "Type": "AWS::IAM::Role",
    +      "Properties": {
    +        "AssumeRolePolicyDocument": {
    +          "Version": "2012-10-17",
    +          "Statement": [
    +            {
    +              "Effect": "Allow",
    +              "Principal": {
    +                "Service": "lambda.amazonaws.com"
    +              },
    +              "Action": "sts:AssumeRole"
    +            }
    +          ]
    +        },
    +        "ManagedPolicyArns": [{"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"}]
           }
    "##);
}
