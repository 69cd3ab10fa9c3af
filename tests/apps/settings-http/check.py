import json

from client import call, expect, url

base = url()
expected = {
    "settings": {"greeting": "Hello, tester", "currencies": "EUR,SEK"},
    "greeting": "Hello, tester",
    "written": "AccessDeniedException",
}
expect(json.loads(call("GET", f"{base}/settings")[2]), expected, "the settings")
other = {"route": "$default", "path": "/a/b c", "query": "x=1&x=2"}
expect(json.loads(call("GET", f"{base}/a/b%20c?x=1&x=2")[2]), other, "the default route")
