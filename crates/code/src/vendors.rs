//! Packages that call AWS on their own: what they ask for depends on what they are told.

/// Dotted prefixes, with what they do.
const VENDORS: &[(&str, &str)] = &[
    ("aws_lambda_powertools.utilities.parameters", "reads parameters and secrets"),
    ("aws_lambda_powertools.utilities.idempotency", "keeps its state in a table"),
    ("aws_lambda_powertools.utilities.feature_flags", "reads a configuration"),
    ("aws_lambda_powertools.utilities.streaming", "reads objects"),
    ("aws_lambda_powertools.utilities.batch", "may delete messages"),
    ("aws_encryption_sdk", "uses keys"),
    ("aws_secretsmanager_caching", "reads secrets"),
    ("awswrangler", "calls many services"),
    ("dynamodb_encryption_sdk", "uses keys and tables"),
    ("dynamodb_json", "reads tables"),
    ("pynamodb", "uses tables"),
    ("dynamorm", "uses tables"),
    ("s3fs", "uses objects"),
    ("s3path", "uses objects"),
    ("cloudpathlib", "uses objects"),
    ("smart_open", "uses objects"),
    ("fsspec", "may use objects"),
    ("pyathena", "runs queries"),
    ("aws_requests_auth", "signs requests"),
    ("requests_aws4auth", "signs requests"),
    ("requests_auth_aws_sigv4", "signs requests"),
    ("aws_xray_sdk", "sends traces"),
    ("watchtower", "writes logs"),
    ("redshift_connector", "may ask for credentials"),
    ("sagemaker", "calls many services"),
    ("langchain_aws", "calls models"),
    ("chalice", "may call services"),
    ("cognitojwt", "reads keys over the network"),
    ("warrant", "calls user pools"),
    ("pycognito", "calls user pools"),
    ("ssm_cache", "reads parameters"),
    ("ssm_parameter_store", "reads parameters"),
    ("moto", "stands in for services"),
    ("kombu", "may use queues"),
    ("celery", "may use queues"),
];

/// Why an imported name calls AWS on its own.
pub(crate) fn why(dotted: &str) -> Option<String> {
    let below = |prefix: &str| dotted.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let (name, does) = VENDORS.iter().find(|(prefix, _)| below(prefix))?;
    Some(format!("`{name}` {does} on its own"))
}
