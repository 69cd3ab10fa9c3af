//! What AWS would refuse of stores and packages, said with its line before anything is deployed.

use std::collections::BTreeSet;
use std::path::Path;

use burgward_diag::Span;
use burgward_svc_s3::bucket_name_fault;
use burgward_template::model::{App, LayerRef, Table};
use burgward_template::{Diagnostic, RefusedKind};
use serde_json::Value;

use crate::RefusedFunction;

const TABLE_NAMES: &str = "names of tables and indexes have 3 to 255 letters, digits, `_`, `-` and `.`";

/// What DynamoDB and S3 would refuse of the app's tables and buckets.
#[must_use]
pub fn refused_stores(app: &App) -> Vec<RefusedFunction> {
    let mut refused = Vec::new();
    for table in &app.tables {
        let faults = faults(table).into_iter();
        refused.extend(faults.map(|(what, hint)| {
            refuse(&table.logical_id, &table.span, format!("table `{}`: {what}", table.name), hint)
        }));
    }
    for bucket in &app.buckets {
        if let Some(why) = bucket_name_fault(&bucket.name) {
            let hint = "see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html";
            let message = format!("`{}` is no name of a bucket: {why}", bucket.name);
            refused.push(refuse(&bucket.logical_id, &bucket.span, message, hint));
        }
    }
    refused
}

/// Functions and layers whose code is not where the template says.
#[must_use]
pub fn refused_code(app: &App, folder: &Path) -> Vec<RefusedFunction> {
    let mut refused = Vec::new();
    let mut judge = |id: &str, what: &str, uri: &str, span: &Span| {
        if !folder.join(uri).exists() {
            let message = format!("`{what}` of `{id}` names `{uri}`, which is not there");
            refused.push(refuse(id, span, message, "paths are relative to the template's folder"));
        }
    };
    for function in app.functions.iter().filter(|function| function.inline_code.is_none()) {
        judge(&function.logical_id, "CodeUri", &function.code_uri.value, &function.code_uri.span);
    }
    let used = |id: &str| {
        let layers = app.functions.iter().flat_map(|function| &function.layers);
        layers.into_iter().any(|layer| matches!(&layer.value, LayerRef::Local(local) if local == id))
    };
    for layer in app.layers.iter().filter(|layer| used(&layer.logical_id)) {
        judge(&layer.logical_id, "ContentUri", &layer.content_uri.value, &layer.content_uri.span);
    }
    refused
}

fn refuse(logical_id: &str, span: &Span, message: String, hint: &str) -> RefusedFunction {
    let kind = RefusedKind::Syntax;
    let why = Diagnostic { span: Some(span.clone()), message, hint: hint.to_owned(), kind };
    RefusedFunction { logical_id: logical_id.to_owned(), why }
}

/// What `CreateTable` would refuse, and what to do.
///
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html>
fn faults(table: &Table) -> Vec<(String, &'static str)> {
    let mut faults = Vec::new();
    if !is_name(&table.name) {
        faults.push((format!("`{}` is no name of a table", table.name), TABLE_NAMES));
    }
    let names = |list: &Value| -> Vec<String> {
        let list = list.as_array().map_or(&[][..], Vec::as_slice).iter();
        list.filter_map(|part| part.get("AttributeName")?.as_str().map(str::to_owned)).collect()
    };
    let part = |name: &str| table.create.get(name).cloned().unwrap_or_default();
    let defined = names(&part("AttributeDefinitions"));
    let mut used: BTreeSet<String> = BTreeSet::new();
    let mut keys = |what: &str, schema: &Value, faults: &mut Vec<_>| {
        for key in names(schema) {
            if !defined.contains(&key) {
                let message = format!("the key attribute `{key}` of {what} is not in `AttributeDefinitions`");
                faults.push((message, "define its type there"));
            }
            used.insert(key);
        }
    };
    keys("the table", &part("KeySchema"), &mut faults);
    let mut indexes = BTreeSet::new();
    for list in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        for index in part(list).as_array().map_or(&[][..], Vec::as_slice) {
            let name = index.get("IndexName").and_then(Value::as_str).unwrap_or_default();
            if !is_name(name) {
                faults.push((format!("`{name}` is no name of an index"), TABLE_NAMES));
            }
            if !indexes.insert(name.to_owned()) {
                faults.push((format!("it has two indexes `{name}`"), "give each index a name of its own"));
            }
            keys(&format!("index `{name}`"), index.get("KeySchema").unwrap_or(&Value::Null), &mut faults);
        }
    }
    for unused in defined.iter().filter(|name| !used.contains(*name)) {
        let message = format!("`{unused}` is in `AttributeDefinitions` and in no key");
        faults.push((message, "define the attributes of keys alone: DynamoDB refuses others"));
    }
    let provisioned = part("BillingMode") == "PROVISIONED";
    if provisioned && part("ProvisionedThroughput").is_null() {
        let message = "`BillingMode` is `PROVISIONED`, and there is no `ProvisionedThroughput`".to_owned();
        faults.push((message, "say how much, or bill by request: `PAY_PER_REQUEST`"));
    }
    faults
}

fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    (3..=255).contains(&name.len()) && name.chars().all(fits)
}
