//! From calls to needs: an action, and what it is on.

use burgward_code::{AwsCall, Value};
use burgward_template::model::{App, Encryption};
use serde_json::json;

use crate::Resource;
use crate::glob::covers;
use crate::ops::{Kind, On, Row, When, prefix, rows};
use crate::source::escaped;
use crate::stores::{self, Store};
use crate::value::{Hole, Pattern, Resolver};

/// What the code asks for.
#[derive(Clone, Debug)]
pub(crate) struct Need {
    pub(crate) action: String,
    pub(crate) targets: Vec<Target>,
    /// Where the code asks for it.
    pub(crate) place: String,
    pub(crate) remarks: Vec<String>,
    /// For a listing: whether the code fixes the prefix.
    pub(crate) listing: Option<Listing>,
}

/// What a need is on.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// On this.
    Known(Resource),
    /// On a resource of a kind that the code does not tell, whose name fits the pattern; `tail` is what follows its ARN.
    Open { kind: Kind, name: String, tail: Resource, hole: Hole },
    /// The action knows no resources.
    Anything,
    /// No table knows the operation.
    Unlisted,
}

/// The prefix of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Listing {
    /// Any.
    Free,
    /// This one.
    Exactly(String),
    /// One that begins like this.
    Below(String),
}

/// Everything that calls are read with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    pub(crate) resolver: Resolver<'a>,
    pub(crate) stores: &'a [Store],
}

impl<'a> Reader<'a> {
    fn app(&self) -> &'a App {
        self.resolver.app
    }

    /// The needs of a call.
    pub(crate) fn needs(&self, call: &AwsCall, place: &str) -> Vec<Need> {
        let known = rows(&call.service, &call.operation);
        if known.is_empty() {
            let action = format!("{}:{}", prefix(&call.service), call.operation);
            let remarks = vec![format!("not exactly known: no table has `{}` of `{}`", call.operation, call.service)];
            let targets = vec![Target::Unlisted];
            return vec![Need { action, targets, place: place.to_owned(), remarks, listing: None }];
        }
        let mut all = Vec::new();
        for (service, row) in known {
            let wanted = match row.when {
                When::Always => true,
                When::With(name) => argument(call, name).is_some() || may_miss(call, name),
                When::Without(name) => argument(call, name).is_none() || may_miss(call, name),
            };
            if row.action == "-" || !wanted {
                continue;
            }
            let Some(targets) = self.targets(call, row) else { continue };
            let action = row.action_for(service.prefix, canonical(row, &call.operation));
            let listing = (action == "s3:ListBucket").then(|| self.listing(call));
            let mut remarks = Vec::new();
            if action == "s3:GetObject" {
                remarks.push(
                    "without s3:ListBucket, a key that does not exist is answered with 403 instead of 404".into(),
                );
            }
            if call.presigned {
                remarks.push("asked for through a presigned URL, with the function's rights".into());
            }
            all.push(Need { action, targets, place: place.to_owned(), remarks, listing });
        }
        all
    }

    /// What the action is on; none if it is not needed after all.
    fn targets(&self, call: &AwsCall, row: &Row) -> Option<Vec<Target>> {
        let table = || {
            let tails = self.table_tails(call);
            tails.iter().flat_map(|tail| self.on(call, Kind::Table, &["TableName", "TableArn"], tail)).collect()
        };
        Some(match row.on {
            On::Anything => vec![Target::Anything],
            On::One(kind @ Kind::Secret, names) => self.on(call, kind, names, &empty()),
            On::One(kind, names) => {
                let mut all = self.on(call, kind, names, &tail(qualifier(call, kind)));
                if kind == Kind::Function && may_miss(call, "Qualifier") {
                    let other = if qualifier(call, kind).is_empty() { ":*" } else { "" };
                    all.extend(self.on(call, kind, names, &tail(other)));
                }
                all
            }
            On::TableOrIndex => table(),
            On::Tables(path) => return self.batch(call, path),
            On::TableStream => self.on(call, Kind::Table, &["StreamArn", "TableName"], &tail("/stream/*")),
            On::PartiQl(word) => return self.partiql(call, word),
            On::Object => self.objects(call, "Bucket", "Key"),
            On::CopySource => self.copy_source(call),
            On::ParameterPath => self.path(call),
            On::LogStream => self.on(call, Kind::LogGroup, &["logGroupName", "logGroupIdentifier"], &tail(":*")),
            On::KeyOf(kind) => return self.keys(call, kind),
        })
    }

    /// The resources of a kind that one of the arguments names.
    fn on(&self, call: &AwsCall, kind: Kind, names: &[&str], tail: &Resource) -> Vec<Target> {
        let fallback = || Target::Known(stores::by_name(self.app(), kind, "default", "default"));
        let mut all = Vec::new();
        for name in names {
            let Some(value) = argument(call, name) else { continue };
            all.extend(self.named(kind, value, tail));
            if !may_miss(call, name) {
                return all;
            }
        }
        match (all.is_empty(), kind) {
            (_, Kind::Bus) => all.push(fallback()),
            (true, _) => all.push(open(kind, "*", tail, Hole::Unknown)),
            (false, _) => {}
        }
        all
    }

    fn named(&self, kind: Kind, value: &Value, tail: &Resource) -> Vec<Target> {
        self.resolver.patterns(value).iter().flat_map(|pattern| self.meant(kind, pattern, tail)).collect()
    }

    /// What a name, a URL or an ARN means.
    fn meant(&self, kind: Kind, pattern: &Pattern, tail: &Resource) -> Vec<Target> {
        let Some((text, written)) = pattern.exact() else {
            let (name, written) = pattern.glob();
            let hole = pattern.worst().unwrap_or(Hole::Unknown);
            let fits = |s: &&Store| s.kind == kind && (covers(&name, &s.name) || covers(&name, &s.resource.arn));
            if self.stores.iter().any(|s| fits(&s)) || name == "*" {
                return vec![open(kind, &name, tail, hole)];
            }
            return vec![Target::Known(self.fresh(kind, &name, &written, tail))];
        };
        let name = plain_name(kind, &text);
        let known = self.stores.iter().find(|s| s.kind == kind && (s.name == name || s.resource.arn == text));
        let Some(store) = known else {
            let written = plain_name(kind, &written);
            return vec![Target::Known(self.fresh(kind, &name, &written, tail))];
        };
        vec![Target::Known(join(&store.resource, tail))]
    }

    /// A resource that is not the template's.
    fn fresh(&self, kind: Kind, name: &str, written: &str, tail: &Resource) -> Resource {
        let base = if name.starts_with("arn:") {
            Resource { arn: name.to_owned(), written: written.to_owned() }
        } else {
            stores::by_name(self.app(), kind, name, written)
        };
        join(&base, tail)
    }

    /// A query of an index is authorized on the index alone; without one, on the table.
    fn table_tails(&self, call: &AwsCall) -> Vec<Resource> {
        let missing = may_miss(call, "IndexName");
        let mut tails = Vec::new();
        if missing || argument(call, "IndexName").is_none() {
            tails.push(empty());
        }
        match argument(call, "IndexName").map(|index| self.resolver.patterns(index)).as_deref() {
            Some([one]) => {
                let (text, written) = one.exact().unwrap_or_else(|| one.glob());
                tails.push(Resource { arn: format!("/index/{text}"), written: format!("/index/{written}") });
            }
            Some(_) => tails.push(tail("/index/*")),
            None if missing => tails.push(tail("/index/*")),
            None => {}
        }
        tails
    }

    /// The tables of a batch or a transaction. The arguments may name one table for all, or nothing that can be read.
    fn batch(&self, call: &AwsCall, path: &str) -> Option<Vec<Target>> {
        let whole = path.split('.').next().unwrap_or(path);
        let deep = format!("{path}.TableName");
        let told = call.arguments.iter().any(|(name, _)| name.starts_with("TransactItems."));
        if path.contains('.') && told {
            // The code shows what kinds of items the transaction has: the others need nothing.
            return argument(call, &deep).map(|value| self.named(Kind::Table, value, &empty()));
        }
        let value = argument(call, "TableName").or_else(|| argument(call, whole));
        let fits = |pattern: &Pattern| pattern.exact().is_none_or(|(text, _)| !text.contains(['{', ' ']));
        let usable = value.filter(|value| self.resolver.patterns(value).iter().all(fits));
        Some(match usable {
            Some(value) => self.named(Kind::Table, value, &empty()),
            None => vec![open(Kind::Table, "*", &empty(), Hole::Unknown)],
        })
    }

    /// The table of a `PartiQL` statement; none if the statement does something else.
    ///
    /// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html>
    fn partiql(&self, call: &AwsCall, word: &str) -> Option<Vec<Target>> {
        let statement = argument(call, "Statement").or_else(|| argument(call, "Statements.Statement"));
        let Some(statement) = statement else { return Some(vec![open(Kind::Table, "*", &empty(), Hole::Unknown)]) };
        let mut targets = Vec::new();
        for pattern in self.resolver.patterns(statement) {
            let Some((text, _)) = pattern.exact() else {
                targets.push(open(Kind::Table, "*", &empty(), pattern.worst().unwrap_or(Hole::Unknown)));
                continue;
            };
            if let Some((table, index)) = partiql_table(&text, word) {
                let tail = index.map_or_else(empty, |index| tail(&format!("/index/{index}")));
                targets.extend(self.named(Kind::Table, &Value::Text(table), &tail));
            }
        }
        (!targets.is_empty()).then_some(targets)
    }

    fn objects(&self, call: &AwsCall, bucket: &str, key: &str) -> Vec<Target> {
        let keys = argument(call, key).map(|value| self.resolver.patterns(value)).unwrap_or_default();
        let tails: Vec<_> = keys.iter().map(|key| object_tail(&key.glob())).collect();
        let tails = if tails.is_empty() { vec![tail("/*")] } else { tails };
        tails.iter().flat_map(|tail| self.on(call, Kind::Bucket, &[bucket], tail)).collect()
    }

    /// `bucket/key` as text, or a structure of `Bucket` and `Key`.
    fn copy_source(&self, call: &AwsCall) -> Vec<Target> {
        if argument(call, "CopySource.Bucket").is_some() {
            return self.objects(call, "CopySource.Bucket", "CopySource.Key");
        }
        let anywhere = |hole| vec![open(Kind::Bucket, "*", &tail("/*"), hole)];
        let Some(value) = argument(call, "CopySource") else { return anywhere(Hole::Unknown) };
        let read = |pattern: &Pattern| {
            let (text, written) = pattern.glob();
            let both =
                text.trim_start_matches('/').split_once('/').zip(written.trim_start_matches('/').split_once('/'));
            match both {
                Some(((bucket, key), (_, written_key))) if !bucket.contains('*') => {
                    let tail = object_tail(&(key.to_owned(), written_key.to_owned()));
                    self.named(Kind::Bucket, &Value::Text(bucket.to_owned()), &tail)
                }
                _ => anywhere(pattern.worst().unwrap_or(Hole::Unknown)),
            }
        };
        self.resolver.patterns(value).iter().flat_map(read).collect()
    }

    /// Reading below a path is authorized on the path itself; a recursive one on what is below as well.
    ///
    /// Source: <https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html>
    fn path(&self, call: &AwsCall) -> Vec<Target> {
        let Some(value) = argument(call, "Path") else {
            return vec![open(Kind::Parameter, "*", &empty(), Hole::Unknown)];
        };
        let patterns = self.resolver.patterns(value);
        let known = |pattern: &Pattern| {
            let (text, written) = pattern.glob();
            let (text, written) = (text.trim_end_matches('/'), written.trim_end_matches('/'));
            if text.is_empty() || text.starts_with('*') {
                return vec![open(Kind::Parameter, "*", &empty(), pattern.worst().unwrap_or(Hole::Unknown))];
            }
            let base = stores::by_name(self.app(), Kind::Parameter, text, written);
            vec![Target::Known(base.clone()), Target::Known(join(&base, &tail("/*")))]
        };
        patterns.iter().flat_map(known).collect()
    }

    /// The keys that encrypt the stores which the call is about; none if they are AWS's own.
    fn keys(&self, call: &AwsCall, kind: Kind) -> Option<Vec<Target>> {
        let name = if kind == Kind::Bucket { "Bucket" } else { "SecretId" };
        let mut keys = Vec::new();
        for target in self.on(call, kind, &[name], &empty()) {
            let fits = |s: &&Store| match &target {
                Target::Known(resource) => s.resource.arn == resource.arn,
                Target::Open { name, .. } => s.kind == kind && covers(name, &s.name),
                Target::Anything | Target::Unlisted => false,
            };
            keys.extend(self.stores.iter().filter(fits).filter_map(|store| self.key_of(store)));
        }
        let key = |(text, written): (String, String)| Target::Known(self.fresh(Kind::Key, &text, &written, &empty()));
        (!keys.is_empty()).then(|| keys.into_iter().map(key).collect())
    }

    fn key_of(&self, store: &Store) -> Option<(String, String)> {
        let app = self.app();
        let bucket = app.buckets.iter().find(|b| b.logical_id == store.logical_id).map(|b| &b.encryption);
        let secret = app.secrets.iter().find(|s| s.logical_id == store.logical_id).and_then(|s| s.kms_key.clone());
        let key = match bucket {
            Some(Encryption::Kms(key)) => key.clone(),
            Some(Encryption::S3) | None => secret,
        };
        // An alias is no resource of a policy; which key it means is not known here.
        let key = key.map(|key| if key.contains("alias/") { "*".to_owned() } else { key })?;
        Some((key.clone(), escaped(&key)))
    }

    fn listing(&self, call: &AwsCall) -> Listing {
        if may_miss(call, "Prefix") || call.optional.iter().any(|name| name == "*") {
            return Listing::Free;
        }
        let Some(Value::Text(text)) = argument(call, "Prefix") else {
            let patterns = argument(call, "Prefix").map(|v| self.resolver.patterns(v)).unwrap_or_default();
            let [one] = patterns.as_slice() else { return Listing::Free };
            let (text, written) = one.glob();
            let fixed = text.ends_with('*') && text.len() > 1 && text == written && text.matches('*').count() == 1;
            return if fixed && !text.contains(['?', '$']) { Listing::Below(text) } else { Listing::Free };
        };
        if text.is_empty() || text.contains(['*', '?', '$']) { Listing::Free } else { Listing::Exactly(text.clone()) }
    }
}

impl Listing {
    /// The condition that holds for all of these listings; none if one of them may have any prefix.
    pub(crate) fn condition(all: &[&Self]) -> Option<serde_json::Value> {
        let mut exact = true;
        let mut texts = Vec::new();
        for listing in all {
            match listing {
                Self::Free => return None,
                Self::Exactly(text) => texts.push(text.clone()),
                Self::Below(text) => {
                    exact = false;
                    texts.push(text.clone());
                }
            }
        }
        texts.sort_unstable();
        texts.dedup();
        let operator = if exact { "StringEquals" } else { "StringLike" };
        let value = if let [one] = texts.as_slice() { json!(one) } else { json!(texts) };
        (!texts.is_empty()).then(|| json!({operator: {"s3:prefix": value}}))
    }
}

/// The operation's name as the table writes it.
fn canonical<'r>(row: &Row, operation: &'r str) -> &'r str {
    row.operations.iter().find(|o| o.eq_ignore_ascii_case(operation)).copied().unwrap_or(operation)
}

/// An argument of a call, its name without case.
fn argument<'c>(call: &'c AwsCall, name: &str) -> Option<&'c Value> {
    call.arguments.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// True if the argument may be given, and may not: then both cases are needed.
fn may_miss(call: &AwsCall, name: &str) -> bool {
    let known = argument(call, name).is_some();
    call.optional.iter().any(|optional| optional.eq_ignore_ascii_case(name) || (optional == "*" && !known))
}

/// A version or an alias of a function has an ARN of its own.
fn qualifier(call: &AwsCall, kind: Kind) -> &'static str {
    if kind == Kind::Function && argument(call, "Qualifier").is_some() { ":*" } else { "" }
}

fn open(kind: Kind, name: &str, tail: &Resource, hole: Hole) -> Target {
    Target::Open { kind, name: name.to_owned(), tail: tail.clone(), hole }
}

fn empty() -> Resource {
    tail("")
}

fn tail(text: &str) -> Resource {
    Resource { arn: text.to_owned(), written: text.to_owned() }
}

fn object_tail((text, written): &(String, String)) -> Resource {
    Resource { arn: format!("/{text}"), written: format!("/{written}") }
}

pub(crate) fn join(base: &Resource, tail: &Resource) -> Resource {
    Resource { arn: format!("{}{}", base.arn, tail.arn), written: format!("{}{}", base.written, tail.written) }
}

/// The name in a queue's URL, or in a parameter with a version; as it is otherwise.
fn plain_name(kind: Kind, text: &str) -> String {
    let name = if text.starts_with("arn:") {
        text
    } else if kind == Kind::Queue && text.contains("://") {
        text.rsplit('/').next().unwrap_or(text)
    } else if kind == Kind::Parameter && !text.contains("${") {
        text.split(':').next().unwrap_or(text)
    } else {
        text
    };
    name.to_owned()
}

/// The table and the index that a statement names, if it begins with the word.
fn partiql_table(statement: &str, word: &str) -> Option<(String, Option<String>)> {
    let mut words = statement.split_whitespace();
    let first = words.next()?.to_ascii_lowercase();
    if first != word {
        return None;
    }
    let rest = if word == "update" {
        words.next()?
    } else {
        let before = if word == "insert" { "into" } else { "from" };
        words.find(|w| w.eq_ignore_ascii_case(before))?;
        words.next()?
    };
    let mut parts = rest.split('.').map(|part| part.trim_matches(['"', '\'', ';', '(', ')']).to_owned());
    Some((parts.next()?, parts.next().filter(|index| !index.is_empty())))
}
