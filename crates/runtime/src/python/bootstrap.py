"""Runs a Python handler against the Lambda Runtime API. Standard library only, Python 3.8 and later.

Modules that the start can do without are imported where they are needed: each costs milliseconds of a cold start.
"""

import json
import os
import site
import sys
import time

import _socket

API = "/2018-06-01/runtime/"
NO_BREAK_SPACE = "\u00a0"
REQUEST_ID = ""


class Fault(Exception):
    """A failure that Lambda has a name of its own for."""

    def __init__(self, kind, message, trace=None):
        super().__init__(message)
        self.kind, self.message, self.trace = kind, message, trace


class RuntimeApi:
    """HTTP/1.1 over one kept connection, without http.client and the mail parser that it imports."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.address, self.peer, self.sock, self.rest = address, (host, int(port)), None, b""

    def _connect(self):
        self.sock, self.rest = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM | _socket.SOCK_CLOEXEC), b""
        self.sock.connect(self.peer)
        self.sock.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)

    def _more(self):
        chunk = self.sock.recv(262144)
        if not chunk:
            raise ConnectionError("the Runtime API closed the connection")
        return chunk

    def request(self, method, path, body=b"", headers=()):
        head = ["%s %s%s HTTP/1.1" % (method, API, path), "Host: " + self.address]
        head.extend("%s: %s" % pair for pair in headers)
        if method == "POST":
            head.append("Content-Length: %d" % len(body))
        message = ("\r\n".join(head) + "\r\n\r\n").encode("latin-1", "replace") + body
        if self.sock is None:
            self._connect()
        try:
            self.sock.sendall(message)
            return self._answer()
        except OSError:
            self.sock.close()
            self.sock = None
            raise

    def _answer(self):
        data = self.rest
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, data = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        length = int(headers.get("content-length", "0"))
        parts, got = [data], len(data)
        while got < length:
            parts.append(self._more())
            got += len(parts[-1])
        data = b"".join(parts)
        self.rest = data[length:]
        return int(lines[0].split(" ", 2)[1]), headers, data[:length]


class CognitoIdentity:
    __slots__ = ["cognito_identity_id", "cognito_identity_pool_id"]

    def __init__(self, fields):
        self.cognito_identity_id = fields.get("cognitoIdentityId")
        self.cognito_identity_pool_id = fields.get("cognitoIdentityPoolId")

    def __repr__(self):
        return "CognitoIdentity([cognito_identity_id=%s,cognito_identity_pool_id=%s])" % (
            self.cognito_identity_id,
            self.cognito_identity_pool_id,
        )


class Client:
    __slots__ = ["installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"]

    def __init__(self, fields):
        for name in self.__slots__:
            setattr(self, name, fields.get(name))


class ClientContext:
    __slots__ = ["custom", "env", "client"]

    def __init__(self, fields):
        self.custom, self.env = fields.get("custom"), fields.get("env")
        client = fields.get("client")
        self.client = Client(client) if isinstance(client, dict) else None


class LambdaContext:
    """https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

    def __init__(self, headers):
        self.aws_request_id = headers.get("lambda-runtime-aws-request-id")
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.tenant_id = headers.get("lambda-runtime-aws-tenant-id")
        context = _json_header(headers, "lambda-runtime-client-context", "Client Context")
        self.client_context = ClientContext(context) if context is not None else None
        self.identity = CognitoIdentity(_json_header(headers, "lambda-runtime-cognito-identity", "Cognito Identity") or {})
        self._epoch_deadline_time_in_ms = int(headers.get("lambda-runtime-deadline-ms") or 0)

    def get_remaining_time_in_millis(self):
        return max(self._epoch_deadline_time_in_ms - int(time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))

    def __repr__(self):
        shown = ",".join("%s=%s" % item for item in vars(self).items() if not item[0].startswith("_"))
        return "LambdaContext([%s])" % shown


def _json_header(headers, name, what):
    text = headers.get(name)
    if not text:
        return None
    try:
        value = json.loads(text.encode("latin-1").decode("utf-8"))
        if not isinstance(value, dict):
            raise ValueError("expected an object")
        return value
    except Exception as error:
        raise Fault("Runtime.LambdaContextUnmarshalError", "Unable to parse %s JSON: %s" % (what, error))


class Unbuffered:
    """A stream that is flushed after each write, so that a line is logged before the sandbox is frozen."""

    def __init__(self, stream):
        self.stream = stream

    def __getattr__(self, name):
        return getattr(self.stream, name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def write(self, text):
        count = self.stream.write(text)
        self.stream.flush()
        return count

    def writelines(self, lines):
        self.stream.writelines(lines)
        self.stream.flush()


class SetUpLogging:
    """Finds `logging` once, for whoever imports it first, and sets it up as soon as it is there.

    A function that logs pays for the module, as it would anyway; one that does not starts a third faster.
    """

    def find_spec(self, name, path=None, target=None):
        if name != "logging":
            return None
        sys.meta_path.remove(self)
        # The standard library's own, as if it had been imported before the function's path was set.
        library = [os.path.dirname(os.__file__)]
        found = (finder.find_spec(name, library, target) for finder in sys.meta_path)
        spec = next((spec for spec in found if spec is not None), None)
        if spec is None:
            return None
        execute = spec.loader.exec_module

        def exec_module(module):
            del spec.loader.exec_module
            execute(module)
            set_up_logging(module)

        spec.loader.exec_module = exec_module
        return spec


def set_up_logging(logging):
    class LambdaLogHandler(logging.Handler):
        def emit(self, record):
            try:
                sys.stdout.write(self.format(record))
            except Exception:
                self.handleError(record)

    class RequestIdFilter(logging.Filter):
        def filter(self, record):
            record.aws_request_id = REQUEST_ID
            return True

    logging.Formatter.converter = time.gmtime
    handler = LambdaLogHandler()
    handler.setFormatter(
        logging.Formatter(
            "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n", "%Y-%m-%dT%H:%M:%S"
        )
    )
    handler.addFilter(RequestIdFilter())
    logging.getLogger().addHandler(handler)


def find_handler(name):
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        raise Fault(
            "Runtime.MalformedHandlerName",
            "Bad handler '%s': not enough values to unpack (expected 2, got 1)" % name,
        )
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise Fault(
            "Runtime.BuiltInModuleConflict", "Cannot use built-in module %s as a handler module" % module_name
        )
    from importlib import import_module

    try:
        module = import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module_name, error))
    except SyntaxError as error:
        trace = ['  File "%s" Line %s\n    %s' % (error.filename, error.lineno, error.text)]
        raise Fault("Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module_name, error), trace)
    try:
        return getattr(module, function_name)
    except AttributeError:
        raise Fault("Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (function_name, module_name))


def frames_of(error):
    """The traceback's frames from the first one that is not ours."""
    import traceback

    frames = [(f.filename, f.lineno, f.name, f.line) for f in traceback.extract_tb(error.__traceback__)]
    for at, frame in enumerate(frames):
        if frame[0] != __file__ and not frame[0].startswith("<frozen importlib"):
            return frames[at:]
    return frames


def describe(error, request_id):
    """Lambda's error object and the X-Ray cause."""
    if isinstance(error, Fault):
        kind, message, frames, trace = error.kind, error.message, [], error.trace or []
    else:
        import traceback

        kind, message, frames = type(error).__name__, str(error), frames_of(error)
        trace = traceback.format_list(frames)
    result = {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": trace}
    cause = {
        "working_directory": os.getcwd(),
        "exceptions": [
            {
                "message": message,
                "type": "LambdaValidationError" if isinstance(error, Fault) else kind,
                "stack": [{"label": f[2], "path": f[0], "line": f[1]} for f in frames],
            }
        ],
        "paths": sorted({f[0] for f in frames}),
    }
    return result, cause


def log_error(result):
    """One event of the log: its lines are joined by carriage returns, as the log agent of Lambda expects them."""
    lines = ["[ERROR] %s: %s" % (result["errorType"], result["errorMessage"]), "Traceback (most recent call last):"]
    for element in result["stackTrace"]:
        for line in element.splitlines():
            kept = line.lstrip(" ")
            lines.append(NO_BREAK_SPACE * (len(line) - len(kept)) + kept)
    sys.stdout.write("\r".join(lines) + "\n")


class Encoder(json.JSONEncoder):
    """Decimals (DynamoDB's numbers) are printed digit for digit, and NaN is refused, as Lambda's encoder does."""

    def __init__(self):
        # Runtimes before 3.12 escape everything beyond ASCII.
        super().__init__(ensure_ascii=sys.version_info < (3, 12), allow_nan=False)
        self.mark = ""

    def default(self, value):
        decimal = sys.modules.get("decimal")
        if decimal is None or not isinstance(value, decimal.Decimal):
            return super().default(value)
        if not value.is_finite():
            raise ValueError("Out of range float values are not JSON compliant")
        self.mark = self.mark or os.urandom(16).hex()
        return self.mark + str(value)

    def encode(self, value):
        text = super().encode(value)
        if self.mark:
            import re

            text = re.sub('"%s([^"]*)"' % self.mark, r"\1", text)
        return text


def marshal(value):
    if isinstance(value, bytes):
        return value, "application/unknown"
    try:
        return Encoder().encode(value).encode("utf-8"), "application/json"
    except Exception as error:
        raise Fault("Runtime.MarshalError", "Unable to marshal response: %s" % error)


def unmarshal(body):
    try:
        return json.loads(body.decode("utf-8"))
    except Exception as error:
        raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % error)


def post_error(api, path, result, cause):
    # A class may have any name: what is no word does not belong into a header.
    kind = "".join(c for c in result["errorType"] if c.isalnum() or c == ".")
    headers = [("Content-Type", "application/json"), ("Lambda-Runtime-Function-Error-Type", kind)]
    cause = json.dumps(cause)
    if len(cause) < 4096:
        headers.append(("Lambda-Runtime-Function-XRay-Error-Cause", cause))
    api.request("POST", path, json.dumps(result).encode(), headers)


def serve(api, handler):
    global REQUEST_ID
    while True:
        status, headers, body = api.request("GET", "invocation/next")
        if status != 200:
            raise ConnectionError("the Runtime API answered %d to next: %r" % (status, body[:200]))
        REQUEST_ID = headers["lambda-runtime-aws-request-id"]
        trace = headers.get("lambda-runtime-trace-id")
        if trace:
            os.environ["_X_AMZN_TRACE_ID"] = trace
        else:
            os.environ.pop("_X_AMZN_TRACE_ID", None)
        path = "invocation/" + REQUEST_ID
        try:
            context = LambdaContext(headers)
            answer, content_type = marshal(handler(unmarshal(body), context))
        except Exception as error:
            result, cause = describe(error, REQUEST_ID)
            error = None
            log_error(result)
            post_error(api, path + "/error", result, cause)
        else:
            api.request("POST", path + "/response", answer, [("Content-Type", content_type)])
        answer = body = None


def main(argv):
    sys.stdout, sys.stderr = Unbuffered(sys.stdout), Unbuffered(sys.stderr)
    version = "python%d.%d" % sys.version_info[:2]
    layers = ["/opt/python/lib/%s/site-packages" % version, "/opt/python"]
    ours = os.path.dirname(os.path.abspath(__file__))
    # Where Lambda keeps the packages that a runtime brings along; a function's own copy of one comes before.
    brought = ["/var/lang/lib/%s/site-packages" % version]
    rest = [p for p in sys.path if p != ours]
    sys.path[:] = [os.environ["LAMBDA_TASK_ROOT"]] + layers + [ours] + rest + brought
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    sys.meta_path.insert(0, SetUpLogging())
    # The interpreter is started without `site`, whose package directories belong to the host and not to the function.
    site.setquit()
    try:
        handler = find_handler(argv[1] if len(argv) > 1 else os.environ["_HANDLER"])
    except Exception as error:
        result, cause = describe(error, "")
        log_error(result)
        post_error(api, "init/error", result, cause)
        sys.exit(1)
    serve(api, handler)


if __name__ == "__main__":
    main(sys.argv)
