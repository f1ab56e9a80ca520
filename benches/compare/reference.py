"""A substitute for AWS's online service reference, made from this repository's `api-maps/`.

iam-policy-autopilot downloads the service reference from AWS and keeps it in a folder `IAMPolicyAutopilot` below the folder
for temporary files, for 300 seconds. This writes such files, so that it can run without AWS: the actions with their resource
types and ARN formats are AWS's own IAM data; which actions an operation is authorized by comes from leash's api-maps, so both
programs know the same about IAM. What depends on parameters is left out.
"""

import http.server
import json
import os
import threading
from pathlib import Path

MAPS = Path(__file__).resolve().parents[2] / "api-maps"


def write(folder: Path) -> None:
    """Writes one file per IAM prefix."""
    folder.mkdir(parents=True, exist_ok=True)
    operations: dict[str, dict[str, set[str]]] = {}
    for file in sorted((MAPS / "services").glob("*.json")):
        service = json.loads(file.read_text())
        for name, entry in service.get("operations", {}).items():
            actions = {grant["action"] for grant in entry.get("grants", []) if "when" not in grant and "forward" not in grant}
            for prefix in service.get("prefixes", []):
                if actions:
                    operations.setdefault(prefix, {}).setdefault(name, set()).update(actions)
    for file in sorted((MAPS / "actions").glob("*.json")):
        known = json.loads(file.read_text())
        prefix = known["prefix"]
        own = operations.get(prefix, {})
        reference = {
            "Name": prefix,
            "Actions": [
                {
                    "Name": name,
                    "ActionConditionKeys": [],
                    "Resources": [{"Name": kind} for kind in entry.get("resources", []) + entry.get("optional", [])],
                }
                for name, entry in known["actions"].items()
            ],
            "Resources": [{"Name": name, "ARNFormats": [arn]} for name, arn in known.get("resources", {}).items()],
            "Operations": [
                {"Name": name, "AuthorizedActions": [authorized(action) for action in sorted(actions)], "SDK": []}
                for name, actions in sorted(own.items())
            ],
        }
        (folder / f"{prefix}.json").write_text(json.dumps(reference))


def authorized(action: str) -> dict[str, str]:
    service, name = action.split(":", 1)
    return {"Name": name, "Service": service}


def refresh(folder: Path) -> None:
    """Makes the files look new; after five minutes the program would ask AWS again."""
    for file in folder.iterdir():
        os.utime(file)


def empty_index() -> str:
    """A server on loopback that knows no further services: the program asks for those that the cache does not have."""

    class Index(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(b"[]")

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"
