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
    let mut indented = String::new();
    for line in lines_of_body.lines() {
        indented += &format!("    {line}\n");
    }
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
    let mut conditions = String::new();
    for n in 0..8 {
        conditions += &format!("if event.get('{n}'):\n    args['A{n}'] = 'v{n}'\n");
    }
    let text = format!("args = {{'Bucket': 'b'}}\n{conditions}s3.get_object(**args)\n");
    insta::assert_snapshot!(body(&text), @r#"GetObject(Bucket="b", A0?="v0", A1?="v1", A2?="v2", A3?="v3", A4?="v4", A5?="v5", A6?="v6", A7?="v7")"#);
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

#[test]
fn texts_that_changed_are_unknown() {
    let text = "\
import base64, html, os.path, unicodedata
n = event['n']
def put(key):
    s3.delete_object(Bucket='b', Key=key)
s3.upload_fileobj(n, 'b', os.path.basename('/tmp/' + n))
s3.get_object(Bucket='b', Key=f'Reports/{n}.TXT'.lower())
s3.head_object(Bucket='b', Key=f'/in/{n}'.lstrip('/'))
s3.put_object(Bucket='b', Key=f'/{n}'.lstrip('/'))
s3.delete_object(Bucket='b', Key=f'pre-{n}'.removeprefix('pre-'))
s3.get_object_acl(Bucket='b', Key=f'a/{n}'.title())
s3.put_object_acl(Bucket='b', Key=f'a/{n}'.swapcase())
s3.get_object_tagging(Bucket='b', Key=base64.b64encode(f'a/{n}'))
s3.put_object_tagging(Bucket='b', Key=unicodedata.normalize('NFC', n))
s3.delete_object_tagging(Bucket='b', Key=os.path.normpath('a/../' + n))
s3.list_parts(Bucket=os.environ['B'].lower(), Key='A B'.replace(' ', '-').lower())
s3.restore_object(Bucket=os.environ['B'].strip(), Key=html.escape('<' + n))
s3.get_object_retention(Bucket='b', Key='{:>9}/{}'.format('x', 'y'))
s3.get_object_legal_hold(Bucket='b', Key=f'{os.environ.get(n) or \"\"}a/' + ('' if n else 'x') + 'k')
";
    insta::assert_snapshot!(body(text), @r#"
    DeleteObject(Bucket="b", Key=?) unreached
    AbortMultipartUpload(Bucket="b", Key=event.n)
    CompleteMultipartUpload(Bucket="b", Key=event.n)
    CreateMultipartUpload(Bucket="b", Key=event.n)
    PutObject(Bucket="b", Key=event.n)
    UploadPart(Bucket="b", Key=event.n)
    GetObject(Bucket="b", Key="reports/" + event.n + ".txt")
    HeadObject(Bucket="b", Key="in/" + event.n)
    PutObject(Bucket="b", Key=event.n)
    DeleteObject(Bucket="b", Key="" + event.n)
    GetObjectAcl(Bucket="b", Key=event.n)
    PutObjectAcl(Bucket="b", Key=event.n)
    GetObjectTagging(Bucket="b", Key=event.n)
    PutObjectTagging(Bucket="b", Key=event.n)
    DeleteObjectTagging(Bucket="b", Key=event.n)
    ListParts(Bucket=?, Key="a-b")
    RestoreObject(Bucket=$B, Key=event.n)
    GetObjectRetention(Bucket="b", Key=? + "/y")
    GetObjectLegalHold(Bucket="b", Key=? + "a/" + ["" | "x"] + "k")
    "#);
}

#[test]
fn what_is_not_read_is_said() {
    let app = "\
import json, requests, boto3, mylib, pandas as pd
import aws_lambda_powertools
from aws_lambda_powertools import Logger, Tracer
from aws_xray_sdk.core import patch_all
from pkg import native, helper
from pkg.sub import thing
from mypy_boto3_s3 import S3Client
T = boto3.resource('dynamodb').Table('t')
C = {}
def handler(event, context):
    mylib.fetch(T, '1')
    print(json.dumps({}), isinstance(T, object))
    C['t'] = T
    app.state.table = T
    setattr(helper, 'table', T)
    next(iter([T])).get_item(Key={})
    return aws_lambda_powertools.utilities.parameters.get_parameter('x')
";
    let found = code(&[("app.py", app), ("pkg/__init__.py", ""), ("pkg/helper.py", "table = None\n")]);
    insta::assert_snapshot!(lines(&found), @r#"
    PutTelemetryRecords()
    PutTraceSegments()
    GetItem(TableName="t", Key=?)
    undecided: the module `mylib` is not among the files that are read
    undecided: `pkg.native` is not among the files that are read
    undecided: `pkg.sub` is not among the files that are read
    undecided: a client or resource of the SDK is given to code that is not read
    undecided: a client or resource of the SDK is given to code that is not read
    undecided: `aws_lambda_powertools.utilities.parameters` reads parameters and secrets on its own
    "#);
}

#[test]
fn what_others_call_is_reached() {
    let app = "\
import threading, json, boto3
import shared
T = boto3.resource('dynamodb').Table('t')
class Base(threading.Thread):
    pass
class Work(Base):
    def run(self):
        T.put_item(Item={})
class Plain:
    def unused(self):
        T.update_item(Key={})
    def pop(self):
        T.scan()
def handler(event, context):
    Work().start()
    shared.auth(event)
    return event.get('x') or {}.pop('y')
";
    let shared = "\
import boto3
T = boto3.resource('dynamodb').Table('t')
def get(event, context):
    T.get_item(Key={})
def pop(event, context):
    T.delete_item(Key={})
def auth(event):
    T.query()
";
    insta::assert_snapshot!(lines(&code(&[("app.py", app), ("shared.py", shared)])), @r#"
    PutItem(TableName="t", Item=?)
    UpdateItem(TableName="t", Key=?) unreached
    Scan(TableName="t")
    GetItem(TableName="t", Key=?) unreached
    DeleteItem(TableName="t", Key=?) unreached
    Query(TableName="t")
    "#);
    let called = "\
import operator, boto3
T = boto3.resource('dynamodb').Table('t')
class Jobs:
    def do_one(self):
        T.get_item(Key={})
def handler(event, context):
    return operator.methodcaller('do_' + event['m'])(Jobs())
";
    insta::assert_snapshot!(lines(&code(&[("app.py", called)])), @r#"GetItem(TableName="t", Key=?)"#);
}

#[test]
fn what_a_function_does_to_its_arguments_is_seen() {
    let text = "\
def narrow(options):
    if event:
        options['IndexName'] = 'gsi'
def add(items):
    items.append({'Delete': {'TableName': 'b'}})
options = {}
narrow(options)
T.query(**options)
items = [{'Put': {'TableName': 'a'}}]
add(items)
boto3.client('dynamodb').transact_write_items(TransactItems=items)
";
    insta::assert_snapshot!(body(text), @r#"
    Query(TableName="t", IndexName?="gsi")
    TransactWriteItems(TransactItems.Put.TableName="a", TransactItems.Delete.TableName="b", TableName=["a" | "b"])
    "#);
}
