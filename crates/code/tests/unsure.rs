//! What code only may do: it must be found, or said to be undecided, and never left out.

#![expect(clippy::format_push_string, reason = "lines are written one after the other")]

use burgward_code::{Code, CodeFile, FunctionSource, Value, analyse};

fn code(files: &[(&str, &str)]) -> Code {
    let files = files.iter().map(|(path, text)| CodeFile { path: (*path).into(), text: (*text).into() }).collect();
    analyse(&FunctionSource { runtime: "python3.12".into(), handler: "app.handler".into(), files })
}

fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("{text:?}"),
        Value::Env(name) => format!("${name}"),
        Value::Event(field) => format!("event.{field}"),
        Value::Join(parts) => parts.iter().map(shown).collect::<Vec<_>>().join(" + "),
        Value::OneOf(all) => format!("[{}]", all.iter().map(shown).collect::<Vec<_>>().join(" | ")),
        Value::Unknown => "?".into(),
    }
}

/// A line for each call, without its service; `?` marks what may not be given.
fn lines(code: &Code) -> String {
    let mut found = String::new();
    for call in &code.calls {
        let known = call.arguments.iter().filter(|(name, _)| name != "TransactItems");
        let mut arguments: Vec<_> = known
            .map(|(name, value)| {
                let mark = if call.optional.contains(name) { "?" } else { "" };
                format!("{name}{mark}={}", shown(value))
            })
            .collect();
        arguments.extend(call.optional.iter().filter(|name| *name == "*").map(|_| "**".to_owned()));
        let mark = if call.reached { "" } else { " unreached" };
        found += &format!("{}({}){mark}\n", call.operation, arguments.join(", "));
    }
    for undecided in &code.undecided {
        found += &format!("undecided: {}\n", undecided.why);
    }
    for unparsed in &code.unparsed {
        found += &format!("unparsed: {}\n", unparsed.why);
    }
    found
}

const HEAD: &str = "import boto3, os\nT = boto3.resource('dynamodb').Table('t')\ns3 = boto3.client('s3')\n";

/// What a handler with this body asks for.
fn body(lines_of_body: &str) -> String {
    let indented: String = lines_of_body.lines().map(|line| format!("    {line}\n")).collect();
    lines(&code(&[("app.py", &format!("{HEAD}def handler(event, context):\n{indented}"))]))
}

#[test]
fn an_argument_may_not_be_given() {
    let text = "\
args = {'Limit': 'n'}
if event.get('x'):
    args['IndexName'] = 'gsi'
T.query(**args)
s3.list_objects_v2(Bucket='b', Prefix=('pub/' if event else ''))
s3.get_object(Bucket='b', Key='k', VersionId=event.get('v'))
s3.get_object(Bucket='b', Key='k', **event)
more = {'Bucket': 'b', 'VersionId': 'v'}
del more['VersionId']
s3.delete_object(**more)
last = {'Bucket': 'b', 'Prefix': 'p'}
last.pop('Prefix')
s3.list_objects(**last)
some = {k: v for k, v in {'Bucket': 'b', 'Prefix': 'p'}.items() if v}
s3.list_object_versions(**some)
sure = {}
sure['Bucket'] = 'b'
sure.update({'Prefix': 'p'})
s3.list_multipart_uploads(**sure)
pages = {}
while True:
    T.scan(**pages)
    pages['IndexName'] = 'late'
";
    insta::assert_snapshot!(body(text), @r#"
    Query(TableName="t", Limit="n", IndexName?="gsi")
    ListObjectsV2(Bucket="b", Prefix?="pub/")
    GetObject(Bucket="b", Key="k", VersionId?=event.v)
    GetObject(Bucket="b", Key="k", **)
    DeleteObject(Bucket="b", VersionId?="v")
    ListObjects(Bucket="b", Prefix?="p")
    ListObjectVersions(Bucket?=["b" | "p"], Prefix?=["b" | "p"])
    ListMultipartUploads(Bucket="b", Prefix="p")
    Scan(TableName="t", IndexName?="late")
    "#);
}

#[test]
fn many_conditions_are_followed() {
    let conditions: String = (0..8).map(|n| format!("if event.get('{n}'):\n    args['A{n}'] = 'v{n}'\n")).collect();
    let text = format!("args = {{'Bucket': 'b'}}\n{conditions}s3.get_object(**args)\n");
    insta::assert_snapshot!(body(&text), @r#"
    GetObject(Bucket="b", A0?="v0", A1?="v1", A2?="v2", A3?="v3", A4?="v4", A5?="v5", A6?="v6", A7?="v7")
    "#);
}

#[test]
fn what_leaves_a_block_early_is_followed() {
    let text = "\
with suppress(KeyError):
    return CACHE[event['k']]
T.get_item(Key={})
with Own():
    raise ValueError()
T.put_item(Item={})
name = 'a'
try:
    name = 'b'
    risky()
    name = 'c'
except ValueError:
    s3.delete_bucket(Bucket=name)
while True:
    key = 'first'
    if event:
        break
    key = 'second'
s3.delete_object(Bucket='b', Key=key)
for one in event:
    if one:
        continue
    return
else:
    s3.list_buckets()
match event:
    case {'a': 1}:
        return
T.delete_item(Key={})
";
    insta::assert_snapshot!(body(text), @r#"
    GetItem(TableName="t", Key=?)
    PutItem(TableName="t", Item=?)
    DeleteBucket(Bucket=["a" | "c" | "b"])
    DeleteObject(Bucket="b", Key=["second" | "first"])
    ListBuckets()
    DeleteItem(TableName="t", Key=?)
    "#);
}

#[test]
fn transactions_and_lists() {
    let text = "\
c = boto3.client('dynamodb')
c.transact_write_items(TransactItems=[
    {'Put': {'TableName': 'a', 'Item': {}}},
    {'Update': {'TableName': 'b', 'Key': {}}},
    {'ConditionCheck': {'TableName': 'c', 'Key': {}}},
])
items = []
items.append({'Put': {'TableName': 'd'}})
if event:
    items += [{'Delete': {'TableName': 'e'}}]
items.extend([{'Update': {'TableName': 'f'}}])
c.transact_write_items(TransactItems=items)
items.append(event['item'])
c.transact_write_items(TransactItems=items)
b = boto3.client('events')
entries = [{'Source': 's'}]
entries += [{'Source': 's', 'EventBusName': 'bus'}]
b.put_events(Entries=entries)
";
    insta::assert_snapshot!(body(text), @r#"
    TransactWriteItems(TransactItems.Put.TableName="a", TransactItems.Update.TableName="b", TransactItems.ConditionCheck.TableName="c", TableName=["a" | "b" | "c"])
    TransactWriteItems(TransactItems.Put.TableName="d", TransactItems.Update.TableName="f", TransactItems.Delete.TableName="e", TableName=["d" | "f" | "e"])
    TransactWriteItems(TableName=?)
    PutEvents(Entries=?, EventBusName?="bus")
    "#);
}
