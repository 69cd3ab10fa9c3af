"""GET /booksStats: how many books there are, and the reports about them."""

import json
import os

import boto3

books = boto3.resource("dynamodb").Table(os.environ["BOOKS_TABLE"])
s3 = boto3.client("s3")


def handler(event, context):
    items = books.scan()["Items"]
    reports = s3.list_objects_v2(Bucket=os.environ["REPORTS_BUCKET"]).get("Contents", [])
    newest = max(reports, key=lambda report: report["LastModified"], default=None)
    answer = {"books": len(items), "reports": len(reports)}
    if newest:
        report = s3.get_object(Bucket=os.environ["REPORTS_BUCKET"], Key=newest["Key"])
        answer["newestReport"] = report["Body"].read().decode()
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps(answer),
    }
