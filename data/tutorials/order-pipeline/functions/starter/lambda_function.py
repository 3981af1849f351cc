import json


def lambda_handler(event, context):
    # What a new function holds before its own code is deployed.
    print(json.dumps(event))
    return {"statusCode": 200, "body": "Hello from Lambda!"}
