//! What code asks AWS for.

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
    dynamodb:TransactWriteItems(TableName=[$ORDERS_TABLE | $STAGE + "-archive"])
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
