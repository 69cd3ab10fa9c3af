from client import READY, call, expect, url

status, _, body = call("GET", url() + "/hello")
role, function = READY["resources"]["Role"], READY["resources"]["Hello"]
wanted = f"hello world from arn:aws:sts::123456789012:assumed-role/{role}/{function}"
expect((status, body.decode()), (200, wanted), "the function's answer")
