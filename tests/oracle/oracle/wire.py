"""Which operation an HTTP request to AWS is, from botocore's descriptions of the services.

This is how the calls of Node functions are read: from what arrives at the server, not from anything the program or its SDK
says about itself.
"""

import functools
import json
import re
from urllib.parse import parse_qsl, unquote, urlsplit

import botocore.loaders
import botocore.model

# Services that botocore calls otherwise than the scope of a request's signature does.
BY_SCOPE = {
    "events": "events", "states": "stepfunctions", "monitoring": "cloudwatch", "email": "ses",
    "execute-api": "apigatewaymanagementapi",
}
SCOPE = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")


@functools.cache
def model(service):
    data = botocore.loaders.Loader().load_service_model(service, "service-2")
    return botocore.model.ServiceModel(data, service)


def signer(headers, query):
    """The access key and the service that a request's signature names."""
    text = headers.get("Authorization", "")
    if not text and "X-Amz-Credential" in query:
        text = f"Credential={unquote(query['X-Amz-Credential'])}"
    found = SCOPE.search(text)
    return (found.group(1), found.group(3)) if found else (None, None)


def read(method, url, headers, body):
    """The request as `{service, operation, parameters, key}`, or `None` where it is none of AWS's."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    key, scope = signer(headers, query)
    if scope is None:
        return None
    target = headers.get("X-Amz-Target", "")
    service = "dynamodbstreams" if target.startswith("DynamoDBStreams") else BY_SCOPE.get(scope, scope)
    if service == "ses" and parts.path.startswith("/v2/"):
        service = "sesv2"
    if target:
        name, parameters = target.rpartition(".")[2], json.loads(body or b"{}")
    elif "form-urlencoded" in headers.get("Content-Type", "") and b"Action=" in body:
        form = dict(parse_qsl(body.decode()))
        name, parameters = form.pop("Action"), form
    elif (rpc := re.match(r"/service/[^/]+/operation/(\w+)", parts.path)):
        name, parameters = rpc.group(1), {}
    else:
        name, parameters = rest(model(service), method, parts.path, query, headers, body)
    return {"service": service, "operation": name, "parameters": parameters, "key": key}


def rest(service, method, path, query, headers, body):
    """The operation whose method, path, query and headers fit, the one with the most conditions first."""
    best = (-1000, "?", {})
    for name in service.operation_names:
        operation = service.operation_model(name)
        if operation.http["method"] != method:
            continue
        labels = fits(operation, path, query)
        if labels is None:
            continue
        parameters, score = members(operation, query, headers)
        if parameters is None:
            continue
        template, _, wanted = operation.http["requestUri"].partition("?")
        score += 10 * len(wanted.split("&") if wanted else []) + template.count("/") - 3 * template.count("+")
        if query.get("x-id") == name:
            score += 1000
        if score > best[0]:
            if service.metadata["protocol"] == "rest-json" and body:
                parameters = {**json_body(operation, body), **parameters}
            best = (score, name, {**parameters, **labels})
    return best[1], best[2]


def fits(operation, path, query):
    """The labels of a path, or `None` where path or query are another operation's."""
    template, _, wanted = operation.http["requestUri"].partition("?")
    for condition in filter(None, wanted.split("&")):
        name, _, value = condition.partition("=")
        if name not in query or (value and query[name] != value):
            return None
    pattern = re.escape(template.rstrip("/")).replace(r"\{", "{").replace(r"\}", "}").replace(r"\+", "+")
    pattern = re.sub(r"\{(\w+)\+\}", r"(?P<\1>.+)", pattern)
    pattern = re.sub(r"\{([\w\\-]+)\}", lambda label: f"(?P<{label.group(1).replace(chr(92), '').replace('-', '_')}>[^/]+)", pattern)
    found = re.fullmatch(pattern, path.rstrip("/"))
    if found is None:
        return None
    names = {(shape.serialization.get("name") or name).replace("-", "_"): name
             for name, shape in (operation.input_shape.members.items() if operation.input_shape else [])
             if shape.serialization.get("location") == "uri"}
    return {names.get(label, label): unquote(text) for label, text in found.groupdict().items()}


def members(operation, query, headers):
    """What query and headers say, and how much of it; `None` where something required is not there."""
    shape = operation.input_shape
    if shape is None:
        return {}, 0
    parameters, score = {}, 0
    for name, member in shape.members.items():
        location = member.serialization.get("location")
        wire = member.serialization.get("name", name)
        given = {"querystring": query.get(wire), "header": headers.get(wire)}.get(location)
        if given is not None:
            parameters[name] = unquote(given) if name == "CopySource" else given
        if location in ("querystring", "header") and name in shape.required_members:
            if given is None:
                return None, 0
            score += 10
    return parameters, score


def json_body(operation, body):
    """The members of a JSON body, unless the body is a payload of its own."""
    if operation.input_shape is None or operation.input_shape.serialization.get("payload"):
        return {}
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
