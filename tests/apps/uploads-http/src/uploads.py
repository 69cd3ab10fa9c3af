import os

import boto3
from botocore.exceptions import ClientError

s3 = boto3.client("s3")
bucket = os.environ["BUCKET"]


def presign(event, context):
    key = event["pathParameters"]["name"]
    parameters = {"Bucket": bucket, "Key": key}
    return {
        "put": s3.generate_presigned_url("put_object", Params=parameters, ExpiresIn=60),
        "get": s3.generate_presigned_url("get_object", Params=parameters, ExpiresIn=60),
    }


def listing(event, context):
    prefix = (event.get("queryStringParameters") or {}).get("prefix", "public/")
    try:
        found = s3.list_objects_v2(Bucket=bucket, Prefix=prefix)
    except ClientError as error:
        return {"statusCode": 403, "body": error.response["Error"]["Code"]}
    return [{"key": entry["Key"], "size": entry["Size"]} for entry in found.get("Contents", [])]
