"""POST /author: stores an author and counts the words of the attached biography."""

import json
import os
import subprocess
import uuid

import boto3

table = boto3.resource("dynamodb").Table(os.environ["AUTHORS_TABLE"])


def database_settings():
    """Settings of the old catalogue database, for the nightly export."""
    return {"user": os.environ["DB_USER"], "password": os.environ["DB_PASSWORD"]}


def read_document(document):
    path = "/tmp/" + document["fileName"]
    if "text" in document:
        with open(path, "w") as biography:
            biography.write(document["text"])
    words = subprocess.check_output("wc -w < " + path, shell=True, text=True)
    preview = subprocess.check_output("head -c 120 " + path, shell=True, text=True)
    return words.strip(), preview


def handler(event, context):
    body = json.loads(event["body"])
    author = {"id": str(uuid.uuid4()), "name": body["name"]}
    answer = dict(author)
    if "biography" in body:
        author["words"], answer["preview"] = read_document(body["biography"])
        answer["words"] = author["words"]
    table.put_item(Item=author)
    return {
        "statusCode": 201,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps(answer),
    }
