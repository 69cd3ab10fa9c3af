import os

import boto3
from botocore.exceptions import ClientError

ssm = boto3.client("ssm")


def handler(event, context):
    if event["rawPath"] != "/settings":
        return {"route": event["routeKey"], "path": event["rawPath"], "query": event["rawQueryString"]}
    found = ssm.get_parameters_by_path(Path=os.environ["PREFIX"], Recursive=True)["Parameters"]
    try:
        ssm.put_parameter(Name=os.environ["PREFIX"] + "/greeting", Value="pwned", Overwrite=True)
        written = "yes"
    except ClientError as error:
        written = error.response["Error"]["Code"]
    values = {p["Name"].rsplit("/", 1)[1]: p["Value"] for p in found}
    return {"settings": values, "greeting": os.environ["GREETING"], "written": written}
