# SPDX-License-Identifier: GPL-3.0-or-later
"""The order pipeline built, looked at and taken down on clouds of others: moto, over HTTP and over TLS, and MiniStack, where they are installed."""
import datetime
import ipaddress
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request

import cli

try:
    import boto3
    import flask
    import moto
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
except ImportError as missing:
    print(f"SKIP: the Python module {missing.name} is not installed", file=sys.stderr)
    sys.exit(77)

MINISTACK = os.environ.get("MILLRACE_MINISTACK") or shutil.which("ministack")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A program that listens on @port, with a home of its own; it answers once @port is open."""

    def __init__(self, arguments, port, **environment):
        self.home = tempfile.mkdtemp(prefix="mill-")
        self.process = subprocess.Popen(arguments, env={**os.environ, "HOME": self.home, **environment}, cwd=self.home,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        end = time.monotonic() + 60
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise AssertionError(f"{arguments[0]} does not answer")
            time.sleep(0.1)

    def stop(self):
        # Its workers are in its process group.
        try:
            os.killpg(self.process.pid, 15)
        except ProcessLookupError:
            pass
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, 9)
            self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)


class Authority:
    """A certificate authority of the test's own."""

    def __init__(self, folder, name):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        certificate = self.sign(self.name, self.key.public_key(), x509.BasicConstraints(ca=True, path_length=None))
        self.path = os.path.join(folder, name + ".pem")
        with open(self.path, "wb") as file:
            file.write(certificate.public_bytes(serialization.Encoding.PEM))

    def sign(self, name, key, extension):
        now = datetime.datetime.now(datetime.timezone.utc)
        return (x509.CertificateBuilder().subject_name(name).issuer_name(self.name).public_key(key)
                .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
                .not_valid_after(now + datetime.timedelta(days=1)).add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
                .sign(self.key, hashes.SHA256()))

    def serve(self, folder, address):
        """(certificate, key) of a server at @address, as files."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        certificate = self.sign(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, address)]), key.public_key(), names)
        paths = os.path.join(folder, address + ".crt"), os.path.join(folder, address + ".key")
        with open(paths[0], "wb") as file:
            file.write(certificate.public_bytes(serialization.Encoding.PEM))
        with open(paths[1], "wb") as file:
            file.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        return paths


class Relay:
    """Passes on what comes to a port of its own, until the network is gone; of every third answer a part alone where it is a @bad line."""

    def __init__(self, port, bad=False):
        self.port, self.pairs, self.listener, self.bad = port, [], None, bad
        self.own = free_port()
        self.connections = self.cut = 0
        self.open()

    def open(self):
        self.listener = socket.create_server(("127.0.0.1", self.own))
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.port))
            self.pairs += [client, server]
            self.connections += 1
            # Never the same part: of the head, the head alone, of the body.
            most = 29 * self.connections % 400 if self.bad and self.connections % 3 == 0 else None
            for source, sink, bytes in ((client, server, None), (server, client, most)):
                threading.Thread(target=self.pass_on, args=(source, sink, bytes), daemon=True).start()

    def pass_on(self, source, sink, most):
        try:
            while data := source.recv(65536):
                if most is not None and len(data) > most:
                    sink.sendall(data[:most])
                    self.cut += 1
                    break
                sink.sendall(data)
                most = None if most is None else most - len(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        # A thread that waits in accept() holds the socket open.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for one in self.pairs:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()
        self.pairs = []


class Elsewhere(cli.CliCase):
    shared = None

    @classmethod
    def shared_moto(cls):
        """The port of one that knows AWS's policies, which takes it seconds to read: what is built there is taken down again."""
        if cls.shared is None:
            port = free_port()
            server = Server([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], port, MOTO_IAM_LOAD_MANAGED_POLICIES="true")
            cls.addClassCleanup(server.stop)
            cls.shared = port
        return cls.shared

    def start(self, arguments, port, **environment):
        server = Server(arguments, port, **environment)
        self.addCleanup(server.stop)
        return server

    def start_moto(self, *arguments, **environment):
        port = free_port()
        self.start([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port), *arguments], port, **environment)
        return port

    def there(self, url, region="us-east-1", verify=None):
        """What another client finds."""
        found = []
        session = boto3.Session("test", "test", region_name=region)
        for service, operation, member in (("sqs", "list_queues", "QueueUrls"), ("lambda", "list_functions", "Functions"),
                                           ("dynamodb", "list_tables", "TableNames"), ("sns", "list_topics", "Topics"),
                                           ("apigateway", "get_rest_apis", "items"), ("iam", "list_roles", "Roles")):
            answer = getattr(session.client(service, endpoint_url=url, verify=verify), operation)()
            found += [f"{operation}: {one}" for one in answer.get(member, [])]
        return found

    def build_and_clean(self, target, url, region="us-east-1", verify=None, meanwhile=None, **environment):
        """Everything is built, is as it should be, and goes; returns what the pre-flight found. @meanwhile is called with the deployment's id."""
        events = self.done(self.home.cli("deploy", "order-pipeline", "--target", target, **environment))
        deployment = self.of(events, "deployment")[-1]
        self.assertEqual(deployment["state"], "built")
        self.assertGreater(len(self.there(url, region, verify)), 7)
        checks = self.of(self.done(self.home.cli("status", deployment["id"], **environment)), "check")
        self.assertGreater(len(checks), 20)
        self.assertEqual([check for check in checks if not check["ok"]], [])
        if meanwhile is not None:
            meanwhile(deployment["id"])
        cleanup = self.of(self.done(self.home.cli("cleanup", deployment["id"], **environment)), "cleanup")[-1]
        self.assertEqual((cleanup["deleted"], cleanup["verified"], cleanup["left"]), (20, 20, 0))
        self.assertEqual(self.there(url, region, verify), [])
        return self.of(events, "finding")

    def test_moto(self):
        url = f"http://127.0.0.1:{self.shared_moto()}"
        kept = self.of(self.done(self.home.cli("endpoints", "add", "school", url + "/", "--region", "eu-west-1")), "endpoint")[0]
        self.assertEqual((kept["kind"], kept["url"]), ("moto", url))
        findings = self.build_and_clean("endpoint:school", url, "eu-west-1", meanwhile=lambda deployment: self.watch_moto(deployment, url, "eu-west-1", ()))
        said = [finding["text"] for finding in findings if finding["section"] == "place" and finding["subject"] == "moto"]
        self.assertTrue(any("Docker" in text for text in said), said)
        self.assertTrue(any("API" in text for text in said), said)
        self.assertTrue(any("e-mails" in text for text in said), said)
        identity = self.of(self.done(self.home.cli("identity", "--target", "endpoint:school")), "identity")[0]
        self.assertEqual((identity["target"], identity["region"]), (url, "eu-west-1"))
        self.done(self.home.cli("endpoints", "remove", "school"))
        self.assertEqual(self.done(self.home.cli("endpoints", "list")), [])
        self.failed(self.home.cli("identity", "--target", "endpoint:school"), "no endpoint named “school”")

    def watch(self, deployment, seconds, act, enough):
        """What is told of what @act does, up to what @enough says is all of it; nothing may be complained of."""
        process = self.home.start_cli("watch", deployment, "--for", str(seconds))
        events = []
        for line in process.stdout:
            events.append(json.loads(line))
            if events[-1]["event"] == "ready":
                act()
            if enough(events):
                # What is told late belongs to it.
                time.sleep(4)
                process.send_signal(signal.SIGINT)
                break
        _, more, errors = self.home.finish(process, seconds + 20)
        self.assertEqual(errors, "")
        return events + more

    def watch_moto(self, deployment, url, region, hops):
        """Without Docker moto runs no function: what is sent waits, and what is written lies there. A table's trigger empties its stream there."""
        session = boto3.Session("test", "test", region_name=region)
        sqs, dynamodb = session.client("sqs", endpoint_url=url), session.client("dynamodb", endpoint_url=url)

        def act():
            for body in ("one", "two", "three"):
                sqs.send_message(QueueUrl=sqs.list_queues()["QueueUrls"][0], MessageBody=body)
            dynamodb.put_item(TableName=dynamodb.list_tables()["TableNames"][0], Item={"orderID": {"S": "direct"}})

        def enough(events):
            return ({"component": "Queue", "count": 3, "errors": 0, "event": "count"} in events
                    and len(self.of(events, "hop")) >= len(hops))

        events = self.watch(deployment, 30, act, enough)
        self.assertEqual({event["component"]: event["count"] for event in self.of(events, "count")}, {"Queue": 3, **({"OrdersTable": 1} if hops else {})})
        self.assertEqual([(hop["component"], hop["type"], hop["status"]) for hop in self.of(events, "hop")], list(hops))
        for hop in self.of(events, "hop"):
            self.assertEqual(json.loads(hop["payload"]), {"orderID": {"S": "direct"}})
        self.assertEqual(self.of(events, "trace"), [])

    def test_moto_watched(self):
        """The table's own stream, before anything empties it."""
        url = f"http://127.0.0.1:{self.shared_moto()}"
        deployment = self.of(self.done(self.home.cli("deploy", "order-pipeline", "--target", url, "--until", "stream")), "deployment")[-1]["id"]
        self.watch_moto(deployment, url, "us-east-1", [("OrdersTable", "table", "ok"), ("OrdersTable", "stream", "ok")])
        self.assertEqual(self.of(self.done(self.home.cli("cleanup", deployment)), "cleanup")[-1]["left"], 0)

    def test_network_comes_back(self):
        """Nobody has to do anything while AWS is out of reach for some seconds, in the middle of a build."""
        relay = Relay(self.shared_moto())
        self.addCleanup(relay.close)
        url = f"http://127.0.0.1:{relay.own}"
        process = self.home.start_cli("deploy", "order-pipeline", "--target", "default", AWS_ENDPOINT_URL=url, AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE",
                                      AWS_SECRET_ACCESS_KEY="secret", AWS_REGION="us-east-1")
        events = []

        def read_until(condition):
            while not any(map(condition, events)):
                line = process.stdout.readline()
                self.assertTrue(line, process.stderr.read() if not line else "")
                events.append(json.loads(line))

        read_until(lambda event: event["event"] == "resource" and event["state"] == "made")
        relay.close()
        read_until(lambda event: "network is gone" in event.get("reason", ""))
        relay.open()
        status, more, errors = self.home.finish(process, 60)
        self.assertEqual(status, 0, errors)
        deployment = self.of(more, "deployment")[-1]
        self.assertEqual(deployment["state"], "built")
        # Nothing was made twice.
        self.assertEqual(len(self.there(url)), 9)
        keys = {"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}
        self.assertEqual(self.of(self.done(self.home.cli("cleanup", deployment["id"], **keys)), "cleanup")[-1]["left"], 0)

    def test_answers_cut(self):
        """Every third answer ends in the middle, also of what makes something: it is asked for again, and nothing is made twice."""
        relay = Relay(self.shared_moto(), bad=True)
        self.addCleanup(relay.close)
        self.build_and_clean(f"http://127.0.0.1:{relay.own}", f"http://127.0.0.1:{relay.port}")
        self.assertGreater(relay.cut, 10)

    def test_moto_without_policies(self):
        """What cannot work is said before anything is made, with what to do about it."""
        url = f"http://127.0.0.1:{self.start_moto()}"
        events = self.failed(self.home.cli("deploy", "order-pipeline", "--target", url), "Nothing was made")
        stops = [finding["text"] for finding in self.of(events, "finding") if finding["verdict"] == "stop"]
        self.assertEqual(len(stops), 1)
        self.assertIn("MOTO_IAM_LOAD_MANAGED_POLICIES=true", stops[0])
        self.assertEqual(self.there(url), [])

    def test_moto_over_tls(self):
        ours, others = Authority(self.home.path, "ours"), Authority(self.home.path, "others")
        certificate, key = ours.serve(self.home.path, "127.0.0.1")
        port = self.start_moto("-s", "-c", certificate, "-k", key, MOTO_IAM_LOAD_MANAGED_POLICIES="true")
        url = f"https://127.0.0.1:{port}"
        # Nobody vouches for it; somebody else does; it is another's certificate.
        for environment in ({}, {"AWS_CA_BUNDLE": others.path}):
            self.failed(self.home.cli("identity", "--target", url, **environment), "TlsError", "not safe")
        self.failed(self.home.cli("identity", "--target", url.replace("127.0.0.1", "localhost"), AWS_CA_BUNDLE=ours.path), "TlsError")
        self.failed(self.home.cli("identity", "--target", url, AWS_CA_BUNDLE="/nowhere.pem"), "AWS_CA_BUNDLE names /nowhere.pem")
        self.build_and_clean(url, url, verify=ours.path, AWS_CA_BUNDLE=ours.path)

    @unittest.skipUnless(MINISTACK, "MiniStack is not installed")
    def test_ministack(self):
        port = free_port()
        self.start([MINISTACK], port, GATEWAY_PORT=str(port), PATH=os.path.dirname(MINISTACK) + ":" + os.environ["PATH"])
        url = f"http://127.0.0.1:{port}"
        with urllib.request.urlopen(url + "/_ministack/health", timeout=20) as answer:
            version = json.load(answer)["version"]
        kept = self.of(self.done(self.home.cli("endpoints", "add", "mini", url)), "endpoint")[0]
        self.assertEqual((kept["kind"], kept["version"]), ("ministack", version))
        findings = self.build_and_clean("endpoint:mini", url, meanwhile=lambda deployment: self.watch_ministack(deployment, url))
        said = [finding["text"] for finding in findings if finding["subject"] == "ministack"]
        self.assertTrue(any("boto3" in text for text in said), said)
        self.assertTrue(any("e-mails" in text for text in said), said)

    def watch_ministack(self, deployment, url):
        """
        What is told of messages, held against what is in table, queue and logs. What MiniStack (1.5) does not do as AWS does: log events have no ids;
        all lines of a run have the time of its end; the last lines of a run may stand in the log of the next one, or nowhere.
        """
        session = boto3.Session("test", "test", region_name="us-east-1")
        client = lambda service: session.client(service, endpoint_url=url)
        sqs, dynamodb, logs, sns = client("sqs"), client("dynamodb"), client("logs"), client("sns")
        queue, table = sqs.list_queues()["QueueUrls"][0], dynamodb.list_tables()["TableNames"][0]
        sent = {}

        def act():
            for number in range(3):
                body = json.dumps({"number": number})
                sent[sqs.send_message(QueueUrl=queue, MessageBody=body)["MessageId"]] = body
            dynamodb.put_item(TableName=table, Item={"orderID": {"S": "direct"}, "order": {"S": "direct"}})
            # Nobody but a tap tells of what is published by hand.
            sns.publish(TopicArn=sns.list_topics()["Topics"][0]["TopicArn"], Message="by hand")

        def lines(function):
            found = []
            for event in logs.filter_log_events(logGroupName="/aws/lambda/" + function)["events"]:
                try:
                    found.append(json.loads(event["message"]))
                except ValueError:
                    pass
            return [line for line in found if "out" in line]

        def enough(events):
            counts = [event["count"] for event in self.of(events, "count") if event["component"] == "Queue"]
            return len([hop for hop in self.of(events, "hop") if hop["type"] == "mail"]) == 4 and counts[-1:] == [0]

        events = self.watch(deployment, 25, act, enough)
        # What came before a write may be learnt late: then it is told once more, and all that followed it, as part of another trace.
        last = {hop["payload"]: hop["trace"] for hop in self.of(events, "hop") if hop["type"] == "table"}
        hops = {}
        for hop in self.of(events, "hop"):
            if hop["trace"] in sent or hop["trace"] in last.values():
                hops.setdefault(hop["trace"], {}).setdefault((hop["component"], hop["type"]), []).append(hop)
        items = {item["orderID"]["S"]: item["order"]["S"] for item in dynamodb.scan(TableName=table)["Items"]}
        stored = {line["in"]["messageId"]: line["out"]["orderID"] for line in lines("POC-Lambda-1")}
        announced = {line["in"]["orderID"]: line["out"]["messageId"] for line in lines("POC-Lambda-2")}
        differences = []
        for order, body in items.items():
            shown = json.dumps({"orderID": {"S": order}, "order": {"S": body}}, separators=(",", ":"))
            trace = last.pop(shown, None)
            message = next((message for message, other in sent.items() if other == body), "")
            own = json.dumps({"orderID": {"S": order}}, separators=(",", ":"))
            # Where the line is missing that says which message was stored, it is inferred, or the write is a beginning.
            if trace not in ([message] if order in stored.values() else filter(None, [message, own])):
                differences.append(f"{order} ({body}) is in the trace {trace} instead of {message or own}")
            whole = hops.get(trace, {})
            way = [("OrdersTable", "table"), ("OrdersTable", "stream"), ("NotifyFunction", "function")]
            if trace == message:
                way += [("Queue", "queue"), ("StoreFunction", "function")]
            if order in announced:
                way += [("Topic", "topic"), ("MailSubscription", "mail")]
            differences += [f"{order} ({body}) was not seen at {place}" for place in way if place not in whole]
            differences += [f"{order} has the {hop['type']} hop {hop['status']}: {hop['error']}" for there in whole.values() for hop in there if hop["status"] != "ok"]
        differences += [f"{item} is in no table, and shown in {trace}" for item, trace in last.items()]
        attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
        counts = {event["component"]: event["count"] for event in self.of(events, "count")}
        for component, count in (("Queue", int(attributes["ApproximateNumberOfMessages"]) + int(attributes["ApproximateNumberOfMessagesNotVisible"])),
                                 ("OrdersTable", len(items)), ("Topic", len(announced))):
            if counts.get(component, 0) != count:
                differences.append(f"{component} counts {counts.get(component, 0)}, and there are {count}")
        self.assertEqual(differences, [], "\n".join(differences))
        self.assertEqual(len(items), 4)

    def test_nobody_there(self):
        url = f"http://127.0.0.1:{free_port()}"
        status, _, errors = self.home.cli("endpoints", "add", "later", url)
        self.assertEqual(status, 0, errors)
        self.assertIn("nothing answers there now", errors)
        self.failed(self.home.cli("deploy", "order-pipeline", "--target", "endpoint:later"), "No answer from")
        for name, address, word in (("practice", url, "another target"), ("a[b", url, "brackets"), ("x", "ftp://x", "no endpoint"), ("x", "http://u:p@x", "no endpoint")):
            self.failed(self.home.cli("endpoints", "add", name, address), word)
        self.failed(self.home.cli("identity", "--target", url, "--region", "eu west"), "eu-west-1")


if __name__ == "__main__":
    cli.main()
