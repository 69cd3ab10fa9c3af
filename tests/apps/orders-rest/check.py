import json

from client import call, expect, url

base = url("OrdersApi")


def as_(token, method="GET", path="/orders/7"):
    return call(method, base + path, headers={"X-Token": token})


expect(call("GET", base + "/open")[0], 200, "a route without authorizer")
expect(call("GET", base + "/orders/7")[0], 401, "no token")
expect(as_("NOT-A-TOKEN")[0], 401, "a token that the expression does not match")
expect(as_("stranger")[0], 401, "a token that the authorizer refuses")
expect(as_("broken")[0], 500, "an authorizer whose answer cannot be used")
expect(as_("nobody")[0], 403, "a policy that denies")
expect(as_("reader", "POST")[0], 403, "a reader that writes")
status, headers, body = as_("writer", "POST")
expect((status, headers["Location"], json.loads(body)), (201, "/orders/7", {"id": "7", "by": "writer"}), "a writer")
status, _, body = as_("reader")
expect((status, json.loads(body)), (200, {"order": {"id": "7", "by": "writer"}, "level": "3"}), "a reader")
expect(as_("reader", "POST")[0], 403, "the kept policy is decided anew for another method")
