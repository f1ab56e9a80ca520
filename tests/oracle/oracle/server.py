"""A moto server on loopback that writes down which requests arrive, for functions that are not Python.

`POST /oracle/begin` with a program's text makes the world anew and forgets what was recorded; `GET /oracle/requests` is
what has arrived since. Prints its port when it is ready.
"""

import io
import json
import os
import sys
import threading

from moto import mock_aws
from moto.core.config import default_user_config
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.datastructures import EnvironHeaders
from werkzeug.serving import make_server

from oracle import wire, world


class Recorder:
    """Moto's application with a notebook in front of it."""

    def __init__(self, application):
        self.application = application
        self.requests = []
        self.lock = threading.Lock()

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        if path == "/oracle/begin":
            text = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()
            setup = mock_aws(config={"lambda": {"use_docker": False}})
            setup.start()
            world.build(text)
            setup.stop(remove_data=False)
            # Functions are invoked without Docker; stopping has forgotten that.
            default_user_config["lambda"] = {"use_docker": False}
            self.requests = []
            return self.answer(start_response, "{}")
        if path == "/oracle/requests":
            return self.answer(start_response, json.dumps(self.requests))
        self.record(environ)
        return self.application(environ, start_response)

    def record(self, environ):
        """Notes the request and puts its body back for moto to read."""
        stream = environ["wsgi.input"]
        length = environ.get("CONTENT_LENGTH")
        body = stream.read(int(length)) if length else stream.read() if environ.get("wsgi.input_terminated") else b""
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        url = environ.get("RAW_URI") or environ["REQUEST_URI"]
        found = wire.read(environ["REQUEST_METHOD"], url, EnvironHeaders(environ), body)
        if found is not None:
            with self.lock:
                self.requests.append(found)

    @staticmethod
    def answer(start_response, text):
        start_response("200 OK", [("Content-Type", "application/json")])
        return [text.encode()]


if __name__ == "__main__":
    os.environ.update(AWS_DEFAULT_REGION=world.REGION, AWS_ACCESS_KEY_ID="setup", AWS_SECRET_ACCESS_KEY="setup")
    server = make_server("127.0.0.1", 0, Recorder(DomainDispatcherApplication(create_backend_app)), threaded=True)
    print(server.server_port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # The one who started the server closes its standard input, or is gone: either way it ends.
    sys.stdin.read()
