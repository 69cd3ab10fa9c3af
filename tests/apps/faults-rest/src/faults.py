import os
import time


def crash():
    os._exit(3)


def raises():
    raise ValueError("no such book")


def huge():
    return {"statusCode": 200, "body": "x" * (7 * 1024 * 1024)}


def malformed():
    return ["not", "an", "answer"]


def memory():
    return {"statusCode": 200, "body": str(len(bytearray(1 << 30)))}


def fine():
    return {"statusCode": 200, "body": "fine"}


FAULTS = {f.__name__: f for f in (crash, raises, huge, malformed, memory, fine)}


def handler(event, context):
    return FAULTS[event["pathParameters"]["fault"]]()


def hang(event, context):
    time.sleep(3600)


def flood(event, context):
    for number in range(100_000):
        print(f"line {number} of a flood")
    return fine()
