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
    ("pandas", "may use objects"),
    ("polars", "may use objects"),
    ("pyarrow", "may use objects"),
    ("dask", "may use objects"),
    ("duckdb", "may use objects"),
    ("pyathena", "runs queries"),
    ("aws_requests_auth", "signs requests"),
    ("requests_aws4auth", "signs requests"),
    ("requests_auth_aws_sigv4", "signs requests"),
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

/// Modules of the standard library, of all versions that Lambda runs: `sys.stdlib_module_names`.
const STANDARD: &str = include_str!("../data/stdlib.txt");
/// Packages that call nothing of AWS, whatever they are told.
const QUIET: &str = "
    aiohttp alembic algoliasearch anthropic anyio apig_wsgi argon2 ariadne arrow asyncpg attr attrs
    aws_lambda_context aws_lambda_typing aws_wsgi babel backoff bcrypt blinker bs4 bson cachetools cerberus
    certifi cffi chardet charset_normalizer click colorama Crypto cryptography dateutil decouple deepdiff
    defusedxml dns docutils docx dotenv elasticsearch email_validator environs fastapi feedparser flask fpdf
    future geopy google graphene graphql grpc h11 html5lib httpcore httpx humanize hvac idna inflection
    itsdangerous jinja2 jmespath jose jsonpatch jsonpath_ng jsonpointer jsonschema jwt ldap3 loguru lxml mangum
    markdown markdown2 markupsafe marshmallow matplotlib mistune more_itertools msgpack multidict mypy_boto3
    MySQLdb nacl nanoid netaddr networkx nltk numpy openai openpyxl opensearchpy OpenSSL orjson paramiko passlib
    pendulum phonenumbers PIL pkg_resources psycopg psycopg2 pydantic pydantic_core pydantic_settings pygments
    pymongo pymysql pyotp pypdf PyPDF2 pysftp pytz qrcode rapidjson redis regex reportlab requests retry rich
    ruamel scipy sendgrid sentry_sdk serverless_wsgi setuptools shapely shortuuid simple_salesforce simplejson six
    sklearn slack_sdk slugify sniffio sqlalchemy starlette strawberry stripe structlog sympy tabulate tenacity
    toml tomli tqdm twilio typeguard typing_extensions tzdata tzlocal ua_parser ujson ulid unidecode
    unzip_requirements urllib3 user_agents uvicorn validators voluptuous websocket websockets werkzeug whois wrapt
    xlsxwriter xmltodict yaml yarl zope
";
/// Parts of Powertools that call nothing of AWS.
const POWERTOOLS: &[&str] = &[
    "Logger",
    "Metrics",
    "Tracer",
    "event_handler",
    "exceptions",
    "logging",
    "metrics",
    "middleware_factory",
    "package_logger",
    "shared",
    "single_metric",
    "tracing",
    "utilities.data_classes",
    "utilities.jmespath_utils",
    "utilities.parser",
    "utilities.serialization",
    "utilities.typing",
    "utilities.validation",
    "warnings",
];
/// What the X-Ray SDK sends its traces with.
///
/// Source: <https://docs.aws.amazon.com/xray/latest/devguide/security_iam_id-based-policy-examples.html>
pub(crate) const TRACES: &[&str] = &["PutTraceSegments", "PutTelemetryRecords"];

/// Why an imported name may call AWS on its own.
pub(crate) fn why(dotted: &str) -> Option<String> {
    let (name, does) = VENDORS.iter().find(|(prefix, _)| is_below(dotted, prefix))?;
    Some(format!("`{name}` {does} on its own"))
}

/// Why nothing is known of what a module does that is not among the files.
pub(crate) fn unread(dotted: &str) -> Option<String> {
    let first = dotted.split('.').next().unwrap_or_default();
    if let Some(part) = dotted.strip_prefix("aws_lambda_powertools.") {
        let known = part == "*" || part == "utilities" || POWERTOOLS.iter().any(|known| is_below(part, known));
        return (!known).then(|| format!("`{dotted}` may call AWS on its own"));
    }
    let types = ["mypy_boto3_", "types_boto3", "types_"].iter().any(|prefix| first.starts_with(prefix));
    let known = types
        || STANDARD.lines().any(|known| known == first)
        || QUIET.split_whitespace().any(|known| known == first)
        || matches!(first, "boto3" | "botocore" | "aioboto3" | "aiobotocore" | "s3transfer" | "awscrt")
        || matches!(first, "aws_lambda_powertools" | "aws_xray_sdk" | "awslambdaric");
    (!known).then(|| format!("the module `{first}` is not among the files that are read"))
}

fn is_below(dotted: &str, prefix: &str) -> bool {
    dotted.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
