//! Security-bearing properties and resources that nothing enforces: none may be taken silently.

use super::load_text;
use crate::Verdict;

const BASE: &str = "Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {Handler: app.handler, Runtime: python3.11, CodeUri: src}
  R:
    Type: AWS::IAM::Role
    Properties: {AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Action: 'sts:AssumeRole', Principal: {Service: lambda.amazonaws.com}}]}}
  A: {Type: AWS::ApiGateway::RestApi, Properties: {Name: a}}
  D: {Type: AWS::ApiGateway::Deployment, Properties: {RestApiId: !Ref A, StageName: live}}
  H: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: h, ProtocolType: HTTP}}
";

/// A type, what it needs to be taken, and properties that must be refused beside that.
const PROPERTIES: &[(&str, &str, &[&str])] = &[
    (
        "Serverless::Function",
        "Handler: a.b, Runtime: python3.11, CodeUri: s",
        &[
            "VpcConfig: {SubnetIds: [s], SecurityGroupIds: [g]}",
            "KmsKeyArn: k",
            "SourceKMSKeyArn: k",
            "DeadLetterQueue: {Type: SQS, TargetArn: q}",
            "EventInvokeConfig: {MaximumRetryAttempts: 0}",
            "FileSystemConfigs: [{Arn: a, LocalMountPath: /mnt/a}]",
            "FunctionUrlConfig: {AuthType: NONE}",
            "CodeSigningConfigArn: c",
            "TenancyConfig: {TenantIsolationMode: PER_TENANT}",
            "PackageType: Image",
            "ImageUri: i",
            "Events: {E: {Type: HttpApi, Properties: {Path: /a, Method: get, Auth: {AuthorizationScopes: [s]}}}}",
            "Events: {E: {Type: Api, Properties: {Path: /a, Method: get, Auth: {InvokeRole: r}}}}",
            "Events: {E: {Type: Api, Properties: {Path: /a, Method: get, Auth: {ResourcePolicy: {IpRangeBlacklist: [1.2.3.4]}}}}}",
            "Events: {E: {Type: Api, Properties: {Path: /a, Method: get, Auth: {Authorizer: AWS_IAM}}}}",
            "Events: {E: {Type: Api, Properties: {Path: /a, Method: get, RequestModel: {Model: M}}}}",
            "Events: {E: {Type: Api, Properties: {Path: /a, Method: get, RequestParameters: [method.request.header.A]}}}",
            "Events: {E: {Type: SQS, Properties: {Queue: q}}}",
        ],
    ),
    (
        "Lambda::Function",
        "Handler: a.b, Runtime: python3.11, Code: s, Role: !GetAtt R.Arn",
        &["VpcConfig: {SubnetIds: [s]}", "KmsKeyArn: k", "DeadLetterConfig: {TargetArn: q}", "CodeSigningConfigArn: c"],
    ),
    (
        "Serverless::Api",
        "StageName: v1",
        &[
            "DisableExecuteApiEndpoint: true",
            "EndpointConfiguration: PRIVATE",
            "EndpointConfiguration: {Type: REGIONAL, VPCEndpointIds: [v]}",
            "Domain: {DomainName: d, CertificateArn: c, MutualTlsAuthentication: {TruststoreUri: t}}",
            "SecurityPolicy: TLS_1_2",
            "GatewayResponses: {DEFAULT_4XX: {StatusCode: 200}}",
            "CacheClusterEnabled: true",
            "CacheClusterSize: '0.5'",
            "MethodSettings: [{HttpMethod: '*', ResourcePath: '/*', CachingEnabled: true}]",
            "Models: {M: {type: object}}",
            "Auth: {DefaultAuthorizer: AWS_IAM}",
            "Auth: {InvokeRole: NONE}",
            "Auth: {Authorizers: {C: {UserPoolArn: u}}}",
            "Auth: {Authorizers: {L: {FunctionArn: !GetAtt F.Arn, FunctionInvokeRole: r}}}",
            "Auth: {Authorizers: {L: {}}}",
            "Auth: {ResourcePolicy: {IpRangeWhitelist: [1.2.3.4]}}",
            "Auth: {ResourcePolicy: {SourceVpcBlacklist: [v]}}",
            "DefinitionBody: {paths: {}}",
            "CanarySetting: {PercentTraffic: 1}",
        ],
    ),
    (
        "Serverless::HttpApi",
        "StageName: v1",
        &[
            "DisableExecuteApiEndpoint: true",
            "Domain: {DomainName: d, CertificateArn: c}",
            "Auth: {EnableIamAuthorizer: true}",
            "Auth: {Authorizers: {J: {IdentitySource: s, JwtConfiguration: {issuer: i, audience: [a]}}}}",
            "DefaultRouteSettings: {ThrottlingRateLimit: 1, Unheard: 1}",
        ],
    ),
    (
        "ApiGateway::RestApi",
        "Name: x",
        &[
            "DisableExecuteApiEndpoint: true",
            "EndpointConfiguration: {Types: [PRIVATE]}",
            "Policy: '{\"Statement\": []}'",
            "Policy: {}",
            "SecurityPolicy: TLS_1_2",
        ],
    ),
    (
        "ApiGateway::Stage",
        "RestApiId: !Ref A, StageName: two",
        &[
            "CacheClusterEnabled: true",
            "ClientCertificateId: c",
            "CanarySetting: {PercentTraffic: 1}",
            "MethodSettings: [{HttpMethod: '*', ResourcePath: '/*', CachingEnabled: true}]",
        ],
    ),
    (
        "ApiGatewayV2::Api",
        "Name: x, ProtocolType: HTTP",
        &["DisableExecuteApiEndpoint: true", "CredentialsArn: c", "Target: t"],
    ),
    (
        "Lambda::Permission",
        "FunctionName: !Ref F, Action: 'lambda:InvokeFunction', Principal: s3.amazonaws.com",
        &["FunctionUrlAuthType: AWS_IAM", "PrincipalOrgID: o-1", "EventSourceToken: t", "InvokedViaFunctionUrl: true"],
    ),
    (
        "DynamoDB::Table",
        "AttributeDefinitions: [{AttributeName: k, AttributeType: S}], KeySchema: [{AttributeName: k, KeyType: HASH}]",
        &[
            "SSESpecification: {SSEEnabled: true, SSEType: KMS, KMSMasterKeyId: k}",
            "StreamSpecification: {StreamViewType: NEW_IMAGE, ResourcePolicy: {PolicyDocument: {Statement: []}}}",
            "OnDemandThroughput: {MaxReadRequestUnits: 1}",
            "KinesisStreamSpecification: {StreamArn: s}",
            "ResourcePolicy: {Document: {Statement: []}}",
        ],
    ),
    (
        "S3::Bucket",
        "BucketName: x",
        &[
            "AccessControl: PublicRead",
            "ObjectLockEnabled: true",
            "LoggingConfiguration: {DestinationBucketName: b}",
            "OwnershipControls: {Rules: [{ObjectOwnership: ObjectWriter}]}",
            "WebsiteConfiguration: {IndexDocument: i}",
            "BucketEncryption: {ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: 'aws:kms', KMSMasterKeyID: k}}]}",
            "LifecycleConfiguration: {Rules: [{Status: Enabled, ExpirationInDays: 1, TagFilters: [{Key: k, Value: v}]}]}",
        ],
    ),
    ("SecretsManager::Secret", "Name: x", &["KmsKeyId: k", "ReplicaRegions: [{Region: r}]", "RotationRules: {}"]),
    ("SSM::Parameter", "Type: String, Value: v", &["Policies: p", "KeyId: k"]),
    ("Logs::LogGroup", "LogGroupName: x", &["KmsKeyId: k", "DataProtectionPolicy: {Name: n}"]),
    (
        "IAM::Role",
        "AssumeRolePolicyDocument: {Statement: [{}]}",
        &[
            "PermissionsBoundary: arn:aws:iam::aws:policy/Unheard",
            "ManagedPolicyArns: [arn:aws:iam::1:policy/p]",
            "Policies: [{PolicyName: p}]",
        ],
    ),
    ("IAM::ManagedPolicy", "PolicyDocument: {Statement: [{}]}", &["Users: [u]", "Groups: [g]", "Roles: [r]"]),
];

/// Resources that are not run, whatever they say.
const RESOURCES: &[&str] = &[
    "WAFv2::WebACL",
    "WAFv2::WebACLAssociation",
    "WAFRegional::WebACLAssociation",
    "ApiGateway::GatewayResponse",
    "ApiGateway::DomainName",
    "ApiGateway::DomainNameV2",
    "ApiGateway::BasePathMapping",
    "ApiGateway::ClientCertificate",
    "ApiGateway::RequestValidator",
    "ApiGateway::Model",
    "ApiGatewayV2::DomainName",
    "ApiGatewayV2::ApiMapping",
    "Lambda::Url",
    "Lambda::CodeSigningConfig",
    "Lambda::EventInvokeConfig",
    "Lambda::EventSourceMapping",
    "Lambda::LayerVersionPermission",
    "IAM::User",
    "IAM::Group",
    "IAM::AccessKey",
    "IAM::RolePolicy",
    "IAM::OIDCProvider",
    "KMS::Key",
    "S3::AccessPoint",
    "S3::AccountPublicAccessBlock",
    "SecretsManager::RotationSchedule",
    "Logs::SubscriptionFilter",
    "Logs::ResourcePolicy",
    "EC2::SecurityGroup",
    "CloudFront::Distribution",
    "CloudTrail::Trail",
    "GuardDuty::Detector",
    "Config::ConfigRule",
];

#[test]
fn nothing_unenforced_is_taken_silently() {
    let mut tried = 0;
    let mut taken = Vec::new();
    for (kind, needed, properties) in PROPERTIES {
        let resource = |more: &str| format!("{BASE}  X: {{Type: AWS::{kind}, Properties: {{{needed}{more}}}}}\n");
        let plain = load_text(&resource("")).refused.into_iter().map(|d| d.message).collect::<Vec<_>>();
        for property in *properties {
            tried += 1;
            let loaded = load_text(&resource(&format!(", {property}")));
            if !loaded.refused.iter().any(|d| d.span.is_some() && !plain.contains(&d.message)) {
                taken.push(format!("{kind} {property}"));
            }
        }
    }
    assert!(tried >= 80, "{tried}");
    assert_eq!(taken, Vec::<String>::new());
}

#[test]
fn no_resource_that_guards_is_left_out() {
    for kind in RESOURCES {
        let loaded = load_text(&format!("{BASE}  X: {{Type: AWS::{kind}}}\n"));
        let plan = loaded.plan.iter().find(|p| p.logical_id == "X").map(|p| p.verdict);
        assert!(matches!(plan, Some(Verdict::Refuse | Verdict::Forward)), "{kind}: {plan:?}");
        assert!(!loaded.refused.is_empty(), "{kind}");
    }
}
