"""Prints how the table `TABLE` is laid out, and what it finds by its index."""

import os

import boto3
from botocore.exceptions import ClientError

TABLE = os.environ["TABLE"]
dynamodb = boto3.client("dynamodb")
if os.environ.get("WRITE"):
    dynamodb.put_item(TableName=TABLE, Item={"id": {"S": "1"}, "who": {"S": "ann"}})
found = dynamodb.describe_table(TableName=TABLE)["Table"]
print("indexes", [index["IndexName"] for index in found.get("GlobalSecondaryIndexes", [])])
print("protected", found["DeletionProtectionEnabled"], "stream", found.get("StreamSpecification", {}).get("StreamViewType"))
expiry = dynamodb.describe_time_to_live(TableName=TABLE)["TimeToLiveDescription"]
print("expiry", expiry["TimeToLiveStatus"], expiry.get("AttributeName"))
try:
    query = dynamodb.query(
        TableName=TABLE,
        IndexName="by-who",
        KeyConditionExpression="who = :who",
        ExpressionAttributeValues={":who": {"S": "ann"}},
    )
    print("found", [item["id"]["S"] for item in query["Items"]])
except ClientError as error:
    print("query", error.response["Error"]["Code"])
if os.environ.get("OWN"):
    dynamodb.create_table(
        TableName="of-the-operator",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    dynamodb.update_table(TableName=TABLE, DeletionProtectionEnabled=True)
    try:
        boto3.client("s3").create_bucket(Bucket="Not_A_Name")
    except ClientError as error:
        print("bucket", error.response["Error"]["Code"])
