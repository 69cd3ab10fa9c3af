"""Sends the events of a folder to the first API, and prints the status of each."""

import json
import os
import pathlib

from client import call, url

for file in sorted(pathlib.Path(os.environ["EVENTS"]).glob("*.json")):
    event = json.loads(file.read_text())
    body = event["body"] and event["body"].encode()
    print(file.name, call(event["httpMethod"], url() + event["path"], body, event["headers"])[0])
