//! What code asks AWS for.

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

/// A line for each call; `Item` and such, of which nothing is known, are left out.
fn lines(code: &Code) -> String {
    let mut found = String::new();
    for call in &code.calls {
        let known = call.arguments.iter().filter(|(_, value)| *value != Value::Unknown);
        let arguments: Vec<_> = known.map(|(name, value)| format!("{name}={}", shown(value))).collect();
        let marks = [(call.presigned, " presigned"), (!call.reached, " unreached")];
        let marks: String = marks.iter().filter(|(on, _)| *on).map(|(_, mark)| *mark).collect();
        found += &format!("{}:{}({}){marks}\n", call.service, call.operation, arguments.join(", "));
    }
    for undecided in &code.undecided {
        found += &format!("undecided: {}\n", undecided.why);
    }
    for unparsed in &code.unparsed {
        found += &format!("unparsed: {}\n", unparsed.why);
    }
    found
}

fn of(text: &str) -> String {
    lines(&code(&[("app.py", text)]))
}

#[test]
fn ways_to_a_table() {
    let text = r#"
import os
import boto3
from boto3 import client, resource as res
import boto3 as b

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
NAME = os.environ.get("OTHER", "fallback")

class Store:
    kind = "x"
    def __init__(self, name):
        self.table = res("dynamodb").Table(name)
    def save(self, item):
        return self.table.put_item(Item=item)

def make():
    session = b.session.Session()
    return session.resource("dynamodb", region_name="x").Table("made")

def scan(db=client("dynamodb")):
    return db.scan(TableName=NAME)

def by_argument(t):
    t.delete_item(Key={"id": 1})

def handler(event, context):
    table.get_item(Key={"id": event["pathParameters"]["id"]})
    Store("prefix-" + os.getenv("STAGE")).save({})
    make().update_item(Key={})
    scan()
    by_argument(table)
    with table.batch_writer() as batch:
        batch.put_item(Item={})
    return table.item_count
"#;
    insta::assert_snapshot!(of(text), @r#"
    dynamodb:PutItem(TableName="prefix-" + $STAGE)
    dynamodb:Scan(TableName=[$OTHER | "fallback"])
    dynamodb:DeleteItem(TableName=$TABLE)
    dynamodb:GetItem(TableName=$TABLE)
    dynamodb:UpdateItem(TableName="made")
    dynamodb:BatchWriteItem(TableName=$TABLE)
    dynamodb:DescribeTable(TableName=$TABLE)
    "#);
}

#[test]
fn idioms() {
    let text = include_str!("../fixtures/idioms.py").replace("lambda_handler", "handler");
    insta::assert_snapshot!(of(&text), @r#"
    dynamodb:Query(TableName=$ORDERS_TABLE, KeyConditionExpression=event.body.customer)
    dynamodb:BatchWriteItem(TableName=$ORDERS_TABLE)
    dynamodb:TransactWriteItems(TransactItems.Delete.TableName=$ORDERS_TABLE, TransactItems.Put.TableName=$STAGE + "-archive", TableName=[$ORDERS_TABLE | $STAGE + "-archive"])
    ssm:GetParameter(Name="/app/" + $STAGE + "/secret")
    events:PutEvents(EventBusName=[$BUS | "default"])
    s3:CopyObject(Bucket=$BUCKET, Key=event.body.key, CopySource=$BUCKET + "/" + event.body.key)
    s3:DeleteObject(Bucket=$BUCKET, Key=event.body.key)
    s3:ListObjects(Bucket=$BUCKET, Prefix="old/")
    s3:DeleteObject(Bucket=$BUCKET)
    s3:ListObjects(Bucket=$BUCKET)
    s3:DeleteObjects(Bucket=$BUCKET)
    s3:ListObjects(Bucket=$BUCKET)
    sts:AssumeRole(RoleArn=["arn:aws:iam::" + ? + ":role/reader" | "arn:aws:iam::" + event.body.account + ":role/reader"], RoleSessionName="x")
    lambda:Invoke(FunctionName="other", Payload="{}")
    sns:Publish(TopicArn=$TOPIC_ARN, Message="made")
    sqs:SendMessage(QueueUrl=$QUEUE_URL, MessageBody=event.body)
    secretsmanager:GetSecretValue()
    s3:AbortMultipartUpload(Bucket=$BUCKET, Key="logo.png")
    s3:CompleteMultipartUpload(Bucket=$BUCKET, Key="logo.png")
    s3:CreateMultipartUpload(Bucket=$BUCKET, Key="logo.png")
    s3:PutObject(Bucket=$BUCKET, Key="logo.png")
    s3:UploadPart(Bucket=$BUCKET, Key="logo.png")
    s3:HeadObject(Bucket=$BUCKET, Key="logo.png")
    s3:GetObject(Bucket=$BUCKET, Key=event.body.key) presigned
    s3:PutObject(Bucket=$BUCKET, Key="uploads/${filename}") presigned
    dynamodb:BatchGetItem(TableName=$ORDERS_TABLE)
    undecided: the operation is chosen at run time
    "#);
}

#[test]
fn only_what_is_loaded_and_what_is_reached() {
    let app = "from pkg import store as kept\nfrom pkg.helpers import *\nimport boto3\n\n\
        def handler(event, context):\n    return kept.read(event['id'])\n\n\
        def writer(event, context):\n    return kept.write(event)\n\n\
        def _unused():\n    helper()\n";
    let store = "import boto3\nfrom .names import TABLE\ntable = boto3.resource('dynamodb').Table(TABLE)\n\n\
        def read(key):\n    return table.get_item(Key={'id': key})\n\n\
        def write(item):\n    return table.put_item(Item=item)\n";
    let helpers = "import boto3\n__all__ = ['helper']\n\n\
        def helper():\n    return boto3.client('sqs').receive_message(QueueUrl='q')\n";
    let found = code(&[
        ("app.py", app),
        ("pkg/__init__.py", "import boto3\nREGION = boto3.client('sts').get_caller_identity()\n"),
        ("pkg/store.py", store),
        ("pkg/names.py", "import os\nTABLE = os.environ['TABLE']\n"),
        ("pkg/helpers.py", helpers),
        ("pkg/never.py", "import boto3\nboto3.client('s3').delete_bucket(Bucket='x')\n"),
    ]);
    insta::assert_snapshot!(lines(&found), @r#"
    sts:GetCallerIdentity()
    dynamodb:GetItem(TableName=$TABLE)
    dynamodb:PutItem(TableName=$TABLE) unreached
    sqs:ReceiveMessage(QueueUrl="q") unreached
    "#);
}

#[test]
fn what_only_running_would_show() {
    let text = r#"
import importlib
import os
import boto3
import s3fs
from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools import Logger

def handler(event, context):
    client = boto3.client(event["service"])
    client.list_things()
    boto3.client("s3")._make_api_call(event["operation"], {})
    boto3.client("s3")._make_api_call("ListBuckets", {})
    boto3.client("s3").get_paginator(event["what"]).paginate(Bucket="b")
    getattr(boto3.client("sqs"), "send_message")(QueueUrl="q")
    importlib.import_module("plugins." + event["plugin"])
    exec(event["code"])
    for service in ("sns", "sqs"):
        boto3.client(service).get_waiter("x")
"#;
    insta::assert_snapshot!(of(text), @r#"
    s3:ListBuckets()
    sqs:SendMessage(QueueUrl="q")
    undecided: `s3fs` uses objects on its own
    undecided: `aws_lambda_powertools.utilities.parameters` reads parameters and secrets on its own
    undecided: the service is chosen at run time
    undecided: the operation is chosen at run time
    undecided: the operation is chosen at run time
    undecided: the module is chosen at run time
    undecided: code is made at run time
    "#);
}

#[test]
fn resources_of_all_kinds() {
    let text = r#"
import asyncio, functools, threading
import aioboto3, boto3
s3 = boto3.resource("s3")

class Tables:
    names = {"a": "table-a", "b": "table-b"}
    @classmethod
    def get(cls, name):
        return boto3.resource("dynamodb").Table(cls.names[name])
    @staticmethod
    def client():
        return boto3.client("dynamodb")

async def later(key):
    session = aioboto3.Session()
    async with session.client("s3") as client:
        await client.put_object(Bucket="async", Key=key)

def handler(event, context):
    Tables.get("a").query(IndexName="i")
    Tables().client().describe_table(TableName="t")
    s3.Object("bucket", "key").get()["Body"].read()
    s3.Object(bucket_name="bucket", key="%(k)s.txt" % {"k": event["k"]}).put(Body=b"")
    s3.ObjectSummary("bucket", "summary").delete()
    s3.Bucket("bucket").upload_fileobj(event, "up/" + event["k"])
    s3.Object("bucket", "size").content_length
    s3.meta.client.copy({"Bucket": "from", "Key": "k"}, "to", "k2")
    boto3.resource("sqs").get_queue_by_name(QueueName="queue").send_message(MessageBody="m")
    boto3.resource("sns").Topic("arn:aws:sns:eu-west-1:123456789012:t").publish(Message="m")
    put = functools.partial(boto3.client("ssm").put_parameter, Type="String")
    put(Name="/n", Value="v")
    threading.Thread(target=boto3.client("logs").create_log_group, kwargs={"logGroupName": "g"}).start()
    options = {"FunctionName": "f"}
    options["Qualifier"] = "live"
    options.update(InvocationType="Event")
    boto3.client("lambda").invoke(**options)
    asyncio.run(later(event.get("key", "none")))
    return (lambda c: c.list_secrets())(boto3.client("secretsmanager"))
"#;
    insta::assert_snapshot!(of(text), @r#"
    s3:PutObject(Bucket="async", Key=[event.key | "none"])
    dynamodb:Query(TableName="table-a", IndexName="i")
    dynamodb:DescribeTable(TableName="t")
    s3:GetObject(Bucket="bucket", Key="key")
    s3:PutObject(Bucket="bucket", Key=event.k + ".txt", Body="")
    s3:DeleteObject(Bucket="bucket", Key="summary")
    s3:AbortMultipartUpload(Bucket="bucket", Key="up/" + event.k)
    s3:CompleteMultipartUpload(Bucket="bucket", Key="up/" + event.k)
    s3:CreateMultipartUpload(Bucket="bucket", Key="up/" + event.k)
    s3:PutObject(Bucket="bucket", Key="up/" + event.k)
    s3:UploadPart(Bucket="bucket", Key="up/" + event.k)
    s3:HeadObject(Bucket="bucket", Key="size")
    s3:AbortMultipartUpload(Bucket="to", Key="k2")
    s3:CompleteMultipartUpload(Bucket="to", Key="k2")
    s3:CopyObject(CopySource="from/k", Bucket="to", Key="k2")
    s3:CreateMultipartUpload(Bucket="to", Key="k2")
    s3:GetObject(Bucket="from", Key="k")
    s3:HeadObject(Bucket="from", Key="k")
    s3:UploadPartCopy(CopySource="from/k", Bucket="to", Key="k2")
    sqs:GetQueueUrl(QueueName="queue")
    sqs:SendMessage(MessageBody="m")
    sns:Publish(TopicArn="arn:aws:sns:eu-west-1:123456789012:t", Message="m")
    ssm:PutParameter(Type="String", Name="/n", Value="v")
    logs:CreateLogGroup(logGroupName="g")
    lambda:Invoke(FunctionName="f", Qualifier="live", InvocationType="Event")
    secretsmanager:ListSecrets()
    "#);
}
