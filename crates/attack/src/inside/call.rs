//! AWS calls as they are sent from inside, and what comes back.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::loot::Keys;
use crate::report::StoppedBy;

/// One call; the relay signs it.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) service: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    /// How the signature is spoiled.
    pub(crate) spoil: Option<&'static str>,
    /// Keys other than those of the sandbox.
    pub(crate) keys: Option<Keys>,
}

impl Call {
    fn new(service: &'static str, method: &'static str, path: String) -> Self {
        let (query, headers, body) = (Vec::new(), Vec::new(), String::new());
        Self { service, method, path, query, headers, body, spoil: None, keys: None }
    }

    fn json(service: &'static str, version: &str, target: &str, body: &Value) -> Self {
        let headers =
            vec![("content-type", format!("application/x-amz-json-{version}")), ("x-amz-target", target.to_owned())];
        Self { headers, body: body.to_string(), ..Self::new(service, "POST", "/".to_owned()) }
    }

    pub(crate) fn dynamodb(operation: &str, body: &Value) -> Self {
        Self::json("dynamodb", "1.0", &format!("DynamoDB_20120810.{operation}"), body)
    }

    pub(crate) fn ssm(operation: &str, body: &Value) -> Self {
        Self::json("ssm", "1.1", &format!("AmazonSSM.{operation}"), body)
    }

    pub(crate) fn secrets(operation: &str, body: &Value) -> Self {
        Self::json("secretsmanager", "1.1", &format!("secretsmanager.{operation}"), body)
    }

    pub(crate) fn logs(operation: &str, body: &Value) -> Self {
        Self::json("logs", "1.1", &format!("Logs_20140328.{operation}"), body)
    }

    pub(crate) fn s3(method: &'static str, path: String, body: &str) -> Self {
        Self { body: body.to_owned(), ..Self::new("s3", method, path) }
    }

    /// The call that needs no permission: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>.
    pub(crate) fn identity() -> Self {
        let form = ("content-type", "application/x-www-form-urlencoded".to_owned());
        let body = "Action=GetCallerIdentity&Version=2011-06-15".to_owned();
        Self { headers: vec![form], body, ..Self::new("sts", "POST", "/".to_owned()) }
    }

    pub(crate) fn spoiled(mut self, how: &'static str) -> Self {
        self.spoil = Some(how);
        self
    }

    pub(crate) fn event(&self) -> Value {
        let keys = self.keys.as_ref().map(|keys| [&keys.id, keys.secret.expose(), keys.token.expose()]);
        json!({
            "service": self.service, "method": self.method, "path": self.path, "query": self.query,
            "headers": self.headers, "body": self.body, "spoil": self.spoil, "keys": keys,
            "other": format!("{}other", self.path),
        })
    }
}

/// What a call gave.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn read(value: &Value) -> Self {
        let status = value.get("status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok());
        let body = value.get("body").and_then(Value::as_str).unwrap_or_default().to_owned();
        Self { status: status.unwrap_or(0), body }
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// The error's code, whichever protocol it came by.
    pub(crate) fn code(&self) -> String {
        let json = self.json();
        let named = json.get("__type").and_then(Value::as_str).map(|name| name.rsplit('#').next().unwrap_or(name));
        let xml = || self.body.split_once("<Code>").and_then(|(_, rest)| rest.split('<').next());
        named.or_else(xml).unwrap_or_default().to_owned()
    }

    /// The layer that a refusal comes from.
    pub(crate) fn stopped_by(&self) -> StoppedBy {
        let code = self.code();
        let is = |codes: &[&str]| codes.iter().any(|known| code.starts_with(known));
        if is(&["AccessDenied"]) && self.body.contains("expired") {
            StoppedBy::Sigv4
        } else if is(&["AccessDenied"]) {
            StoppedBy::Iam
        } else if is(&[
            "UnrecognizedClient",
            "InvalidClientTokenId",
            "InvalidAccessKeyId",
            "InvalidToken",
            "ExpiredToken",
        ]) {
            StoppedBy::KeyBinding
        } else if is(&[
            "Signature",
            "InvalidSignature",
            "IncompleteSignature",
            "Authorization",
            "MissingAuth",
            "RequestTime",
        ]) || is(&["XAmzContent", "InvalidRequest", "Request has expired"])
        {
            StoppedBy::Sigv4
        } else {
            StoppedBy::None
        }
    }

    /// In a few words.
    pub(crate) fn brief(&self) -> String {
        match (self.status, self.code()) {
            (0, _) => format!("no answer: {}", self.body.chars().take(120).collect::<String>()),
            (status, code) if code.is_empty() => format!("status {status}"),
            (status, code) => format!("status {status} {code}"),
        }
    }
}

/// Text as DynamoDB and others want binary values.
pub(crate) fn base64(text: &str) -> String {
    STANDARD.encode(text)
}
