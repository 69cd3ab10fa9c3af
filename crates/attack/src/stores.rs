//! The stores of an app, the verbs on each, and which of them a function's code needs.

use burgward_template::model::{App, Function};
use serde_json::{Map, Value, json};

use crate::code::Code;
use crate::inside::Call;

/// What everything is called that tries put somewhere.
const CANARY: &str = "burgward-attack";

/// A kind of store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Table,
    Bucket,
    Parameter,
    Secret,
    LogGroup,
    /// Tables that are nobody's: what a role may do to the infrastructure.
    Account,
}

/// A store of the app.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    pub(crate) kind: Kind,
    pub(crate) logical_id: String,
    pub(crate) name: String,
    pub(crate) arn: String,
    /// Key attributes of a table, with their types.
    keys: Vec<(String, String)>,
}

/// Something that can be done to a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verb {
    pub(crate) name: &'static str,
    pub(crate) action: &'static str,
    /// What stands in code that does it.
    signs: &'static [&'static str],
}

const fn verb(name: &'static str, action: &'static str, signs: &'static [&'static str]) -> Verb {
    Verb { name, action, signs }
}

const TABLE: &[Verb] = &[
    verb("PutItem", "dynamodb:PutItem", &["put_item", "batch_writ"]),
    verb("Scan", "dynamodb:Scan", &[".scan(", "\"scan\"", "'scan'"]),
    verb("DeleteItem", "dynamodb:DeleteItem", &["delete_item", "batch_writ"]),
];
const BUCKET: &[Verb] = &[
    verb("PutObject", "s3:PutObject", &["put_object", "upload_file", "generate_presigned_post"]),
    verb("ListObjectsV2", "s3:ListBucket", &["list_objects", "objects.all", "objects.filter"]),
    verb("GetObject", "s3:GetObject", &["get_object", "download_file"]),
    verb("DeleteObject", "s3:DeleteObject", &["delete_object"]),
];
const PARAMETER: &[Verb] = &[
    verb("GetParameter", "ssm:GetParameter", &["get_parameter"]),
    verb("PutParameter", "ssm:PutParameter", &["put_parameter"]),
];
const SECRET: &[Verb] = &[verb("GetSecretValue", "secretsmanager:GetSecretValue", &["get_secret_value"])];
const ACCOUNT: &[Verb] = &[
    verb("CreateTable", "dynamodb:CreateTable", &["create_table"]),
    verb("DeleteTable", "dynamodb:DeleteTable", &["delete_table"]),
];
const LOG_GROUP: &[Verb] = &[verb("FilterLogEvents", "logs:FilterLogEvents", &["filter_log_events"])];

impl Kind {
    pub(crate) fn verbs(self) -> &'static [Verb] {
        match self {
            Self::Table => TABLE,
            Self::Bucket => BUCKET,
            Self::Parameter => PARAMETER,
            Self::Secret => SECRET,
            Self::LogGroup => LOG_GROUP,
            Self::Account => ACCOUNT,
        }
    }
}

/// All stores of an app.
pub(crate) fn all(app: &App) -> Vec<Store> {
    let store = |kind, logical_id: &str, name: &str, arn: &str| Store {
        kind,
        logical_id: logical_id.to_owned(),
        name: name.to_owned(),
        arn: arn.to_owned(),
        keys: Vec::new(),
    };
    let tables = app
        .tables
        .iter()
        .map(|t| Store { keys: keys(&t.create), ..store(Kind::Table, &t.logical_id, &t.name, &t.arn) });
    let buckets = app.buckets.iter().map(|b| store(Kind::Bucket, &b.logical_id, &b.name, &b.arn));
    let parameters = app.parameters.iter().map(|p| store(Kind::Parameter, &p.logical_id, &p.name, &p.arn));
    let secrets = app.secrets.iter().map(|s| store(Kind::Secret, &s.logical_id, &s.name, &s.arn));
    let logs = app.functions.iter().map(|f| {
        let arn = format!("arn:aws:logs:{}:{}:log-group:{}", app.region, app.account, f.log_group);
        store(Kind::LogGroup, &format!("log of {}", f.logical_id), &f.log_group, &arn)
    });
    let prefix = format!("arn:aws:dynamodb:{}:{}:table/{CANARY}-", app.region, app.account);
    let account = std::iter::once(store(Kind::Account, "the account", CANARY, &prefix));
    tables.chain(buckets).chain(parameters).chain(secrets).chain(logs).chain(account).collect()
}

/// A table's key attributes and their types: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html>.
fn keys(create: &Value) -> Vec<(String, String)> {
    let list = |name: &str| create.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let name_of = |value: &Value| value.get("AttributeName").and_then(Value::as_str).map(ToOwned::to_owned);
    let types = list("AttributeDefinitions");
    let type_of = |name: &str| {
        let found = types.iter().find(|definition| name_of(definition).as_deref() == Some(name))?;
        found.get("AttributeType").and_then(Value::as_str).map(ToOwned::to_owned)
    };
    let named = list("KeySchema").iter().filter_map(name_of).collect::<Vec<_>>();
    named
        .into_iter()
        .map(|name| (type_of(&name).unwrap_or_else(|| "S".to_owned()), name))
        .map(|(t, n)| (n, t))
        .collect()
}

impl Store {
    /// True if the function is meant to use it: its environment or its code names it.
    pub(crate) fn is_of(&self, function: &Function, code: Option<&Code>) -> bool {
        // Parameters and secrets have paths, and functions are given the beginning of one.
        let is_path = |value: &str| value.len() > 1 && value.contains('/') && self.name.starts_with(value);
        let pathed = matches!(self.kind, Kind::Parameter | Kind::Secret);
        let named = |value: &str| value.contains(&self.name) || value == self.arn || (pathed && is_path(value));
        let environment = function.env.iter().filter_map(|(_, value)| value.value.as_literal());
        function.log_group == self.name
            || environment.into_iter().any(|value| named(&value))
            || code.is_some_and(|code| code.mentions(&self.name))
    }

    /// The key of a canary in a table.
    fn key(&self, word: &str) -> Map<String, Value> {
        let value = |kind: &str| match kind {
            "N" => json!({"N": number(word)}),
            "B" => json!({"B": crate::inside::base64(word)}),
            _ => json!({"S": format!("{CANARY}-{word}")}),
        };
        self.keys.iter().map(|(name, kind)| (name.clone(), value(kind))).collect()
    }

    fn object(&self, word: &str) -> String {
        format!("/{}/{CANARY}/{word}", self.name)
    }

    /// The call that does `verb` to the canary `word` of this store; none if it cannot be done without harm. `value` is
    /// what a parameter holds now.
    pub(crate) fn call(&self, verb: Verb, word: &str, value: Option<&str>) -> Option<Call> {
        Some(match verb.name {
            "PutItem" => {
                let mut item = self.key(word);
                item.insert("burgwardCanary".to_owned(), json!({ "S": word }));
                Call::dynamodb("PutItem", &json!({"TableName": self.name, "Item": item}))
            }
            "CreateTable" => Call::dynamodb("CreateTable", &canary_table(word)),
            "DeleteTable" => Call::dynamodb("DeleteTable", &json!({"TableName": format!("{CANARY}-{word}")})),
            "Scan" => Call::dynamodb("Scan", &json!({"TableName": self.name, "Limit": 5})),
            "DeleteItem" => {
                let body = json!({"TableName": self.name, "Key": self.key(word), "ReturnValues": "ALL_OLD"});
                Call::dynamodb("DeleteItem", &body)
            }
            "PutObject" => Call::s3("PUT", self.object(word), word),
            "GetObject" => Call::s3("GET", self.object(word), ""),
            "DeleteObject" => Call::s3("DELETE", self.object(word), ""),
            "ListObjectsV2" => {
                let query = vec![("list-type", "2".to_owned()), ("max-keys", "5".to_owned())];
                Call { query, ..Call::s3("GET", format!("/{}", self.name), "") }
            }
            "GetParameter" => Call::ssm("GetParameter", &json!({"Name": self.name})),
            // What it holds is written once more: a new version is seen, nothing is lost.
            "PutParameter" => {
                Call::ssm("PutParameter", &json!({"Name": self.name, "Value": value?, "Overwrite": true}))
            }
            "GetSecretValue" => Call::secrets("GetSecretValue", &json!({"SecretId": self.arn})),
            "FilterLogEvents" => Call::logs("FilterLogEvents", &json!({"logGroupName": self.name, "limit": 3})),
            _ => return None,
        })
    }
}

impl Verb {
    pub(crate) fn is_in(self, code: Option<&Code>) -> bool {
        code.is_some_and(|code| self.signs.iter().any(|sign| code.mentions(sign)))
    }
}

/// A number out of a canary's hexadecimal digits.
fn number(word: &str) -> String {
    word.chars().filter_map(|c| c.to_digit(16)).map(|digit| char::from_digit(digit % 10, 10).unwrap_or('0')).collect()
}

/// The input that makes a table which is nobody's.
fn canary_table(word: &str) -> Value {
    json!({
        "TableName": format!("{CANARY}-{word}"),
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    })
}
