def gate(event, context):
    raise Exception("Unauthorized")


def door(event, context):
    print("canary-of-a-log")
    return {"statusCode": 200, "body": "inside"}
