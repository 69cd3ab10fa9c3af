//! What a stack made: known by a record, so that nothing else is taken for the stack's.

use burgward_template::model::App;
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{DeployError, Deployment};

/// A kind of store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// A DynamoDB table.
    Table,
    /// An S3 bucket.
    Bucket,
    /// A Systems Manager parameter.
    Parameter,
    /// A Secrets Manager secret.
    Secret,
    /// A CloudWatch log group.
    LogGroup,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Table => "table",
            Self::Bucket => "bucket",
            Self::Parameter => "parameter",
            Self::Secret => "secret",
            Self::LogGroup => "log group",
        })
    }
}

/// A store that a deployment made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// What it is.
    pub kind: Kind,
    /// Its physical name.
    pub name: String,
    /// A table's `CreateTable`, as the template said it when it was last deployed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<Value>,
    /// The attribute of a table's expiry at that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<String>,
}

impl Made {
    fn new(kind: Kind, name: &str) -> Self {
        Self { kind, name: name.to_owned(), layout: None, expiry: None }
    }

    pub(crate) fn is_table(&self, name: &str) -> bool {
        self.is(Kind::Table, name)
    }

    fn is(&self, kind: Kind, name: &str) -> bool {
        self.kind == kind && self.name == name
    }

    /// What a person hears of a store that the template has no longer.
    #[must_use]
    pub fn orphaned(&self) -> String {
        format!("{} `{}` is no longer in the template: it is kept, with its data", self.kind, self.name)
    }
}

/// The stores that a template declares.
#[must_use]
pub fn declared(app: &App) -> Vec<Made> {
    let tables = app.tables.iter().map(|table| Made {
        layout: Some(table.create.clone()),
        expiry: table.ttl_attribute.clone(),
        ..Made::new(Kind::Table, &table.name)
    });
    let buckets = app.buckets.iter().map(|bucket| Made::new(Kind::Bucket, &bucket.name));
    let parameters = app.parameters.iter().map(|parameter| Made::new(Kind::Parameter, &parameter.name));
    let secrets = app.secrets.iter().map(|secret| Made::new(Kind::Secret, &secret.name));
    let groups = app.log_groups.iter().map(|group| Made::new(Kind::LogGroup, &group.name));
    tables.chain(buckets).chain(parameters).chain(secrets).chain(groups).collect()
}

/// `first`, and what of `second` it does not name.
#[must_use]
pub fn union(first: &[Made], second: &[Made]) -> Vec<Made> {
    let new = second.iter().filter(|made| !first.iter().any(|known| known.is(made.kind, &made.name)));
    first.iter().chain(new).cloned().collect()
}

impl Deployment<'_> {
    /// What former deployments made, is there still, and the template has no longer.
    pub async fn orphans(&self) -> Result<Vec<Made>, DeployError> {
        let declared = declared(self.app);
        let mut orphans = Vec::new();
        for made in self.tools.former.iter().filter(|made| !declared.iter().any(|d| d.is(made.kind, &made.name))) {
            if self.exists(made).await? {
                orphans.push(made.clone());
            }
        }
        Ok(orphans)
    }

    async fn exists(&self, made: &Made) -> Result<bool, DeployError> {
        let unknown = |error| DeployError::Unenforced {
            place: "a former deployment".to_owned(),
            message: format!("its {} `{}` could not be looked up: {error}", made.kind, made.name),
        };
        let (service, operation, body) = match made.kind {
            Kind::Table => ("dynamodb", "DescribeTable", json!({"TableName": made.name})),
            Kind::Parameter => ("ssm", "GetParameter", json!({"Name": made.name})),
            Kind::Secret => ("secretsmanager", "DescribeSecret", json!({"SecretId": made.name})),
            Kind::LogGroup => ("logs", "DescribeLogGroups", json!({"logGroupNamePrefix": made.name})),
            Kind::Bucket => {
                let head = self.s3_call(Method::HEAD, &format!("/{}", made.name), Vec::new()).await;
                return Ok(head.map_err(unknown)?.0 != StatusCode::NOT_FOUND);
            }
        };
        match self.call(service, operation, body).await {
            Ok(answer) if made.kind == Kind::LogGroup => {
                let groups = answer.get("logGroups").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                Ok(groups.iter().any(|group| group.get("logGroupName").and_then(Value::as_str) == Some(&made.name)))
            }
            Ok(_) => Ok(true),
            Err(error) if matches!(error.code(), "ResourceNotFoundException" | "ParameterNotFound") => Ok(false),
            Err(error) => Err(unknown(error)),
        }
    }
}
