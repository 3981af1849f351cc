#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""tools/extract-texts gives translators the texts of the programs and of the data, and what they translate is what the programs look up."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def load(name):
    with open(os.path.join(TOP, "data", name), encoding="utf-8") as file:
        return json.load(file)


def main():
    if shutil.which("xgettext") is None or shutil.which("msgfmt") is None:
        print("SKIP: gettext is not installed", file=sys.stderr)
        sys.exit(77)
    tutorial = load("tutorials/order-pipeline/tutorial.json")
    expected = [tutorial["title"], tutorial["summary"], "Build a serverless pipeline", "C_lean Up", *(rule["advice"] for rule in load("advice.json"))]
    for rule in load("failures.json"):
        expected += [rule[name] for name in ("title", "what", "look", "fix", "button")]
    explanations = load("explanations.json")
    expected += [rule["what"] for rule in explanations["actions"].values()]
    expected += [rule["what"] for each in explanations["properties"].values() for rule in each.values()]
    for step in tutorial["steps"]:
        expected += [step["title"], step["section"], *(line for line in step["why"] if line)]
    with tempfile.TemporaryDirectory() as folder:
        template = os.path.join(folder, "millrace.pot")
        subprocess.run([os.path.join(TOP, "tools", "extract-texts"), template], check=True)
        # Each text translated to itself in brackets: what a catalogue answers then is in it.
        with open(template, encoding="utf-8") as file:
            text = file.read().replace("charset=CHARSET", "charset=UTF-8").replace("nplurals=INTEGER; plural=EXPRESSION", "nplurals=2; plural=n != 1")
        marked = subprocess.run(["msgfilter", "--keep-header", "sed", "-e", "s/.*/[&]/"], input=subprocess.run(
            ["msgen", "-"], input=text, stdout=subprocess.PIPE, check=True, text=True).stdout, stdout=subprocess.PIPE, check=True, text=True).stdout
        where = os.path.join(folder, "xx", "LC_MESSAGES")
        os.makedirs(where)
        subprocess.run(["msgfmt", "--output-file", os.path.join(where, "millrace.mo"), "-"], input=marked, check=True, text=True)
        import gettext
        catalogue = gettext.translation("millrace", folder, ["xx"])
        missing = [each for each in expected if not catalogue.gettext(each).startswith("[")]
    if missing:
        print("not for translators:", *missing, sep="\n  ", file=sys.stderr)
        sys.exit(1)
    print("%d texts" % len(expected))


main()
