"""Presigned URLs by plain boto3: no configuration but what `burgward credentials` exports, and no keys where they are used."""

import os
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request

import boto3

s3 = boto3.client("s3")
s3.create_bucket(Bucket="lent")
TLS = ssl.create_default_context(cafile=os.environ["AWS_CA_BUNDLE"])


def presign(operation, key="letter", seconds=60):
    return s3.generate_presigned_url(operation, Params={"Bucket": "lent", "Key": key}, ExpiresIn=seconds)


def use(url, method="GET", body=None):
    request = urllib.request.Request(url, method=method, data=body)
    try:
        with urllib.request.urlopen(request, context=TLS) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode().split("<Code>")[1].split("</Code>")[0]


put, get, short = presign("put_object"), presign("get_object"), presign("get_object", seconds=1)
print("algorithm", urllib.parse.parse_qs(urllib.parse.urlsplit(get).query)["X-Amz-Algorithm"])
print("put", *use(put, "PUT", b"dear reader"))
print("get", *use(get))
print("get again", *use(get))

signature = get.split("X-Amz-Signature=")[1]
other = ("1" if signature[0] == "0" else "0") + signature[1:]
s3.put_object(Bucket="lent", Key="diary", Body=b"private")
TAMPERED = {
    "another signature": (get.replace(signature, other), "GET", None),
    "no signature": (get.split("?")[0], "GET", None),
    "another key": (get.replace("/letter", "/diary"), "GET", None),
    "another method": (get, "PUT", b"forged"),
    "a read for a write": (put, "GET", None),
    "a longer life": (get.replace("X-Amz-Expires=60", "X-Amz-Expires=600"), "GET", None),
    "another parameter": (get + "&response-content-type=text/html", "GET", None),
    "a deletion": (put, "DELETE", None),
}
for name, (url, method, body) in TAMPERED.items():
    print(name, *use(url, method, body))
time.sleep(2.1)
print("expired", *use(short))
print("still there", s3.get_object(Bucket="lent", Key="letter")["Body"].read())
