import json

from client import READY, call, expect, url

base = url()
note = {"topic": "forts", "text": "many gates, one watch"}
status, _, body = call("PUT", f"{base}/notes/ada/1", note)
expect((status, json.loads(body)), (200, {"id": "1", "owner": "ada", **note}), "a new note")
expect(call("PUT", f"{base}/notes/ada/1", note)[0], 409, "the same note again")
expect(json.loads(call("GET", f"{base}/notes/ada")[2]), [{"id": "1", "owner": "ada", **note}], "the notes of one owner")
expect(json.loads(call("GET", f"{base}/topics/forts")[2]), [{"id": "1", "owner": "ada", **note}], "a query of the index")
status, _, body = call("DELETE", f"{base}/notes/ada")
error = json.loads(body)
expect((status, error["Code"]), (403, "AccessDeniedException"), "a reader that deletes")
table = READY["resources"]["NotesTable"]
wanted = f"is not authorized to perform: dynamodb:DeleteItem on resource: arn:aws:dynamodb:us-east-1:123456789012:table/{table}"
expect(wanted in error["Message"], True, f"the words of the denial: {error['Message']}")
expect(call("GET", f"{base}/other")[0], 403, "a path that has no route")
