"""Writes to three services at once and prints a line for each write that was acknowledged, or that was refused.

`COUNT` writes each at most; the first that gets no answer at all ends its thread. `KIND` tells rounds apart.
"""

import os
import sys
import threading

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

ROUND, COUNT, TABLE, BUCKET = (os.environ[name] for name in ("ROUND", "COUNT", "TABLE", "BUCKET"))
BODY = f"{ROUND} " * 200
dynamodb, s3, ssm = (boto3.client(name, config=Config(retries={"total_max_attempts": 1})) for name in ("dynamodb", "s3", "ssm"))

WRITES = {
    "dynamodb": lambda key: dynamodb.put_item(TableName=TABLE, Item={"id": {"S": key}, "body": {"S": BODY}}),
    "s3": lambda key: s3.put_object(Bucket=BUCKET, Key=key, Body=BODY.encode()),
    "ssm": lambda key: ssm.put_parameter(Name=f"/writes/{key}", Value=BODY, Type="SecureString"),
}
LOCK = threading.Lock()


def say(*words):
    with LOCK:
        print(*words, flush=True)


def write(kind):
    for number in range(int(COUNT)):
        key = f"{ROUND}-{number:05}"
        try:
            WRITES[kind](key)
            say("kept", kind, key)
        except ClientError as error:
            say("refused", kind, key, error.response["ResponseMetadata"]["HTTPStatusCode"])
        except BotoCoreError:
            return


threads = [threading.Thread(target=write, args=(kind,)) for kind in WRITES]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
sys.stdout.flush()
