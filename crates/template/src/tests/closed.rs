//! Fail closed: what is misspelled, not enforced or not known is refused, wherever it stands.

use super::load_text;

/// Resources that `up` runs; cases add to them.
const BASE: &str = "Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {Handler: app.handler, Runtime: python3.11, CodeUri: src}
";

/// The first refusal of a template, its place first; `accepted` if there is none.
fn first_refusal(resource: &str) -> String {
    let loaded = load_text(&format!("{BASE}{resource}\n"));
    let refused = loaded.refused.first();
    refused.map_or_else(|| "accepted".to_owned(), |d| d.to_string().lines().next().unwrap_or("").to_owned())
}

/// A resource of one type whose properties are written in one line.
fn resource(kind: &str, properties: &str) -> String {
    format!("  X: {{Type: AWS::{kind}, Properties: {properties}}}")
}

const TABLE: &str =
    "AttributeDefinitions: [{AttributeName: k, AttributeType: S}], KeySchema: [{AttributeName: k, KeyType: HASH}]";

/// Each property, written right, is taken; with the typo it is refused at its own place.
#[test]
fn misspelled_keys_of_nested_objects_are_refused() {
    let table = |rest: &str| format!("{{{TABLE}, {rest}}}");
    let api = |rest: &str| format!("{{StageName: v1, {rest}}}");
    let cases: Vec<(&str, String, &str, &str)> = vec![
        ("ApiGateway::UsagePlan", "{Throttle: {RateLimit: 1, BurstLimit: 1}}".into(), "BurstLimit", "BurstLimi"),
        ("ApiGateway::UsagePlan", "{Quota: {Limit: 1, Period: DAY, Offset: 0}}".into(), "Offset", "Ofset"),
        ("ApiGateway::UsagePlan", "{Quota: {Limit: 1, Period: DAY}}".into(), "Period", "Perod"),
        ("ApiGateway::UsagePlan", "{Quota: {Limit: 1, Period: DAY}}".into(), "DAY", "CENTURY"),
        ("Serverless::Api", api("MethodSettings: [{HttpMethod: GET, ResourcePath: /a, ThrottlingRateLimit: 1}]"), "ThrottlingRateLimit", "ThrottlingRate"),
        ("Serverless::Api", api("Auth: {ApiKeyRequired: true}"), "ApiKeyRequired", "ApiKeyRequird"),
        ("Serverless::Api", api("Auth: {ApiKeyRequired: true}"), "true", "yess"),
        ("Serverless::Api", api("Auth: {Authorizers: {A: {FunctionArn: !GetAtt F.Arn, Identity: {ReauthorizeEvery: 0}}}}"), "ReauthorizeEvery", "ReauthoriseEvery"),
        ("Serverless::Api", api("Auth: {Authorizers: {A: {FunctionArn: !GetAtt F.Arn, Identity: {ValidationExpression: a}}}}"), "ValidationExpression", "Validation"),
        ("Serverless::Api", api("Auth: {Authorizers: {A: {FunctionArn: !GetAtt F.Arn, FunctionPayloadType: TOKEN}}}"), "TOKEN", "TOKENS"),
        ("Serverless::Api", api("Auth: {UsagePlan: {CreateUsagePlan: PER_API, Quota: {Limit: 1, Period: DAY}}}"), "Quota", "Quotas"),
        ("Serverless::Api", api("Auth: {UsagePlan: {CreateUsagePlan: PER_API, Throttle: {RateLimit: 1}}}"), "RateLimit", "Rate"),
        ("Serverless::Api", api("Auth: {ResourcePolicy: {CustomStatements: [{Effect: Deny, Principal: '*', Action: 'execute-api:Invoke', Resource: 'execute-api:/*'}]}}"), "CustomStatements", "CustomStatement"),
        ("Serverless::Api", api("Cors: {AllowOrigin: \"'a'\"}"), "AllowOrigin", "AllowOrigins"),
        ("Serverless::HttpApi", "{DefaultRouteSettings: {ThrottlingRateLimit: 1}}".into(), "ThrottlingRateLimit", "RateLimit"),
        ("Serverless::HttpApi", "{RouteSettings: {'GET /a': {ThrottlingRateLimit: 1}}}".into(), "ThrottlingRateLimit", "RateLimit"),
        ("Serverless::HttpApi", "{CorsConfiguration: {AllowOrigins: [a]}}".into(), "AllowOrigins", "AllowOrigin"),
        ("Serverless::HttpApi", "{AccessLogSettings: {DestinationArn: a, Format: b}}".into(), "Format", "Formt"),
        ("S3::Bucket", "{PublicAccessBlockConfiguration: {BlockPublicPolicy: true}}".into(), "BlockPublicPolicy", "BlockPublicPolicies"),
        ("S3::Bucket", "{PublicAccessBlockConfiguration: {BlockPublicPolicy: true}}".into(), "true", "maybe"),
        ("S3::Bucket", "{BucketEncryption: {ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: AES256}}]}}".into(), "SSEAlgorithm", "SseAlgorithm"),
        ("S3::Bucket", "{BucketEncryption: {ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: AES256}}]}}".into(), "AES256", "ROT13"),
        ("S3::Bucket", "{VersioningConfiguration: {Status: Enabled}}".into(), "Enabled", "On"),
        ("S3::Bucket", "{LifecycleConfiguration: {Rules: [{Status: Enabled, ExpirationInDays: 1}]}}".into(), "ExpirationInDays", "ExpireInDays"),
        ("S3::Bucket", "{CorsConfiguration: {CorsRules: [{AllowedMethods: [GET], AllowedOrigins: [a]}]}}".into(), "AllowedOrigins", "AllowOrigins"),
        ("S3::Bucket", "{OwnershipControls: {Rules: [{ObjectOwnership: BucketOwnerEnforced}]}}".into(), "ObjectOwnership", "Ownership"),
        ("DynamoDB::Table", table("PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}"), "PointInTimeRecoveryEnabled", "Enabled"),
        ("DynamoDB::Table", table("SSESpecification: {SSEEnabled: true}"), "SSEEnabled", "Enabled"),
        ("DynamoDB::Table", table("TimeToLiveSpecification: {AttributeName: t, Enabled: true}"), "Enabled", "Enable"),
        ("DynamoDB::Table", table("BillingMode: PAY_PER_REQUEST"), "PAY_PER_REQUEST", "PER_REQUEST"),
        ("DynamoDB::Table", table("StreamSpecification: {StreamViewType: NEW_IMAGE}"), "NEW_IMAGE", "NEW"),
        ("SecretsManager::Secret", "{GenerateSecretString: {PasswordLength: 40}}".into(), "PasswordLength", "Length"),
        ("SecretsManager::Secret", "{GenerateSecretString: {ExcludeNumbers: true}}".into(), "ExcludeNumbers", "ExcludeNumber"),
        ("Serverless::Function", "{Handler: a.b, Runtime: python3.11, CodeUri: s, Environment: {Variables: {A: b}}}".into(), "Variables", "Variable"),
        ("Serverless::Function", "{Handler: a.b, Runtime: python3.11, CodeUri: s, EphemeralStorage: {Size: 512}}".into(), "Size", "SizeMb"),
        ("Serverless::Function", "{Handler: a.b, Runtime: python3.11, CodeUri: s, LoggingConfig: {LogGroup: l}}".into(), "LogGroup", "Group"),
        ("Serverless::Function", "{Handler: a.b, Runtime: python3.11, CodeUri: s, Events: {E: {Type: Api, Properties: {Path: /a, Method: get, Auth: {ApiKeyRequired: true}}}}}".into(), "ApiKeyRequired", "KeyRequired"),
        ("Serverless::Function", "{Handler: a.b, Runtime: python3.11, CodeUri: s, Events: {E: {Type: Api, Properties: {Path: /a, Method: get}}}}".into(), "Properties: {Path", "Propertys: {Path"),
        ("IAM::Role", "{AssumeRolePolicyDocument: {Statement: []}}".into(), "", ""),
        ("IAM::Role", "{AssumeRolePolicyDocument: {Statement: [{}]}, Policies: [{PolicyName: p, PolicyDocument: {Statement: [{}]}}]}".into(), "PolicyDocument: {Statement", "PolicyDocument: {Statements"),
    ];
    for (kind, properties, right, wrong) in cases {
        let text = resource(kind, &properties);
        if right.is_empty() {
            assert_ne!(first_refusal(&text), "accepted", "{kind} {properties}");
            continue;
        }
        assert_eq!(first_refusal(&text), "accepted", "{kind} {properties}");
        let (before, after) = text.rsplit_once(right).unwrap();
        let refusal = first_refusal(&format!("{before}{wrong}{after}"));
        assert!(refusal.starts_with("template.yaml:6:"), "{kind} {properties} with `{wrong}`: {refusal}");
    }
}

#[test]
fn what_is_wrong_is_named() {
    let plan = |properties: &str| first_refusal(&resource("ApiGateway::UsagePlan", properties));
    let bucket = |properties: &str| first_refusal(&resource("S3::Bucket", properties));
    let all = [
        plan("{Quota: {Limit: 1, Period: CENTURY}}"),
        plan("{Quota: {Limit: 1}}"),
        plan("{Throttle: {RateLimt: 1}}"),
        plan("{Throttle: {RateLimit: NaN}}"),
        bucket("{PublicAccessBlockConfiguration: all}"),
        bucket("{PublicAccessBlockConfiguration: }"),
        bucket("!Transform {Name: 'AWS::Include'}"),
    ];
    insta::assert_snapshot!(all.join("\n"), @r"
    template.yaml:6:80: `Period` of Quota is not one of DAY, WEEK, MONTH
    template.yaml:6:61: the `Quota` of `X` has no `Period`
    template.yaml:6:65: `RateLimt` of Throttle is not known here
    template.yaml:6:76: `RateLimit` of Throttle is not a number
    template.yaml:6:75: `PublicAccessBlockConfiguration` of AWS::S3::Bucket is not an object
    template.yaml:6:43: `PublicAccessBlockConfiguration` of AWS::S3::Bucket has no value
    template.yaml:6:53: AWS::S3::Bucket cannot be known here: a macro makes it
    ");
}

/// The whole of a resource, with the key that names it.
fn declared(id: &str, kind: &str, properties: &str) -> String {
    format!("  {id}: {{Type: AWS::{kind}, Properties: {properties}}}\n")
}

#[test]
fn a_second_policy_does_not_replace_the_first() {
    let bucket = declared("B", "S3::Bucket", "{BucketName: b}");
    let secret = declared("S", "SecretsManager::Secret", "{Name: s}");
    let document = "{Statement: [{Effect: Deny, Principal: '*', Action: '*', Resource: '*'}]}";
    let for_bucket =
        |id: &str, of: &str| declared(id, "S3::BucketPolicy", &format!("{{Bucket: {of}, PolicyDocument: {document}}}"));
    let for_secret = |id: &str, of: &str| {
        declared(id, "SecretsManager::ResourcePolicy", &format!("{{SecretId: {of}, ResourcePolicy: {document}}}"))
    };
    assert_eq!(
        first_refusal(&format!("{bucket}{secret}{}{}", for_bucket("P", "!Ref B"), for_secret("Q", "!Ref S"))),
        "accepted"
    );
    let all = [
        first_refusal(&format!("{bucket}{}{}", for_bucket("P", "!Ref B"), for_bucket("Q", "b"))),
        first_refusal(&format!("{secret}{}{}", for_secret("P", "!Ref S"), for_secret("Q", "s"))),
        first_refusal(&for_secret("P", "elsewhere")),
        first_refusal(&for_bucket("P", "elsewhere")),
        first_refusal(&format!("{bucket}{}", declared("C", "S3::Bucket", "{BucketName: b}"))),
    ];
    insta::assert_snapshot!(all.join("\n"), @r"
    template.yaml:8:3: `Q` is a second policy of the bucket `B`: the first is at template.yaml:7
    template.yaml:8:3: `Q` is a second policy of the secret `S`: the first is at template.yaml:7
    template.yaml:6:73: the secret of this policy cannot be known here: it is not in the template
    template.yaml:6:57: the bucket of this policy cannot be known here: it is not in the template
    template.yaml:7:3: a second bucket `b`: the first is at template.yaml:6
    ");
}
