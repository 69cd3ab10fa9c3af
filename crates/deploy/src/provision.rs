//! Makes the resources of an app that are not there yet, and looks up what functions are to be given.

use std::collections::HashMap;

use burgward_diag::Span;
use burgward_service::{Front, ServiceError};
use burgward_template::model::{App, DynamicReference, Function, Text};
use burgward_types::{Principal, Secret};
use serde_json::{Value, json};

use crate::{DeployError, Made, identity};

/// A deployment of one app.
#[derive(Debug)]
pub struct Deployment<'a> {
    pub(crate) app: &'a App,
    pub(crate) front: &'a Front,
    pub(crate) principal: Principal,
    pub(crate) tools: Tools<'a>,
}

/// What a deployment is given, since it has no randomness and no keys of its own.
#[derive(Clone, Copy)]
pub struct Tools<'a> {
    /// A random text of a length, for API keys.
    pub random: fn(usize) -> String,
    /// A keyed digest, in hex: tells whether a template's value changed, without telling the value.
    pub digest: &'a (dyn Fn(&str) -> String + Sync),
    /// What former deployments made.
    pub former: &'a [Made],
}

impl std::fmt::Debug for Tools<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tools").finish_non_exhaustive()
    }
}

/// What is known only once the app is deployed.
#[derive(Debug, Default)]
pub struct Deployed {
    /// Environment variables by function, dynamic references resolved.
    pub environment: HashMap<String, Vec<(String, String)>>,
    /// Values of API keys by logical id.
    pub api_keys: HashMap<String, Secret<String>>,
    /// What a person should hear of it, a line each.
    pub said: Vec<String>,
}

impl<'a> Deployment<'a> {
    /// A deployment of `app` through `front`.
    #[must_use]
    pub fn new(app: &'a App, front: &'a Front, tools: Tools<'a>) -> Self {
        let principal = identity::deployment(&front.guard().scope().account);
        Self { app, front, principal, tools }
    }

    /// Makes what is missing. Policies must be in force before: see [`crate::policy_set`].
    pub async fn run(&self) -> Result<Deployed, DeployError> {
        let mut deployed = Deployed { said: self.stores().await?, ..Deployed::default() };
        for function in &self.app.functions {
            deployed.environment.insert(function.logical_id.clone(), self.environment(function).await?);
        }
        for key in &self.app.api_keys {
            let value = match &key.value {
                Some(text) => self.text(text, &key.span, &key.logical_id).await?,
                None => self.generated_key(&key.logical_id, &key.span).await?,
            };
            deployed.api_keys.insert(key.logical_id.clone(), Secret::new(value));
        }
        Ok(deployed)
    }

    pub(crate) async fn call(&self, service: &str, operation: &str, body: Value) -> Result<Value, ServiceError> {
        self.front.call_as(self.principal.clone(), service, operation, body).await
    }

    async fn environment(&self, function: &Function) -> Result<Vec<(String, String)>, DeployError> {
        let mut resolved = Vec::with_capacity(function.env.len());
        for (name, value) in &function.env {
            let what = format!("{}.{name}", function.logical_id);
            resolved.push((name.clone(), self.text(&value.value, &value.span, &what).await?));
        }
        Ok(resolved)
    }

    /// A text with its dynamic references looked up.
    pub(crate) async fn text(&self, text: &Text, span: &Span, what: &str) -> Result<String, DeployError> {
        let mut values = HashMap::new();
        for reference in text.references() {
            let value = self.look_up(reference).await;
            let value = value.map_err(|error| service_error(span, what, error))?;
            values.insert(reference.to_string(), value);
        }
        text.resolve(|reference| {
            values.get(&reference.to_string()).cloned().ok_or_else(|| DeployError::Unenforced {
                place: span.place(),
                message: format!("`{reference}` could not be looked up"),
            })
        })
    }

    async fn look_up(&self, reference: &DynamicReference) -> Result<String, ServiceError> {
        match reference {
            DynamicReference::Ssm { name, version } | DynamicReference::SsmSecure { name, version } => {
                let name = version.map_or_else(|| name.clone(), |version| format!("{name}:{version}"));
                let secure = reference.is_secret();
                let answer = self.call("ssm", "GetParameter", json!({"Name": name, "WithDecryption": secure})).await?;
                Ok(answer.pointer("/Parameter/Value").and_then(Value::as_str).unwrap_or_default().to_owned())
            }
            DynamicReference::Secret { id, json_key, version_stage, version_id } => {
                let mut body = json!({"SecretId": id});
                for (name, value) in [("VersionStage", version_stage), ("VersionId", version_id)] {
                    if let (Some(value), Some(object)) = (value, body.as_object_mut()) {
                        object.insert(name.to_owned(), json!(value));
                    }
                }
                let answer = self.call("secretsmanager", "GetSecretValue", body).await?;
                let text = answer.get("SecretString").and_then(Value::as_str).unwrap_or_default();
                secret_part(text, json_key.as_deref())
            }
        }
    }

    /// An API key's value, made once and kept as a parameter of the deployment's own.
    async fn generated_key(&self, logical_id: &str, span: &Span) -> Result<String, DeployError> {
        let name = format!("/burgward/{}/api-keys/{logical_id}", self.app.stack_name);
        let found = self.call("ssm", "GetParameter", json!({"Name": name, "WithDecryption": true})).await;
        match found {
            Ok(answer) => Ok(answer.pointer("/Parameter/Value").and_then(Value::as_str).unwrap_or_default().to_owned()),
            Err(error) if error.code() == "ParameterNotFound" => {
                let value = (self.tools.random)(40);
                let body = json!({"Name": name, "Value": value, "Type": "SecureString"});
                self.call("ssm", "PutParameter", body).await.map_err(|error| service_error(span, logical_id, error))?;
                Ok(value)
            }
            Err(error) => Err(service_error(span, logical_id, error)),
        }
    }
}

/// The whole secret, or one member of the JSON object in it.
fn secret_part(text: &str, key: Option<&str>) -> Result<String, ServiceError> {
    let Some(key) = key else { return Ok(text.to_owned()) };
    let object: Value = serde_json::from_str(text).unwrap_or_default();
    match object.get(key) {
        Some(Value::String(value)) => Ok(value.clone()),
        Some(value) => Ok(value.to_string()),
        None => Err(ServiceError::client("ValidationError", format!("the secret has no JSON key `{key}`"))),
    }
}

pub(crate) fn service_error(span: &Span, what: &str, error: ServiceError) -> DeployError {
    DeployError::Service { place: span.place(), what: what.to_owned(), error: Box::new(error) }
}
