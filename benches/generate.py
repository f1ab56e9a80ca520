"""Writes a tree of functions in Python and TypeScript, to measure leash on something large.

    python benches/generate.py FUNCTIONS FOLDER

Every second function is in Python and uses a repository class and a client factory of a shared module; the others are in
TypeScript with commands of the SDK v3. The same number gives the same tree.
"""

import sys
from pathlib import Path

SHARED = '''import os

import boto3

_clients = {}


def client(name):
    if name not in _clients:
        _clients[name] = boto3.client(name)
    return _clients[name]


class Repository:
    def __init__(self, table):
        self.table = boto3.resource("dynamodb").Table(table)

    def get(self, key):
        return self.table.get_item(Key={"id": key}).get("Item")

    def put(self, item):
        self.table.put_item(Item=item)
'''

STEPS = 8


def python(index: int) -> str:
    lines = ["import json", "import os", "", "from shared import Repository, client", "",
             f'orders = Repository(os.environ.get("TABLE", "orders-{index}"))', ""]
    for step in range(STEPS):
        lines += ["", f"def step_{step}(event):", '    body = json.loads(event["body"])', f'    if body.get("kind") == "k{step}":',
                  f'        key = f"{step}/{{body[\'id\']}}.json"',
                  f'        client("s3").put_object(Bucket="bucket-{index}", Key=key, Body=json.dumps(body))', "    return body", ""]
    lines += ["", "def lambda_handler(event, context):", '    for record in event["Records"]:']
    lines += [f"        orders.put(step_{step}(record))" for step in range(STEPS)]
    lines += ['    return orders.get(event["id"])', ""]
    return "\n".join(lines)


def typescript(index: int) -> str:
    lines = ['import { S3Client, GetObjectCommand } from "@aws-sdk/client-s3";',
             'import { SQSClient, SendMessageCommand } from "@aws-sdk/client-sqs";', "",
             "const s3 = new S3Client({});", "const sqs = new SQSClient({});", ""]
    for step in range(STEPS):
        lines += [f"async function step{step}(id: string): Promise<void> {{",
                  f'  const object = await s3.send(new GetObjectCommand({{ Bucket: "bucket-{index}", Key: `{step}/${{id}}` }}));',
                  "  await sqs.send(new SendMessageCommand({ QueueUrl: process.env.QUEUE_URL!, MessageBody: String(object) }));",
                  "}", ""]
    lines += ["export const handler = async (event: { ids: string[] }) => {"]
    lines += [f"  await Promise.all(event.ids.map((id) => step{step}(id)));" for step in range(STEPS)]
    lines += ["};", ""]
    return "\n".join(lines)


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    functions, folder = int(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "shared.py").write_text(SHARED)
    for index in range(functions):
        if index % 2 == 0:
            (folder / f"handler_{index}.py").write_text(python(index))
        else:
            (folder / f"handler{index}.ts").write_text(typescript(index))


if __name__ == "__main__":
    main()
