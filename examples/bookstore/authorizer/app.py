"""Checks the signed token (JWT, RS256) that the identity provider gave the caller."""

import base64
import hashlib
import hmac
import json
import time

# The identity provider's public key.
MODULUS = int(
    "caaecda778838f8763b84d9f09517de4e85bb66b31c4e82a361820bd993caa57"
    "0e9cafeb350ca040bc7206cc757d8e2971cbb292fbc5ed8934527ca0c30fd484"
    "37ac744a3e686a2baf1b2823040c8a885711a8feeee7b8db891028ef1bf2f63b"
    "a01e96db1aa57f346331530d67377dd245109f92b14d8d9a82d49a391ef057ff"
    "10ae10cbb3b590d9bfea661a5298e4c78327cfca9f818653ff77b136026f3029"
    "fe2f63840ece24abcfb624b47eac15163747f88890d5399dfb8d70e5cd1ec6c8"
    "e3f5ded5b17fffbbe6118956fe28b407944a09630b814d0c520f67d21aeb7ec4"
    "b2ea2854ab366f8358ff815282f02cb9fe106dc198eaede4f2fed6317694ef6d",
    16,
)
EXPONENT = 65537
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


def decode(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def verified_claims(token):
    signed, _, signature = token.rpartition(".")
    header, _, claims = signed.partition(".")
    if json.loads(decode(header)).get("alg") != "RS256":
        raise ValueError("unexpected algorithm")
    digest = DIGEST_INFO + hashlib.sha256(signed.encode()).digest()
    expected = b"\x00\x01" + b"\xff" * (256 - len(digest) - 3) + b"\x00" + digest
    actual = pow(int.from_bytes(decode(signature), "big"), EXPONENT, MODULUS)
    if not hmac.compare_digest(actual.to_bytes(256, "big"), expected):
        raise ValueError("bad signature")
    claims = json.loads(decode(claims))
    if claims["exp"] < time.time():
        raise ValueError("expired")
    return claims


def handler(event, context):
    try:
        claims = verified_claims(event["authorizationToken"].removeprefix("Bearer "))
    except (ValueError, KeyError, OverflowError):
        raise Exception("Unauthorized")
    return {
        "principalId": claims["sub"],
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": event["methodArn"]}
            ],
        },
        "context": {"scope": claims["scope"]},
    }
