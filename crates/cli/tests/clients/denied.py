"""One call for each service with the keys in the environment; prints what each is answered."""

import boto3
from botocore.exceptions import ClientError

CALLS = {
    "dynamodb": lambda c: c.list_tables(),
    "s3": lambda c: c.list_buckets(),
    "ssm": lambda c: c.get_parameter(Name="/leak/x"),
    "secretsmanager": lambda c: c.get_secret_value(SecretId="x"),
    "logs": lambda c: c.describe_log_groups(),
    "sts": lambda c: c.get_caller_identity(),
}
for service, call in CALLS.items():
    try:
        call(boto3.client(service))
        print(service, "served")
    except ClientError as error:
        print(service, error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"])
