import json

from client import call, expect, url

base = url()
FAILED = (502, {"message": "Internal server error"})


def fault(name):
    status, _, body = call("GET", f"{base}/faults/{name}")
    return status, json.loads(body)


def fine():
    status, _, body = call("GET", f"{base}/faults/fine")
    return status, body


for name in ("crash", "raises", "huge", "malformed", "memory"):
    expect(fault(name), FAILED, name)
    expect(fine(), (200, b"fine"), f"the next request after {name}")
for path in ("broken", "hang"):
    status, _, body = call("GET", f"{base}/{path}")
    expect((status, json.loads(body)), FAILED, path)
status, _, body = call("GET", f"{base}/flood")
expect((status, body), (200, b"fine"), "a flood of log lines")
expect(fine(), (200, b"fine"), "another function after the flood")
