//! Rules of the objects inside properties.

use super::Rule;
use super::table::rule;

const OBJECT_KEYS: &str = "customer managed keys are not run yet: objects are encrypted without it";
const TABLE_KEYS: &str = "customer managed keys are not run yet: the table is encrypted without it";
const CACHE: &str = "the response cache is not run yet";
const EXPIRY: &str = "only expiry by days and prefix is read";
const MOST_THROUGHPUT: &str = "limits of on-demand throughput are not enforced yet";
const IMAGES: &str = "container images are not run: package the function as a folder";

/// The rules; a table or resource refers to each by its name.
pub(crate) const NESTED: &[Rule] = &[
    // Functions.
    rule("Package", "Bucket Key Version S3Bucket S3Key S3ObjectVersion", "", &[]),
    rule(
        "Code",
        "ZipFile S3Bucket S3Key S3ObjectVersion",
        "",
        &[("ImageUri", IMAGES), ("SourceKMSKeyArn", "customer managed keys are not run yet")],
    ),
    rule("Environment", "Variables:names", "", &[]),
    rule("EphemeralStorage", "Size:number", "", &[]),
    rule("Event", "Type Properties:any", "", &[]),
    // APIs.
    rule("Throttle", "RateLimit:number BurstLimit:number", "", &[]),
    rule("Quota", "Limit:number Period:DAY|WEEK|MONTH Offset:number", "", &[]),
    rule("ApiStage", "ApiId Stage Throttle:<Throttle>", "", &[]),
    rule(
        "MethodSetting",
        "HttpMethod ResourcePath ThrottlingRateLimit:number ThrottlingBurstLimit:number CachingEnabled:flag",
        "LoggingLevel DataTraceEnabled MetricsEnabled CacheTtlInSeconds CacheDataEncrypted",
        &[],
    ),
    rule(
        "RouteSettings",
        "ThrottlingRateLimit:number ThrottlingBurstLimit:number",
        "LoggingLevel DataTraceEnabled DetailedMetricsEnabled",
        &[],
    ),
    rule("AccessLogSetting", "DestinationArn Format", "", &[]),
    rule(
        "StageDescription",
        "Variables:names MethodSettings:[MethodSetting] AccessLogSetting:{AccessLogSetting} TracingEnabled:flag",
        "Description Tags DocumentationVersion LoggingLevel DataTraceEnabled MetricsEnabled",
        &[
            ("ThrottlingRateLimit", "write it as `MethodSettings`"),
            ("ThrottlingBurstLimit", "write it as `MethodSettings`"),
            ("CacheClusterEnabled", CACHE),
            ("CacheClusterSize", CACHE),
            ("CachingEnabled", CACHE),
            ("CacheTtlInSeconds", CACHE),
            ("CacheDataEncrypted", CACHE),
            ("CanarySetting", "one deployment is served at a time"),
            ("ClientCertificateId", "client certificates are not presented"),
        ],
    ),
    rule("Cors", "AllowMethods AllowHeaders AllowOrigin MaxAge AllowCredentials:flag", "", &[]),
    rule(
        "HttpCors",
        "AllowOrigins:texts AllowMethods:texts AllowHeaders:texts ExposeHeaders:texts MaxAge:number \
         AllowCredentials:flag",
        "",
        &[],
    ),
    rule(
        "Identity",
        "Header ValidationExpression Headers:texts QueryStrings:texts StageVariables:texts Context:texts \
         ReauthorizeEvery:number",
        "",
        &[],
    ),
    rule(
        "HttpIdentity",
        "Headers:texts QueryStrings:texts StageVariables:texts Context:texts ReauthorizeEvery:number",
        "",
        &[],
    ),
    // Tables.
    rule("PrimaryKey", "Name Type:String|Number|Binary", "", &[]),
    rule("AttributeDefinition", "AttributeName AttributeType:S|N|B", "", &[]),
    rule("KeySchema", "AttributeName KeyType:HASH|RANGE", "", &[]),
    rule("ProvisionedThroughput", "ReadCapacityUnits:number WriteCapacityUnits:number", "", &[]),
    rule("Projection", "ProjectionType:ALL|KEYS_ONLY|INCLUDE NonKeyAttributes:texts", "", &[]),
    rule(
        "GlobalIndex",
        "IndexName KeySchema:[KeySchema] Projection:{Projection} ProvisionedThroughput:{ProvisionedThroughput}",
        "",
        &[("OnDemandThroughput", MOST_THROUGHPUT)],
    ),
    rule("LocalIndex", "IndexName KeySchema:[KeySchema] Projection:{Projection}", "", &[]),
    rule(
        "StreamSpecification",
        "StreamViewType:KEYS_ONLY|NEW_IMAGE|OLD_IMAGE|NEW_AND_OLD_IMAGES",
        "",
        &[("ResourcePolicy", "policies of streams are not enforced yet")],
    ),
    rule("TimeToLive", "AttributeName Enabled:flag", "", &[]),
    rule("TableEncryption", "SSEEnabled:flag SSEType:KMS|AES256", "", &[("KMSMasterKeyId", TABLE_KEYS)]),
    rule("Recovery", "PointInTimeRecoveryEnabled:flag", "RecoveryPeriodInDays", &[]),
    rule("TablePolicy", "PolicyDocument:policy", "", &[]),
    // Buckets.
    rule(
        "PublicAccessBlock",
        "BlockPublicAcls:flag IgnorePublicAcls:flag BlockPublicPolicy:flag RestrictPublicBuckets:flag",
        "",
        &[],
    ),
    rule("BucketEncryption", "ServerSideEncryptionConfiguration:[EncryptionRule]", "", &[]),
    rule("EncryptionRule", "ServerSideEncryptionByDefault:{EncryptionDefault}", "BucketKeyEnabled", &[]),
    rule("EncryptionDefault", "SSEAlgorithm:AES256|aws:kms|aws:kms:dsse", "", &[("KMSMasterKeyID", OBJECT_KEYS)]),
    rule("Versioning", "Status:Enabled|Suspended", "", &[]),
    rule("Ownership", "Rules:[OwnershipRule]", "", &[]),
    rule("OwnershipRule", "ObjectOwnership:BucketOwnerEnforced|BucketOwnerPreferred|ObjectWriter", "", &[]),
    rule("BucketCors", "CorsRules:[CorsRule]", "", &[]),
    rule(
        "CorsRule",
        "AllowedMethods:texts AllowedOrigins:texts AllowedHeaders:texts ExposedHeaders:texts MaxAge:number",
        "Id",
        &[],
    ),
    rule("Lifecycle", "Rules:[LifecycleRule]", "TransitionDefaultMinimumObjectSize", &[]),
    rule(
        "LifecycleRule",
        "Id Status:Enabled|Disabled Prefix ExpirationInDays:number NoncurrentVersionExpirationInDays:number \
         NoncurrentVersionExpiration:{NoncurrentExpiration} AbortIncompleteMultipartUpload:{AbortUpload}",
        "Transition Transitions NoncurrentVersionTransition NoncurrentVersionTransitions",
        &[
            ("TagFilters", EXPIRY),
            ("ExpirationDate", EXPIRY),
            ("ExpiredObjectDeleteMarker", EXPIRY),
            ("ObjectSizeGreaterThan", EXPIRY),
            ("ObjectSizeLessThan", EXPIRY),
        ],
    ),
    rule("NoncurrentExpiration", "NoncurrentDays:number", "", &[("NewerNoncurrentVersions", EXPIRY)]),
    rule("AbortUpload", "DaysAfterInitiation:number", "", &[]),
    // Secrets and roles.
    rule(
        "GenerateSecretString",
        "SecretStringTemplate GenerateStringKey PasswordLength:number ExcludeCharacters ExcludeLowercase:flag \
         ExcludeUppercase:flag ExcludeNumbers:flag ExcludePunctuation:flag IncludeSpace:flag \
         RequireEachIncludedType:flag",
        "",
        &[],
    ),
    rule("InlinePolicy", "PolicyName PolicyDocument:policy", "", &[]),
];
