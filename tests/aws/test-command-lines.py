# SPDX-License-Identifier: GPL-3.0-or-later
"""The AWS CLI understands our command lines as the call they stand for. usage: test-command-lines.py HELPER OPERATIONS"""

import base64
import contextlib
import io
import json
import os
import shlex
import sys
import tempfile

from oracle import Checks, Oracle, Values, need, table

clidriver, awscli = need("awscli.clidriver", "awscli")

ROUNDS = 4
ZIP = b"PK\x05\x06" + bytes(18)


class Captured(Exception):
    """Ends a command before anything is sent."""


def captured_parameters(driver, line):
    seen = []

    def capture(params, **_):
        seen.append(params)
        raise Captured()

    arguments = shlex.split(line)[1:]
    if awscli.__version__.startswith("1."):
        # Version 1 takes text as it is and does not know the option.
        arguments = [a for a in arguments if a not in ("--cli-binary-format", "raw-in-base64-out")]
    driver.session.register("provide-client-params.*.*", capture, unique_id="capture")
    errors = io.StringIO()
    with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
        try:
            driver.main(arguments)
        except SystemExit:
            pass
    driver.session.unregister("provide-client-params.*.*", unique_id="capture")
    return (seen[0] if seen else None), errors.getvalue().strip()[-300:]


def put_code(parameters, value):
    """A ZipFile is a blob of its own, which a command line names as a file."""
    for holder in (parameters, parameters.get("Code")):
        if isinstance(holder, dict) and "ZipFile" in holder:
            holder["ZipFile"] = value


def normal(value):
    """The CLI leaves blobs, times and numbers as they were written."""
    if isinstance(value, dict):
        return {k: normal(v) for k, v in value.items()}
    if isinstance(value, list):
        return [normal(v) for v in value]
    if isinstance(value, bool):
        return value
    return str(value)


def main(helper, operations):
    os.environ.update(AWS_ACCESS_KEY_ID="AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY="secret", AWS_CONFIG_FILE="/dev/null",
                      AWS_SHARED_CREDENTIALS_FILE="/dev/null", AWS_EC2_METADATA_DISABLED="true", AWS_PAGER="")
    checks = Checks()
    values = Values(5)
    with Oracle(os.path.abspath(helper)) as oracle, tempfile.TemporaryDirectory() as folder:
        operations = os.path.abspath(operations)
        os.chdir(folder)
        with open("function.zip", "wb") as file:
            file.write(ZIP)
        driver = clidriver.create_clidriver()
        for service, operation in table(operations):
            shape = driver.session.get_service_model(service).operation_model(operation).input_shape
            for number in range(ROUNDS):
                invoke = operation == "Invoke"
                ours = values.make(shape, raw_blob=invoke, all_members=number == 0)[1] if shape is not None else {}
                # The CLI counts items over all pages itself.
                ours.pop("MaxItems", None)
                if invoke and not ours.get("Payload"):
                    ours.pop("Payload", None)
                put_code(ours, base64.b64encode(ZIP).decode())
                answer = oracle.ask(do="command", operation=f"{service}:{operation}", parameters=ours,
                                    region="eu-west-1", endpoint="http://127.0.0.1:9")
                theirs, error = captured_parameters(driver, answer["line"])
                expected = json.loads(json.dumps(ours))
                put_code(expected, ZIP)
                checks.equal(f"{answer['line'][:600]}\n  {error}", normal(expected),
                             normal(theirs) if theirs is not None else None)
        os.chdir("/")
    checks.finish()


main(*sys.argv[1:])
