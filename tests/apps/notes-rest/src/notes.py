import json
import os

import boto3
from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def answer(status, body):
    return {"statusCode": status, "body": json.dumps(body, sort_keys=True)}


def write(event, context):
    note = {**event["pathParameters"], **json.loads(event["body"])}
    try:
        table.put_item(Item=note, ConditionExpression="attribute_not_exists(id)")
    except ClientError as error:
        return answer(409, error.response["Error"]["Code"])
    return answer(200, note)


def read(event, context):
    parameters = event["pathParameters"]
    if event["httpMethod"] == "DELETE":
        try:
            table.delete_item(Key={"owner": parameters["owner"], "id": "1"})
        except ClientError as error:
            return answer(403, error.response["Error"])
        return answer(200, "deleted")
    if "topic" in parameters:
        found = table.query(IndexName="by-topic", KeyConditionExpression=Key("topic").eq(parameters["topic"]))
    else:
        found = table.query(KeyConditionExpression=Key("owner").eq(parameters["owner"]))
    return answer(200, found["Items"])
