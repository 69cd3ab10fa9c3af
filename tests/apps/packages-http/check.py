import json

from client import call, expect, url

expected = {
    "name": "BÜCHER",
    "ascii": "xn--bcher-kva",
    "from": "/var/task/idna/__init__.py",
    "layer": "/opt/python/words.py",
}
expect(json.loads(call("GET", url() + "/names/b%C3%BCcher")[2]), expected, "packages of function and layer")
