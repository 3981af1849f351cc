# SPDX-License-Identifier: GPL-3.0-or-later
"""What a worker of the practice cloud runs: it loads a function's code and handles its events.

It starts before it knows its function: imports what takes time, says so on the control socket (file descriptor 3), and gets one
line of JSON that makes it a function's worker. From there on it speaks the Lambda Runtime API.
"""
import array
import http.client
import importlib
import json
import logging
import os
import resource
import signal
import socket
import sys
import threading
import time
import traceback
from decimal import Decimal

CONTROL_FD = 3
THREAD_STACK = 2 * 1024 * 1024
MIB = 1024 * 1024
# Ends a line inside one log event; the other side makes a line end of it.
SOFT_BREAK = "\x1e"


class RuntimeFailure(Exception):
    """A failure that has a name of the runtime's own."""

    def __init__(self, kind, message, trace=None):
        super().__init__(message)
        self.kind, self.message, self.trace = kind, message, trace or []


class CognitoIdentity:
    def __init__(self):
        self.cognito_identity_id = None
        self.cognito_identity_pool_id = None


class Context:
    """The second argument of a handler."""

    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = CognitoIdentity()
        client = headers.get("Lambda-Runtime-Client-Context")
        self.client_context = json.loads(client) if client else None
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline - int(time.time() * 1000))


class LogFormatter(logging.Formatter):
    """[LEVEL] time request message, as one log event however many lines it has."""

    converter = time.gmtime

    def format(self, record):
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        text = f"[{record.levelname}]\t{when}.{int(record.msecs):03d}Z\t{current_request}\t{record.getMessage()}"
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        return text.replace("\n", SOFT_BREAK)


current_request = ""


def patch_boto():
    """Every client without an endpoint of its own gets the practice cloud's: boto3 before 1.28 knows no AWS_ENDPOINT_URL."""
    try:
        import boto3
        import botocore.session
    except ImportError:
        return
    original = botocore.session.Session.create_client

    def create_client(self, service_name, region_name=None, api_version=None, use_ssl=True, verify=None, endpoint_url=None,
                      *args, **kwargs):
        if endpoint_url is None:
            name = "AWS_ENDPOINT_URL_" + service_name.upper().replace("-", "_").replace(" ", "_")
            endpoint_url = os.environ.get(name) or os.environ.get("AWS_ENDPOINT_URL")
        return original(self, service_name, region_name, api_version, use_ssl, verify, endpoint_url, *args, **kwargs)

    botocore.session.Session.create_client = create_client
    # The default session's loader keeps the models it has read.
    boto3.setup_default_session()
    try:
        boto3.DEFAULT_SESSION.client("sns", region_name="us-east-1", aws_access_key_id="-", aws_secret_access_key="-")
        boto3.DEFAULT_SESSION.resource("dynamodb", region_name="us-east-1", aws_access_key_id="-", aws_secret_access_key="-")
    except Exception:
        boto3.setup_default_session()


def listen(port):
    """A socket in this network namespace, which has nothing but a loopback of its own; the practice cloud accepts on it."""
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", port))
    server.listen(64)
    return server


def status_bytes(name):
    with open("/proc/self/status", encoding="ascii", errors="replace") as lines:
        for line in lines:
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024
    return 0


def set_limit(which, value):
    hard = resource.getrlimit(which)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(which, (value, value))


def set_limits(limits):
    memory = limits["memory"] * MIB
    set_limit(resource.RLIMIT_CORE, 0)
    set_limit(resource.RLIMIT_NOFILE, 1024)
    set_limit(resource.RLIMIT_FSIZE, limits["file"])
    set_limit(resource.RLIMIT_CPU, limits["cpu"])
    if limits.get("processes"):
        set_limit(resource.RLIMIT_NPROC, limits["processes"])
    set_limit(resource.RLIMIT_DATA, max(memory, status_bytes("VmData") + 24 * MIB))
    set_limit(resource.RLIMIT_AS, status_bytes("VmSize") + 2 * memory + 256 * MIB)


def describe(error, kind, message, trace):
    text = f"[ERROR] {kind}: {message}" if kind else f"[ERROR] {message}"
    if trace:
        text += "\nTraceback (most recent call last):\n" + "".join(trace)
    sys.stdout.flush()
    print(text.rstrip("\n").replace("\n", SOFT_BREAK), flush=True)


def make_error(kind, message, trace, request=""):
    return json.dumps({"errorMessage": message, "errorType": kind, "requestId": request, "stackTrace": trace}).encode()


def user_trace(error):
    """The traceback without this file's own frames."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename != __file__ and not f.filename.startswith("<frozen importlib")]
    return traceback.format_list(frames)


def to_number(value):
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def load_handler(name):
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        raise RuntimeFailure("Runtime.MalformedHandlerName", f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise RuntimeFailure("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}") from None
    except SyntaxError as error:
        trace = [f'  File "{error.filename}" Line {error.lineno}\n    {(error.text or "").strip()}']
        raise RuntimeFailure("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}", trace) from None
    if not hasattr(module, function_name):
        raise RuntimeFailure("Runtime.HandlerNotFound", f"Handler '{function_name}' missing on module '{module_name}'")
    return getattr(module, function_name)


def die_of_memory():
    """The limit was reached: Lambda kills the process, so it does not go on here either."""
    os.write(CONTROL_FD, b"memory\n")
    os.kill(os.getpid(), signal.SIGKILL)


class RuntimeApi:
    def __init__(self, where):
        host, _, self.path = where.partition("/")
        self.path = f"/{self.path}/2018-06-01/runtime/"
        self.connection = http.client.HTTPConnection(host, timeout=None)

    def next(self):
        self.connection.request("GET", self.path + "invocation/next")
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            sys.exit(0)
        return answer.headers, body

    def post(self, path, body, kind=None):
        headers = {"Content-Type": "application/json", "Millrace-Max-Memory": str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)}
        if kind:
            headers["Lambda-Runtime-Function-Error-Type"] = kind
        self.connection.request("POST", self.path + path, body, headers)
        self.connection.getresponse().read()


def handle(api, handler, headers, body):
    """One event: its answer, or what went wrong, posted."""
    request, process = headers["Lambda-Runtime-Aws-Request-Id"], os.getpid()
    os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id", "")
    try:
        event = json.loads(body)
        context = Context(headers)
        try:
            result = handler(event, context)
        finally:
            # A child that the handler forked must not answer for it.
            if os.getpid() != process:
                os._exit(0)
        try:
            text = json.dumps(result, ensure_ascii=False, default=to_number).encode()
        except (TypeError, ValueError, RecursionError) as error:
            raise RuntimeFailure("Runtime.MarshalError", f"Unable to marshal response: {error}") from None
    except MemoryError:
        die_of_memory()
    except RuntimeFailure as error:
        describe(error, error.kind, error.message, error.trace)
        api.post(f"invocation/{request}/error", make_error(error.kind, error.message, error.trace, request), error.kind)
    except Exception as error:
        kind, message, trace = type(error).__name__, str(error), user_trace(error)
        describe(error, kind, message, trace)
        api.post(f"invocation/{request}/error", make_error(kind, message, trace, request), kind)
    else:
        sys.stdout.flush()
        sys.stderr.flush()
        api.post(f"invocation/{request}/response", text)


def set_logging():
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(LogFormatter())
    logging.getLogger().addHandler(handler)


def read_line(control):
    line = bytearray()
    while not line.endswith(b"\n"):
        part = control.recv(65536)
        if not part:
            sys.exit(0)
        line += part
    return json.loads(line)


def main():
    global current_request
    control = socket.socket(fileno=CONTROL_FD)
    port = int(sys.argv[1])
    # Whatever is forked must not keep the control socket, and nothing that is exec'ed may have it.
    os.set_inheritable(CONTROL_FD, False)
    server = listen(port) if port else None
    patch_boto()
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [server.fileno()]))] if server else []
    control.sendmsg([b"hello\n"], rights)
    if server:
        server.close()

    order = read_line(control)
    for name in list(os.environ):
        del os.environ[name]
    os.environ.update(order["environment"])
    time.tzset()
    sys.path[:0] = order["path"]
    sys.argv = [__file__]
    os.chdir(order["directory"])
    importlib.invalidate_caches()
    threading.stack_size(THREAD_STACK)
    sys.stdout.reconfigure(line_buffering=True, encoding="utf-8", errors="backslashreplace")
    sys.stderr.reconfigure(line_buffering=True, encoding="utf-8", errors="backslashreplace")
    set_logging()
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    set_limits(order["limits"])

    try:
        handler = load_handler(order["handler"])
    except MemoryError:
        die_of_memory()
    except RuntimeFailure as error:
        describe(error, error.kind, error.message, error.trace)
        api.post("init/error", make_error(error.kind, error.message, error.trace), error.kind)
        sys.exit(1)
    except Exception as error:
        kind, message, trace = type(error).__name__, str(error), user_trace(error)
        describe(error, kind, message, trace)
        api.post("init/error", make_error(kind, message, trace), kind)
        sys.exit(1)

    while True:
        headers, body = api.next()
        current_request = headers["Lambda-Runtime-Aws-Request-Id"]
        handle(api, handler, headers, body)


if __name__ == "__main__":
    main()
