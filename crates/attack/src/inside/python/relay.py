"""Sends AWS calls from inside a sandbox, signed with the keys found there. Standard library only.

What is sent is decided outside: the event lists calls, and for each one how its signature is to be spoiled.
"""

import base64
import datetime
import hashlib
import hmac
import http.client
import os
import ssl
from urllib.parse import quote, urlsplit

LONGEST = 6000


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def digest(data):
    return hashlib.sha256(data).hexdigest()


def encoded(pairs):
    return "&".join(sorted("%s=%s" % (quote(k, safe="-_.~"), quote(v, safe="-_.~")) for k, v in pairs))


class Caller:
    def __init__(self):
        end = urlsplit(os.environ["AWS_ENDPOINT_URL"])
        self.netloc, self.host, self.port = end.netloc, end.hostname, end.port or 443
        self.region = os.environ["AWS_REGION"]
        self.tls = ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE"))
        names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]
        self.keys = [os.environ[name] for name in names]
        self.line = None

    def signature(self, secret, stamp, service, canonical):
        scope = "/".join([stamp[:8], self.region, service, "aws4_request"])
        key = ("AWS4" + secret).encode()
        for part in scope.split("/"):
            key = mac(key, part)
        text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, digest(canonical.encode())])
        return scope, mac(key, text).hex()

    def prepare(self, call):
        """Method, path with query, headers and body of a call."""
        spoil = call.get("spoil") or ""
        identity, secret, token = call.get("keys") or self.keys
        service, method, path = call["service"], call["method"], call["path"]
        body, query = call.get("body", "").encode(), [list(pair) for pair in call.get("query", [])]
        age = 20 if spoil in ("old", "presign-expired") else 0
        now = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=age)
        stamp = now.strftime("%Y%m%dT%H%M%SZ")
        headers = {name.lower(): value for name, value in call.get("headers", [])}
        if spoil == "unsigned":
            return method, self.target(path, query), headers, body
        if spoil == "version-2":
            text = "%s\n\n\n%s\n%s" % (method, stamp, path)
            tag = base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()).decode()
            headers.update({"date": stamp, "authorization": "AWS %s:%s" % (identity, tag)})
            return method, self.target(path, query), headers, body
        if spoil == "presign-expired":
            return self.presign(call, stamp, (identity, secret, token), query) + (headers, body)
        headers.update({"host": self.netloc, "x-amz-date": stamp, "x-amz-security-token": token})
        payload = digest(body)
        if service == "s3":
            headers["x-amz-content-sha256"] = payload
        names = ";".join(sorted(headers))
        lines = "".join("%s:%s\n" % (name, headers[name].strip()) for name in sorted(headers))
        canonical = "\n".join([method, path, encoded(query), lines, names, payload])
        scope, tag = self.signature(secret, stamp, service, canonical)
        if spoil == "signature":
            tag = ("0" if tag[0] != "0" else "1") + tag[1:]
        elif spoil == "path":
            path = call["other"]
        elif spoil == "payload":
            body += b" "
        elif spoil == "unsigned-payload":
            headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD"
        credential = "Credential=%s/%s" % (identity, scope)
        headers["authorization"] = "AWS4-HMAC-SHA256 %s, SignedHeaders=%s, Signature=%s" % (credential, names, tag)
        return method, self.target(path, query), headers, body

    def presign(self, call, stamp, keys, query):
        identity, secret, token = keys
        scope = "/".join([stamp[:8], self.region, call["service"], "aws4_request"])
        query += [
            ["X-Amz-Algorithm", "AWS4-HMAC-SHA256"],
            ["X-Amz-Credential", identity + "/" + scope],
            ["X-Amz-Date", stamp],
            ["X-Amz-Expires", "60"],
            ["X-Amz-SignedHeaders", "host"],
            ["X-Amz-Security-Token", token],
        ]
        lines = ["host:%s\n" % self.netloc, "host", "UNSIGNED-PAYLOAD"]
        canonical = "\n".join([call["method"], call["path"], encoded(query)] + lines)
        tag = self.signature(secret, stamp, call["service"], canonical)[1]
        return call["method"], self.target(call["path"], query + [["X-Amz-Signature", tag]])

    def target(self, path, query):
        return path + ("?" + encoded(query) if query else "")

    def send(self, call):
        method, target, headers, body = self.prepare(call)
        try:
            if self.line is None:
                self.line = http.client.HTTPSConnection(self.host, self.port, timeout=8, context=self.tls)
            self.line.request(method, target, body=body, headers=headers)
            answer = self.line.getresponse()
            text = answer.read().decode("utf-8", "replace")
            return {"status": answer.status, "body": text[:LONGEST]}
        except Exception as error:
            self.line = None
            return {"status": 0, "body": "%s: %s" % (type(error).__name__, error)}


def handler(event, context):
    caller = Caller()
    return {"answers": [caller.send(call) for call in event["calls"]], "keys": caller.keys, "environment": dict(os.environ)}
