import decimal
import http.client
import json
import logging
import os
import socket
import sys
import time

AT_INIT = sorted(name for name in os.environ if name.startswith("AWS_") and os.environ[name])
log = logging.getLogger()
log.setLevel("INFO")


def runtime_api(method, path, body=None, headers={}):
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"], timeout=5)
    connection.request(method, "/2018-06-01/runtime/" + path, body, headers)
    answer = connection.getresponse()
    return [answer.status, json.loads(answer.read()).get("errorType")]


def echo(event, context):
    return event


def null(event, context):
    pass


def describe(event, context):
    left = context.get_remaining_time_in_millis()
    return {
        "name": context.function_name,
        "version": context.function_version,
        "memory": context.memory_limit_in_mb,
        "arn": context.invoked_function_arn,
        "group": context.log_group_name,
        "stream": context.log_stream_name == os.environ["AWS_LAMBDA_LOG_STREAM_NAME"],
        "time": 0 < left <= 10000,
        "client": context.client_context and context.client_context.custom,
        "trace": os.environ["_X_AMZN_TRACE_ID"],
        "cwd": os.getcwd(),
        "path": [p for p in sys.path if "/lib/python3" not in p or p.startswith("/opt")][:4],
        "at_init": AT_INIT,
        "ca": open(os.environ["AWS_CA_BUNDLE"]).read(),
    }


def speak(event, context):
    print("to stdout")
    print("to stderr", file=sys.stderr)
    log.info("to the logger")
    sys.stdout.write("no line break")
    return 1


def fail(event, context):
    raise ValueError("no such thing: " + event["what"])


def crash(event, context):
    print("last words")
    os._exit(3)


def hang(event, context):
    while True:
        time.sleep(1)


def eat(event, context):
    eaten = []
    while True:
        eaten.append(bytearray(b"x") * (1 << 20))


def big(event, context):
    return "x" * (7 << 20)


def unmarshallable(event, context):
    return {"a": object()}


def numbers(event, context):
    return {"n": decimal.Decimal("1.10"), "t": (1, None, True), "s": "ü"}


def flood(event, context):
    for number in range(60000):
        print("line %d %s" % (number, "x" * 100))
    return "done"


def second_next(event, context):
    return runtime_api("GET", "invocation/next")


def forge(event, context):
    mine = context.aws_request_id
    other = "00000000-0000-4000-8000-000000000000"
    return [
        runtime_api("POST", "invocation/%s/response" % other, "1"),
        runtime_api("POST", "invocation/%s/error" % other, "{}"),
        runtime_api("POST", "init/error", "{}"),
        runtime_api("GET", "invocation/%s/response" % mine),
        runtime_api("GET", "nothing"),
    ]


def double(event, context):
    path = "invocation/%s/response" % context.aws_request_id
    first, second = runtime_api("POST", path, '"first"'), runtime_api("POST", path, '"second"')
    print(json.dumps([first, second]))
    return "third"


def lying_type(event, context):
    headers = {"Lambda-Runtime-Function-Error-Type": "Any text {x} at all"}
    return runtime_api("POST", "invocation/%s/error" % context.aws_request_id, '{"errorType": "x"}', headers)


def connections(event, context):
    held = []
    host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")
    for _ in range(200):
        held.append(socket.create_connection((host, int(port)), timeout=5))
    closed = 0
    for connection in held:
        connection.settimeout(0.05)
        try:
            closed += connection.recv(1) == b""
        except ConnectionResetError:
            closed += 1
        except socket.timeout:
            pass
    return closed


def slow_post(event, context):
    """A response that breaks off midway; the real one comes on another connection."""
    held = socket.create_connection(("127.0.0.1", 9001))
    held.sendall(
        b"POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
        % context.aws_request_id.encode()
    )
    time.sleep(0.1)
    held.close()
    time.sleep(0.1)
    return "whole"


def marker(event, context):
    there = os.path.exists("/tmp/marker")
    open("/tmp/marker", "w").close()
    return there


def nap(event, context):
    time.sleep(0.5)
    return "slept"


def aws(event, context):
    connection = http.client.HTTPConnection("127.0.0.1", 4566, timeout=5)
    connection.request("GET", "/")
    return connection.getresponse().read().decode()


def late(event, context):
    """Answers, then never asks for the next invocation."""
    runtime_api("POST", "invocation/%s/response" % context.aws_request_id, '"early"')
    time.sleep(60)


count = 0


def counter(event, context):
    global count
    count += 1
    return count


def layers(event, context):
    return [open("/opt/python/layer.txt").read(), sorted(os.listdir("/opt/python"))]
