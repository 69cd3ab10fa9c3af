"""What the checks of the apps share: a client that trusts the local CA, and answers with status, headers and body."""

import json
import os
import ssl
import urllib.error
import urllib.request

READY = json.load(open(os.environ["BURGWARD_READY_FILE"]))
TLS = ssl.create_default_context(cafile=READY["caFile"])


def url(logical_id=None):
    apis = READY["apis"]
    return next(api["url"] for api in apis if logical_id in (None, api["logicalId"]))


def call(method, address, body=None, headers=None):
    data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
    request = urllib.request.Request(address, data=data, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request, context=TLS, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers, answer.read()


def expect(actual, expected, what):
    if actual != expected:
        raise SystemExit(f"{what}: expected {expected!r}, got {actual!r}")
