//! The table itself.

use super::Rule;

const VPC: &str = "functions run without any network but the AWS endpoint: remove the VPC, or run the app on AWS";
const KEYS: &str = "customer managed keys are not run yet: everything at rest is encrypted without it";
const EVENTS: &str = "only Api and HttpApi events invoke functions yet";
const DOMAIN: &str = "the API is served on the gateway's own address: remove the domain for local runs";
const OPENAPI: &str = "describe the API by functions' events, or by resources, routes and methods";

pub(super) const fn rule(
    of: &'static str,
    modelled: &'static str,
    harmless: &'static str,
    refused: &'static [(&'static str, &'static str)],
) -> Rule {
    Rule { of, modelled, harmless, refused }
}

/// Types that need a real engine.
pub(crate) const FORWARD: &[&str] = &[
    "AWS::SQS::",
    "AWS::SNS::",
    "AWS::Events::",
    "AWS::Kinesis::",
    "AWS::KinesisFirehose::",
    "AWS::StepFunctions::",
    "AWS::Serverless::StateMachine",
    "AWS::Scheduler::",
    "AWS::Pipes::",
    "AWS::KMS::",
    "AWS::Cognito::",
    "AWS::AppSync::",
    "AWS::Serverless::GraphQLApi",
    "AWS::RDS::",
    "AWS::ElastiCache::",
    "AWS::OpenSearchService::",
    "AWS::OpenSearchServerless::",
];

/// Types without bearing on what runs.
pub(crate) const NOTED: &[&str] = &[
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::Logs::MetricFilter",
    "AWS::Logs::QueryDefinition",
    "AWS::CloudFormation::WaitConditionHandle",
    "AWS::ApiGateway::Account",
    "AWS::ApplicationInsights::Application",
    "AWS::ResourceGroups::Group",
    "AWS::CDK::Metadata",
    "AWS::XRay::Group",
    "AWS::Budgets::Budget",
];

const FUNCTION_HARMLESS: &str = "Description Tags PropagateTags Tracing TracingConfig RuntimeManagementConfig \
     AutoPublishCodeSha256 AutoPublishAliasAllProperties VersionDescription SnapStart ProvisionedConcurrencyConfig \
     DeploymentPreference RecursiveLoop VersionDeletionPolicy PublishToLatestPublished";

const FUNCTION_REFUSED: &[(&str, &str)] = &[
    ("VpcConfig", VPC),
    ("KmsKeyArn", KEYS),
    ("SourceKMSKeyArn", KEYS),
    ("PackageType", "container images are not run: package the function as a folder"),
    ("ImageUri", "container images are not run: package the function as a folder"),
    ("ImageConfig", "container images are not run: package the function as a folder"),
    ("DeadLetterQueue", "queues are not run yet: remove it for local runs"),
    ("DeadLetterConfig", "queues are not run yet: remove it for local runs"),
    ("EventInvokeConfig", "asynchronous invocations are not run yet"),
    ("FileSystemConfigs", "shared file systems are not run"),
    ("FunctionUrlConfig", "function URLs are not served yet: use an Api or HttpApi event"),
    ("DurableConfig", "durable functions are not run"),
    ("TenancyConfig", "tenants are not kept apart yet"),
    ("CapacityProviderConfig", "functions run on this machine"),
    ("FunctionScalingConfig", "functions run on this machine"),
    ("CodeSigningConfigArn", "signatures of packages are not verified yet"),
    ("Connectors", "write the permissions that the connector grants"),
];

/// The rules, in the order of the alphabet by service.
pub(crate) const RULES: &[Rule] = &[
    rule(
        "AWS::Serverless::Function",
        "FunctionName CodeUri:text,{Package} InlineCode Handler Runtime Environment:{Environment} \
         MemorySize:number Timeout:number EphemeralStorage:{EphemeralStorage} Role Policies:any RolePath \
         PermissionsBoundary AssumeRolePolicyDocument:policy Events:any Layers:texts Architectures:texts \
         ReservedConcurrentExecutions:number AutoPublishAlias LoggingConfig:{LoggingConfig}",
        FUNCTION_HARMLESS,
        FUNCTION_REFUSED,
    ),
    rule(
        "AWS::Lambda::Function",
        "FunctionName Code:text,{Code} Handler Runtime Environment:{Environment} MemorySize:number \
         Timeout:number EphemeralStorage:{EphemeralStorage} Role Layers:texts Architectures:texts \
         ReservedConcurrentExecutions:number LoggingConfig:{LoggingConfig}",
        FUNCTION_HARMLESS,
        FUNCTION_REFUSED,
    ),
    rule("LoggingConfig", "LogGroup", "LogFormat ApplicationLogLevel SystemLogLevel", &[]),
    rule(
        "ApiEvent",
        "Path Method RestApiId Auth:{ApiEvent/Auth} TimeoutInMillis:number",
        "ResponseTransferMode Stage",
        &[
            ("RequestModel", "request validation by models is not enforced yet"),
            ("RequestParameters", "request validation by parameters is not enforced yet"),
        ],
    ),
    rule(
        "ApiEvent/Auth",
        "Authorizer ApiKeyRequired:flag",
        "",
        &[
            ("ResourcePolicy", "write a resource policy on the API as a whole"),
            ("InvokeRole", "callers' credentials are not passed to functions"),
            ("AuthorizationScopes", "scopes belong to Cognito and JWT authorizers, which are not run yet"),
            ("OverrideApiAuth", OPENAPI),
        ],
    ),
    rule(
        "HttpApiEvent",
        "Path Method ApiId Auth:{HttpApiEvent/Auth} TimeoutInMillis:number PayloadFormatVersion:1.0|2.0|1|2 \
         RouteSettings:{RouteSettings}",
        "Stage",
        &[],
    ),
    rule(
        "HttpApiEvent/Auth",
        "Authorizer",
        "",
        &[("AuthorizationScopes", "scopes belong to JWT authorizers, which are not run yet")],
    ),
    rule(
        "AWS::Serverless::Api",
        "StageName Name Auth:{AWS::Serverless::Api/Auth} Cors:text,{Cors} Variables:names \
         MethodSettings:[MethodSetting] BinaryMediaTypes:texts AccessLogSetting:{AccessLogSetting} \
         TracingEnabled:flag ApiKeySourceType:HEADER|AUTHORIZER",
        "Description Tags PropagateTags OpenApiVersion MinimumCompressionSize AlwaysDeploy Mode FailOnWarnings",
        &[
            ("DefinitionBody", OPENAPI),
            ("DefinitionUri", OPENAPI),
            ("MergeDefinitions", OPENAPI),
            ("Models", "request validation by models is not enforced yet"),
            ("GatewayResponses", "answers of the gateway itself cannot be changed yet"),
            ("Domain", DOMAIN),
            ("EndpointConfiguration", "private endpoints need a VPC"),
            ("CacheClusterEnabled", "the response cache is not run yet"),
            ("CanarySetting", "one deployment is served at a time"),
            ("DisableExecuteApiEndpoint", DOMAIN),
            ("SecurityPolicy", "the gateway speaks TLS 1.2 and 1.3"),
        ],
    ),
    rule(
        "AWS::Serverless::Api/Auth",
        "Authorizers:<AWS::Serverless::Api/Auth/Authorizer> DefaultAuthorizer \
         AddDefaultAuthorizerToCorsPreflight:flag AddApiKeyRequiredToCorsPreflight:flag ApiKeyRequired:flag \
         UsagePlan:{UsagePlan} ResourcePolicy:{AWS::Serverless::Api/Auth/ResourcePolicy}",
        "",
        &[("InvokeRole", "callers' credentials are not passed to functions")],
    ),
    rule(
        "AWS::Serverless::Api/Auth/Authorizer",
        "FunctionArn FunctionPayloadType:TOKEN|REQUEST Identity:{Identity} \
         DisableFunctionDefaultPermissions:flag",
        "",
        &[
            ("UserPoolArn", "Cognito user pools are not run yet"),
            ("AuthorizationScopes", "scopes belong to Cognito authorizers, which are not run yet"),
            ("FunctionInvokeRole", "the authorizer is invoked by its Lambda permission: remove the role"),
        ],
    ),
    rule(
        "AWS::Serverless::Api/Auth/ResourcePolicy",
        "CustomStatements:statements",
        "",
        &[
            ("AwsAccountWhitelist", "write it as CustomStatements"),
            ("AwsAccountBlacklist", "write it as CustomStatements"),
            ("IpRangeWhitelist", "write it as CustomStatements"),
            ("IpRangeBlacklist", "write it as CustomStatements"),
            ("SourceVpcWhitelist", VPC),
            ("SourceVpcBlacklist", VPC),
        ],
    ),
    rule(
        "UsagePlan",
        "CreateUsagePlan:PER_API|SHARED|NONE UsagePlanName Throttle:{Throttle} Quota:{Quota} \
         ApiStages:[ApiStage]",
        "Description Tags",
        &[],
    ),
    rule(
        "AWS::Serverless::HttpApi",
        "StageName Name Auth:{AWS::Serverless::HttpApi/Auth} CorsConfiguration:flag,{HttpCors} \
         StageVariables:names AccessLogSettings:{AccessLogSetting} DefaultRouteSettings:{RouteSettings} \
         RouteSettings:<RouteSettings>",
        "Description Tags PropagateTags FailOnWarnings",
        &[
            ("DefinitionBody", OPENAPI),
            ("DefinitionUri", OPENAPI),
            ("Domain", DOMAIN),
            ("DisableExecuteApiEndpoint", DOMAIN),
        ],
    ),
    rule(
        "AWS::Serverless::HttpApi/Auth",
        "Authorizers:<AWS::Serverless::HttpApi/Auth/Authorizer> DefaultAuthorizer",
        "",
        &[("EnableIamAuthorizer", "IAM authorization of routes is not enforced yet")],
    ),
    rule(
        "AWS::Serverless::HttpApi/Auth/Authorizer",
        "FunctionArn Identity:{HttpIdentity} AuthorizerPayloadFormatVersion:1.0|2.0|1|2 \
         EnableSimpleResponses:flag EnableFunctionDefaultPermissions:flag",
        "",
        &[
            ("JwtConfiguration", "JWT authorizers are not run yet: use a Lambda authorizer"),
            ("IdentitySource", "JWT authorizers are not run yet: use a Lambda authorizer"),
            ("AuthorizationScopes", "JWT authorizers are not run yet: use a Lambda authorizer"),
            ("FunctionInvokeRole", "the authorizer is invoked by its Lambda permission: remove the role"),
        ],
    ),
    rule(
        "AWS::Serverless::SimpleTable",
        "TableName PrimaryKey:{PrimaryKey} ProvisionedThroughput:{ProvisionedThroughput} \
         SSESpecification:{TableEncryption}",
        "Tags PointInTimeRecoverySpecification",
        &[],
    ),
    rule(
        "AWS::Serverless::LayerVersion",
        "LayerName ContentUri:text,{Package} CompatibleRuntimes:texts",
        "Description LicenseInfo RetentionPolicy CompatibleArchitectures PublishLambdaVersion",
        &[],
    ),
    rule(
        "AWS::Lambda::LayerVersion",
        "LayerName Content:text,{Package} CompatibleRuntimes:texts",
        "Description LicenseInfo CompatibleArchitectures",
        &[],
    ),
    rule(
        "AWS::Lambda::Permission",
        "FunctionName Action Principal SourceArn SourceAccount",
        "",
        &[
            ("EventSourceToken", "it belongs to Alexa skills"),
            ("FunctionUrlAuthType", "function URLs are not served yet"),
            ("PrincipalOrgID", "organizations are not known here"),
            ("InvokedViaFunctionUrl", "function URLs are not served yet"),
        ],
    ),
    rule(
        "AWS::ApiGateway::RestApi",
        "Name ApiKeySourceType:HEADER|AUTHORIZER BinaryMediaTypes:texts Policy:policy",
        "Description Tags MinimumCompressionSize FailOnWarnings Mode",
        &[
            ("Body", OPENAPI),
            ("BodyS3Location", OPENAPI),
            ("CloneFrom", OPENAPI),
            ("EndpointConfiguration", "private endpoints need a VPC"),
            ("DisableExecuteApiEndpoint", DOMAIN),
            ("SecurityPolicy", "the gateway speaks TLS 1.2 and 1.3"),
        ],
    ),
    rule("AWS::ApiGateway::Resource", "RestApiId ParentId PathPart", "", &[]),
    rule(
        "AWS::ApiGateway::Method",
        "RestApiId ResourceId HttpMethod AuthorizationType AuthorizerId ApiKeyRequired:flag \
         Integration:{AWS::ApiGateway::Method/Integration}",
        "OperationName MethodResponses",
        &[
            ("RequestModels", "request validation by models is not enforced yet"),
            ("RequestValidatorId", "request validation is not enforced yet"),
            ("RequestParameters", "request validation by parameters is not enforced yet"),
            ("AuthorizationScopes", "scopes belong to Cognito authorizers, which are not run yet"),
        ],
    ),
    rule(
        "AWS::ApiGateway::Method/Integration",
        "Type Uri IntegrationHttpMethod TimeoutInMillis:number",
        "IntegrationResponses PassthroughBehavior ContentHandling CacheNamespace",
        &[
            ("Credentials", "the integration is invoked by its Lambda permission: remove the role"),
            ("ConnectionType", VPC),
            ("CacheKeyParameters", "the response cache is not run yet"),
            ("RequestParameters", "request mappings are not run yet"),
            ("RequestTemplates", "request mappings are not run yet"),
        ],
    ),
    rule("AWS::ApiGateway::Deployment", "RestApiId StageName StageDescription:{StageDescription}", "Description", &[]),
    rule(
        "AWS::ApiGateway::Stage",
        "RestApiId StageName DeploymentId Variables:names MethodSettings:[MethodSetting] \
         AccessLogSetting:{AccessLogSetting} TracingEnabled:flag",
        "Description Tags DocumentationVersion",
        &[
            ("CacheClusterEnabled", "the response cache is not run yet"),
            ("ClientCertificateId", "client certificates are not presented"),
            ("CanarySetting", "one deployment is served at a time"),
        ],
    ),
    rule(
        "AWS::ApiGateway::Authorizer",
        "RestApiId Name Type AuthorizerUri IdentitySource:texts IdentityValidationExpression \
         AuthorizerResultTtlInSeconds:number",
        "AuthType",
        &[
            ("ProviderARNs", "Cognito user pools are not run yet"),
            ("AuthorizerCredentials", "the authorizer is invoked by its Lambda permission: remove the role"),
        ],
    ),
    rule(
        "AWS::ApiGateway::UsagePlan",
        "UsagePlanName Throttle:{Throttle} Quota:{Quota} ApiStages:[ApiStage]",
        "Description Tags",
        &[],
    ),
    rule(
        "AWS::ApiGateway::ApiKey",
        "Name Value Enabled:flag",
        "Description Tags CustomerId GenerateDistinctId",
        &[("StageKeys", "keys belong to stages through usage plans: write a UsagePlan and a UsagePlanKey")],
    ),
    rule("AWS::ApiGateway::UsagePlanKey", "KeyId KeyType:API_KEY| UsagePlanId", "", &[]),
    rule(
        "AWS::ApiGatewayV2::Api",
        "Name ProtocolType CorsConfiguration:{HttpCors} Target RouteKey",
        "Description Tags FailOnWarnings Version RouteSelectionExpression",
        &[
            ("Body", OPENAPI),
            ("BodyS3Location", OPENAPI),
            ("CredentialsArn", "the integration is invoked by its Lambda permission: remove the role"),
            ("DisableExecuteApiEndpoint", DOMAIN),
        ],
    ),
    rule(
        "AWS::ApiGatewayV2::Integration",
        "ApiId IntegrationType IntegrationUri PayloadFormatVersion:1.0|2.0|1|2 TimeoutInMillis:number \
         IntegrationMethod",
        "Description PassthroughBehavior",
        &[
            ("CredentialsArn", "the integration is invoked by its Lambda permission: remove the role"),
            ("ConnectionType", VPC),
            ("RequestParameters", "request mappings are not run yet"),
            ("RequestTemplates", "request mappings belong to WebSocket APIs, which are not served yet"),
            ("TemplateSelectionExpression", "request mappings belong to WebSocket APIs, which are not served yet"),
            ("ResponseParameters", "response mappings are not run yet"),
        ],
    ),
    rule(
        "AWS::ApiGatewayV2::Route",
        "ApiId RouteKey Target AuthorizationType AuthorizerId",
        "OperationName",
        &[("AuthorizationScopes", "JWT authorizers are not run yet: use a Lambda authorizer")],
    ),
    rule(
        "AWS::ApiGatewayV2::Stage",
        "ApiId StageName AutoDeploy:flag DefaultRouteSettings:{RouteSettings} RouteSettings:<RouteSettings> \
         StageVariables:names AccessLogSettings:{AccessLogSetting} DeploymentId",
        "Description Tags",
        &[("ClientCertificateId", "client certificates are not presented")],
    ),
    rule("AWS::ApiGatewayV2::Deployment", "ApiId StageName", "Description", &[]),
    rule(
        "AWS::ApiGatewayV2::Authorizer",
        "ApiId Name AuthorizerType AuthorizerUri AuthorizerPayloadFormatVersion:1.0|2.0|1|2 \
         EnableSimpleResponses:flag IdentitySource:texts AuthorizerResultTtlInSeconds:number",
        "",
        &[
            ("JwtConfiguration", "JWT authorizers are not run yet: use a Lambda authorizer"),
            ("AuthorizerCredentialsArn", "the authorizer is invoked by its Lambda permission: remove the role"),
        ],
    ),
    rule(
        "AWS::DynamoDB::Table",
        "TableName AttributeDefinitions:[AttributeDefinition] KeySchema:[KeySchema] \
         BillingMode:PROVISIONED|PAY_PER_REQUEST ProvisionedThroughput:{ProvisionedThroughput} \
         GlobalSecondaryIndexes:[GlobalIndex] LocalSecondaryIndexes:[LocalIndex] \
         StreamSpecification:{StreamSpecification} TimeToLiveSpecification:{TimeToLive} \
         SSESpecification:{TableEncryption} ResourcePolicy:{TablePolicy} \
         PointInTimeRecoverySpecification:{Recovery} DeletionProtectionEnabled:flag \
         TableClass:STANDARD|STANDARD_INFREQUENT_ACCESS",
        "Tags ContributorInsightsSpecification WarmThroughput",
        &[
            ("OnDemandThroughput", "limits of on-demand throughput are not enforced yet"),
            ("ImportSourceSpecification", "tables start empty: seed them with operator keys"),
            ("KinesisStreamSpecification", "streams to Kinesis are not run"),
        ],
    ),
    rule(
        "AWS::S3::Bucket",
        "BucketName BucketEncryption:{BucketEncryption} VersioningConfiguration:{Versioning} \
         PublicAccessBlockConfiguration:{PublicAccessBlock} CorsConfiguration:{BucketCors} \
         LifecycleConfiguration:{Lifecycle} OwnershipControls:{Ownership}",
        "Tags MetricsConfigurations AnalyticsConfigurations InventoryConfigurations IntelligentTieringConfigurations \
         AccelerateConfiguration",
        &[
            ("AccessControl", "ACLs are off, as S3 has them since 2023: write a bucket policy"),
            ("NotificationConfiguration", EVENTS),
            ("WebsiteConfiguration", "website endpoints are not served"),
            ("ReplicationConfiguration", "objects stay on this machine"),
            ("LoggingConfiguration", "access is recorded in the audit log: remove it for local runs"),
            ("ObjectLockEnabled", "object lock is not enforced yet"),
            ("ObjectLockConfiguration", "object lock is not enforced yet"),
        ],
    ),
    rule("AWS::S3::BucketPolicy", "Bucket PolicyDocument:policy", "", &[]),
    rule(
        "AWS::SSM::Parameter",
        "Name Type Value Description AllowedPattern",
        "Tags Tier DataType",
        &[("Policies", "expiry and notification of parameters are not run yet")],
    ),
    rule(
        "AWS::SecretsManager::Secret",
        "Name Description SecretString GenerateSecretString:{GenerateSecretString}",
        "Tags",
        &[("KmsKeyId", KEYS), ("ReplicaRegions", "secrets stay on this machine")],
    ),
    rule("AWS::SecretsManager::ResourcePolicy", "SecretId ResourcePolicy:policy BlockPublicPolicy:flag", "", &[]),
    rule(
        "AWS::IAM::Role",
        "RoleName Path AssumeRolePolicyDocument:policy Policies:[InlinePolicy] ManagedPolicyArns:texts \
         PermissionsBoundary MaxSessionDuration:number",
        "Description Tags",
        &[],
    ),
    rule(
        "AWS::IAM::Policy",
        "PolicyName PolicyDocument:policy Roles:texts",
        "",
        &[
            ("Users", "users are not run: operators get short-lived keys"),
            ("Groups", "groups are not run: operators get short-lived keys"),
        ],
    ),
    rule(
        "AWS::IAM::ManagedPolicy",
        "ManagedPolicyName Path PolicyDocument:policy Roles:texts",
        "Description",
        &[
            ("Users", "users are not run: operators get short-lived keys"),
            ("Groups", "groups are not run: operators get short-lived keys"),
        ],
    ),
    rule(
        "AWS::Logs::LogGroup",
        "LogGroupName RetentionInDays:number",
        "Tags LogGroupClass FieldIndexPolicies",
        &[("KmsKeyId", KEYS), ("DataProtectionPolicy", "masking of log data is not enforced yet")],
    ),
];
