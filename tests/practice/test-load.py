# SPDX-License-Identifier: GPL-3.0-or-later
"""The program ended, and killed, while much is under way."""
import http.client
import threading
import time
import unittest
import urllib.parse

import practice
from pipeline import Pipeline
from practice import Practice

GONE = (OSError, http.client.HTTPException)


class Load:
    """Clients of all kinds, each in a thread of its own, until they find the cloud gone."""

    def __init__(self, cloud, pipeline):
        self.cloud = cloud
        self.url = urllib.parse.urlsplit(pipeline.url)
        self.queue = pipeline.queue
        self.accepted = []
        self.over = threading.Event()
        self.threads = []

    def start(self, work, *arguments):
        thread = threading.Thread(target=self.run, args=(work, *arguments))
        self.threads.append(thread)
        thread.start()

    @staticmethod
    def run(work, *arguments):
        try:
            work(*arguments)
        except (*GONE, AssertionError, practice.botocore.exceptions.BotoCoreError):
            pass

    def post(self, name):
        connection = http.client.HTTPConnection(self.url.netloc, timeout=20)
        number = 0
        while not self.over.is_set():
            body = f"{name}-{number}"
            number += 1
            connection.request("POST", self.url.path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200:
                self.accepted.append(body)
        connection.close()

    def poll(self, url):
        client = self.cloud.client("sqs")
        while not self.over.is_set():
            client.receive_message(QueueUrl=url, WaitTimeSeconds=20)

    def invoke(self):
        client = self.cloud.client("lambda")
        while not self.over.is_set():
            client.invoke(FunctionName="load", Payload=b'{"Records": [{"body": "direct", "messageId": "0"}]}')

    def listen(self):
        self.cloud.events(0, lambda event: False, seconds=20)

    def join(self, case):
        self.over.set()
        for thread in self.threads:
            thread.join(40)
            case.assertFalse(thread.is_alive(), "a client waits for a cloud that is gone")


class Ends(unittest.TestCase):
    def start_all(self, cloud, pipeline):
        load = Load(cloud, pipeline)
        empty = cloud.client("sqs").create_queue(QueueName="empty")["QueueUrl"]
        for i in range(3):
            load.start(load.post, str(i))
            load.start(load.poll, empty)
            load.start(load.invoke)
            load.start(load.listen)
        return load

    def wait_for(self, check, seconds=30):
        end = time.monotonic() + seconds
        while not check():
            self.assertLess(time.monotonic(), end, "waited in vain")
            time.sleep(0.02)

    def test_ended(self):
        """SIGTERM ends it at once and without a word, whoever is connected and whatever the functions do."""
        for seconds in (0, 0.3):
            with Practice() as cloud:
                load = self.start_all(cloud, Pipeline(cloud, seconds))
                self.wait_for(lambda: len(load.accepted) > 20 and Pipeline.stored(cloud))
                cloud.process.terminate()
                self.assertEqual(cloud.process.wait(practice.END_SECONDS), 0)
                self.assertEqual(cloud.stderr(), "")
                load.join(self)

    def test_killed(self):
        """What was accepted before SIGKILL is there after it, and comes to its end."""
        with Practice() as cloud:
            pipeline = Pipeline(cloud, 0.01)
            load = Load(cloud, pipeline)
            for i in range(4):
                load.start(load.post, str(i))
            load.start(load.listen)
            self.wait_for(lambda: len(load.accepted) > 40 and Pipeline.stored(cloud))
            cloud.kill()
            load.join(self)
            before = set(load.accepted)
            cloud.restart()
            self.wait_for(lambda: before <= Pipeline.stored(cloud), 60)
            # At the most the one order a client that was not answered: nothing is made up.
            self.assertLessEqual(len(Pipeline.stored(cloud) - before), 4)
            # All that were stored are deleted from the queue.
            sqs, names = cloud.client("sqs"), ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
            self.wait_for(lambda: {sqs.get_queue_attributes(QueueUrl=sqs.get_queue_url(QueueName="load")["QueueUrl"],
                                                            AttributeNames=names)["Attributes"][name] for name in names} == {"0"})


if __name__ == "__main__":
    practice.main()
