# SPDX-License-Identifier: GPL-3.0-or-later
"""API Gateway's invoke URL: routes, templates, integrations, keys, logs and events."""
import http.server
import io
import json
import threading
import zipfile

import practice
from gateway import TRUST, GatewayCase, unique

QUEUE_HEADERS = {"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"}


def zipped(source):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("handler.py", source)
    return data.getvalue()


class Routes(GatewayCase):
    def test_most_specific_first(self):
        api, root = self.make_api()
        a = self.make_resource(api, root, "a")
        parts = {"/": root, "/a": a, "/a/b": self.make_resource(api, a, "b"), "/a/{x}": self.make_resource(api, a, "{x}"),
                 "/{proxy+}": self.make_resource(api, root, "{proxy+}")}
        for path, resource in parts.items():
            self.mock(api, resource, "ANY" if "proxy" in path else "GET", responses=[("200", {"responseTemplates": {
                "application/json": path + " $input.params('x') $input.params('proxy')"}})])
        self.deploy(api)
        for path, wanted in (("/", "/  "), ("/a", "/a  "), ("/a/", "/a  "), ("/a/b", "/a/b  "), ("/a/c%20d", "/a/{x} c d "),
                             ("/b", "/{proxy+}  b"), ("/a/b/c", "/{proxy+}  a/b/c"), ("/x//y", "/{proxy+}  x//y")):
            self.assertEqual(self.ask(api, path)[::2], (200, wanted), path)
        self.assertEqual(self.ask(api, "/b", "PATCH")[0], 200)
        status, headers, body = self.ask(api, "/a", "POST")
        self.assertEqual((status, json.loads(body), headers["x-amzn-errortype"]),
                         (403, {"message": "Missing Authentication Token"}, "MissingAuthenticationTokenException"))

    def test_where_nothing_is(self):
        api, root = self.make_api()
        self.mock(api, root)
        self.deploy(api)
        self.assertEqual(json.loads(self.ask(api, "/nothing")[2]), {"message": "Missing Authentication Token"})
        self.assertEqual(self.ask(api, stage="prod")[::2], (403, '{"message":"Forbidden"}'))
        self.assertEqual(self.ask("nothing")[::2], (403, '{"message":"Forbidden"}'))
        self.assertEqual(self.practice.request("GET", "/_aws/execute-api/")[0], 403)

    def test_host_names_the_api(self):
        api, root = self.make_api()
        self.mock(api, root, responses=[("200", {"responseTemplates": {"application/json": "$context.domainPrefix"}})])
        self.deploy(api)
        answer = self.practice.request("GET", "/dev/", host=f"{api}.execute-api.localhost:{self.practice.port_in_use}")
        self.assertEqual(answer[::2], (200, api.encode()))

    def test_a_deployment_is_a_snapshot(self):
        api, root = self.make_api()
        self.mock(api, root, responses=[("200", {"responseTemplates": {"application/json": "one"}})])
        first = self.deploy(api)
        self.gateway.update_integration_response(restApiId=api, resourceId=root, httpMethod="GET", statusCode="200", patchOperations=[
            {"op": "replace", "path": "/responseTemplates/application~1json", "value": "two"}])
        self.assertEqual(self.ask(api)[2], "one")
        self.deploy(api)
        self.assertEqual(self.ask(api)[2], "two")
        self.gateway.update_stage(restApiId=api, stageName="dev", patchOperations=[{"op": "replace", "path": "/deploymentId", "value": first}])
        self.assertEqual(self.ask(api)[2], "one")
        self.gateway.delete_stage(restApiId=api, stageName="dev")
        self.assertEqual(self.ask(api)[0], 403)

    def test_ids_and_sizes(self):
        api, root = self.make_api()
        self.mock(api, root, "POST", responses=[("200", {"responseTemplates": {"application/json": "$context.requestId"}})])
        self.deploy(api)
        status, headers, body = self.ask(api, method="POST", body={})
        self.assertEqual((status, headers["x-amzn-requestid"]), (200, body))
        self.assertIn("x-amz-apigw-id", headers)
        self.assertIn("x-amzn-trace-id", headers)
        self.assertEqual(self.ask(api, method="POST", body=b"x" * (10 * 1024 * 1024 + 1))[0], 413)


class Mapping(GatewayCase):
    def answer(self, template, path="/", **options):
        """What a response template makes of a request."""
        api, root = self.make_api()
        self.mock(api, root, "POST", responses=[("200", {"responseTemplates": {"application/json": template}})])
        self.deploy(api, variables={"table": "orders"})
        status, _, body = self.ask(api, path, "POST", **options)
        return status, body

    def test_what_templates_see(self):
        self.assertEqual(self.answer("$stageVariables.table $context.stage $context.httpMethod $context.resourcePath $context.path"),
                         (200, "orders dev POST / /dev/"))
        self.assertEqual(self.answer("$context.identity.sourceIp [$context.identity.user] $context.accountId")[1].split()[1], "[]")
        self.assertEqual(self.answer("$input.params('q') $input.params().querystring.q $input.params('X-A')", "/?q=a+b&q=c%26",
                                     headers={"X-A": "1"}), (200, "c& c& 1"))
        self.assertEqual(self.answer("#set($context.responseOverride.status = 418)#set($context.responseOverride.header.X-T = 'y')tea"),
                         (418, "tea"))

    def test_request_templates(self):
        api, root = self.make_api()
        self.mock(api, root, "POST", '{"statusCode": $input.json("$.code")}',
                  [("200", {}), ("404", {"selectionPattern": "404", "responseTemplates": {"application/json": "none"}}),
                   ("500", {"selectionPattern": "5\\d\\d", "responseParameters": {
                       "method.response.header.X-S": "'static'", "method.response.header.X-C": "context.requestId",
                       "method.response.header.X-V": "stageVariables.v"}})])
        self.deploy(api, variables={"v": "1"})
        self.assertEqual(self.ask(api, method="POST", body={"code": 200})[::2], (200, ""))
        self.assertEqual(self.ask(api, method="POST", body={"code": 404})[::2], (404, "none"))
        status, headers, _ = self.ask(api, method="POST", body={"code": 503})
        self.assertEqual((status, headers["x-s"], headers["x-c"], headers["x-v"]), (500, "static", headers["x-amzn-requestid"], "1"))
        status, headers, body = self.ask(api, method="POST", body="no json")
        self.assertEqual((status, headers["x-amzn-errortype"]), (400, "BadRequestException"))
        self.assertTrue(json.loads(body)["message"].startswith("Could not parse request body into json: "))
        self.assertEqual(self.ask(api, method="POST", body={"code": "none"})[0], 500)

    def test_templates_that_fail(self):
        for template in ("#if(", "#foreach($x in [1..2000])x#end", "#set($x = [1..99999999])"):
            self.assertEqual(self.answer(template), (500, '{"message":"Internal server error"}'), template)

    def test_passthrough(self):
        api, root = self.make_api()
        for part, behaviour in (("match", "WHEN_NO_MATCH"), ("templates", "WHEN_NO_TEMPLATES"), ("never", "NEVER")):
            self.mock(api, self.make_resource(api, root, part), "POST", passthroughBehavior=behaviour)
        self.deploy(api)
        for path, wanted in (("/match", 200), ("/templates", 415), ("/never", 415)):
            status, _, body = self.ask(api, path, "POST", '{"statusCode": 200}', {"Content-Type": "text/plain"})
            self.assertEqual(status, wanted)
            self.assertEqual(self.ask(api, path, "POST", "{}", {"Content-Type": "application/json; charset=utf-8"})[0], 200)
        self.assertEqual(json.loads(body), {"message": "Unsupported Media Type"})

    def test_cors(self):
        api, root = self.make_api()
        self.mock(api, root, "OPTIONS", responses=[("200", {"responseParameters": {
            "method.response.header.Access-Control-Allow-Origin": "'*'", "method.response.header.Access-Control-Allow-Methods": "'POST,OPTIONS'"}})])
        self.deploy(api)
        status, headers, _ = self.ask(api, method="OPTIONS")
        self.assertEqual((status, headers["access-control-allow-origin"], headers["access-control-allow-methods"]), (200, "*", "POST,OPTIONS"))

    def test_required_parameters(self):
        api, root = self.make_api()
        validator = self.gateway.create_request_validator(restApiId=api, name="v", validateRequestParameters=True)["id"]
        self.make_method(api, root, "GET", {"type": "MOCK", "requestTemplates": {"application/json": '{"statusCode": 200}'}}, method={
            "requestValidatorId": validator, "requestParameters": {"method.request.querystring.q": True, "method.request.header.X-H": True}})
        self.deploy(api)
        self.assertEqual(self.ask(api)[::2], (400, '{"message":"Missing required request parameters: [q, X-H]"}'))
        self.assertEqual(self.ask(api, "/?q=1", headers={"x-h": "2"})[0], 200)

    def test_gateway_responses(self):
        api, root = self.make_api()
        self.mock(api, root, "POST")
        self.gateway.put_gateway_response(restApiId=api, responseType="DEFAULT_4XX", responseTemplates={
            "application/json": '{"type": "$context.error.responseType", "text": $context.error.messageString, "id": "$context.requestId"}'},
            responseParameters={"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"})
        self.gateway.update_integration(restApiId=api, resourceId=root, httpMethod="POST", patchOperations=[
            {"op": "replace", "path": "/passthroughBehavior", "value": "NEVER"}])
        self.deploy(api)
        status, headers, body = self.ask(api, method="POST", body="x", headers={"Content-Type": "text/plain"})
        self.assertEqual((status, headers["access-control-allow-origin"]), (415, "*"))
        self.assertEqual(json.loads(body), {"type": "UNSUPPORTED_MEDIA_TYPE", "text": "Unsupported Media Type", "id": headers["x-amzn-requestid"]})


class Queue(GatewayCase):
    def make(self, template, role, responses=(("200", {}),)):
        queue, url = self.make_queue()
        account = self.practice.client("sts").get_caller_identity()["Account"]
        api, root = self.make_api()
        self.make_method(api, root, "POST", {
            "type": "AWS", "integrationHttpMethod": "POST", "uri": f"arn:aws:apigateway:{self.practice.region}:sqs:path/{account}/{queue}",
            "credentials": role, "requestParameters": QUEUE_HEADERS, "passthroughBehavior": "NEVER",
            "requestTemplates": {"application/json": template}}, responses)
        self.deploy(api)
        return api, root, url

    def test_order_becomes_a_message(self):
        api, _, url = self.make("Action=SendMessage&MessageBody=$input.body", self.make_role("sqs:SendMessage"))
        order = '{"item":"latex gloves","customerID":"12345"}'
        status, headers, body = self.ask(api, method="POST", body=order, headers={"Content-Type": "application/json"})
        self.assertEqual(status, 200)
        message = json.loads(body)["SendMessageResponse"]["SendMessageResult"]["MessageId"]
        self.assertEqual(self.receive(url), [order])
        request = headers["x-amzn-requestid"]
        (came,), (integration,), (answered,) = (self.events_of(f"gateway-{kind}", request) for kind in ("request", "integration", "response"))
        self.assertEqual((came["apiId"], came["stage"], came["resourcePath"], came["method"], came["body"]), (api, "dev", "/", "POST", order))
        self.assertEqual((integration["type"], integration["status"], "error" in integration), ("AWS", 200, False))
        self.assertEqual((answered["status"], answered["body"]), (200, body))
        sent = [e for e in self.practice.events() if e["kind"] == "queue-sent" and e["messageId"] == message]
        self.assertEqual([(e["source"], e["sourceType"]) for e in sent], [(request, "gateway")])

    def test_raw_body_breaks_on_form_characters(self):
        order = '{"item":"salt & pepper"}'
        api, _, url = self.make("Action=SendMessage&MessageBody=$input.body", self.make_role("sqs:SendMessage"))
        self.ask(api, method="POST", body=order)
        self.assertNotEqual(self.receive(url), [order])
        api, _, url = self.make("Action=SendMessage&MessageBody=$util.urlEncode($input.body)", self.make_role("sqs:SendMessage"))
        self.assertEqual(self.ask(api, method="POST", body=order)[0], 200)
        self.assertEqual(self.receive(url), [order])

    def test_role_without_permission(self):
        role = self.make_role()
        api, _, url = self.make("Action=SendMessage&MessageBody=$input.body", role,
                                [("200", {}), ("500", {"selectionPattern": "[45]\\d\\d", "responseTemplates": {"application/json": "not sent"}})])
        status, headers, body = self.ask(api, method="POST", body="{}")
        self.assertEqual((status, body), (500, "not sent"))
        (event,) = self.events_of("gateway-integration", headers["x-amzn-requestid"])
        self.assertEqual((event["role"], event["error"]["code"]), (role, "AccessDenied"))
        self.assertIn("sqs:SendMessage", event["error"]["message"] + str([e for e in self.practice.events() if e["kind"] == "denied"]))
        self.assertEqual(self.receive(url), [])

    def test_role_that_cannot_be_assumed(self):
        trust = json.loads(json.dumps(TRUST).replace("apigateway", "lambda"))
        role = self.make_role("sqs:SendMessage", trust=trust)
        api, root, _ = self.make("Action=SendMessage&MessageBody=$input.body", role)
        status, headers, body = self.ask(api, method="POST", body="{}")
        self.assertEqual((status, json.loads(body)), (500, {"message": "Internal server error"}))
        (event,) = self.events_of("gateway-integration", headers["x-amzn-requestid"])
        self.assertIn("does not have permission to assume the provided role", event["error"]["message"])
        log = self.gateway.test_invoke_method(restApiId=api, resourceId=root, httpMethod="POST", body="{}")["log"]
        self.assertIn("API Gateway does not have permission to assume the provided role", log)

    def test_invocation_test_with_log(self):
        api, root, url = self.make("Action=SendMessage&MessageBody=$input.body", self.make_role("sqs:SendMessage"))
        answer = self.gateway.test_invoke_method(restApiId=api, resourceId=root, httpMethod="POST", body='{"a":1}')
        self.assertEqual(answer["status"], 200)
        for part in ("Starting execution for request: ", "HTTP Method: POST, Resource Path: /\n", 'Method request body before transformations: {"a":1}',
                     'Endpoint request body after transformations: Action=SendMessage&MessageBody={"a":1}', "Received response. Status: 200",
                     "Successfully completed execution", "Method completed with status: 200"):
            self.assertIn(part, answer["log"])
        self.assertEqual(self.receive(url), ['{"a":1}'])

    def test_action_uri(self):
        table = unique("table")
        dynamodb = self.practice.client("dynamodb")
        dynamodb.create_table(TableName=table, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                              AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
        dynamodb.get_waiter("table_exists").wait(TableName=table, WaiterConfig={"Delay": 1})
        api, root = self.make_api()
        self.make_method(api, root, "POST", {
            "type": "AWS", "integrationHttpMethod": "POST", "uri": f"arn:aws:apigateway:{self.practice.region}:dynamodb:action/PutItem",
            "credentials": self.make_role("dynamodb:PutItem"), "requestTemplates": {"application/json": json.dumps(
                {"TableName": table, "Item": {"id": {"S": "$context.requestId"}, "item": {"S": "$input.path('$.item')"}}})}})
        self.deploy(api)
        status, headers, _ = self.ask(api, method="POST", body={"item": "gloves"})
        self.assertEqual(status, 200)
        item = dynamodb.get_item(TableName=table, Key={"id": {"S": headers["x-amzn-requestid"]}})["Item"]
        self.assertEqual(item["item"], {"S": "gloves"})


class Functions(GatewayCase):
    def make_function(self, source):
        name = unique("function")
        functions = self.practice.client("lambda")
        trust = json.loads(json.dumps(TRUST).replace("apigateway", "lambda"))
        arn = functions.create_function(FunctionName=name, Runtime="python3.12", Handler="handler.handler", Role=self.make_role("logs:*", trust=trust),
                                        Code={"ZipFile": zipped(source)}, Timeout=20)["FunctionArn"]
        functions.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
        return name, arn

    def make(self, arn, kind="AWS_PROXY", **options):
        api, root = self.make_api()
        self.make_method(api, root, "POST", {
            "type": kind, "integrationHttpMethod": "POST",
            "uri": f"arn:aws:apigateway:{self.practice.region}:lambda:path/2015-03-31/functions/{arn}/invocations", **options},
            [] if kind == "AWS_PROXY" else [("200", {})])
        self.deploy(api)
        return api

    def test_proxy_answers(self):
        _, arn = self.make_function("import json\n\n\ndef handler(event, context):\n    return json.loads(event['body'])\n")
        api = self.make(arn, credentials=self.make_role("lambda:InvokeFunction"))
        status, headers, body = self.ask(api, method="POST", body={"statusCode": "201", "headers": {"X-A": 1, "Date": "x"}, "body": "done",
                                                                   "multiValueHeaders": {"X-B": ["1", "2"]}})
        self.assertEqual((status, body, headers["x-a"], headers["x-amzn-remapped-date"], headers["content-type"]),
                         (201, "done", "1", "x", "application/json"))
        self.assertEqual(self.ask(api, method="POST", body={})[::2], (200, ""))
        for wrong in ([], "text", {"statusCode": "abc"}, {"body": {"a": 1}}, {"headers": []}, {"nonsense": 1}, {"headers": {"a": {}}}):
            status, headers, body = self.ask(api, method="POST", body=wrong)
            self.assertEqual((status, json.loads(body), headers["x-amzn-errortype"]),
                             (502, {"message": "Internal server error"}, "InternalServerErrorException"), wrong)
        (event,) = self.events_of("gateway-integration", headers["x-amzn-requestid"])[1:]
        self.assertEqual(event["error"]["code"], "MalformedProxyResponse")
        self.assertEqual(self.ask(api, method="POST", body="{")[0], 502)

    def test_function_policy(self):
        name, arn = self.make_function("def handler(event, context):\n    return {'got': event}\n")
        api = self.make(arn, "AWS")
        self.assertEqual(self.ask(api, method="POST", body={"a": 1})[0], 500)
        self.practice.client("lambda").add_permission(FunctionName=name, StatementId="s", Action="lambda:InvokeFunction",
                                                      Principal="apigateway.amazonaws.com")
        status, headers, body = self.ask(api, method="POST", body={"a": 1})
        self.assertEqual((status, json.loads(body)), (200, {"got": {"a": 1}}))
        started = [e for e in self.practice.events() if e["kind"] == "function-started" and e["functionArn"] == arn]
        self.assertEqual(started[-1]["source"], "gateway")


class Http(GatewayCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()

        class Echo(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                data = json.dumps({"path": self.path, "x": self.headers.get("X-A"), "body": body.decode()}).encode()
                self.send_response(201 if self.path.startswith("/proxy") else 200)
                self.send_header("X-Echo", "yes")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *arguments):
                pass

        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.server.server_close)
        cls.addClassCleanup(cls.server.shutdown)

    def make(self, **integration):
        api, root = self.make_api()
        resource = self.make_resource(api, root, "{id}")
        self.make_method(api, resource, "POST", {"integrationHttpMethod": "POST", **integration},
                         [] if integration["type"] == "HTTP_PROXY" else [("200", {"responseParameters": {
                             "method.response.header.X-Id": "integration.response.header.X-Echo",
                             "method.response.header.X-Body": "integration.response.body.path"}})],
                         method={"requestParameters": {"method.request.path.id": True, "method.request.querystring.q": False}})
        self.deploy(api)
        return api

    def test_http(self):
        api = self.make(type="HTTP", uri=f"http://127.0.0.1:{self.server.server_port}/to/{{id}}", requestParameters={
            "integration.request.path.id": "method.request.path.id", "integration.request.querystring.r": "method.request.querystring.q",
            "integration.request.header.X-A": "'1'"}, requestTemplates={"application/json": "<$input.body>"})
        status, headers, body = self.ask(api, "/a%2Fb?q=c%26d", "POST", "{}")
        self.assertEqual((status, json.loads(body)), (200, {"path": "/to/a%2Fb?r=c%26d", "x": "1", "body": "<{}>"}))
        self.assertEqual((headers["x-id"], headers["x-body"]), ("yes", "/to/a%2Fb?r=c%26d"))

    def test_http_proxy(self):
        api = self.make(type="HTTP_PROXY", uri=f"http://localhost:{self.server.server_port}/proxy/{{id}}")
        status, headers, body = self.ask(api, "/1?a=b", "POST", "text", {"X-A": "2"})
        self.assertEqual((status, headers["x-echo"], json.loads(body)), (201, "yes", {"path": "/proxy/1?a=b", "x": "2", "body": "text"}))

    def test_only_this_computer(self):
        api = self.make(type="HTTP", uri="http://example.com/{id}")
        status, headers, body = self.ask(api, "/1", "POST", "{}")
        self.assertEqual((status, json.loads(body)), (504, {"message": "Network error communicating with endpoint"}))
        self.assertIn("this computer only", self.events_of("gateway-integration", headers["x-amzn-requestid"])[0]["error"]["message"])


class KeysAndLogs(GatewayCase):
    def make(self):
        api, root = self.make_api()
        self.make_method(api, root, "GET", {"type": "MOCK", "requestTemplates": {"application/json": '{"statusCode": 200}'}},
                         method={"apiKeyRequired": True})
        self.deploy(api)
        key = self.gateway.create_api_key(name="k", enabled=True)
        return api, key

    def plan(self, api, key, **options):
        plan = self.gateway.create_usage_plan(name="p", apiStages=[{"apiId": api, "stage": "dev"}], **options)["id"]
        self.gateway.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")
        self.addCleanup(self.gateway.update_usage_plan, usagePlanId=plan,
                        patchOperations=[{"op": "remove", "path": "/apiStages", "value": f"{api}:dev"}])

    def test_keys(self):
        api, key = self.make()
        good = {"x-api-key": key["value"]}
        self.assertEqual(self.ask(api, headers=good)[::2], (403, '{"message":"Forbidden"}'))
        self.plan(api, key)
        self.assertEqual(self.ask(api)[0], 403)
        self.assertEqual(self.ask(api, headers={"x-api-key": "wrong"})[0], 403)
        self.assertEqual(self.ask(api, headers=good)[0], 200)
        self.gateway.delete_api_key(apiKey=key["id"])
        self.assertEqual(self.ask(api, headers=good)[0], 403)

    def test_throttle_and_quota(self):
        api, key = self.make()
        self.plan(api, key, throttle={"rateLimit": 0.001, "burstLimit": 2})
        answers = [self.ask(api, headers={"x-api-key": key["value"]}) for _ in range(3)]
        self.assertEqual([a[0] for a in answers], [200, 200, 429])
        self.assertEqual((json.loads(answers[2][2]), answers[2][1]["x-amzn-errortype"]), ({"message": "Too Many Requests"}, "TooManyRequestsException"))
        api, key = self.make()
        self.plan(api, key, quota={"limit": 1, "period": "MONTH"})
        answers = [self.ask(api, headers={"x-api-key": key["value"]}) for _ in range(2)]
        self.assertEqual([(a[0], a[2]) for a in answers], [(200, ""), (429, '{"message":"Limit Exceeded"}')])

    def test_method_throttle(self):
        api, root = self.make_api()
        self.mock(api, root)
        self.deploy(api)
        self.gateway.update_stage(restApiId=api, stageName="dev", patchOperations=[
            {"op": "replace", "path": "/*/*/throttling/rateLimit", "value": "0.001"},
            {"op": "replace", "path": "/*/*/throttling/burstLimit", "value": "1"}])
        self.assertEqual([self.ask(api)[0] for _ in range(2)], [200, 429])

    def test_logs(self):
        api, root = self.make_api()
        self.mock(api, root, responses=[("200", {"responseTemplates": {"application/json": "hello"}})])
        self.deploy(api)
        self.gateway.update_account(patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": self.make_role("logs:*")}])
        group = unique("access")
        self.gateway.update_stage(restApiId=api, stageName="dev", patchOperations=[
            {"op": "replace", "path": "/*/*/logging/loglevel", "value": "INFO"}, {"op": "replace", "path": "/*/*/logging/dataTrace", "value": "true"},
            {"op": "add", "path": "/accessLogSettings/destinationArn", "value": f"arn:aws:logs:us-east-1:000000000000:log-group:{group}"},
            {"op": "add", "path": "/accessLogSettings/format", "value": "$context.requestId $context.httpMethod $context.status $context.identity.user"}])
        request = self.ask(api)[1]["x-amzn-requestid"]
        logs = self.practice.client("logs")
        lines = [e["message"] for e in logs.filter_log_events(logGroupName=f"API-Gateway-Execution-Logs_{api}/dev")["events"]]
        self.assertIn(f"({request}) Method response body after transformations: hello", lines)
        self.assertIn(f"({request}) Method completed with status: 200", lines)
        self.assertEqual([e["message"].strip() for e in logs.filter_log_events(logGroupName=group)["events"]], [f"{request} GET 200 -"])

    def test_access_log_variables(self):
        api, root = self.make_api()
        self.mock(api, root, responses=[("200", {"responseTemplates": {"application/json": "hello"}})])
        self.deploy(api)
        self.gateway.update_account(patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": self.make_role("logs:*")}])
        group = unique("access")
        names = ("requestId", "status", "path", "resourcePath", "integration.status", "integrationStatus", "integration.error", "error.message",
                 "error.messageString", "error.responseType", "endpointType", "responseLength", "isCanaryRequest", "waf.status", "authorizer.error")
        form = "|".join(f"$context.{name}" for name in names) + "|$context.responseLatency|$context.integration.latency|$context.requestTimeEpoch"
        self.gateway.update_stage(restApiId=api, stageName="dev", patchOperations=[
            {"op": "add", "path": "/accessLogSettings/destinationArn", "value": f"arn:aws:logs:us-east-1:000000000000:log-group:{group}:*"},
            {"op": "add", "path": "/accessLogSettings/format", "value": form}])
        good = self.ask(api)[1]["x-amzn-requestid"]
        bad = self.ask(api, "/nothing")[1]["x-amzn-requestid"]
        events = self.practice.client("logs").filter_log_events(logGroupName=group)["events"]
        lines = {line[0]: line[1:] for line in (e["message"].strip().split("|") for e in events)}
        self.assertEqual(lines[good][:14], ["200", "/dev/", "/", "200", "200", "-", "-", "-", "-", "EDGE", "5", "false", "-", "-"])
        self.assertEqual(lines[bad][:14], ["403", "/dev/nothing", "-", "-", "-", "-", "Missing Authentication Token", '"Missing Authentication Token"',
                                           "MISSING_AUTHENTICATION_TOKEN", "EDGE", "42", "false", "-", "-"])
        self.assertRegex(" ".join(lines[good][14:]), r"^\d+ \d+ \d{13}$")
        self.assertRegex(" ".join(lines[bad][14:]), r"^\d+ - \d{13}$")


class Strain(GatewayCase):
    def test_bad_http(self):
        api, root = self.make_api()
        self.mock(api, self.make_resource(api, root, "{proxy+}"), "ANY", responses=[("200", {"responseTemplates": {
            "application/json": "$input.params('proxy') $input.params('q')"}})])
        self.deploy(api)
        for path in ("/%", "/%zz", "/%00", "/a?%", "/a?q=%ff", "/a?=&=&&", "/" + "a/" * 500, "/" + "x" * 5000, "/%2e%2e/%2e%2e", "/?" + "q=1&" * 1000):
            status, _, _ = self.ask(api, path)
            self.assertIn(status, (200, 400, 403, 414), path)
        self.assertEqual(self.ask(api, "/fine?q=1")[::2], (200, "fine 1"))

    def test_many_at_once(self):
        api, root = self.make_api()
        self.mock(api, root, "POST", responses=[("200", {"responseTemplates": {"application/json": "$context.requestId"}})])
        self.deploy(api)
        found = []

        def client():
            for _ in range(25):
                found.append(self.ask(api, method="POST", body={})[2])

        threads = [threading.Thread(target=client) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(set(found)), 200)


if __name__ == "__main__":
    practice.main()
