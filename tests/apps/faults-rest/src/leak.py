import json
import os
import pathlib


def environment(event, context):
    return {"statusCode": 200, "body": json.dumps(dict(os.environ))}


def scratch(event, context):
    """What an earlier request left, as a predictable name in /tmp shows it."""
    file = pathlib.Path("/tmp/scratch")
    found = file.read_text() if file.exists() else "nothing"
    file.write_text("left by an earlier request")
    return {"statusCode": 200, "body": found}
