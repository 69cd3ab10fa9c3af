//! Tables, buckets, parameters, secrets and log groups.

use burgward_diag::Span;
use burgward_service::{Scope, ServiceError, empty, full};
use burgward_svc_secretsmanager::GenerateSecretString;
use burgward_template::model::{Bucket, Encryption, Generate, LogGroup, SecretEntry, SecretValue, SsmParameter};
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use crate::provision::service_error;
use crate::{DeployError, Deployment, identity};

impl Deployment<'_> {
    /// Gives what a person should hear.
    pub(crate) async fn stores(&self) -> Result<Vec<String>, DeployError> {
        let said = self.tables().await?;
        for bucket in &self.app.buckets {
            self.make_bucket(&bucket.name, &bucket.span).await?;
        }
        for parameter in &self.app.parameters {
            self.parameter(parameter).await?;
        }
        for secret in &self.app.secrets {
            self.secret(secret).await?;
        }
        for group in &self.app.log_groups {
            self.log_group(group).await?;
        }
        Ok(said)
    }

    /// Makes the bucket of the function packages.
    pub async fn package_bucket(&self, span: &Span) -> Result<String, DeployError> {
        let name = identity::deployment_bucket(&self.front.guard().scope().account, &self.app.region);
        self.make_bucket(&name, span).await?;
        Ok(name)
    }

    async fn make_bucket(&self, name: &str, span: &Span) -> Result<(), DeployError> {
        let (status, _) = self.s3(Method::HEAD, &format!("/{name}"), Vec::new(), name, span).await?;
        if status == StatusCode::OK {
            return Ok(());
        }
        let (status, body) = self.s3(Method::PUT, &format!("/{name}"), Vec::new(), name, span).await?;
        if status.is_success() { Ok(()) } else { Err(refused(span, name, status, &body)) }
    }

    /// A package out of the deployment bucket, if it is there.
    pub async fn read_package(&self, key: &str, span: &Span) -> Result<Option<Vec<u8>>, DeployError> {
        let bucket = identity::deployment_bucket(&self.front.guard().scope().account, &self.app.region);
        let (status, body) = self.s3(Method::GET, &format!("/{bucket}/{key}"), Vec::new(), key, span).await?;
        match status {
            StatusCode::OK => Ok(Some(body)),
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(refused(span, key, status, &body)),
        }
    }

    /// Puts a package into the deployment bucket.
    pub async fn write_package(&self, key: &str, bytes: Vec<u8>, span: &Span) -> Result<(), DeployError> {
        let bucket = identity::deployment_bucket(&self.front.guard().scope().account, &self.app.region);
        let (status, body) = self.s3(Method::PUT, &format!("/{bucket}/{key}"), bytes, key, span).await?;
        if status.is_success() { Ok(()) } else { Err(refused(span, key, status, &body)) }
    }

    async fn s3(
        &self,
        method: Method,
        path: &str,
        bytes: Vec<u8>,
        what: &str,
        span: &Span,
    ) -> Result<(StatusCode, Vec<u8>), DeployError> {
        self.s3_call(method, path, bytes).await.map_err(|error| service_error(span, what, error))
    }

    pub(crate) async fn s3_call(
        &self,
        method: Method,
        path: &str,
        bytes: Vec<u8>,
    ) -> Result<(StatusCode, Vec<u8>), ServiceError> {
        let length = bytes.len();
        let body = if bytes.is_empty() { empty() } else { full(bytes) };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost")
            .header("content-length", length)
            .body(body)
            .map_err(ServiceError::internal)?;
        let answer = self.front.request_as(self.principal.clone(), "s3", request).await;
        let status = answer.status();
        let body = answer.into_body().collect().await.map_err(ServiceError::internal)?;
        Ok((status, body.to_bytes().to_vec()))
    }

    async fn parameter(&self, parameter: &SsmParameter) -> Result<(), DeployError> {
        let failed = |error| service_error(&parameter.span, &parameter.name, error);
        let value = self.text(&parameter.value, &parameter.span, &parameter.name).await?;
        let exists = match self.call("ssm", "GetParameter", json!({"Name": parameter.name})).await {
            Ok(_) => true,
            Err(error) if error.code() == "ParameterNotFound" => false,
            Err(error) => return Err(failed(error)),
        };
        // What was changed since by the app or by people stays, unless the template changed as well: CloudFormation
        // does not revert drift either.
        if exists && !self.is_changed(&parameter.logical_id, &value, &parameter.span).await? {
            return Ok(());
        }
        let mut body = json!({"Name": parameter.name, "Value": value, "Type": parameter.kind, "Overwrite": exists});
        let optional = [("Description", &parameter.description), ("AllowedPattern", &parameter.allowed_pattern)];
        for (name, text) in optional {
            if let (Some(text), Some(object)) = (text, body.as_object_mut()) {
                object.insert(name.to_owned(), json!(text));
            }
        }
        self.call("ssm", "PutParameter", body).await.map_err(failed)?;
        self.remember(&parameter.logical_id, &value, &parameter.span).await
    }

    /// Whether the template's value is another one than at the last deployment.
    async fn is_changed(&self, logical_id: &str, value: &str, span: &Span) -> Result<bool, DeployError> {
        match self.call("ssm", "GetParameter", json!({"Name": self.memory_of(logical_id)})).await {
            Ok(answer) => {
                let kept = answer.pointer("/Parameter/Value").and_then(Value::as_str);
                Ok(kept != Some((self.tools.digest)(value).as_str()))
            }
            Err(error) if error.code() == "ParameterNotFound" => Ok(true),
            Err(error) => Err(service_error(span, logical_id, error)),
        }
    }

    async fn remember(&self, logical_id: &str, value: &str, span: &Span) -> Result<(), DeployError> {
        let digest = (self.tools.digest)(value);
        let body = json!({"Name": self.memory_of(logical_id), "Value": digest, "Type": "String", "Overwrite": true});
        let kept = self.call("ssm", "PutParameter", body).await;
        kept.map(drop).map_err(|error| service_error(span, logical_id, error))
    }

    fn memory_of(&self, logical_id: &str) -> String {
        format!("/burgward/{}/deployed/{logical_id}", self.app.stack_name)
    }

    async fn secret(&self, secret: &SecretEntry) -> Result<(), DeployError> {
        let failed = |error| service_error(&secret.span, &secret.name, error);
        if secret.kms_key.is_some() {
            let message = format!("secret `{}`: encryption with a KMS key of the app is not served yet", secret.name);
            return Err(DeployError::Unenforced { place: secret.span.place(), message });
        }
        match self.call("secretsmanager", "DescribeSecret", json!({"SecretId": secret.name})).await {
            Ok(_) => return self.changed_secret(secret).await,
            Err(error) if error.code() == "ResourceNotFoundException" => {}
            Err(error) => return Err(failed(error)),
        }
        let mut body = json!({"Name": secret.name});
        let value = match &secret.value {
            SecretValue::Empty => None,
            SecretValue::Text(text) => Some(self.text(text, &secret.span, &secret.name).await?),
            SecretValue::Generate(generate) => Some(self.generated(generate, secret).await?),
        };
        let optional = [("SecretString", value), ("Description", secret.description.clone())];
        for (name, text) in optional {
            if let (Some(text), Some(object)) = (text, body.as_object_mut()) {
                object.insert(name.to_owned(), json!(text));
            }
        }
        let given = body.get("SecretString").and_then(Value::as_str).unwrap_or_default().to_owned();
        self.call("secretsmanager", "CreateSecret", body).await.map_err(failed)?;
        self.remember(&secret.logical_id, &given, &secret.span).await
    }

    /// A value that the template now gives differently becomes the secret's current one; a generated one stays.
    async fn changed_secret(&self, secret: &SecretEntry) -> Result<(), DeployError> {
        let SecretValue::Text(text) = &secret.value else { return Ok(()) };
        let value = self.text(text, &secret.span, &secret.name).await?;
        if !self.is_changed(&secret.logical_id, &value, &secret.span).await? {
            return Ok(());
        }
        let body = json!({"SecretId": secret.name, "SecretString": value});
        let put = self.call("secretsmanager", "PutSecretValue", body).await;
        put.map_err(|error| service_error(&secret.span, &secret.name, error))?;
        self.remember(&secret.logical_id, &value, &secret.span).await
    }

    async fn generated(&self, generate: &Generate, secret: &SecretEntry) -> Result<String, DeployError> {
        let template = match &generate.template {
            Some(text) => Some(self.text(text, &secret.span, &secret.name).await?),
            None => None,
        };
        let wanted = GenerateSecretString {
            exclude_characters: generate.exclude_characters.clone(),
            exclude_lowercase: generate.exclude_lowercase,
            exclude_numbers: generate.exclude_numbers,
            exclude_punctuation: generate.exclude_punctuation,
            exclude_uppercase: generate.exclude_uppercase,
            generate_string_key: generate.key.clone(),
            include_space: generate.include_space,
            password_length: Some(generate.length as usize),
            require_each_included_type: Some(generate.require_each_included_type),
            secret_string_template: template,
        };
        let made = wanted.generate_secret_string().map_err(|error| {
            service_error(&secret.span, &secret.name, ServiceError::client("ValidationError", error.to_string()))
        })?;
        Ok(made.expose().clone())
    }

    async fn log_group(&self, group: &LogGroup) -> Result<(), DeployError> {
        let failed = |error| service_error(&group.span, &group.name, error);
        match self.call("logs", "CreateLogGroup", json!({"logGroupName": group.name})).await {
            Err(error) if error.code() != "ResourceAlreadyExistsException" => return Err(failed(error)),
            _ => {}
        }
        if let Some(days) = group.retention_days {
            let body = json!({"logGroupName": group.name, "retentionInDays": days});
            self.call("logs", "PutRetentionPolicy", body).await.map_err(failed)?;
        }
        Ok(())
    }
}

/// What a template says of a bucket and S3 here does not do is refused before anything is deployed.
pub(crate) fn check_bucket(bucket: &Bucket, scope: &Scope) -> Result<(), DeployError> {
    let own = identity::deployment_bucket(&scope.account, scope.region.as_str());
    if bucket.name == own {
        return Err(DeployError::ReservedName { place: bucket.span.place(), name: own });
    }
    let missing = if matches!(bucket.encryption, Encryption::Kms(_)) {
        "encryption with KMS keys"
    } else if bucket.versioning {
        "versioning"
    } else if !bucket.lifecycle.is_empty() {
        "lifecycle rules"
    } else if !bucket.cors.is_empty() {
        "CORS rules"
    } else {
        return Ok(());
    };
    let message =
        format!("bucket `{}`: {missing} are not served yet\n  hint: leave the property out here", bucket.name);
    Err(DeployError::Unenforced { place: bucket.span.place(), message })
}

/// What S3 said, in its own code and words.
fn refused(span: &Span, what: &str, status: StatusCode, body: &[u8]) -> DeployError {
    let text: String = String::from_utf8_lossy(body).chars().take(1000).collect();
    let element = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>")).map(|(value, _)| value.to_owned())
    };
    let error = match (status.is_client_error(), element("Code"), element("Message")) {
        (true, Some(code), Some(message)) => ServiceError::client(code, message),
        _ => ServiceError::internal(format!("{status}: {text}")),
    };
    service_error(span, what, error)
}
