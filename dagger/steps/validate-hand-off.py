#!/usr/bin/env python3
"""Checks a hand-off: cfn-lint, registration against ECS, and the guide from its first to its last command.

Usage: validate-hand-off.py --hand-off DIRECTORY --guide FILE
Ends with `N passed, N failed`.
"""
import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import boto3
import yaml

STEPS = Path(__file__).parent
# Names of ECS that CloudFormation writes otherwise than with a capital.
IRREGULAR = {"efsVolumeConfiguration": "EFSVolumeConfiguration", "fileSystemId": "FilesystemId", "iam": "IAM"}
SAMPLE = {"FILE_SYSTEM_ID": "fs-0123456789abcdef0", "ACCOUNT_ID": "123456789012", "REGION": "eu-central-1"}
SECRETS = ["anthropic-api-key", "database-url", "mcp-signing-key"]
ROLES = ["supervisor", "worker", "gateway", "operator"]


class Checks:
    """Runs every check, also after one that failed."""

    def __init__(self):
        self.passed = self.failed = 0

    def run(self, name, check):
        try:
            check()
            self.passed += 1
            print(f"ok      {name}", flush=True)
        except Exception as error:  # noqa: BLE001 - whatever it is, the check failed
            self.failed += 1
            print(f"failed  {name}: {error}", flush=True)


class Moto:
    """moto on a free port of this machine, as long as the checks take."""

    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = tempfile.TemporaryFile()
        command = [sys.executable, str(STEPS / "serve-moto.py"), str(self.port)]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log)
        # moto finds the bucket of a template in its address only under this name.
        self.url = f"http://localhost:{self.port}"

    def wait(self):
        for _ in range(600):
            if self.process.poll() is not None:
                raise RuntimeError(f"moto ended with {self.process.returncode}: {self.tail()}")
            try:
                urllib.request.urlopen(f"{self.url}/moto-api/data.json", timeout=5).read()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("moto does not answer")

    def tail(self):
        self.log.seek(0)
        return self.log.read().decode()[-2000:]

    def reset(self):
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/moto-api/reset", method="POST"), timeout=30).read()

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def pascal(value, verbatim=False):
    """Keys as CloudFormation writes them; the options of a log driver are its own."""
    if isinstance(value, list):
        return [pascal(item) for item in value]
    if not isinstance(value, dict) or verbatim:
        return value
    names = {key: IRREGULAR.get(key, key[0].upper() + key[1:]) for key in value}
    return {names[key]: pascal(inner, key == "options") for key, inner in value.items()}


def lint(*paths):
    done = subprocess.run(["cfn-lint", "--template", *map(str, paths)], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"cfn-lint says\n{done.stdout}{done.stderr}")


def sample(text):
    """Texts for what only an account knows."""
    for word, value in SAMPLE.items():
        text = text.replace(word, value)
    return text.replace("ACCESS_POINT_ID_OF_", "fsap-0123456789abcde")


def lint_tasks(definitions, directory):
    """cfn-lint knows templates only, so each task definition gets one."""
    paths = []
    for definition in definitions:
        resource = {"Type": "AWS::ECS::TaskDefinition", "Properties": pascal(definition)}
        paths.append(directory / f"{definition['family']}.json")
        paths[-1].write_text(json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"Task": resource}}))
    lint(*paths)


def register(ecs, definition):
    """What ECS keeps must be what was given."""
    kept = ecs.register_task_definition(**definition)["taskDefinition"]
    for key in ("family", "cpu", "memory", "networkMode", "requiresCompatibilities", "executionRoleArn", "volumes"):
        if kept.get(key) != definition[key]:
            raise AssertionError(f"{key} became {kept.get(key)}")
    for given, back in zip(definition["containerDefinitions"], kept["containerDefinitions"], strict=True):
        for key, value in given.items():
            # moto adds to these what the API would.
            if key not in ("portMappings", "logConfiguration", "environment") and back.get(key) != value:
                raise AssertionError(f"{given['name']}: {key} became {back.get(key)}")


def make_keys(directory):
    """Files as `msctl keys generate` and a person leave them."""
    names = [*SECRETS, "mcp-public-keys", *(f"nats-{role}-{kind}" for role in ROLES for kind in ("seed", "public"))]
    directory.mkdir()
    for name in names:
        (directory / name).write_text(f"value of {name}\n")


def run_guide(guide, directory):
    command = [sys.executable, str(STEPS / "run-guide.py"), str(guide), str(directory)]
    done = subprocess.run(command, capture_output=True, text=True)
    print(done.stdout, end="")
    if done.returncode != 0:
        raise AssertionError(done.stderr[-4000:])


def check_stack(hand_off, stack):
    """Every resource of the template is there, of its type."""
    template = yaml.safe_load((hand_off / "cloudformation.yaml").read_text())
    wanted = {name: one["Type"] for name, one in template["Resources"].items()}
    api = boto3.client("cloudformation")
    status = api.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
    if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        raise AssertionError(f"the stack is {status}")
    made = {
        one["LogicalResourceId"]: one["ResourceType"]
        for one in api.describe_stack_resources(StackName=stack)["StackResources"]
    }
    missing = {name: kind for name, kind in wanted.items() if made.get(name) != kind}
    if missing:
        raise AssertionError(f"these were not made: {missing}")


def rules_of(group):
    """Both directions of a group, as (direction, port, peer)."""
    found = set()
    for direction, key in (("in", "IpPermissions"), ("out", "IpPermissionsEgress")):
        for rule in group[key]:
            peers = [pair["GroupId"] for pair in rule["UserIdGroupPairs"]] + [one["CidrIp"] for one in rule["IpRanges"]]
            found |= {(direction, rule.get("FromPort"), peer) for peer in peers}
    return found


def check_network(hand_off, stack):
    """Each connection of the matrix is allowed on both sides, and nothing else between the groups."""
    resources = boto3.client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    # moto gives no identity to the rules themselves.
    ids = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in resources if "PhysicalResourceId" in one}
    groups = {one["GroupId"]: one for one in boto3.client("ec2").describe_security_groups()["SecurityGroups"]}
    names = {"storage": ids["StorageSecurityGroup"]}
    flows = json.loads((hand_off / "network.json").read_text())
    for service in {flow["from"] for flow in flows} | {flow["to"] for flow in flows}:
        logical = "".join(word.capitalize() for word in service.split("-")) + "SecurityGroup"
        if logical in ids:
            names[service] = ids[logical]
    wanted = {
        (flow["from"], flow["to"], flow["port"]) for flow in flows if flow["from"] in names and flow["to"] in names
    }
    by_id = {identity: name for name, identity in names.items()}
    for direction in ("out", "in"):
        allowed = set()
        for identity, name in by_id.items():
            for way, port, peer in rules_of(groups[identity]):
                if way == direction and peer in by_id:
                    allowed.add((name, by_id[peer], port) if way == "out" else (by_id[peer], name, port))
        if allowed != wanted:
            raise AssertionError(f"{direction}: too much {allowed - wanted}, too little {wanted - allowed}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hand-off", type=Path, required=True)
    parser.add_argument("--guide", type=Path, required=True)
    given = parser.parse_args()
    checks = Checks()
    checks.run("cfn-lint: cloudformation.yaml", lambda: lint(given.hand_off / "cloudformation.yaml"))
    definitions = [
        json.loads(sample(path.read_text())) for path in sorted((given.hand_off / "task-definitions").glob("*.json"))
    ]
    moto = Moto()
    try:
        moto.wait()
        os.environ.update(
            AWS_ENDPOINT_URL=moto.url,
            AWS_ACCESS_KEY_ID="moto",
            AWS_SECRET_ACCESS_KEY="moto",
            AWS_DEFAULT_REGION="eu-central-1",
            AWS_PAGER="",
        )
        with tempfile.TemporaryDirectory() as work:
            check_all(checks, given, definitions, moto, Path(work))
    finally:
        moto.stop()
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed or not checks.passed else 0


def check_all(checks, given, definitions, moto, work):
    ecs = boto3.client("ecs")
    checks.run(f"cfn-lint: {len(definitions)} task definitions", lambda: lint_tasks(definitions, work))
    for definition in definitions:
        checks.run(f"ECS registers {definition['family']}", lambda one=definition: register(ecs, one))
    moto.reset()
    place = work / "guide"
    (place / "out").mkdir(parents=True)
    shutil.copytree(given.hand_off, place / "out" / "handoff")
    make_keys(Path.home() / "mistersmith-keys")
    # The guide takes the stack down at its end; what it made is looked at before that.
    text = given.guide.read_text()
    last = text.index("\n## 10.")
    before, after = work / "before.md", work / "after.md"
    before.write_text(text[:last])
    checks.run("every command of the guide up to a running stack", lambda: run_guide(before, place))
    stack = "mistersmith-production"
    checks.run("CloudFormation made every resource of the template", lambda: check_stack(given.hand_off, stack))
    checks.run("security groups are the network matrix", lambda: check_network(given.hand_off, stack))
    after.write_text(f"```sh\nSTACK={stack}\n```\n{text[last:]}")
    checks.run("every command of the guide from there to the end", lambda: run_guide(after, place))


if __name__ == "__main__":
    sys.exit(main())
