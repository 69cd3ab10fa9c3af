def handler(event, context):
    token = event["authorizationToken"]
    if token == "stranger":
        raise Exception("Unauthorized")
    if token == "broken":
        return {"principalId": "x"}
    effect = "Allow" if token in ("reader", "writer") else "Deny"
    method = "*" if token == "writer" else "GET"
    stage = "/".join(event["methodArn"].split("/")[:2])
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": f"{stage}/{method}/orders/*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return {"principalId": token, "policyDocument": policy, "context": {"level": 3}}
