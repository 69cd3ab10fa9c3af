//! The resources that calls may be about, and how the template writes their ARNs.

use burgward_template::model::App;

use crate::Resource;
use crate::glob::covers;
use crate::ops::Kind;

/// A resource of the template.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    pub(crate) kind: Kind,
    pub(crate) logical_id: String,
    pub(crate) name: String,
    /// The ARN, and how the template writes it.
    pub(crate) resource: Resource,
}

const HERE: &str = "${AWS::Region}:${AWS::AccountId}";

/// All of them.
pub(crate) fn of(app: &App) -> Vec<Store> {
    let store = |kind, logical_id: &str, name: &str, arn: &str, written: String| Store {
        kind,
        logical_id: logical_id.to_owned(),
        name: name.to_owned(),
        resource: Resource { arn: arn.to_owned(), written },
    };
    let attribute = |id: &str| format!("${{{id}.Arn}}");
    let mut all = Vec::new();
    all.extend(app.tables.iter().map(|t| store(Kind::Table, &t.logical_id, &t.name, &t.arn, attribute(&t.logical_id))));
    all.extend(
        app.buckets.iter().map(|b| store(Kind::Bucket, &b.logical_id, &b.name, &b.arn, attribute(&b.logical_id))),
    );
    for p in &app.parameters {
        let slash = if p.name.starts_with('/') { "" } else { "/" };
        let written = format!("arn:${{AWS::Partition}}:ssm:{HERE}:parameter{slash}${{{}}}", p.logical_id);
        all.push(store(Kind::Parameter, &p.logical_id, &p.name, &p.arn, written));
    }
    // `Ref` of a secret is its ARN: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-secretsmanager-secret.html>
    all.extend(
        app.secrets
            .iter()
            .map(|s| store(Kind::Secret, &s.logical_id, &s.name, &s.arn, format!("${{{}}}", s.logical_id))),
    );
    for g in &app.log_groups {
        let written = format!("arn:${{AWS::Partition}}:logs:{HERE}:log-group:${{{}}}", g.logical_id);
        all.push(store(Kind::LogGroup, &g.logical_id, &g.name, &g.arn, written));
    }
    let functions = app.functions.iter();
    all.extend(functions.map(|f| store(Kind::Function, &f.logical_id, &f.name, &f.arn, attribute(&f.logical_id))));
    all
}

/// The ARN of a resource of a kind by its name. `name` is text or the text of an `Fn::Sub`, and so are region and account.
fn arn(kind: Kind, name: &str, partition: &str, here: &str) -> String {
    let regional = |service: &str, resource: &str| format!("arn:{partition}:{service}:{here}:{resource}{name}");
    match kind {
        Kind::Table => regional("dynamodb", "table/"),
        Kind::Bucket => format!("arn:{partition}:s3:::{name}"),
        Kind::Parameter if name.starts_with('/') => regional("ssm", "parameter"),
        Kind::Parameter => regional("ssm", "parameter/"),
        // A secret's ARN ends with six characters that its name does not tell:
        // <https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html>
        Kind::Secret if name.ends_with('*') => regional("secretsmanager", "secret:"),
        Kind::Secret => format!("{}-??????", regional("secretsmanager", "secret:")),
        Kind::LogGroup => regional("logs", "log-group:"),
        Kind::Function => regional("lambda", "function:"),
        Kind::Topic => regional("sns", ""),
        Kind::Queue => regional("sqs", ""),
        Kind::Bus => regional("events", "event-bus/"),
        Kind::Machine => regional("states", "stateMachine:"),
        Kind::Role => {
            let account = here.rsplit(':').next().unwrap_or(here);
            format!("arn:{partition}:iam::{account}:role/{name}")
        }
        Kind::Key => regional("kms", "key/"),
        Kind::Stream => regional("kinesis", "stream/"),
        Kind::Delivery => regional("firehose", "deliverystream/"),
        Kind::Pool => regional("cognito-idp", "userpool/"),
    }
}

/// The start of ARNs of a kind, up to the name; the account and region are any.
pub(crate) fn arn_glob(kind: Kind) -> String {
    if kind == Kind::Role { "arn:*:iam::*:role/*".to_owned() } else { arn(kind, "*", "*", "*:*") }
}

/// A resource by its name, as the template would write it.
pub(crate) fn by_name(app: &App, kind: Kind, name: &str, written: &str) -> Resource {
    let here = format!("{}:{}", app.region, app.account);
    Resource { arn: arn(kind, name, "aws", &here), written: arn(kind, written, "${AWS::Partition}", HERE) }
}

/// The store that holds what an ARN means: itself, or what is inside of it.
pub(crate) fn holding<'s>(stores: &'s [Store], arn: &str) -> Option<&'s Store> {
    stores.iter().find(|store| {
        let rest = arn.strip_prefix(store.resource.arn.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':']))
    })
}

/// How the template would write an ARN that is known as text alone.
pub(crate) fn written(app: &App, stores: &[Store], arn: &str) -> String {
    if let Some(store) = holding(stores, arn) {
        let rest = arn.strip_prefix(store.resource.arn.as_str()).unwrap_or("");
        return format!("{}{}", store.resource.written, crate::source::escaped(rest));
    }
    let mut parts: Vec<String> = arn.splitn(6, ':').map(str::to_owned).collect();
    let [scheme, partition, _, region, account, resource] = parts.as_mut_slice() else {
        return crate::source::escaped(arn);
    };
    if scheme != "arn" {
        return crate::source::escaped(arn);
    }
    *resource = crate::source::escaped(resource);
    if partition == "aws" {
        "${AWS::Partition}".clone_into(partition);
    }
    if *region == app.region {
        "${AWS::Region}".clone_into(region);
    }
    if *account == app.account {
        "${AWS::AccountId}".clone_into(account);
    }
    parts.join(":")
}

/// Kinds that hold things with ARNs of their own: what separates them, and how many parts are the holder's.
const STRUCTURED: [(Kind, &str, usize); 3] = [(Kind::Bucket, "/", 1), (Kind::Table, "/", 2), (Kind::LogGroup, ":", 2)];

/// What stands for the store of an ARN when nothing of the template does: the bucket of an object, the table of an index.
pub(crate) fn container(kind: Kind, arn: &str) -> Option<String> {
    if !covers(&arn_glob(kind), arn) {
        return None;
    }
    let mut fields = arn.splitn(6, ':');
    let head: Vec<_> = fields.by_ref().take(5).collect();
    let resource = fields.next()?;
    let (separator, parts) =
        STRUCTURED.iter().find(|(k, ..)| *k == kind).map_or(("/", usize::MAX), |(_, s, n)| (s, *n));
    let inside = resource.split(separator).take(parts).collect::<Vec<_>>().join(separator);
    Some(format!("{}:{inside}", head.join(":")))
}
