//! Tables, buckets and log groups.

use burgward_diag::Span;
use serde_json::{Map, Value, json};

use crate::build::Builder;
use crate::build::props::Props;
use crate::diagnostic::RefusedKind;
use crate::model::{Bucket, CorsRule, Encryption, LifecycleRule, LogGroup, PublicAccessBlock, Table};
use crate::template::Declared;
use crate::tree::{Kind, Node};

/// Properties that `CreateTable` takes as they are.
const CREATE: [&str; 7] = [
    "AttributeDefinitions",
    "KeySchema",
    "BillingMode",
    "ProvisionedThroughput",
    "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes",
    "TableClass",
];

impl Builder<'_> {
    pub(super) fn table(&mut self, props: &Props<'_>) {
        let mut create = Map::new();
        for key in CREATE {
            if let Some(value) = props.get(key) {
                create.insert(key.to_owned(), typed(key, value));
            }
        }
        for key in ["AttributeDefinitions", "KeySchema"] {
            if !create.contains_key(key) {
                props.missing(key);
            }
        }
        if !create.contains_key("ProvisionedThroughput") {
            create.entry("BillingMode").or_insert_with(|| json!("PAY_PER_REQUEST"));
        }
        if let Some(view) = props.object("StreamSpecification").and_then(|s| s.string("StreamViewType")) {
            create.insert("StreamSpecification".to_owned(), json!({"StreamEnabled": true, "StreamViewType": view}));
        }
        if props.flag("DeletionProtectionEnabled") == Some(true) {
            create.insert("DeletionProtectionEnabled".to_owned(), json!(true));
        }
        self.refuse_customer_key(props);
        self.push_table(props, create);
    }

    /// `AWS::Serverless::SimpleTable`: one key, `id` of type `S` unless it says otherwise.
    pub(super) fn simple_table(&mut self, props: &Props<'_>) {
        let key = props.object("PrimaryKey");
        for part in ["Name", "Type"].iter().filter(|part| key.is_some_and(|k| k.node.get(part).is_none())) {
            let message = format!("the `PrimaryKey` of `{}` has no `{part}`", props.resource.id);
            self.report.syntax(&props.span_of("PrimaryKey"), message, "it needs `Name` and `Type`");
        }
        let name = key.and_then(|k| k.string("Name")).unwrap_or_else(|| "id".to_owned());
        let kind = match key.and_then(|k| k.string("Type")).as_deref() {
            Some("Number") => "N",
            Some("Binary") => "B",
            _ => "S",
        };
        let mut create = Map::new();
        create.insert("AttributeDefinitions".to_owned(), json!([{"AttributeName": name, "AttributeType": kind}]));
        create.insert("KeySchema".to_owned(), json!([{"AttributeName": name, "KeyType": "HASH"}]));
        match props.get("ProvisionedThroughput") {
            Some(value) => create.insert("ProvisionedThroughput".to_owned(), typed("ProvisionedThroughput", value)),
            None => create.insert("BillingMode".to_owned(), json!("PAY_PER_REQUEST")),
        };
        self.refuse_customer_key(props);
        self.push_table(props, create);
    }

    fn push_table(&mut self, props: &Props<'_>, mut create: Map<String, Value>) {
        let Some(name) = self.name(props) else { return };
        create.insert("TableName".to_owned(), json!(name));
        let ttl = props.object("TimeToLiveSpecification").filter(|t| t.flag("Enabled") != Some(false));
        let recovery = props.object("PointInTimeRecoverySpecification");
        let policy = props.object("ResourcePolicy").and_then(|p| p.get("PolicyDocument"));
        if recovery.and_then(|r| r.flag("PointInTimeRecoveryEnabled")) == Some(true) {
            let message = "continuous backups of tables are not kept here";
            let span = props.span_of("PointInTimeRecoverySpecification");
            self.report.list(RefusedKind::UnsupportedProperty, &span, message, "copy the state folder");
        }
        let table = Table {
            tags: props.tags(),
            logical_id: props.id(),
            span: props.span(),
            arn: format!("arn:aws:dynamodb:{}:{}:table/{name}", self.app.region, self.app.account),
            name,
            create: Value::Object(create),
            ttl_attribute: ttl.and_then(|t| t.string("AttributeName")),
            point_in_time_recovery: recovery.and_then(|r| r.flag("PointInTimeRecoveryEnabled")).unwrap_or(false),
            resource_policy: policy.map(|n| Self::resource_policy(n)),
        };
        self.app.tables.push(table);
    }

    fn refuse_customer_key(&self, props: &Props<'_>) {
        let key = props.object("SSESpecification").and_then(|s| s.node.get("KMSMasterKeyId"));
        if let Some(key) = key {
            let hint = "customer managed keys are not run yet: the table is encrypted without it";
            let kind = RefusedKind::UnsupportedProperty;
            self.report.refuse(kind, &key.span, "`KMSMasterKeyId` is not enforced here", hint);
        }
    }

    pub(super) fn bucket(&mut self, props: &Props<'_>) {
        let Some(name) = self.name(props) else { return };
        self.check_ownership(props);
        let versioning = props.object("VersioningConfiguration").and_then(|v| v.string("Status"));
        let bucket = Bucket {
            tags: props.tags(),
            logical_id: props.id(),
            span: props.span(),
            arn: format!("arn:aws:s3:::{name}"),
            name,
            policy: None,
            versioning: versioning.as_deref() == Some("Enabled"),
            encryption: self.encryption(props),
            public_access_block: public_access_block(props),
            cors: props.object("CorsConfiguration").map_or_else(Vec::new, |c| cors_rules(&c)),
            lifecycle: lifecycle(props),
        };
        self.app.buckets.push(bucket);
    }

    fn encryption(&self, props: &Props<'_>) -> Encryption {
        let rules = props.object("BucketEncryption").map(|e| e.list("ServerSideEncryptionConfiguration"));
        let default = rules.and_then(<[_]>::first).and_then(|r| r.get("ServerSideEncryptionByDefault"));
        let Some(default) = default else { return Encryption::S3 };
        let inner = props.inside(default);
        if inner.string("SSEAlgorithm").is_none_or(|a| a == "AES256") {
            return Encryption::S3;
        }
        if let Some(key) = default.get("KMSMasterKeyID") {
            let hint = "customer managed keys are not run yet: objects are encrypted without it";
            self.report.refuse(
                RefusedKind::UnsupportedProperty,
                &key.span,
                "`KMSMasterKeyID` is not enforced here",
                hint,
            );
        }
        Encryption::Kms(inner.string("KMSMasterKeyID"))
    }

    /// ACLs are not run, so an ownership that switches them on is refused.
    fn check_ownership(&self, props: &Props<'_>) {
        let rules = props.object("OwnershipControls").map_or(&[][..], |o| o.list("Rules"));
        for rule in rules.iter().filter_map(|r| r.get("ObjectOwnership")) {
            if rule.as_str() != Some("BucketOwnerEnforced") {
                let kind = RefusedKind::UnsupportedProperty;
                let hint = "set `BucketOwnerEnforced` and write a bucket policy";
                self.report.refuse(kind, &rule.span, "access control lists are not run", hint);
            }
        }
    }

    /// Bucket policies are resources of their own.
    pub(super) fn attach_bucket_policies(&mut self, existing: &[&Declared]) {
        for resource in existing.iter().filter(|r| r.kind == "AWS::S3::BucketPolicy") {
            let Some(node) = self.known(&resource.properties, &resource.id) else { continue };
            let props = Props { node: &node, resource, report: self.report };
            let bucket = props.string("Bucket").unwrap_or_default();
            match (self.app.buckets.iter_mut().find(|b| b.name == bucket), props.get("PolicyDocument")) {
                (Some(bucket), Some(document)) => match &bucket.policy {
                    Some(first) => refuse_second(&props, "bucket", &bucket.logical_id, &first.span),
                    None => bucket.policy = Some(Self::resource_policy(document)),
                },
                (None, _) => self.report.unresolved(
                    &props.span_of("Bucket"),
                    "the bucket of this policy",
                    "it is not in the template",
                ),
                (_, None) => props.missing("PolicyDocument"),
            }
        }
    }

    pub(super) fn log_group(&mut self, props: &Props<'_>) {
        let Some(name) = self.name(props) else { return };
        let group = LogGroup {
            tags: props.tags(),
            logical_id: props.id(),
            span: props.span(),
            arn: format!("arn:aws:logs:{}:{}:log-group:{name}", self.app.region, self.app.account),
            name,
            retention_days: props.number("RetentionInDays"),
        };
        self.app.log_groups.push(group);
    }
}

/// A resource has one policy: `CloudFormation` fails where a second would replace it.
pub(super) fn refuse_second(second: &Props<'_>, what: &str, of: &str, first: &Span) {
    let id = &second.resource.id;
    let message = format!("`{id}` is a second policy of the {what} `{of}`: the first is at {}", first.place());
    second.report.syntax(&second.span(), message, "write all statements into one policy");
}

/// `CreateTable` wants numbers where templates often have text.
fn typed(key: &str, node: &Node) -> Value {
    match &node.kind {
        Kind::Map(entries) => Value::Object(entries.iter().map(|e| (e.key.clone(), typed(&e.key, &e.value))).collect()),
        Kind::Seq(items) => Value::Array(items.iter().map(|n| typed(key, n)).collect()),
        _ if key.ends_with("Units") => {
            node.scalar().and_then(|t| t.parse::<i64>().ok()).map_or_else(|| node.to_json(), Value::from)
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Unknown(_) => {
            node.scalar().map_or_else(|| node.to_json(), Value::String)
        }
    }
}

/// All on, unless the template says otherwise; a block that names some switches leaves the others off.
fn public_access_block(props: &Props<'_>) -> PublicAccessBlock {
    let Some(block) = props.object("PublicAccessBlockConfiguration") else { return PublicAccessBlock::default() };
    PublicAccessBlock {
        block_public_acls: block.flag("BlockPublicAcls").unwrap_or(false),
        ignore_public_acls: block.flag("IgnorePublicAcls").unwrap_or(false),
        block_public_policy: block.flag("BlockPublicPolicy").unwrap_or(false),
        restrict_public_buckets: block.flag("RestrictPublicBuckets").unwrap_or(false),
    }
}

fn cors_rules(configuration: &Props<'_>) -> Vec<CorsRule> {
    let rule = |r: Props<'_>| CorsRule {
        allowed_methods: r.strings("AllowedMethods"),
        allowed_origins: r.strings("AllowedOrigins"),
        allowed_headers: r.strings("AllowedHeaders"),
        exposed_headers: r.strings("ExposedHeaders"),
        max_age: r.number("MaxAge"),
    };
    configuration.list("CorsRules").iter().map(|n| rule(configuration.inside(n))).collect()
}

fn lifecycle(props: &Props<'_>) -> Vec<LifecycleRule> {
    let rules = props.object("LifecycleConfiguration").map_or(&[][..], |l| l.list("Rules"));
    let enabled = rules.iter().map(|r| props.inside(r)).filter(|r| r.string("Status").as_deref() != Some("Disabled"));
    enabled
        .map(|rule| LifecycleRule {
            id: rule.string("Id"),
            prefix: rule.string("Prefix").unwrap_or_default(),
            expiration_days: rule.number("ExpirationInDays"),
            noncurrent_expiration_days: rule
                .object("NoncurrentVersionExpiration")
                .and_then(|e| e.number("NoncurrentDays"))
                .or_else(|| rule.number("NoncurrentVersionExpirationInDays")),
            abort_upload_days: rule
                .object("AbortIncompleteMultipartUpload")
                .and_then(|a| a.number("DaysAfterInitiation")),
        })
        .collect()
}
