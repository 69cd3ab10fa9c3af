import json

from client import READY, call, expect, url

base = url("QuotesApi")
expect(call("GET", f"{base}/health"    )[0], 200, "a route that needs no key")
expect(call("GET", f"{base}/quote")[0], 403, "no key")
expect(call("GET", f"{base}/quote", headers={"x-api-key": "wrong"})[0], 403, "a wrong key")
(key,) = READY["apiKeys"].values()
status, _, body = call("GET", f"{base}/quote", headers={"x-api-key": key})
expect((status, json.loads(body)["keyLength"]), (200, 48), "the right key")
statuses = {call("GET", f"{base}/quote", headers={"x-api-key": key})[0] for _ in range(60)}
expect(statuses, {200, 429}, "more than the plan's throttle")
