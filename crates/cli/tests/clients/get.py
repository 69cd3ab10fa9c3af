"""Sends one request to the first API and prints status and body."""

import os

from client import call, url

status, _, body = call(os.environ.get("METHOD", "GET"), url() + os.environ["GET_PATH"])
print(status, body.decode(), end="")
