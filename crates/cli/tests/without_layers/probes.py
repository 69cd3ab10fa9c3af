"""Tries every layer of the house from outside, and prints what became of each try."""

import datetime
import json
import os
import urllib.parse

import boto3
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError
from client import READY, call, url

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
BUCKET, NOW = "probes", datetime.datetime.now(datetime.timezone.utc)


def door(path, api="Doors", headers=None):
    status, _, body = call("GET", url(api) + path, headers=headers)
    if body == b"inside":
        return "served"
    said = json.loads(body)
    return f"{status} {said.get('message') or said['Message'].split(' with ')[-1]}"


def last_of(count, path, headers=None):
    return [door(path, headers=headers) for _ in range(count)][-1]


def said(attempt, *args, **params):
    try:
        attempt(*args, **params)
        return "served"
    except ClientError as error:
        return error.response["Error"]["Code"]


def inside(path):
    return call("GET", url("Doors") + path)[2].decode()


def session(**keys):
    return boto3.Session(**keys).client("sts")


def stolen_keys():
    env = json.loads(inside("/keys"))
    keys = {name.lower(): env[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")}
    return said(session(**keys).get_caller_identity)


def forged_signature():
    own = boto3.Session().get_credentials()
    keys = {"aws_access_key_id": own.access_key, "aws_secret_access_key": "x" * 40, "aws_session_token": own.token}
    return said(session(**keys).get_caller_identity)


def send(request, body):
    headers = {name: value for name, value in request.headers.items()}
    status, _, answer = call(request.method, request.url, body, headers)
    return "served" if status == 200 else answer.decode().split("<Code>")[1].split("</Code>")[0]


def sign(kind, service, request, at):
    auth = kind(boto3.Session().get_credentials(), service, os.environ["AWS_REGION"])
    request.context["timestamp"] = at.strftime("%Y%m%dT%H%M%SZ")
    auth._modify_request_before_signing(request)
    text = auth.string_to_sign(request, auth.canonical_request(request))
    auth._inject_signature_to_request(request, auth.signature(text, request))
    return request


def old_signature():
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    body = urllib.parse.urlencode({"Action": "GetCallerIdentity", "Version": "2011-06-15"}).encode()
    request = AWSRequest("POST", f"{ENDPOINT}/", headers=form, data=body)
    return send(sign(SigV4Auth, "sts", request, NOW - datetime.timedelta(minutes=20)), body)


def changed_body():
    request = AWSRequest("PUT", f"{ENDPOINT}/{BUCKET}/changed", data=b"what was signed")
    return send(sign(S3SigV4Auth, "s3", request, NOW), b"what was sent!!")


def leave_canaries():
    """Something in every store, to be looked for on the disk."""
    table = {"TableName": "probes", "BillingMode": "PAY_PER_REQUEST"}
    table["AttributeDefinitions"] = [{"AttributeName": "id", "AttributeType": "S"}]
    table["KeySchema"] = [{"AttributeName": "id", "KeyType": "HASH"}]
    dynamodb = boto3.client("dynamodb")
    dynamodb.create_table(**table)
    dynamodb.put_item(TableName="probes", Item={"id": {"S": "canary-of-an-item"}})
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="long", Body=b"canary-of-an-object" + bytes(300_000))
    boto3.client("ssm").put_parameter(Name="/probes", Value="canary-of-a-parameter", Type="String")
    boto3.client("secretsmanager").create_secret(Name="probes", SecretString="canary-of-a-secret")
    said(boto3.client("ssm").get_parameter, Name="/canary-of-a-record")


leave_canaries()
api_key = {"x-api-key": next(iter(READY["apiKeys"].values()))}
inside("/thief")
PACKAGES = f"burgward-deployment-{READY['account']}-{READY['region']}"
found = {
    "authorizer": door("/guarded", headers={"X-Token": "x"}),
    "api-key": door("/keyed"),
    "throttle": last_of(3, "/limited"),
    "quota": last_of(3, "/keyed", api_key),
    "api-policy": door("/closed", "ClosedApi"),
    "function-policy": door("/strange", "StrangeApi"),
    "signature": forged_signature(),
    "signature-time": old_signature(),
    "signed-payload": changed_body(),
    "key-binding": stolen_keys(),
    "runtime-api": inside("/thief"),
    "iam": inside("/tables"),
    "package-bucket": said(boto3.client("s3").list_objects_v2, Bucket=PACKAGES),
}
print(json.dumps(found))
