//! The environment variables a function finds, and those its template may not set.

use crate::{ConfigError, FunctionConfig, FunctionCredentials};

/// Where the Runtime API listens inside every sandbox.
pub(crate) const RUNTIME_API_PORT: u16 = 9001;
/// Where the local CA's certificate stands inside every sandbox.
pub(crate) const CA_FILE: &str = "/var/runtime/burgward-ca.pem";
/// Where the SDKs' shared configuration lies inside the sandbox.
pub(crate) const SDK_CONFIG_FILE: &str = "/var/runtime/burgward-aws-config";
/// Presigned URLs by SigV4: against an endpoint of one's own the SDK for Python would presign with `SigV2`, which no region
/// opened since 2014 takes and which is refused here.
pub(crate) const SDK_CONFIG: &str = "[default]\ns3 =\n    signature_version = s3v4\n";
/// The most that names and values may take together.
const ENVIRONMENT_BYTES: usize = 4096;

/// Set by Lambda itself; a template that sets them is refused there, too.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>
const RESERVED_BY_LAMBDA: &[&str] = &[
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_MAX_CONCURRENCY",
    "AWS_LAMBDA_METADATA_API",
    "AWS_LAMBDA_METADATA_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
];

/// Judges a template's variables.
pub(crate) fn check(function: &str, variables: &[(String, String)]) -> Result<(), ConfigError> {
    variables.iter().try_for_each(|(name, value)| check_variable(function, name, value))?;
    check_environment_size(function, variables.iter().map(|(name, value)| name.len() + value.len()).sum())
}

/// Judges one variable that a template sets: its name is one, nobody else sets it, and its value has no NUL.
pub fn check_variable(function: &str, name: &str, value: &str) -> Result<(), ConfigError> {
    let (function, variable) = (function.to_owned(), name.chars().take(100).collect());
    if RESERVED_BY_LAMBDA.contains(&name) {
        let hint = "Lambda sets it itself: remove it from the template";
        return Err(ConfigError::ReservedVariable { function, variable, hint });
    }
    if name.starts_with("AWS_ENDPOINT_URL") || name == "AWS_CA_BUNDLE" {
        let hint = "AWS calls go to Burgward's own endpoint: remove it from the template";
        return Err(ConfigError::ReservedVariable { function, variable, hint });
    }
    if !is_name(name) {
        return Err(ConfigError::VariableName { function, variable });
    }
    if value.contains('\0') {
        return Err(ConfigError::VariableName { function, variable: format!("{variable} (holds a NUL)") });
    }
    Ok(())
}

/// Judges how many bytes names and values take together.
pub fn check_environment_size(function: &str, bytes: usize) -> Result<(), ConfigError> {
    if bytes > ENVIRONMENT_BYTES {
        return Err(ConfigError::EnvironmentSize { function: function.to_owned(), bytes });
    }
    Ok(())
}

/// `[a-zA-Z]([a-zA-Z0-9_])+`, as `CreateFunction` has it.
fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    name.len() >= 2
        && bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// What the environment of one sandbox is made of.
pub(crate) struct Facts<'a> {
    pub(crate) function: &'a FunctionConfig,
    pub(crate) credentials: &'a FunctionCredentials,
    pub(crate) region: &'a str,
    pub(crate) endpoint: &'a str,
    pub(crate) log_stream: &'a str,
}

/// Every variable of a sandbox: the template's, then Lambda's defaults where the template is silent, then what nobody
/// may set but the platform.
pub(crate) fn build(facts: &Facts<'_>) -> Vec<(String, String)> {
    let mut all = facts.function.env.clone();
    for (name, value) in [
        ("LANG", "en_US.UTF-8"),
        ("TZ", ":UTC"),
        ("PATH", "/var/lang/bin:/usr/local/bin:/usr/bin:/bin:/opt/bin"),
        (
            "LD_LIBRARY_PATH",
            "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
        ),
        // The task and the layers come later, by the bootstrap: their modules must not shadow those it starts with.
        ("PYTHONPATH", "/var/runtime"),
        ("SSL_CERT_FILE", CA_FILE),
        ("REQUESTS_CA_BUNDLE", CA_FILE),
        ("AWS_CONFIG_FILE", SDK_CONFIG_FILE),
    ] {
        if !all.iter().any(|(known, _)| known == name) {
            all.push((name.to_owned(), value.to_owned()));
        }
    }
    let set = platform(facts).into_iter().map(|(name, value)| (name.to_owned(), value));
    all.extend(set);
    all
}

fn platform(facts: &Facts<'_>) -> Vec<(&'static str, String)> {
    let (function, keys) = (facts.function, facts.credentials);
    vec![
        ("_HANDLER", function.handler.clone()),
        ("AWS_LAMBDA_FUNCTION_NAME", function.name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", function.version.clone()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", function.memory_mb.to_string()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", function.log_group.clone()),
        ("AWS_LAMBDA_LOG_STREAM_NAME", facts.log_stream.to_owned()),
        ("AWS_LAMBDA_RUNTIME_API", format!("127.0.0.1:{RUNTIME_API_PORT}")),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_EXECUTION_ENV", format!("AWS_Lambda_{}", function.runtime.name())),
        ("AWS_REGION", facts.region.to_owned()),
        ("AWS_DEFAULT_REGION", facts.region.to_owned()),
        ("AWS_ACCESS_KEY_ID", keys.access_key_id.clone()),
        ("AWS_SECRET_ACCESS_KEY", keys.secret.expose().clone()),
        ("AWS_SESSION_TOKEN", keys.token.expose().clone()),
        ("AWS_ENDPOINT_URL", facts.endpoint.to_owned()),
        ("AWS_CA_BUNDLE", CA_FILE.to_owned()),
        ("LAMBDA_TASK_ROOT", "/var/task".to_owned()),
        ("LAMBDA_RUNTIME_DIR", "/var/runtime".to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(name: &str) -> String {
        check("f", &[(name.to_owned(), "x".to_owned())]).map_or_else(|e| e.to_string(), |()| "taken".to_owned())
    }

    #[test]
    fn reserved_names_are_refused_with_a_reason() {
        assert_eq!(
            refusal("AWS_REGION"),
            "function `f`: environment variable `AWS_REGION` is reserved\n  hint: Lambda sets it itself: remove it from the template"
        );
        assert!(refusal("AWS_ENDPOINT_URL_S3").contains("Burgward's own endpoint"));
        assert!(refusal("1A").contains("is no name"));
        assert!(refusal("A=B").contains("is no name"));
        assert_eq!(refusal("TABLE_NAME"), "taken");
    }

    #[test]
    fn four_kilobytes_are_the_limit() {
        let variables = |len| vec![("AB".to_owned(), "x".repeat(len))];
        assert_eq!(check("f", &variables(4094)), Ok(()));
        assert!(check("f", &variables(4095)).is_err());
    }
}
