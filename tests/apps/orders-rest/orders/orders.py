import json
import os

import boto3

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def handler(event, context):
    if event["resource"] == "/open":
        return {"statusCode": 200, "body": "open"}
    order = {"id": event["pathParameters"]["proxy"], "by": event["requestContext"]["authorizer"]["principalId"]}
    if event["httpMethod"] == "POST":
        table.put_item(Item=order)
        return {"statusCode": 201, "headers": {"Location": event["path"]}, "body": json.dumps(order)}
    found = table.get_item(Key={"id": order["id"]}).get("Item")
    level = event["requestContext"]["authorizer"]["level"]
    return {"statusCode": 200 if found else 404, "body": json.dumps({"order": found, "level": level})}
