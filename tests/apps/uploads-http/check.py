import json

from client import call, expect, url

base = url("UploadsApi")
urls = json.loads(call("POST", f"{base}/uploads/public/map.txt")[2])
content = bytes(range(256)) * 1000
expect(call("PUT", urls["put"], content)[0], 200, "an upload by presigned URL")
status, _, body = call("GET", urls["get"])
expect((status, body == content), (200, True), "the download by presigned URL")
expect(call("GET", urls["put"])[0], 403, "a URL that was signed for another method")
expect(call("GET", urls["get"].replace("map.txt", "other.txt"))[0], 403, "a URL whose key was changed")
expect(json.loads(call("GET", f"{base}/uploads")[2]), [{"key": "public/map.txt", "size": 256000}], "the listing")
status, _, body = call("GET", f"{base}/uploads?prefix=private/")
expect((status, body), (403, b"AccessDenied"), "a prefix that the condition does not allow")
expect(call("GET", f"{base}/none")[0], 404, "a path that has no route")
preflight = {"Origin": "https://shop.example", "Access-Control-Request-Method": "GET"}
status, headers, _ = call("OPTIONS", f"{base}/uploads", headers=preflight)
expect((status, headers["access-control-allow-origin"]), (204, "https://shop.example"), "a preflight request")
