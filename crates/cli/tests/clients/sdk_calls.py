"""Plain boto3, with nothing but the variables that `burgward credentials` prints."""

import io
import urllib.request
import os
import ssl

import boto3
from boto3.dynamodb.conditions import Key
from botocore.config import Config

sts = boto3.client("sts").get_caller_identity()
print("sts", sts["Arn"], sts["Account"])

dynamodb = boto3.resource("dynamodb")
table = dynamodb.create_table(
    TableName="seeds",
    BillingMode="PAY_PER_REQUEST",
    AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("owner", "id")],
    KeySchema=[{"AttributeName": "owner", "KeyType": "HASH"}, {"AttributeName": "id", "KeyType": "RANGE"}],
)
table.wait_until_exists()
with table.batch_writer() as batch:
    for number in range(30):
        batch.put_item(Item={"owner": "ada", "id": f"{number:02}", "tags": {"a", "b"}, "raw": bytes([number])})
table.update_item(
    Key={"owner": "ada", "id": "00"}, UpdateExpression="ADD hits :one", ExpressionAttributeValues={":one": 1}
)
page = table.query(KeyConditionExpression=Key("owner").eq("ada") & Key("id").begins_with("1"))
first = table.get_item(Key={"owner": "ada", "id": "00"}, ConsistentRead=True)["Item"]
print("dynamodb", page["Count"], int(first["hits"]), sorted(first["tags"]), first["raw"].value, table.scan()["Count"])

sent = []
s3 = boto3.client("s3", config=Config(signature_version="s3v4"))
s3.meta.events.register("before-send.s3.PutObject", lambda request, **_: sent.append(request.headers))
s3.create_bucket(Bucket="operators-seeds")
content = bytes(range(256)) * 4096
s3.put_object(Bucket="operators-seeds", Key="streamed", Body=io.BytesIO(content), ChecksumAlgorithm="SHA256")
trailer = (sent[-1]["x-amz-content-sha256"], sent[-1]["x-amz-trailer"])
print("s3 streamed", *(v.decode() if isinstance(v, bytes) else v for v in trailer))
read = s3.get_object(Bucket="operators-seeds", Key="streamed", ChecksumMode="ENABLED")
print("s3 read", read["Body"].read() == content, "ChecksumSHA256" in read)

upload = s3.create_multipart_upload(Bucket="operators-seeds", Key="parts")["UploadId"]
parts = []
for number, part in enumerate((content * 5 + b"x" * 1024, content), 1):
    made = s3.upload_part(Bucket="operators-seeds", Key="parts", UploadId=upload, PartNumber=number, Body=part)
    parts.append({"ETag": made["ETag"], "PartNumber": number})
s3.complete_multipart_upload(
    Bucket="operators-seeds", Key="parts", UploadId=upload, MultipartUpload={"Parts": parts}
)
whole = s3.get_object(Bucket="operators-seeds", Key="parts")["Body"].read()
print("s3 multipart", whole == content * 5 + b"x" * 1024 + content)

tls = ssl.create_default_context(cafile=os.environ["AWS_CA_BUNDLE"])


def open_url(operation, data=None, **params):
    url = s3.generate_presigned_url(operation, Params={"Bucket": "operators-seeds", **params}, ExpiresIn=60)
    request = urllib.request.Request(url, data=data, method="PUT" if data else "GET")
    with urllib.request.urlopen(request, context=tls) as answer:
        return "X-Amz-Signature" in url, answer.status, answer.read()


print("s3 presigned", *open_url("put_object", b"by url", Key="url"), *open_url("get_object", Key="url"))
listed = s3.get_paginator("list_objects_v2").paginate(Bucket="operators-seeds", PaginationConfig={"PageSize": 2})
print("s3 listed", [item["Key"] for page in listed for item in page["Contents"]])

ssm = boto3.client("ssm")
ssm.put_parameter(Name="/seeds/a", Value="one", Type="String")
ssm.put_parameter(Name="/seeds/b", Value="two", Type="SecureString")
found = ssm.get_parameters_by_path(Path="/seeds", WithDecryption=True)["Parameters"]
print("ssm", [(p["Name"], p["Value"], p["Type"]) for p in found])

secrets = boto3.client("secretsmanager")
secrets.create_secret(Name="seeds", SecretString="first")
secrets.put_secret_value(SecretId="seeds", SecretString="second")
print("secretsmanager", secrets.get_secret_value(SecretId="seeds")["SecretString"])

logs = boto3.client("logs")
logs.create_log_group(logGroupName="/seeds")
logs.create_log_stream(logGroupName="/seeds", logStreamName="s")
now = int(__import__("time").time() * 1000)
logs.put_log_events(
    logGroupName="/seeds", logStreamName="s", logEvents=[{"timestamp": now, "message": m} for m in ("alpha", "beta")]
)
events = logs.filter_log_events(logGroupName="/seeds", filterPattern="beta")["events"]
print("logs", [event["message"] for event in events])
