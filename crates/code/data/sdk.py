"""Writes sdk.txt: what the Python SDK calls things, from the models that it is published with.

Usage: python3 sdk.py > sdk.txt
"""

import json
import os
import re

import boto3
import botocore
from botocore import xform_name
from botocore.session import Session

PLAIN = re.compile(r"\w+")
session = Session()


def capitalised(method):
    return "".join(word[:1].upper() + word[1:] for word in method.split("_"))


def sources(items):
    """`Target=Identifier` for identifiers of the resource itself, `Target` for what the caller gives."""
    found = []
    for item in items:
        if not PLAIN.fullmatch(item["target"]):
            continue
        if item["source"] == "identifier":
            found.append(f"{item['target']}={item['name']}")
        elif item["source"] == "input":
            found.append(item["target"])
        elif item["source"] == "string":
            continue
        else:
            found.append(item["target"] + "=?")
    return ",".join(found) or "-"


def request(shape):
    return shape["request"]["operation"], sources(shape["request"].get("params", []))


def resource(name, kind, shape):
    print(f"resource {name} {kind}")
    for item in shape.get("identifiers", []):
        print("id", item["name"], xform_name(item["name"]), xform_name(item.get("memberName", item["name"])))
    if "load" in shape:
        print("load", *request(shape["load"]))
    for action, value in shape.get("actions", {}).items():
        print("do", xform_name(action), *request(value), value.get("resource", {}).get("type", "-"))
    for action, value in shape.get("batchActions", {}).items():
        print("batch", xform_name(action), value["request"]["operation"])
    for waiter, value in shape.get("waiters", {}).items():
        path = value["waiterName"]
        operation = WAITERS[name].get(xform_name(path), {}).get("operation", "-")
        print("do", "wait_until_" + xform_name(waiter), operation, sources(value.get("params", [])), "-")
    for sub, value in shape.get("has", {}).items():
        kind, items = value["resource"]["type"], value["resource"].get("identifiers", [])
        if all(item["source"] in ("identifier", "input") for item in items):
            print("has", sub, kind, sources(items))
    for many, value in shape.get("hasMany", {}).items():
        print("many", xform_name(many), *request(value), value["resource"]["type"])


print(f"# Written by sdk.py from boto3 {boto3.__version__} and botocore {botocore.__version__} (Apache-2.0).")
WAITERS = {}
for name in session.get_available_services():
    model = session.get_service_model(name)
    for operation in model.operation_names:
        method = xform_name(operation)
        if capitalised(method) != operation:
            print("method", name, method, operation)
    try:
        waiters = session.get_waiter_model(name)
    except botocore.exceptions.UnknownServiceError:
        continue
    except botocore.exceptions.DataNotFoundError:
        continue
    for waiter in waiters.waiter_names:
        WAITERS.setdefault(name, {})[xform_name(waiter)] = {"operation": waiters.get_waiter(waiter).operation}
        print("waiter", name, xform_name(waiter), waiters.get_waiter(waiter).operation)
for name in boto3.Session().get_available_resources():
    folder = os.path.join(os.path.dirname(boto3.__file__), "data", name)
    version = sorted(os.listdir(folder))[-1]
    with open(os.path.join(folder, version, "resources-1.json")) as file:
        model = json.load(file)
    # The service itself offers all kinds of resources, given all of their identifiers.
    has = model["service"].setdefault("has", {})
    for kind, shape in model["resources"].items():
        ids = [{"target": item["name"], "source": "input"} for item in shape.get("identifiers", [])]
        has.setdefault(kind, {"resource": {"type": kind, "identifiers": ids}})
    resource(name, "-", model["service"])
    for kind, shape in model["resources"].items():
        resource(name, kind, shape)
