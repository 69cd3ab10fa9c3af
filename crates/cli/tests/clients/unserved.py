"""One call to each of some services that are not there; prints what boto3 makes of the answer."""

import boto3
from botocore.exceptions import ClientError

CALLS = {
    "iam": lambda c: c.list_users(),
    "sns": lambda c: c.list_topics(),
    "cloudformation": lambda c: c.list_stacks(),
    "sqs": lambda c: c.list_queues(),
    "kms": lambda c: c.list_keys(),
    "events": lambda c: c.list_rules(),
    "stepfunctions": lambda c: c.list_state_machines(),
    "cognito-idp": lambda c: c.list_user_pools(MaxResults=1),
    "lambda": lambda c: c.list_functions(),
    "apigateway": lambda c: c.get_rest_apis(),
    "route53": lambda c: c.list_hosted_zones(),
}
for service, call in CALLS.items():
    try:
        call(boto3.client(service))
        print(service, "served")
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        print(service, status, error.response["Error"]["Code"], error.response["Error"]["Message"])
