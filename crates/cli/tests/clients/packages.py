"""Tries to get at the functions' packages with the operator's keys."""

import os

import boto3
from botocore.exceptions import ClientError

s3 = boto3.client("s3")
bucket = os.environ["PACKAGES"]
TRIES = {
    "list": lambda: s3.list_objects_v2(Bucket=bucket),
    "read": lambda: s3.get_object(Bucket=bucket, Key="packages/x.zip"),
    "write": lambda: s3.put_object(Bucket=bucket, Key="packages/x.zip", Body=b"x"),
    "delete": lambda: s3.delete_object(Bucket=bucket, Key="packages/x.zip"),
    "unlock": lambda: s3.delete_bucket_policy(Bucket=bucket),
    "replace": lambda: s3.put_bucket_policy(Bucket=bucket, Policy="{}"),
    "copy": lambda: s3.copy_object(Bucket=bucket, Key="y", CopySource={"Bucket": bucket, "Key": "packages/x.zip"}),
}
for name, attempt in TRIES.items():
    try:
        attempt()
        print(name, "served")
    except ClientError as error:
        print(name, error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"])
