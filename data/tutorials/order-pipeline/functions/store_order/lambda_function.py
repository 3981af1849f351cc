"""Takes orders from the queue and stores each as an item of the table."""
import json
import os
import uuid

import boto3

# Made once, when the function starts cold; warm invocations use it again.
table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])


def lambda_handler(event, context):
    # First of all, which messages this is about: so they can be followed wherever it ends.
    print(json.dumps({"in": [{"messageId": record["messageId"]} for record in event["Records"]]}))
    for record in event["Records"]:
        order_id = str(uuid.uuid4())
        table.put_item(Item={"orderID": order_id, "order": record["body"]})
        # One line a message, with the ids that go in and out: so it can be followed.
        print(json.dumps({
            "stored": True,
            "in": {"messageId": record["messageId"]},
            "out": {"orderID": order_id},
        }))
