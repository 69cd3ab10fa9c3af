"""Reads back what the lines of standard input say was kept, and prints what is missing or not as it was written."""

import os
import sys

import boto3
from botocore.exceptions import ClientError

TABLE, BUCKET = os.environ["TABLE"], os.environ["BUCKET"]
dynamodb, s3, ssm = (boto3.client(name) for name in ("dynamodb", "s3", "ssm"))
READS = {
    "dynamodb": lambda key: dynamodb.get_item(TableName=TABLE, Key={"id": {"S": key}})["Item"]["body"]["S"],
    "s3": lambda key: s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode(),
    "ssm": lambda key: ssm.get_parameter(Name=f"/writes/{key}", WithDecryption=True)["Parameter"]["Value"],
}
count = 0
for line in os.environ["KEPT"].split("\n"):
    _, kind, key = line.split()
    try:
        found = READS[kind](key)
    except (ClientError, KeyError) as error:
        print("lost", kind, key, error)
        continue
    if found != f"{key.split('-')[0]} " * 200:
        print("altered", kind, key)
    count += 1
print("found", count)
