#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong in a pipeline, seen in the real window: each failure is provoked, explained, and the button beside the text leads to what puts it
right. Then code of one's own, a practice cloud that dies, and a report that is saved. By keyboard and through AT-SPI."""

import json
import os
import sys
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'cli'))

from cli import CliCase, Home, archive, boto3, client
from driver import Missing, Window, pyatspi

PROGRAM = os.environ['MILLRACE_PROGRAM']
# What a student writes below the tutorial's code: it fails with an order that has no price, until that is mended.
CODE = ('inner = lambda_handler',
        'def price(order): return order["price"] * 2',
        'def lambda_handler(event, context): price(json.loads(event["Records"][0]["body"])); return inner(event, context)')
MENDED = 'def price(order): print("a student was here")'


def check(condition, what):
    if not condition:
        raise Missing(what)


class Scene:
    """A deployment that is built and confirmed, and the window that shows it."""

    def __init__(self, home):
        self.home = home
        self.parts = {}
        self.practice = home.start_practice()
        case = CliCase()
        case.home = home
        self.id = case.deploy()
        self.send('nobody agreed', arrives=False)
        case.confirm()
        # GTK 4.8 itself warns when a text grows while it is drawn, so warnings must not end the program here.
        self.window = Window(PROGRAM, {**home.environment, 'G_DEBUG': 'fatal-criticals'})
        self.window.find('Order pipeline', 'list item')
        self.window.key('Tab', 'Return')
        self.window.find('Practice cloud · 000000000000 · us-east-1', 'label')

    def send(self, item, arrives=True):
        status, _, errors = self.home.cli('send', self.id, '--message', json.dumps({'item': item, 'customerID': '12345'}))
        check((status == 0) == arrives, errors)

    def client(self, service):
        return client(self.practice, service)

    def post(self, item, status=200):
        """Sends without waiting for what becomes of it."""
        api, stage, method = self.api()
        url = self.practice['MILLRACE_INVOKE_URL'].replace('{api}', api).replace('{stage}', stage).replace('{path}', method['path'].lstrip('/'))
        request = urllib.request.Request(url, json.dumps({'item': item}).encode(), {'Content-Type': 'application/json'})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                got = answer.status
        except urllib.error.HTTPError as error:
            got = error.code
        check(got == status, f'answered with {got}')

    def api(self):
        gateway = self.client('apigateway')
        api = gateway.get_rest_apis()['items'][0]['id']
        method = next(resource for resource in gateway.get_resources(restApiId=api)['items'] if 'POST' in resource.get('resourceMethods', {}))
        return api, gateway.get_stages(restApiId=api)['item'][0]['stageName'], method

    def expect(self, item, title, where, button, leads_to, role='heading'):
        """The message's failure has this text, and its button leads there."""
        self.choose_newest(item)
        self.follow(title, where, button, leads_to, role)

    def follow(self, title, where, button, leads_to, role='heading'):
        details = self.read(title, where)
        self.window.press(button, inside=details)
        self.window.find(leads_to, role)

    def read(self, title, where):
        """What happened, where, what to look at and how to put it right, as it is said to whoever does not see it."""
        details = self.part('Details of the hop')
        failure = self.window.find(title, 'alert', seconds=60, inside=details)
        said = [node.name for node in self.window.walk(failure)]
        for heading in ('What happened', 'Look at', 'Put it right'):
            check(len(said[said.index(heading) + 1]) > 20, f'“{heading}” has no text: {said}')
        check(where in [node.name for node in self.window.walk(details)], f'that it is “{where}” is not told')
        return details

    def part(self, name, role=None):
        """What is there as long as the window is: looked for once, since that takes its time."""
        if name not in self.parts:
            self.parts[name] = self.window.find(name, role)
        return self.parts[name]

    def put_back(self, what):
        """Beside the component that is shown, which says @what was changed."""
        told = self.window.find('Changed outside', 'alert', seconds=60)
        said = [node.name for node in self.window.walk(told)]
        check(any(what in (each or '') for each in said), f'“{what}” is not told: {said}')
        self.window.press('Put Right', inside=told)
        self.window.gone('Changed outside', 'alert', seconds=60)

    def arrives(self, item):
        """… in the end, after what was wrong was put right."""
        self.window.find(f'{{"item": "{item}"}}, Delivered', starts=True, seconds=60, inside=self.part('Messages', 'list'))

    def put_right(self):
        self.window.find('Put Right', 'push button', seconds=60)
        self.window.key('ctrl+Return')
        self.window.find('Continue', 'push button', seconds=60)

    def choose_newest(self, item):
        """The newest message is first in the list, and chosen."""
        self.window.key('alt+2')
        self.window.find(f'{{"item": "{item}"', starts=True, inside=self.part('Messages', 'list'))
        self.window.key('Home')


def see_the_missing_permission(scene):
    window = scene.window
    iam = client(scene.practice, 'iam')
    role = next(role['RoleName'] for role in iam.list_roles()['Roles']
                if any(policy['PolicyName'] == 'Lambda-Write-DynamoDB' for policy in
                       iam.list_attached_role_policies(RoleName=role['RoleName'])['AttachedPolicies']))
    arn = next(policy['PolicyArn'] for policy in iam.list_attached_role_policies(RoleName=role)['AttachedPolicies']
               if policy['PolicyName'] == 'Lambda-Write-DynamoDB')
    iam.detach_role_policy(RoleName=role, PolicyArn=arn)
    scene.send('without permission', arrives=False)
    scene.choose_newest('without permission')
    window.find('The permission dynamodb:PutItem is missing', 'label', seconds=60)
    window.key('F8')
    window.until(lambda: 'The permission dynamodb:PutItem is missing' in window.look('Function: Store order', 'push button').description,
                 'what is wrong in the diagram')
    window.key('F8')
    window.until(lambda: any(f'“{role}”' in (node.name or '') for node in window.walk()), 'the name of the role')
    return role


def go_to_the_fix(scene, role):
    """From the list to the button by Tab alone, then what the step offers."""
    window = scene.window
    walk_to(window, 'Tab', 'Go to the Permission')
    window.key('Return')
    window.until(lambda: window.focused() == "The first function’s role", 'the title of the step, in the focus')
    scene.put_right()
    attached = client(scene.practice, 'iam').list_attached_role_policies(RoleName=role)['AttachedPolicies']
    check(any(policy['PolicyName'] == 'Lambda-Write-DynamoDB' for policy in attached), 'the policy is not attached again')


def walk_to(window, key, name):
    """Presses a key until what has the focus bears the name, as one does who works without a mouse."""
    passed = []
    for _ in range(20):
        passed.append(window.focused())
        if passed[-1].startswith(name.replace('_', '')):
            return
        window.move(key)
    raise Missing(f'“{name}” is not reached by {key}: the focus came by {passed}')


def see_who_did_not_agree(scene):
    """By keys and by what is said alone. Sent before the subscription was confirmed and before the window was open: the trace was kept."""
    window = scene.window
    window.key('alt+2')
    window.until(lambda: window.focused().startswith('{"item": "nobody agreed"') and ', Failed' in window.focused(), 'the failed message, in the focus')
    window.key('Home')
    window.find('Nobody confirmed the subscription', 'alert')
    walk_to(window, 'Tab', 'Open the Inbox')
    window.key('Return')
    window.until(lambda: window.focused().startswith('AWS Notification'), 'the newest mail, in the focus')


def see_too_much(scene):
    """Somebody throttled the stage. What was changed outside is told beside the API, and put right there."""
    window = scene.window
    gateway = scene.client('apigateway')
    api, stage, _ = scene.api()
    gateway.update_stage(restApiId=api, stageName=stage, patchOperations=[
        {'op': 'replace', 'path': '/*/*/throttling/rateLimit', 'value': '1'}, {'op': 'replace', 'path': '/*/*/throttling/burstLimit', 'value': '0'}])
    scene.post('too much', status=429)
    scene.expect('too much', 'Too much at once', 'API Gateway', 'Show the Component', 'AWS::ApiGateway::RestApi', 'label')
    scene.put_back('MethodSettings of ApiStage')
    check(not gateway.get_stage(restApiId=api, stageName=stage)['methodSettings'], 'the stage is throttled still')


def see_the_bad_template(scene):
    gateway = scene.client('apigateway')
    api, stage, method = scene.api()
    gateway.update_integration(restApiId=api, resourceId=method['id'], httpMethod='POST', patchOperations=[
        {'op': 'replace', 'path': '/requestTemplates/application~1json', 'value': 'Action=SendMessages&MessageBody=$input.body'}])
    gateway.create_deployment(restApiId=api, stageName=stage)
    scene.post('bad template')
    scene.expect('bad template', 'The mapping template does not fit', 'API Gateway', 'Go to the Connection', 'Connect the API to the queue')
    scene.put_right()
    gateway.create_deployment(restApiId=api, stageName=stage)


def find_trigger(scene, source):
    return next(each['UUID'] for each in scene.client('lambda').list_event_source_mappings()['EventSourceMappings'] if source in each['EventSourceArn'])


def see_who_is_not_there(scene):
    """Somebody deleted the trigger: the message waits, and is taken as soon as the trigger is made again."""
    scene.client('lambda').delete_event_source_mapping(UUID=find_trigger(scene, '-Queue'))
    scene.post('not taken')
    scene.expect('not taken', 'Nobody takes the message', 'Queue', 'Go to the Trigger', 'Connect the queue to the function')
    scene.put_right()
    scene.arrives('not taken')


def see_who_is_switched_off(scene):
    change_trigger(scene, '-Queue', 'Disabled', Enabled=False)
    scene.post('switched off')
    scene.expect('switched off', 'The trigger is switched off', 'Queue', 'Go to the Trigger', 'Connect the queue to the function')
    scene.put_right()
    scene.arrives('switched off')


def change_trigger(scene, source, state='Enabled', **changes):
    functions = scene.client('lambda')
    mapping = find_trigger(scene, source)
    functions.update_event_source_mapping(UUID=mapping, **changes)
    scene.window.until(lambda: functions.get_event_source_mapping(UUID=mapping)['State'] == state, 'the change of the trigger')
    return mapping


def see_the_filter(scene):
    functions = scene.client('lambda')
    mapping = change_trigger(scene, '/stream/', FilterCriteria={'Filters': [{'Pattern': '{"eventName": ["REMOVE"]}'}]})
    scene.post('not for you')
    scene.expect('not for you', 'The filter did not match', 'Announce order', 'Go to the Trigger', 'Connect the stream to the function')
    scene.put_right()
    check('FilterCriteria' not in functions.get_event_source_mapping(UUID=mapping), 'the filter is still there')


def see_the_sandbox(scene):
    topics = scene.client('sns')
    phone = topics.subscribe(TopicArn=topics.list_topics()['Topics'][0]['TopicArn'], Protocol='sms', Endpoint='+15550100200')['SubscriptionArn']
    scene.post('to a phone')
    scene.expect('to a phone', 'The phone number is not verified', '+15550100200', 'Go to the Step', 'Subscribe by e-mail')
    topics.unsubscribe(SubscriptionArn=phone)


def find_store(scene):
    """The first function's name, and the queue's address."""
    functions = scene.client('lambda').list_functions()['Functions']
    return (next(function['FunctionName'] for function in functions if 'TABLE_NAME' in function['Environment']['Variables']),
            scene.client('sqs').list_queues()['QueueUrls'][0])


def hurry(scene, **attributes):
    """What fails comes back after a second. A poll that waits already would take the message with the queue as it was."""
    functions = scene.client('lambda')
    name, url = find_store(scene)
    change_trigger(scene, '-Queue', 'Disabled', Enabled=False)
    scene.client('sqs').set_queue_attributes(QueueUrl=url, Attributes={'VisibilityTimeout': '1', **attributes})
    functions.update_function_configuration(FunctionName=name, Timeout=1)
    functions.get_waiter('function_updated').wait(FunctionName=name, WaiterConfig={'Delay': 1})


def see_who_is_not_called(scene):
    """Nothing may run: no log tells of it. What was changed is told beside the function, and put right there."""
    functions = scene.client('lambda')
    name, _ = find_store(scene)
    hurry(scene)
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    change_trigger(scene, '-Queue', Enabled=True)
    scene.post('not called')
    scene.expect('not called', 'The message came back', 'Queue', 'Show the Function', 'AWS::Lambda::Function', 'label')
    scene.put_back(' of StoreFunction is ')
    check('ReservedConcurrentExecutions' not in functions.get_function_concurrency(FunctionName=name), 'nothing may run still')


def see_the_dead_letter(scene):
    """The function is too slow; the queue gives the message up. What was changed outside is told beside the queue, and put right there."""
    window = scene.window
    functions, queues = scene.client('lambda'), scene.client('sqs')
    name, url = find_store(scene)
    dead = queues.create_queue(QueueName='dead')['QueueUrl']
    arn = queues.get_queue_attributes(QueueUrl=dead, AttributeNames=['QueueArn'])['Attributes']['QueueArn']
    hurry(scene, RedrivePolicy=json.dumps({'deadLetterTargetArn': arn, 'maxReceiveCount': 1}))
    functions.update_function_code(FunctionName=name, ZipFile=archive({'lambda_function.py': 'import time\nlambda_handler = lambda *_: time.sleep(9)\n'}))
    change_trigger(scene, '-Queue', Enabled=True)
    scene.post('too slow')
    scene.expect('too slow', 'The function took too long', 'Store order', 'Go to the Code', "The first function’s code")
    scene.choose_newest('too slow')
    window.find('{"item": "too slow"}, Failed', starts=True, seconds=60)
    window.key('Return')
    walk_to(window, 'Down', 'Queue dead')
    window.find('The message was given up', 'label')
    queues.delete_queue(QueueUrl=dead)
    put_right_beside_the_queue(scene, url)


def put_right_beside_the_queue(scene, url):
    window = scene.window
    window.press('Show the Component')
    window.find('AWS::SQS::Queue', 'label')
    scene.put_back(' of Queue is ')
    attributes = scene.client('sqs').get_queue_attributes(QueueUrl=url, AttributeNames=['All'])['Attributes']
    check(attributes['VisibilityTimeout'] == '30' and 'RedrivePolicy' not in attributes, f'the queue is not as it was: {attributes}')


def deploy(scene, lines):
    """Writes @lines below the code that is there."""
    window = scene.window
    walk_to(window, 'Tab', 'lambda_function.py')
    window.key('ctrl+End')
    for line in lines:
        window.type(line)
        window.key('Return')
    window.press('Deploy Code')
    window.until(lambda: window.sensitive(window.look('Deploy Code')) and not window.sensitive(window.look('Put Back')), 'the end of the deployment', 60)


def see_the_error(scene):
    """Code of one's own raises an error: the stack names the line, the button leads to it, and mended, the message arrives without being sent again."""
    window = scene.window
    _, url = find_store(scene)
    scene.client('sqs').set_queue_attributes(QueueUrl=url, Attributes={'VisibilityTimeout': '2'})
    # The step is there still; so comes the focus.
    window.key('alt+Prior', 'alt+Next')
    window.find("The first function’s code", 'heading')
    deploy(scene, CODE)
    scene.post('no price')
    scene.choose_newest('no price')
    details = scene.read('The function failed', 'Store order')
    check("KeyError: 'price'" in [node.name for node in window.walk(details)], 'the error is not told')
    log = text(window.find('Log', 'text', inside=details))
    for part in ('Traceback (most recent call last):', 'File "/var/task/lambda_function.py", line ', 'in price', CODE[1], "KeyError: 'price'"):
        check(part in log, f'“{part}” is not in the log: {log}')
    scene.follow('The function failed', 'Store order', 'Go to the Code', "The first function’s code")
    deploy(scene, [MENDED])
    scene.choose_newest('no price')
    scene.arrives('no price')
    window.key('Return')
    walk_to(window, 'Down', 'Store order')
    window.until(lambda: 'a student was here' in text(window.find('Log', 'text', inside=details)), 'what the new code printed', 60)


def text(node):
    try:
        return node.queryText().getText(0, -1)
    except NotImplementedError:
        return ''


def restart(scene):
    """The practice cloud dies; the window says so and starts another, with everything that was in it."""
    window = scene.window
    scene.home.kill_practice()
    window.press('Restart', seconds=60)
    window.gone('Restart', 'push button', seconds=60)
    scene.choose_newest('no price')


def read_whole(path):
    """None as long as it is being written."""
    with open(path, encoding='utf-8') as file:
        return json.loads(file.read() or 'null')


def save_report(scene):
    window = scene.window
    path = os.path.join(scene.home.path, 'report.json')
    window.key('F10')
    window.press('Clean Up…', 'menu item')
    window.focus_dialog()
    window.press('Clean Up')
    window.find('Nothing Is Left', 'label', seconds=120)
    window.press('Save Report…')
    window.until(lambda: len(window._windows()) > 2, 'the dialog for the file')
    window.focus(window._windows()[-1])
    window.key('ctrl+a')
    window.type(path)
    window.press('Save')
    report = window.until(lambda: read_whole(path), 'the report')
    check(len(report['resources']) > 15, 'the report names too few resources')


def main():
    if boto3 is None:
        print('SKIP: boto3 is not installed', file=sys.stderr)
        sys.exit(77)
    with Home() as home:
        scene = Scene(home)
        with scene.window:
            see_who_did_not_agree(scene)
            role = see_the_missing_permission(scene)
            go_to_the_fix(scene, role)
            see_too_much(scene)
            see_the_bad_template(scene)
            see_who_is_not_there(scene)
            see_who_is_switched_off(scene)
            see_the_filter(scene)
            see_the_sandbox(scene)
            see_who_is_not_called(scene)
            see_the_dead_letter(scene)
            see_the_error(scene)
            restart(scene)
            save_report(scene)


if __name__ == '__main__':
    main()
    print('ok')
    sys.exit(0)
