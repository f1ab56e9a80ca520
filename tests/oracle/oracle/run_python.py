"""Runs Python functions under moto, in process, and writes down the AWS calls they make.

Reads jobs (JSON) from stdin and writes one JSON line per job. Every job runs in a process of its own, forked from one that
has the libraries loaded already: nothing a program does to modules, sessions or the environment reaches the next one.
"""

import asyncio
import importlib
import json
import os
import signal
import sys
import tempfile
import traceback

import boto3  # noqa: F401  (loaded once, before the forks)
import botocore.handlers
from moto import mock_aws

from oracle import world

OWN_KEY = "AKIAFUNCTION"
RECORDED = []
RECORDING = False


def plain(value, depth=0):
    """A value as JSON can hold it; what JSON has no form for becomes None."""
    if isinstance(value, dict) and depth < 8:
        return {str(key): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)) and depth < 8:
        return [plain(item, depth + 1) for item in value]
    return value if isinstance(value, (str, int, float, bool)) else None


def on_params(params, model, context, **_):
    """Every request starts here, whether it is sent or only signed: clients, resources, paginators, waiters."""
    if not RECORDING:
        return
    entry = {"service": model.service_model.service_name, "operation": model.name, "parameters": plain(params), "key": None}
    context["oracle"] = entry
    RECORDED.append(entry)


def on_before_call(params, model, context, **_):
    """The request is about to be sent, not only signed."""
    entry = context.get("oracle")
    if entry is not None:
        entry["sent"] = True


def on_sign(request, request_signer, operation_name, **_):
    """Whose credentials the request is signed with."""
    entry = (getattr(request, "context", None) or {}).get("oracle")
    if entry is None and RECORDING and RECORDED and "sent" not in RECORDED[-1]:
        entry = RECORDED[-1]
    if entry is not None and "sent" not in entry and entry["operation"] != operation_name:
        # A presigned POST borrows the parameters of another operation; what is signed is what is meant.
        entry["operation"] = operation_name
    credentials = getattr(request_signer, "_credentials", None)
    if entry is not None and credentials is not None:
        entry["key"] = credentials.access_key


botocore.handlers.BUILTIN_HANDLERS.extend([
    ("provide-client-params", on_params),
    ("before-call", on_before_call),
    ("before-sign", on_sign),
])


class Context:
    """The part of Lambda's context object that programs read."""

    function_name = "oracle"
    function_version = "$LATEST"
    invoked_function_arn = f"arn:aws:lambda:{world.REGION}:{world.ACCOUNT}:function:oracle"
    aws_request_id = "00000000-0000-0000-0000-000000000000"
    memory_limit_in_mb = "128"

    def get_remaining_time_in_millis(self):
        return 30_000


def run(job):
    """Imports the handler's module and calls the handler once, as Lambda does after a cold start."""
    global RECORDING
    signal.alarm(60)
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    os.environ.clear()
    os.environ.update(environment, AWS_DEFAULT_REGION=world.REGION, AWS_REGION=world.REGION, AWS_ACCESS_KEY_ID=OWN_KEY,
                      AWS_SECRET_ACCESS_KEY="secret", AWS_EC2_METADATA_DISABLED="true", **job["environment"])
    os.chdir(job["root"])
    sys.path.insert(0, job["root"])
    error = None
    with mock_aws(config={"lambda": {"use_docker": False}}):
        # moto puts its own keys into the environment.
        os.environ["AWS_ACCESS_KEY_ID"] = OWN_KEY
        world.build(job["text"])
        boto3.DEFAULT_SESSION = None
        RECORDING = True
        try:
            module, _, name = job["handler"].rpartition(".")
            function = importlib.import_module(module.replace("/", "."))
            function = getattr(function, name)
            result = function(job["event"], Context())
            if asyncio.iscoroutine(result):
                asyncio.run(result)
        except BaseException as caught:  # noqa: BLE001  (whatever the program does is part of the answer)
            error = "".join(traceback.format_exception(caught)[-3:])
        RECORDING = False
    requests = [{"service": entry["service"], "operation": entry["operation"], "parameters": entry["parameters"],
                 "own": entry["key"] in (None, OWN_KEY)} for entry in RECORDED]
    return {"id": job["id"], "requests": requests, "error": error}


def forked(job):
    """The job's answer, from a process of its own."""
    with tempfile.TemporaryFile("w+") as answer:
        child = os.fork()
        if child == 0:
            try:
                null = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null, 1)
                answer.write(json.dumps(run(job)))
                answer.flush()
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        answer.seek(0)
        text = answer.read()
    return json.loads(text) if text else {"id": job["id"], "requests": [], "error": "the process died"}


def warm():
    """Loads what every job needs, so that the forks share it."""
    with mock_aws(config={"lambda": {"use_docker": False}}):
        world.build(" ".join(word for _, words, _ in world.MAKERS for word in words))


if __name__ == "__main__":
    os.environ.update(AWS_DEFAULT_REGION=world.REGION)
    warm()
    for job in json.load(sys.stdin):
        print(json.dumps(forked(job)), flush=True)
