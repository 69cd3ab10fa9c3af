//! Stores: tables, buckets, parameters, secrets, log groups.

use burgward_diag::Span;
use serde_json::Value;

use super::{ResourcePolicy, Text};

/// A DynamoDB table.
#[derive(Clone, Debug)]
pub struct Table {
    /// The logical id.
    pub logical_id: String,
    /// Where it is declared.
    pub span: Span,
    /// The table's name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The input of `CreateTable` that makes it.
    pub create: Value,
    /// The attribute that holds the expiry.
    pub ttl_attribute: Option<String>,
    /// Whether point-in-time recovery is asked for.
    pub point_in_time_recovery: bool,
    /// Who else may use it.
    pub resource_policy: Option<ResourcePolicy>,
    /// Tags, in template order; listed as well, because services do not hold them yet.
    pub tags: Vec<(String, String)>,
}

/// How objects are encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// `AES256`.
    S3,
    /// `aws:kms` with this key, or the account's.
    Kms(Option<String>),
}

/// The four switches that stop a bucket from being public; all on unless the template says otherwise.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>
#[expect(clippy::struct_excessive_bools, reason = "S3 defines these four independent switches")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicAccessBlock {
    /// Public ACLs are refused.
    pub block_public_acls: bool,
    /// Public ACLs have no effect.
    pub ignore_public_acls: bool,
    /// Public bucket policies are refused.
    pub block_public_policy: bool,
    /// A public policy opens the bucket to nobody outside the account.
    pub restrict_public_buckets: bool,
}

impl Default for PublicAccessBlock {
    fn default() -> Self {
        Self {
            block_public_acls: true,
            ignore_public_acls: true,
            block_public_policy: true,
            restrict_public_buckets: true,
        }
    }
}

/// A CORS rule of a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CorsRule {
    /// Methods.
    pub allowed_methods: Vec<String>,
    /// Origins.
    pub allowed_origins: Vec<String>,
    /// Request headers.
    pub allowed_headers: Vec<String>,
    /// Response headers that scripts may read.
    pub exposed_headers: Vec<String>,
    /// How long browsers keep the answer.
    pub max_age: Option<u32>,
}

/// A lifecycle rule of a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LifecycleRule {
    /// Its id.
    pub id: Option<String>,
    /// The prefix it holds for.
    pub prefix: String,
    /// After how many days objects expire.
    pub expiration_days: Option<u32>,
    /// After how many days old versions expire.
    pub noncurrent_expiration_days: Option<u32>,
    /// After how many days unfinished uploads are dropped.
    pub abort_upload_days: Option<u32>,
}

/// An S3 bucket.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// The logical id.
    pub logical_id: String,
    /// Where it is declared.
    pub span: Span,
    /// The bucket's name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its policy.
    pub policy: Option<ResourcePolicy>,
    /// Whether old versions are kept.
    pub versioning: bool,
    /// Encryption by default; S3 encrypts with `AES256` if the template says nothing.
    pub encryption: Encryption,
    /// The switches against public access.
    pub public_access_block: PublicAccessBlock,
    /// CORS rules.
    pub cors: Vec<CorsRule>,
    /// Lifecycle rules.
    pub lifecycle: Vec<LifecycleRule>,
    /// Tags, in template order; listed as well, because services do not hold them yet.
    pub tags: Vec<(String, String)>,
}

/// A Systems Manager parameter.
#[derive(Clone, Debug)]
pub struct SsmParameter {
    /// The logical id.
    pub logical_id: String,
    /// Where it is declared.
    pub span: Span,
    /// The parameter's name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// `String` or `StringList`; CloudFormation makes no `SecureString`.
    pub kind: String,
    /// The value.
    pub value: Text,
    /// What it is for.
    pub description: Option<String>,
    /// A pattern that values must match.
    pub allowed_pattern: Option<String>,
    /// Tags, in template order; listed as well, because services do not hold them yet.
    pub tags: Vec<(String, String)>,
}

/// A Secrets Manager secret.
#[derive(Clone, Debug)]
pub struct SecretEntry {
    /// The logical id.
    pub logical_id: String,
    /// Where it is declared.
    pub span: Span,
    /// The secret's name.
    pub name: String,
    /// Its ARN, with the six characters at the end.
    pub arn: String,
    /// Its first value.
    pub value: SecretValue,
    /// What it is for.
    pub description: Option<String>,
    /// The key that encrypts it, if not the account's.
    pub kms_key: Option<String>,
    /// Who else may use it.
    pub resource_policy: Option<ResourcePolicy>,
    /// Tags, in template order; listed as well, because services do not hold them yet.
    pub tags: Vec<(String, String)>,
}

/// A secret's first value.
#[derive(Clone, Debug)]
pub enum SecretValue {
    /// None yet.
    Empty,
    /// Given by the template.
    Text(Text),
    /// Made at deployment.
    Generate(Generate),
}

/// How a secret's value is made.
///
/// Source: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html>
#[expect(clippy::struct_excessive_bools, reason = "GetRandomPassword defines these independent switches")]
#[derive(Clone, Debug, Default)]
pub struct Generate {
    /// The JSON object that the password is put into.
    pub template: Option<Text>,
    /// The key it gets there.
    pub key: Option<String>,
    /// Its length; 32 by default.
    pub length: u32,
    /// Characters to leave out.
    pub exclude_characters: String,
    /// Leave out lowercase letters.
    pub exclude_lowercase: bool,
    /// Leave out capitals.
    pub exclude_uppercase: bool,
    /// Leave out digits.
    pub exclude_numbers: bool,
    /// Leave out punctuation.
    pub exclude_punctuation: bool,
    /// Put spaces in.
    pub include_space: bool,
    /// One of each allowed kind at least.
    pub require_each_included_type: bool,
}

/// A log group.
#[derive(Clone, Debug)]
pub struct LogGroup {
    /// The logical id.
    pub logical_id: String,
    /// Where it is declared.
    pub span: Span,
    /// The group's name.
    pub name: String,
    /// Its ARN, without the `:*` at the end.
    pub arn: String,
    /// For how many days events are kept; for ever if absent.
    pub retention_days: Option<u32>,
    /// Tags, in template order; listed as well, because services do not hold them yet.
    pub tags: Vec<(String, String)>,
}
