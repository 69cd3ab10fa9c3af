import hashlib
import hmac
import json
import os

import boto3

secrets = boto3.client("secretsmanager")


def handler(event, context):
    if event["resource"] == "/health":
        return {"statusCode": 200, "body": "ok"}
    secret = json.loads(secrets.get_secret_value(SecretId=os.environ["SECRET_ARN"])["SecretString"])
    quote = "Trust, but verify."
    signature = hmac.new(secret["key"].encode(), quote.encode(), hashlib.sha256).hexdigest()
    body = {"quote": quote, "signature": signature, "keyLength": len(secret["key"])}
    return {"statusCode": 200, "body": json.dumps(body)}
