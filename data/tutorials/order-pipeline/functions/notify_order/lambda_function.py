"""Takes new items from the table's stream and announces each on the topic."""
import json
import os

import boto3

sns = boto3.client("sns")


def lambda_handler(event, context):
    # First of all, which records this is about: so they can be followed wherever it ends.
    print(json.dumps({"in": [{"eventID": record["eventID"]} for record in event["Records"]]}))
    for record in event["Records"]:
        # Changes and deletions come along on the stream, but only a new order is news.
        if record["eventName"] != "INSERT":
            continue
        new_image = record["dynamodb"]["NewImage"]
        answer = sns.publish(
            TargetArn=os.environ["TOPIC_ARN"],
            Message=json.dumps({"default": json.dumps(new_image)}),
            MessageStructure="json",
        )
        keys = record["dynamodb"].get("Keys", {})
        print(json.dumps({
            "announced": True,
            "in": {"eventID": record["eventID"], "orderID": keys.get("orderID", {}).get("S")},
            "out": {"messageId": answer["MessageId"]},
        }))
