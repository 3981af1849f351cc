# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests put in the place of others: a session bus, and services of AWS that neither the practice cloud nor an emulator has, as far as a sign-in
and a role need them."""
import http.server
import json
import os
import subprocess
import urllib.parse


class Bus:
    """A session bus that starts nothing by itself: what is gone stays gone, and nobody shows prompts."""

    def __init__(self, folder):
        config = os.path.join(folder, "bus.conf")
        with open(config, "w") as file:
            file.write("<busconfig><type>session</type><keep_umask/><listen>unix:path=%s/bus</listen><auth>EXTERNAL</auth>"
                       "<policy context='default'><allow send_destination='*'/><allow receive_sender='*'/><allow own='*'/></policy></busconfig>" % folder)
        self.process = subprocess.Popen(["dbus-daemon", "--nofork", "--nopidfile", "--print-address", f"--config-file={config}"],
                                        stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip()

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class SignIn(http.server.BaseHTTPRequestHandler):
    """IAM Identity Center: the user says yes the second time that is asked, or when the server's patience is over."""

    def log_message(self, *_):
        pass

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, body))
        if self.path == "/client/register":
            self.answer(200, {"clientId": "client", "clientSecret": "client-secret-value", "clientSecretExpiresAt": 4102444800})
        elif self.path == "/device_authorization":
            self.answer(200, {"deviceCode": "device", "userCode": "ABCD-EFGH", "verificationUri": "https://device.example/",
                              "verificationUriComplete": "https://device.example/?user_code=ABCD-EFGH", "expiresIn": 600, "interval": 1})
        elif body["grantType"] == "refresh_token":
            assert body["refreshToken"] == "refresh-token-value"
            self.answer(200, {"accessToken": "second-token-value", "expiresIn": 3600})
        elif sum(1 for path, _ in self.server.asked if path == "/token") < getattr(self.server, "patience", 2):
            self.answer(400, {"error": "authorization_pending", "error_description": "not yet"})
        else:
            self.answer(200, {"accessToken": "first-token-value", "refreshToken": "refresh-token-value", "expiresIn": self.server.seconds})

    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("x-amz-sso_bearer_token")))
        keys = self.server.keys
        self.answer(200, {"roleCredentials": {"accessKeyId": keys[0], "secretAccessKey": keys[1], "sessionToken": keys[2] or "",
                                              "expiration": 4102444800000}})


class Sts(http.server.BaseHTTPRequestHandler):
    """STS, which gives a role away and says who its session is."""

    def log_message(self, *_):
        pass

    def do_POST(self):
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.asked.append((self.headers["Authorization"], form))
        action = form.get("Action", [""])[0]
        known = {
            "AssumeRole": "<Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>role-secret</SecretAccessKey>"
                          "<SessionToken>role-token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>",
            "GetCallerIdentity": "<Arn>arn:aws:sts::123456789012:assumed-role/lab/millrace</Arn><UserId>A:millrace</UserId><Account>123456789012</Account>",
        }
        if action not in known:
            self.send_error(403)
            return
        result = known[action]
        data = f"<{action}Response xmlns='https://sts.amazonaws.com/doc/2011-06-15/'><{action}Result>{result}</{action}Result></{action}Response>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
