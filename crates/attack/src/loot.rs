//! What is worth stealing, recognised in answers; its values never reach a report.

use burgward_template::model::Function;
use burgward_types::Secret;

/// A role's keys.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    pub(crate) id: String,
    pub(crate) secret: Secret<String>,
    pub(crate) token: Secret<String>,
}

impl Keys {
    /// Keys out of an environment that came back in an answer, however it is wrapped.
    pub(crate) fn find(text: &str) -> Option<Self> {
        Some(Self {
            id: value(text, "AWS_ACCESS_KEY_ID")?,
            secret: Secret::new(value(text, "AWS_SECRET_ACCESS_KEY")?),
            token: Secret::new(value(text, "AWS_SESSION_TOKEN")?),
        })
    }
}

/// `NAME=value`, up to whatever separates variables or ends a JSON string.
fn value(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("{name}="))?;
    let end = |c: char| !(c.is_ascii_alphanumeric() || "/+=_-.:".contains(c));
    let value = rest.split(end).next().unwrap_or_default();
    (value.len() >= 16).then(|| value.to_owned())
}

/// What of a function's environment an answer holds: names, not values.
pub(crate) fn environment(text: &str, function: &Function) -> Vec<String> {
    let mut found = Vec::new();
    if text.contains("AWS_SECRET_ACCESS_KEY=") {
        found.push("the role's AWS keys".to_owned());
    }
    let shown = |name: &str| text.contains(&format!("{name}="));
    found.extend(function.env.iter().map(|(name, _)| name.clone()).filter(|name| shown(name)));
    let ours = ["AWS_LAMBDA_FUNCTION_NAME", "LAMBDA_TASK_ROOT", "AWS_ACCESS_KEY_ID"];
    if found.is_empty() && ours.into_iter().any(shown) {
        found.push("the runtime's environment".to_owned());
    }
    found
}

/// True if a variable's name says that its value is a secret.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    ["PASSW", "SECRET", "TOKEN", "APIKEY", "API_KEY", "PRIVATE", "CREDENTIAL"].iter().any(|word| name.contains(word))
        && !name.ends_with("_ARN")
        && !name.ends_with("_NAME")
        && !name.ends_with("_ID")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_in_json_and_in_an_environment_block() {
        let json = r#"{"words": "1\nAWS_ACCESS_KEY_ID=ASIAQQQQQQQQQQQQQQQQ\nAWS_SECRET_ACCESS_KEY=abc/def+ghijklmnop\nAWS_SESSION_TOKEN=IQoJb3JpZ2luX2VjEXAMPLE=\nX=1"}"#;
        let keys = Keys::find(json).unwrap();
        assert_eq!(
            (keys.id.as_str(), keys.token.expose().as_str()),
            ("ASIAQQQQQQQQQQQQQQQQ", "IQoJb3JpZ2luX2VjEXAMPLE=")
        );
        assert!(Keys::find(&json.replace("\\n", "\0")).is_some());
        assert!(Keys::find("AWS_ACCESS_KEY_ID=").is_none());
    }

    #[test]
    fn names_tell_secrets_from_places() {
        assert!(is_secret_name("DB_PASSWORD") && is_secret_name("api_key"));
        assert!(!is_secret_name("SECRET_ARN") && !is_secret_name("TABLE"));
    }
}
