#!/usr/bin/env python3
"""Compares the evaluation of AWS policies with Cloudsplaining, in paired runs on the same generated account.

    benches/iam.py                     440 users and 780 roles, against Cloudsplaining where it is installed
    benches/iam.py --install           the same; first fetches Cloudsplaining 0.9.1 from PyPI into a virtual environment
    benches/iam.py growth              the same account and one of ten times its size: time and memory of overstay alone
    benches/iam.py generate FILE       writes the account and does nothing else

The account is invented and the same each time. overstay evaluates every identity and searches its shortest way to an
administrator; Cloudsplaining reports on policies one by one. CPU is user plus system time of all threads and children;
the medians over the rounds are shown as ratios.
"""

import argparse
import json
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import venv

from compare import OVERSTAY, run

PEER = "cloudsplaining==0.9.1"
ACCOUNT = "111122223333"
SERVICES = ["ec2", "lambda", "ecs-tasks", "glue", "codebuild", "states", "cloudformation", "sagemaker"]
READ = ["s3:GetObject", "s3:List*", "ec2:Describe*", "dynamodb:GetItem", "dynamodb:Query", "sqs:ReceiveMessage",
        "logs:Get*", "logs:Describe*", "cloudwatch:Get*", "cloudwatch:List*", "ssm:GetParameter*", "kms:Decrypt",
        "secretsmanager:GetSecretValue", "ecr:Get*", "ecr:BatchGetImage", "sns:List*", "iam:Get*", "iam:List*"]
WRITE = ["s3:PutObject", "s3:DeleteObject", "dynamodb:PutItem", "dynamodb:UpdateItem", "sqs:SendMessage", "sns:Publish",
         "lambda:InvokeFunction", "lambda:UpdateFunctionCode", "ec2:RunInstances", "ec2:StopInstances", "logs:Put*",
         "logs:Create*", "ecs:UpdateService", "ecs:RegisterTaskDefinition", "events:PutEvents", "kms:Encrypt",
         "states:StartExecution", "cloudformation:UpdateStack", "codebuild:StartBuild", "glue:StartJobRun"]
POWER = ["iam:PassRole", "iam:CreateAccessKey", "iam:AttachRolePolicy", "iam:PutUserPolicy", "lambda:CreateFunction",
         "iam:CreatePolicyVersion", "sts:AssumeRole", "ssm:SendCommand", "cloudformation:CreateStack", "s3:*", "ec2:*"]


class Account:
    """An account of so many users and roles, the same for the same numbers."""

    def __init__(self, factor):
        self.random = random.Random(20260601)
        self.users, self.roles = 440 * factor, 780 * factor
        self.policies = [f"arn:aws:iam::{ACCOUNT}:policy/app-{n}" for n in range(220 * factor)]
        self.groups = [f"group-{n}" for n in range(25 * factor)]

    def arn(self, kind, name):
        return f"arn:aws:iam::{ACCOUNT}:{kind}/{name}"

    def resource(self):
        n = self.random.randrange(400)
        return self.random.choice([
            "*", "*", f"arn:aws:s3:::bucket-{n}/*", f"arn:aws:dynamodb:*:{ACCOUNT}:table/table-{n}",
            f"arn:aws:sqs:eu-west-1:{ACCOUNT}:queue-{n}*", f"arn:aws:lambda:*:{ACCOUNT}:function:app-{n}-*",
        ])

    def statement(self):
        pick, kind = self.random.sample, self.random.random()
        if kind < 0.5:
            return {"Effect": "Allow", "Action": pick(READ, self.random.randint(1, 7)), "Resource": self.resource()}
        if kind < 0.85:
            return {"Effect": "Allow", "Action": pick(WRITE, self.random.randint(1, 5)), "Resource": self.resource()}
        if kind < 0.91:
            role = self.arn("role", f"role-{self.random.randrange(self.roles)}")
            return {"Effect": "Allow", "Action": pick(POWER, 2), "Resource": self.random.choice([role, role, "*"])}
        if kind < 0.95:
            return {"Effect": "Deny", "Action": pick(WRITE, 2), "Resource": self.resource()}
        if kind < 0.98:
            condition = {"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}}
            return {"Effect": "Allow", "Action": pick(WRITE, 3), "Resource": "*", "Condition": condition}
        return {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*"}

    def document(self):
        statements = [self.statement() for _ in range(self.random.choice([1, 1, 2, 2, 3, 4, 6]))]
        return {"Version": "2012-10-17", "Statement": statements}

    def inline(self, chance):
        count = self.random.choice([1, 1, 2]) if self.random.random() < chance else 0
        return [{"PolicyName": f"inline-{n}", "PolicyDocument": self.document()} for n in range(count)]

    def attached(self, most):
        arns = self.random.sample(self.policies, self.random.randint(0, most))
        if self.random.random() < 0.02:
            arns.append("arn:aws:iam::aws:policy/AdministratorAccess")
        return [{"PolicyName": arn.rsplit("/", 1)[1], "PolicyArn": arn} for arn in arns]

    def trust(self):
        kind = self.random.random()
        if kind < 0.6:
            principal, action = {"Service": f"{self.random.choice(SERVICES)}.amazonaws.com"}, "sts:AssumeRole"
        elif kind < 0.75:
            principal, action = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "sts:AssumeRole"
        elif kind < 0.9:
            other = self.arn("role", f"role-{self.random.randrange(self.roles)}")
            principal, action = {"AWS": other}, "sts:AssumeRole"
        else:
            provider = self.arn("oidc-provider", "token.actions.githubusercontent.com")
            principal, action = {"Federated": provider}, "sts:AssumeRoleWithWebIdentity"
        return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal, "Action": action}]}

    def holder(self, kind, name, chance, most):
        title = kind.capitalize()
        return {
            "Path": "/", f"{title}Name": name, f"{title}Id": f"{title[0]}ID{self.random.randrange(10**12):016d}",
            "Arn": self.arn(kind, name), "CreateDate": "2024-03-01T09:00:00+00:00",
            f"{title}PolicyList": self.inline(chance), "AttachedManagedPolicies": self.attached(most), "Tags": [],
        }

    def user(self, n):
        user = self.holder("user", f"user-{n}", 0.3, 2)
        user["GroupList"] = self.random.sample(self.groups, self.random.randint(0, 3))
        return user

    def role(self, n):
        role = self.holder("role", f"role-{n}", 0.6, 3)
        role |= {"AssumeRolePolicyDocument": self.trust(), "InstanceProfileList": [], "RoleLastUsed": {}}
        if self.random.random() < 0.1:
            boundary = self.random.choice(self.policies)
            role["PermissionsBoundary"] = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary}
        return role

    def managed(self, arn, document):
        version = {"VersionId": "v1", "IsDefaultVersion": True, "CreateDate": "2024-03-01T09:00:00+00:00", "Document": document}
        return {
            "PolicyName": arn.rsplit("/", 1)[1], "PolicyId": f"ANPA{self.random.randrange(10**12):016d}", "Arn": arn, "Path": "/",
            "DefaultVersionId": "v1", "AttachmentCount": 1, "PermissionsBoundaryUsageCount": 0, "IsAttachable": True,
            "CreateDate": "2024-03-01T09:00:00+00:00", "UpdateDate": "2024-03-01T09:00:00+00:00",
            "PolicyVersionList": [version],
        }

    def export(self):
        everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        policies = [self.managed(arn, self.document()) for arn in self.policies]
        policies.append(self.managed("arn:aws:iam::aws:policy/AdministratorAccess", everything))
        return {
            "UserDetailList": [self.user(n) for n in range(self.users)],
            "GroupDetailList": [self.holder("group", name, 0.4, 3) for name in self.groups],
            "RoleDetailList": [self.role(n) for n in range(self.roles)],
            "Policies": policies,
        }


def install(folder):
    """Cloudsplaining in a virtual environment of its own."""
    if not (folder / "bin/cloudsplaining").exists():
        venv.create(folder, with_pip=True)
        subprocess.run([folder / "bin/pip", "install", "--quiet", PEER], check=True)


def medians(commands, rounds):
    """The median CPU seconds and peak MiB of each command, and the ratios round by round."""
    runs = {name: [] for name in commands}
    for command in commands.values():
        run(command)
    for _ in range(rounds):
        for name, command in commands.items():
            _, cpu, peak = run(command)
            runs[name].append((cpu, peak))
    return runs


def show(runs, first):
    """A line for each command; ratios are medians of the paired rounds."""
    print(f"{'':24}{'CPU s':>9}{'peak MiB':>10}{'CPU ratio':>11}{'memory ratio':>14}")
    for name, measured in runs.items():
        cpu, peak = (statistics.median(column) for column in zip(*measured))
        pairs = list(zip(measured, runs[first]))
        by_cpu = statistics.median(one[0] / other[0] for one, other in pairs)
        by_peak = statistics.median(one[1] / other[1] for one, other in pairs)
        print(f"{name:24}{cpu:9.2f}{peak:10.0f}{by_cpu:11.1f}{by_peak:14.1f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=["compare", "growth", "generate"], default="compare")
    parser.add_argument("file", nargs="?", type=pathlib.Path)
    parser.add_argument("--install", action="store_true", help="fetch Cloudsplaining from PyPI")
    parser.add_argument("--peers", type=pathlib.Path, default=pathlib.Path.home() / ".cache/overstay-peers/cloudsplaining")
    parser.add_argument("--factor", type=int, default=1, help="how many times 440 users and 780 roles")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--overstay", default=str(OVERSTAY))
    arguments = parser.parse_args()
    if arguments.what == "generate":
        return arguments.file.write_text(json.dumps(Account(arguments.factor).export(), indent=1))
    if arguments.install:
        install(arguments.peers)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)

        def ours(factor):
            file = folder / f"account-{factor}.json"
            file.write_text(json.dumps(Account(factor).export(), indent=1))
            return [arguments.overstay, "scan", "--no-progress", "-q", "-f", f"json={folder}/report.json", file], file

        command, file = ours(arguments.factor)
        if arguments.what == "growth":
            show(medians({"overstay": command, "overstay, ten times": ours(arguments.factor * 10)[0]}, arguments.rounds), "overstay")
            return None
        peer = arguments.peers / "bin/cloudsplaining"
        if not peer.exists():
            sys.exit(f"{peer} is not there: --install fetches it")
        commands = {
            "overstay": command,
            "cloudsplaining 0.9.1": [peer, "scan", "--input-file", file, "--output", folder, "--skip-open-report"],
        }
        show(medians(commands, arguments.rounds), "overstay")
    return None


if __name__ == "__main__":
    main()
