# SPDX-License-Identifier: GPL-3.0-or-later
"""API Gateway's control plane."""
import json

import practice
from gateway import GatewayCase, unique


class Apis(GatewayCase):
    def test_life_of_an_api(self):
        api = self.gateway.create_rest_api(name="orders", description="takes orders", endpointConfiguration={"types": ["REGIONAL"]},
                                           tags={"team": "a"})
        got = self.gateway.get_rest_api(restApiId=api["id"])
        self.assertEqual((got["name"], got["description"], got["endpointConfiguration"]["types"], got["tags"]),
                         ("orders", "takes orders", ["REGIONAL"], {"team": "a"}))
        self.assertIn(got.get("rootResourceId"), (None, self.gateway.get_resources(restApiId=api["id"])["items"][0]["id"]))
        self.assertIn(api["id"], [a["id"] for a in self.gateway.get_rest_apis(limit=500)["items"]])
        changed = self.gateway.update_rest_api(restApiId=api["id"], patchOperations=[
            {"op": "replace", "path": "/name", "value": "orders 2"}, {"op": "add", "path": "/binaryMediaTypes/image~1png"},
            {"op": "replace", "path": "/endpointConfiguration/types/REGIONAL", "value": "EDGE"}])
        self.assertEqual((changed["name"], changed["binaryMediaTypes"], changed["endpointConfiguration"]["types"]),
                         ("orders 2", ["image/png"], ["EDGE"]))
        self.gateway.delete_rest_api(restApiId=api["id"])
        account = self.practice.client("sts").get_caller_identity()["Account"]
        self.fails("NotFoundException", self.gateway.get_rest_api, restApiId=api["id"], status=404,
                   message=f"Invalid API identifier specified {account}:{api['id']}")

    def test_refused_apis(self):
        self.fails("BadRequestException", self.gateway.create_rest_api, name="a", description="",
                   message="Description cannot be an empty string")
        self.fails("BadRequestException", self.gateway.create_rest_api, name="a", minimumCompressionSize=-1)
        self.fails("BadRequestException", self.gateway.create_rest_api, name="a", endpointConfiguration={"types": ["EDGE", "REGIONAL"]})
        self.fails("ValidationException", self.gateway.create_rest_api, name="a", endpointConfiguration={"types": ["wrong"]})
        api, _ = self.make_api()
        for operation in ({"op": "replace", "path": "/nothing", "value": "x"}, {"op": "replace", "path": "/name", "value": ""}):
            self.fails("BadRequestException", self.gateway.update_rest_api, restApiId=api, patchOperations=[operation])
        self.fails("ValidationException", self.gateway.update_rest_api, restApiId=api, patchOperations=[{"op": "wrong", "path": "/name"}])

    def test_pages(self):
        ids = {self.make_api()[0] for _ in range(3)}
        found = set()
        for page in self.gateway.get_paginator("get_rest_apis").paginate(PaginationConfig={"PageSize": 2}):
            self.assertLessEqual(len(page["items"]), 2)
            found |= {a["id"] for a in page["items"]}
        self.assertLessEqual(ids, found)

    def test_tags(self):
        api, _ = self.make_api()
        arn = f"arn:aws:apigateway:{self.practice.region}::/restapis/{api}"
        self.gateway.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})
        self.gateway.untag_resource(resourceArn=arn, tagKeys=["a"])
        self.assertEqual(self.gateway.get_tags(resourceArn=arn)["tags"], {"b": "2"})
        tagged = self.practice.client("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "b", "Values": ["2"]}])
        self.assertIn(arn, [r["ResourceARN"] for r in tagged["ResourceTagMappingList"]])
        self.fails("BadRequestException", self.gateway.get_tags, resourceArn="arn:aws:sqs:us-east-1:000000000000:x")

    def test_state_survives_a_restart(self):
        with practice.Practice() as other:
            gateway = other.client("apigateway")
            api = gateway.create_rest_api(name="kept")["id"]
            root = gateway.get_resources(restApiId=api)["items"][0]["id"]
            gateway.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
            gateway.put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="MOCK",
                                    requestTemplates={"application/json": '{"statusCode": 200}'})
            gateway.put_integration_response(restApiId=api, resourceId=root, httpMethod="GET", statusCode="200",
                                             responseTemplates={"application/json": "kept"})
            gateway.create_deployment(restApiId=api, stageName="dev")
            other.restart()
            self.assertEqual(other.client("apigateway").get_rest_api(restApiId=api)["name"], "kept")
            self.assertEqual(other.request("GET", f"/_aws/execute-api/{api}/dev/")[::2], (200, b"kept"))

    def test_needs_permission(self):
        user = unique("user")
        self.iam.create_user(UserName=user)
        key = self.iam.create_access_key(UserName=user)["AccessKey"]
        gateway = self.practice.client_of("apigateway", key)
        error = self.fails("AccessDeniedException", gateway.create_rest_api, name="a", status=403)
        self.assertIn("apigateway:POST", error["Message"])
        self.assertIn("::/restapis", error["Message"])
        self.iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "apigateway:*", "Resource": "*"}]}))
        api = gateway.create_rest_api(name="a")["id"]
        root = gateway.get_resources(restApiId=api)["items"][0]["id"]
        gateway.put_method(restApiId=api, resourceId=root, httpMethod="POST", authorizationType="NONE")
        error = self.fails("AccessDeniedException", gateway.put_integration, restApiId=api, resourceId=root, httpMethod="POST", type="AWS",
                           integrationHttpMethod="POST", uri="arn:aws:apigateway:us-east-1:sqs:path/0/q", credentials=self.make_role("sqs:*"))
        self.assertIn("iam:PassRole", error["Message"])
        gateway.delete_rest_api(restApiId=api)


class Resources(GatewayCase):
    def test_paths(self):
        api, root = self.make_api()
        pets = self.make_resource(api, root, "pets")
        one = self.make_resource(api, pets, "{petId}")
        self.assertEqual(self.gateway.get_resource(restApiId=api, resourceId=one)["path"], "/pets/{petId}")
        self.fails("ConflictException", self.gateway.create_resource, restApiId=api, parentId=root, pathPart="pets", status=409,
                   message="Another resource with the same parent already has this name: pets")
        self.fails("BadRequestException", self.gateway.create_resource, restApiId=api, parentId=pets, pathPart="{other}",
                   message="A sibling ({petId}) of this resource already has a variable path part -- only one is allowed")
        self.fails("BadRequestException", self.gateway.create_resource, restApiId=api, parentId=root, pathPart="a b")
        greedy = self.make_resource(api, root, "{proxy+}")
        self.fails("BadRequestException", self.gateway.create_resource, restApiId=api, parentId=greedy, pathPart="x",
                   message="Cannot create a child of a resource with a greedy path variable: {proxy+}")
        self.fails("NotFoundException", self.gateway.create_resource, restApiId=api, parentId="nothing", pathPart="x")
        self.gateway.update_resource(restApiId=api, resourceId=pets, patchOperations=[{"op": "replace", "path": "/pathPart", "value": "dogs"}])
        self.assertEqual(self.gateway.get_resource(restApiId=api, resourceId=one)["path"], "/dogs/{petId}")
        self.fails("BadRequestException", self.gateway.update_resource, restApiId=api, resourceId=pets,
                   patchOperations=[{"op": "replace", "path": "/parentId", "value": one}], message="Resources cannot be cyclical.")
        self.fails("BadRequestException", self.gateway.delete_resource, restApiId=api, resourceId=root)
        self.gateway.delete_resource(restApiId=api, resourceId=pets)
        self.fails("NotFoundException", self.gateway.get_resource, restApiId=api, resourceId=one)

    def test_methods(self):
        api, root = self.make_api()
        where = {"restApiId": api, "resourceId": root, "httpMethod": "GET"}
        self.gateway.put_method(**where, authorizationType="NONE", requestParameters={"method.request.querystring.q": True})
        self.fails("ConflictException", self.gateway.put_method, **where, authorizationType="NONE", status=409)
        self.gateway.put_integration(**where, type="MOCK")
        self.gateway.put_method_response(**where, statusCode="200", responseModels={"application/json": "Empty"})
        self.gateway.put_integration_response(**where, statusCode="200", selectionPattern="")
        method = self.gateway.get_method(**where)
        self.assertEqual(method["methodIntegration"]["integrationResponses"]["200"]["statusCode"], "200")
        embedded = self.gateway.get_resources(restApiId=api, embed=["methods"])["items"][0]["resourceMethods"]
        self.assertEqual(embedded["GET"]["methodResponses"]["200"]["responseModels"], {"application/json": "Empty"})
        self.assertEqual(self.gateway.get_resources(restApiId=api)["items"][0]["resourceMethods"], {"GET": {}})
        changed = self.gateway.update_method(**where, patchOperations=[
            {"op": "replace", "path": "/apiKeyRequired", "value": "true"},
            {"op": "add", "path": "/requestParameters/method.request.header.X", "value": "false"}])
        self.assertEqual((changed["apiKeyRequired"], changed["requestParameters"]["method.request.header.X"]), (True, False))
        self.fails("BadRequestException", self.gateway.update_method, **where,
                   patchOperations=[{"op": "replace", "path": "/httpMethod", "value": "POST"}], message="Invalid patch path /httpMethod")
        self.fails("NotFoundException", self.gateway.get_method_response, **where, statusCode="404")
        self.gateway.update_integration(**where, patchOperations=[
            {"op": "add", "path": "/requestTemplates/application~1json", "value": '{"statusCode": 200}'}])
        self.assertEqual(self.gateway.get_integration(**where)["requestTemplates"], {"application/json": '{"statusCode": 200}'})
        self.gateway.update_integration_response(**where, statusCode="200", patchOperations=[
            {"op": "replace", "path": "/selectionPattern", "value": "2\\d\\d"}])
        self.assertEqual(self.gateway.get_integration_response(**where, statusCode="200")["selectionPattern"], "2\\d\\d")
        self.gateway.delete_integration_response(**where, statusCode="200")
        self.fails("NotFoundException", self.gateway.get_integration_response, **where, statusCode="200")
        self.gateway.delete_method_response(**where, statusCode="200")
        self.gateway.delete_integration(**where)
        self.fails("NotFoundException", self.gateway.get_integration, **where, message="Invalid Integration identifier specified")
        self.gateway.delete_method(**where)
        self.fails("NotFoundException", self.gateway.get_method, **where, message="Invalid Method identifier specified")

    def test_mapping_checks(self):
        api, root = self.make_api()
        where = {"restApiId": api, "resourceId": root, "httpMethod": "POST"}
        self.gateway.put_method(**where, authorizationType="NONE")
        aws = {"type": "AWS", "integrationHttpMethod": "POST", "uri": "arn:aws:apigateway:us-east-1:sqs:path/0/q"}
        for name, value in (("integration.request.header.X", "nonsense"), ("integration.header.X", "'x'"),
                            ("integration.request.header.X", "method.request.header.NotDeclared")):
            error = self.fails("BadRequestException", self.gateway.put_integration, **where, **aws, requestParameters={name: value})
            self.assertIn("mapping expression", error["Message"])
        self.gateway.put_integration(**where, **aws, requestParameters={"integration.request.header.X": "context.requestId"})
        self.fails("BadRequestException", self.gateway.put_integration_response, **where, statusCode="200", selectionPattern="(")
        self.fails("ValidationException", self.gateway.put_integration_response, **where, statusCode="wrong")


class Stages(GatewayCase):
    def setUp(self):
        super().setUp()
        self.api, self.root = self.make_api()

    def stage(self, *operations):
        return self.gateway.update_stage(restApiId=self.api, stageName="dev", patchOperations=[
            {"op": op, "path": path, "value": value} for op, path, value in operations])

    def test_incomplete_apis_are_not_deployed(self):
        self.fails("BadRequestException", self.gateway.create_deployment, restApiId=self.api, message="The REST API doesn't contain any methods")
        self.gateway.put_method(restApiId=self.api, resourceId=self.root, httpMethod="GET", authorizationType="NONE")
        self.fails("BadRequestException", self.gateway.create_deployment, restApiId=self.api, message="No integration defined for method")

    def test_life_of_a_stage(self):
        self.mock(self.api, self.root)
        deployment = self.gateway.create_deployment(restApiId=self.api, description="first")["id"]
        self.fails("NotFoundException", self.gateway.create_stage, restApiId=self.api, stageName="dev", deploymentId="none")
        self.fails("BadRequestException", self.gateway.create_stage, restApiId=self.api, stageName="a b", deploymentId=deployment)
        self.gateway.create_stage(restApiId=self.api, stageName="dev", deploymentId=deployment, variables={"a": "1"})
        self.fails("ConflictException", self.gateway.create_stage, restApiId=self.api, stageName="dev", deploymentId=deployment,
                   message="Stage already exists")
        stage = self.stage(("replace", "/variables/b", "2"), ("replace", "/*/*/throttling/rateLimit", "5.5"),
                           ("replace", "/~1orders/POST/caching/ttlInSeconds", "60"), ("replace", "/tracingEnabled", "true"))
        self.assertEqual(stage["variables"], {"a": "1", "b": "2"})
        self.assertEqual(stage["methodSettings"]["*/*"]["throttlingRateLimit"], 5.5)
        self.assertEqual(stage["methodSettings"]["orders/POST"]["cacheTtlInSeconds"], 60)
        self.assertTrue(stage["tracingEnabled"])
        error = self.fails("BadRequestException", self.stage, ("replace", "/nothing", "x"))
        self.assertTrue(error["Message"].startswith("Invalid method setting path: /nothing. Must be one of: [/deploymentId, "))
        self.fails("BadRequestException", self.stage, ("replace", "/variables/b", "not allowed!"))
        self.stage(("remove", "/*/*", ""))
        self.fails("BadRequestException", self.stage, ("remove", "/*/*", ""),
                   message="Cannot remove method setting */* because there is no method setting for this method ")
        self.gateway.delete_stage(restApiId=self.api, stageName="dev")
        self.fails("NotFoundException", self.gateway.get_stage, restApiId=self.api, stageName="dev", message="Invalid stage identifier specified")
        self.gateway.delete_deployment(restApiId=self.api, deploymentId=deployment)
        self.fails("NotFoundException", self.gateway.get_deployment, restApiId=self.api, deploymentId=deployment)

    def test_logging_needs_the_accounts_role(self):
        self.mock(self.api, self.root)
        self.deploy(self.api)
        self.gateway.update_account(patchOperations=[{"op": "remove", "path": "/cloudwatchRoleArn"}])
        self.assertNotIn("cloudwatchRoleArn", self.gateway.get_account())
        self.fails("BadRequestException", self.stage, ("replace", "/*/*/logging/loglevel", "INFO"),
                   message="CloudWatch Logs role ARN must be set in account settings to enable logging")
        self.fails("BadRequestException", self.gateway.update_account, patchOperations=[
            {"op": "replace", "path": "/cloudwatchRoleArn", "value": self.make_role("sqs:SendMessage")}])
        role = self.make_role("logs:*")
        account = self.gateway.update_account(patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": role}])
        self.assertEqual(account["cloudwatchRoleArn"], role)
        self.assertEqual(self.stage(("replace", "/*/*/logging/loglevel", "INFO"))["methodSettings"]["*/*"]["loggingLevel"], "INFO")


class KeysAndPlans(GatewayCase):
    def test_keys(self):
        self.fails("BadRequestException", self.gateway.create_api_key, name="k", value="short",
                   message="API Key value should be at least 20 characters")
        value = unique("a-key-of-some-length")
        key = self.gateway.create_api_key(name="k", value=value, enabled=True)["id"]
        self.fails("ConflictException", self.gateway.create_api_key, name="k", value=value, message="API Key already exists")
        self.assertNotIn("value", self.gateway.get_api_key(apiKey=key))
        self.assertEqual(self.gateway.get_api_key(apiKey=key, includeValue=True)["value"], value)
        self.assertIn(value, [k["value"] for k in self.gateway.get_api_keys(includeValues=True)["items"]])
        self.fails("BadRequestException", self.gateway.update_api_key, apiKey=key, patchOperations=[{"op": "replace", "path": "/id", "value": "x"}],
                   message="Invalid patch path  '/id' specified for op 'replace'. Must be one of: [/description, /enabled, /name, /customerId]")
        self.gateway.delete_api_key(apiKey=key)
        self.fails("NotFoundException", self.gateway.get_api_key, apiKey=key, message="Invalid API Key identifier specified")

    def test_plans(self):
        api, root = self.make_api()
        self.mock(api, root)
        self.deploy(api)
        self.fails("NotFoundException", self.gateway.create_usage_plan, name="p", apiStages=[{"apiId": api, "stage": "none"}])
        plan = self.gateway.create_usage_plan(name="p", apiStages=[{"apiId": api, "stage": "dev"}])["id"]
        changed = self.gateway.update_usage_plan(usagePlanId=plan, patchOperations=[
            {"op": "replace", "path": "/throttle/rateLimit", "value": "1.5"}, {"op": "replace", "path": "/throttle/burstLimit", "value": "3"}])
        self.assertEqual(changed["throttle"], {"rateLimit": 1.5, "burstLimit": 3})
        key = self.gateway.create_api_key(name="k", enabled=True)
        self.gateway.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")
        self.assertEqual(self.gateway.get_usage_plan_keys(usagePlanId=plan)["items"][0]["value"], key["value"])
        self.fails("BadRequestException", self.gateway.delete_usage_plan, usagePlanId=plan)
        self.fails("BadRequestException", self.gateway.delete_rest_api, restApiId=api)
        self.gateway.update_usage_plan(usagePlanId=plan, patchOperations=[{"op": "remove", "path": "/apiStages", "value": f"{api}:dev"}])
        self.gateway.delete_usage_plan_key(usagePlanId=plan, keyId=key["id"])
        self.gateway.delete_usage_plan(usagePlanId=plan)
        self.fails("NotFoundException", self.gateway.get_usage_plan, usagePlanId=plan, message="Invalid Usage Plan ID specified")


class Documents(GatewayCase):
    def test_models_and_validators(self):
        api, root = self.make_api()
        self.assertEqual({m["name"] for m in self.gateway.get_models(restApiId=api)["items"]}, {"Empty", "Error"})
        self.gateway.create_model(restApiId=api, name="Pet", schema='{"type": "object"}', contentType="application/json")
        self.fails("ConflictException", self.gateway.create_model, restApiId=api, name="Pet", schema="{}", contentType="application/json")
        self.gateway.put_method(restApiId=api, resourceId=root, httpMethod="ANY", authorizationType="NONE",
                                requestModels={"application/json": "Pet"})
        self.fails("ConflictException", self.gateway.delete_model, restApiId=api, modelName="Pet",
                   message="Cannot delete model 'Pet', is referenced in method request: //ANY")
        self.fails("NotFoundException", self.gateway.get_model, restApiId=api, modelName="None", message="Invalid model name specified: None")
        validator = self.gateway.create_request_validator(restApiId=api, name="v", validateRequestParameters=True)
        self.assertEqual(self.gateway.get_request_validators(restApiId=api)["items"][0]["id"], validator["id"])
        self.fails("BadRequestException", self.gateway.create_request_validator, restApiId=api, name="v", validateRequestBody=True)
        self.gateway.delete_request_validator(restApiId=api, requestValidatorId=validator["id"])

    def test_export_can_be_imported(self):
        api, root = self.make_api()
        orders = self.make_resource(api, root, "orders")
        self.make_method(api, orders, "POST", {
            "type": "AWS", "integrationHttpMethod": "POST", "uri": "arn:aws:apigateway:us-east-1:sqs:path/0/q", "credentials": self.make_role("sqs:*"),
            "passthroughBehavior": "NEVER", "requestTemplates": {"application/json": "Action=SendMessage&MessageBody=$input.body"},
            "requestParameters": {"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"}},
            [("200", {"responseParameters": {"method.response.header.X": "'1'"}}), ("500", {"selectionPattern": "5\\d\\d"})])
        self.deploy(api)
        for kind in ("swagger", "oas30"):
            answer = self.gateway.get_export(restApiId=api, stageName="dev", exportType=kind, parameters={"extensions": "apigateway"})
            text = answer["body"].read()
            document = json.loads(text)
            self.assertIn("post", document["paths"]["/orders"])
            again = self.gateway.import_rest_api(body=text)
            self.addCleanup(self.delete_api, again["id"])
            resource = [r for r in self.gateway.get_resources(restApiId=again["id"])["items"] if r["path"] == "/orders"][0]["id"]
            before = self.gateway.get_method(restApiId=api, resourceId=orders, httpMethod="POST")
            after = self.gateway.get_method(restApiId=again["id"], resourceId=resource, httpMethod="POST")
            for method in (before, after):
                method.pop("ResponseMetadata")
                method["methodIntegration"].pop("cacheNamespace")
            # Whether a response header is required is not in the document.
            before["methodResponses"]["200"]["responseParameters"] = after["methodResponses"]["200"]["responseParameters"]
            self.assertEqual(before, after)
        self.fails("BadRequestException", self.gateway.get_export, restApiId=api, stageName="dev", exportType="raml")
        for body in (b"no json", b"[]", b"{}", b'{"openapi": "3.0.1", "paths": {"/a b": {}}}',
                     b'{"openapi": "3.0.1", "paths": {"/a": {"get": {"x-amazon-apigateway-integration": {"type": "wrong"}}}}}'):
            self.fails("BadRequestException", self.gateway.import_rest_api, body=body)

    def test_bad_requests(self):
        """What no SDK sends: each is refused, none ends the cloud."""
        for method, path, body in (("POST", "/restapis", b"{"), ("POST", "/restapis", b"[]"), ("POST", "/restapis", b'{"name": 5}'),
                                   ("PATCH", "/restapis/x", b'{"patchOperations": 5}'), ("PUT", "/tags/x", b"{}"),
                                   ("PATCH", "/account", b'{"patchOperations": [5]}'), ("PATCH", "/account", b'{"patchOperations": [{"op": "add"}]}'),
                                   ("POST", "/apikeys", b'{"name": []}'), ("POST", "/usageplans", b'{"name": "p", "apiStages": [5]}'),
                                   ("GET", "/nothing", b"")):
            headers = self.practice.signed_headers("apigateway", method, path, body=body)
            status, answer, text = self.practice.request(method, path, headers, body)
            self.assertIn(status, (400, 404), (method, path, body, text))
            self.assertIn("x-amzn-errortype", answer)


if __name__ == "__main__":
    practice.main()
