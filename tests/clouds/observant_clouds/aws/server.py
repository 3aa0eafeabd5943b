"""The AWS test cloud as an HTTP server on 127.0.0.1, for programs that open real connections.

Control, besides AWS's own API:

    GET  /_cloud/stats                                  requests and refusals by action, and their totals
    POST /_cloud/traffic {"latency_ms": 25, "heal": true, "forget": true,
                          "throttle": {"iam": {"rate": 20, "burst": 40}},
                          "faults": [{"action": "iam:GetCredentialReport", "code": "AccessDenied", "status": 403}]}
    POST /_cloud/world   [{"account": "111122223333", "do": "user", "with": {"name": "ada", "created": 400}}]
                         any method of `world.Account`; moments are days ago or RFC 3339 text; answers the results
    POST /_cloud/extra   {"account": "111122223333", "report_polls": 3}
    POST /_cloud/seed    {"account": "111122223333", "users": 1000}
    POST /_cloud/reset   an empty cloud
"""

import io
import json
import logging
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl

from moto.core.models import MockAWS
from moto.core.utils import utcnow
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.http import http_date
from werkzeug.serving import BaseWSGIServer, make_server

from observant_clouds.aws import analyzer
from observant_clouds.aws.behaviour import EXTRAS, installed
from observant_clouds.aws.inprocess import DEFAULT_ACCOUNT, access_key, account_of, region_of
from observant_clouds.aws.seed import seed
from observant_clouds.aws.traffic import Answer, Traffic
from observant_clouds.aws.world import Account, Key

S3_OPERATIONS = {
    "versioning": "GetBucketVersioning",
    "policy": "GetBucketPolicy",
    "publicAccessBlock": "GetPublicAccessBlock",
    "lifecycle": "GetBucketLifecycleConfiguration",
    "encryption": "GetBucketEncryption",
    "object-lock": "GetObjectLockConfiguration",
    "logging": "GetBucketLogging",
    "location": "GetBucketLocation",
}


def action_of(environ: dict[str, Any], body: str) -> str:
    """`service:Operation` of a request, from what each protocol carries."""
    _, _, credential = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")
    scope = credential.split("/")
    service = scope[3] if len(scope) > 4 else "unsigned"
    if service == "s3":
        query = environ.get("QUERY_STRING", "").partition("=")[0].partition("&")[0]
        named = S3_OPERATIONS.get(query) if environ["REQUEST_METHOD"] == "GET" else None
        return f"s3:{named or environ['REQUEST_METHOD'] + (' ?' + query if query else '')}"
    if service == analyzer.SIGNED_AS:
        return f"{analyzer.SERVICE}:{analyzer.OPERATIONS.get(environ['PATH_INFO'], environ['PATH_INFO'])}"
    target = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
    return f"{service}:{target or dict(parse_qsl(body)).get('Action', environ['REQUEST_METHOD'])}"


class Gate:
    """The WSGI application in front of moto's: control paths, counting, faults; then moto."""

    def __init__(self) -> None:
        self.traffic = Traffic()
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.controls: dict[str, Callable[[Any], Any]] = {
            "stats": self._stats,
            "traffic": self._traffic,
            "world": self._world,
            "extra": self._extra,
            "seed": self._seed,
            "reset": self._reset,
        }

    def _stats(self, _: Any) -> Any:
        requests, refused = self.traffic.requests, self.traffic.refused
        return {"requests": requests.total(), "refused": refused.total(), "by_action": requests, "refusals": refused}

    def _traffic(self, body: Any) -> Any:
        if body.get("heal"):
            self.traffic.heal()
        if body.get("forget"):
            self.traffic.forget()
        if "latency_ms" in body:
            self.traffic.latency = body["latency_ms"] / 1000
        for service, limit in body.get("throttle", {}).items():
            self.traffic.throttle(service, **limit)
        for fault in body.get("faults", []):
            self.traffic.fault(**fault)
        return {}

    def _world(self, body: Any) -> Any:
        return [_build(call) for call in body]

    def _extra(self, body: Any) -> Any:
        settings = Account(body.pop("account", DEFAULT_ACCOUNT)).extra
        for name, value in body.items():
            assert hasattr(settings, name), f"no such knob: {name}"
            setattr(settings, name, value)
        return {}

    def _seed(self, body: Any) -> Any:
        return seed(Account(body.get("account", DEFAULT_ACCOUNT)), body["users"])

    def _reset(self, _: Any) -> Any:
        MockAWS().reset()
        EXTRAS.clear()
        self.traffic.heal()
        self.traffic.forget()
        return {}

    def control(self, environ: dict[str, Any]) -> Answer:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        handler = self.controls.get(environ["PATH_INFO"].removeprefix("/_cloud/"))
        if handler is None:
            return 404, {"Content-Type": "text/plain"}, b"no such control\n"
        answered = json.dumps(handler(json.loads(body or b"{}")), default=str)
        return 200, {"Content-Type": "application/json"}, answered.encode()

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith("/_cloud/"):
            return _send(start, self.control(environ))
        raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(raw)
        account = account_of(environ.get("HTTP_AUTHORIZATION", ""))
        if account:
            environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
        body = raw.decode("utf-8", "replace")
        action = action_of(environ, body)
        instead = self.traffic.answer_instead(action, account, f"{environ['PATH_INFO']} {body}")
        if instead is None and action.startswith(f"{analyzer.SERVICE}:"):
            region = region_of(environ["HTTP_AUTHORIZATION"])
            instead = analyzer.answer(account, region, environ["PATH_INFO"], environ.get("QUERY_STRING", ""), body)
        if instead is not None:
            return _send(start, instead)
        return self.moto(environ, start)  # type: ignore[no-any-return]


def _build(call: dict[str, Any]) -> Any:
    arguments = dict(call.get("with", {}))
    if call["do"] in ("user", "root") and "keys" in arguments:
        arguments["keys"] = [Key(**key) for key in arguments["keys"]]
    return getattr(Account(call.get("account", DEFAULT_ACCOUNT)), call["do"])(**arguments)


def _send(start: Any, answer: Answer) -> Iterable[bytes]:
    status, headers, body = answer
    start(f"{status} -", [*headers.items(), ("Content-Length", str(len(body))), ("Date", http_date(utcnow()))])
    return [body]


class Control:
    """A running server as its user sees it: `url` for AWS clients, `control` for everything else."""

    def __init__(self, url: str) -> None:
        self.url = url

    def control(self, path: str, body: Any = None) -> Any:
        """`control("seed", {"users": 1000})` sends POST /_cloud/seed and answers the decoded JSON."""
        data = json.dumps(body if body is not None else {}).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}/_cloud/{path}", data), timeout=600) as answer:
            return json.load(answer)

    def build(self, what: str, account: str = DEFAULT_ACCOUNT, **arguments: Any) -> Any:
        """`build("user", name="ada", created=400)`: one method of `world.Account`; its answer."""
        return self.control("world", [{"account": account, "do": what, "with": arguments}])[0]

    def environment(self, account: str = DEFAULT_ACCOUNT) -> dict[str, str]:
        """Environment variables with which any AWS SDK talks to this server, in `account`."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": access_key(account),
            "AWS_SECRET_ACCESS_KEY": "not-a-secret",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }


def listen(port: int = 0) -> tuple[BaseWSGIServer, Gate]:
    """A bound threaded server; port 0 takes a free one. The caller runs `serve_forever`."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    gate = Gate()
    made = make_server("127.0.0.1", port, gate, threaded=True, request_handler=MotoRequestHandler)
    return made, gate


@contextmanager
def server(port: int = 0) -> Iterator[Control]:
    """The server in a thread of this process."""
    with installed():
        MockAWS().reset()
        made, _ = listen(port)
        thread = threading.Thread(target=made.serve_forever, daemon=True)
        thread.start()
        try:
            yield Control(f"http://127.0.0.1:{made.server_port}")
        finally:
            made.shutdown()
            made.server_close()
            thread.join()


@contextmanager
def process(port: int = 0) -> Iterator[Control]:
    """The server as a process of its own: what is measured in this one is then the client alone."""
    command = [sys.executable, "-m", "observant_clouds.aws", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            yield Control(running.stdout.readline().strip())
        finally:
            running.terminate()


def main(port: int) -> None:
    """Serve until terminated; the address is the first line on standard output."""
    with installed():
        made, _ = listen(port)
        sys.stdout.write(f"http://127.0.0.1:{made.server_port}\n")
        sys.stdout.flush()
        made.serve_forever()
