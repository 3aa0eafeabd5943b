"""One caller in one AWS account: clients on demand, and a log line for every request they make.

All clients of a process come from one botocore session, which holds the service models (a session each costs five times
the CPU and six times the memory). A client's timestamps stay text and its policy documents stay as sent: evidence is
what the API answered.
"""

import hashlib
import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
from botocore import xform_name
from botocore.client import BaseClient
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, ClientError, ProfileNotFound
from botocore.handlers import json_decode_policies
from botocore.model import OperationModel
from botocore.parsers import ResponseParserError
from botocore.session import Session
from botocore.utils import parse_timestamp

from observant.collect.aws.unread import unread_from
from observant.errors import ConfigurationError
from observant.evidence.snapshot import Json, Request
from observant.model.time import text

DEFAULT_REGION = "us-east-1"

RETRIES = Config(retries={"mode": "adaptive", "total_max_attempts": 10}, connect_timeout=10, read_timeout=60)
"""Adaptive: after the first refusal botocore sends no faster than AWS accepts. IAM is throttled per account."""

_ISO = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d+)?Z")
_SECRET_PARAMETERS = frozenset({"ExternalId"})
_NO_DIGEST = frozenset({"sts:AssumeRole"})  # the answer is a secret; even its digest has no place in evidence

_creating = threading.Lock()  # botocore: clients may be used from several threads, but not created


def as_text(value: str | float) -> str:
    """A timestamp in whichever form the protocol has it, as RFC 3339 with `Z`, whole seconds."""
    if isinstance(value, str) and (written := _ISO.fullmatch(value)):
        return f"{written.group(1)}Z"
    if isinstance(value, int | float):
        return text(datetime.fromtimestamp(value, UTC))
    read = parse_timestamp(value)
    return text(read if read.tzinfo else read.replace(tzinfo=UTC))


class AwsSession:
    """Clients for one caller. Reads one account at a time, from one thread; `sibling` makes one for another thread.

    Takes over the botocore session it is given: other users of that session would get timestamps as text.
    `pause` is what waits between polls, in seconds.
    """

    def __init__(
        self,
        base: Session,
        credentials: Credentials | None = None,
        region: str = "",
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        base.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=as_text)
        self._base, self._credentials, self.pause = base, credentials, pause
        self.region: str = region or base.get_config_variable("region") or DEFAULT_REGION
        self.requests: list[Request] = []
        self._clients: dict[tuple[str, str], BaseClient] = {}
        self._attempt = _Attempt("")

    @classmethod
    def open(cls, profile: str = "", region: str = "") -> "AwsSession":
        """A session from AWS's own configuration chain. Raises ConfigurationError for a profile that is not there."""
        try:
            base = Session(profile=profile or None)
            base.full_config  # noqa: B018  reads the files now, so that a missing profile is known now
            base.get_scoped_config()
        except ProfileNotFound as error:
            raise ConfigurationError(
                "AWS configuration", 0, str(error), "name a profile that `aws configure list-profiles` shows"
            ) from error
        return cls(base, region=region)

    def has_credentials(self) -> bool:
        """Whether the configuration chain finds any; no call to AWS is made, but an instance may be asked for its role.

        Raises ConfigurationError when what it finds is broken.
        """
        try:
            return self._base.get_credentials() is not None
        except BotoCoreError as error:
            raise ConfigurationError(
                "AWS configuration", 0, str(error), "mend it until `aws sts get-caller-identity` answers"
            ) from error

    def sibling(self) -> "AwsSession":
        """The same caller with clients and a request log of its own."""
        return AwsSession(self._base, self._credentials, self.region, self.pause)

    def become(self, credentials: Credentials) -> None:
        """From now on call with these credentials; the request log goes on."""
        self._credentials = credentials
        self._clients.clear()

    def take_requests(self) -> list[Request]:
        """The log so far; the next one starts empty."""
        taken, self.requests = self.requests, []
        return taken

    def call(self, service: str, operation: str, region: str = "", **parameters: object) -> Json:
        """One API call with its retries, logged. Raises Unread when there is no usable answer."""
        self._attempt = attempt = _Attempt(operation)
        name = f"{service}:{operation}"
        try:
            client = self._client(service, region or self.region)
            answer: Json = getattr(client, xform_name(operation))(**parameters)
        except (ClientError, BotoCoreError, ResponseParserError) as error:
            refusal = unread_from(name, error)
            self._log(name, parameters, attempt, refusal.code)
            raise refusal from error
        self._log(name, parameters, attempt, "")
        answer.pop("ResponseMetadata", None)
        return answer

    def note(self, **about: str | int) -> None:
        """Add to the parameters of the latest log line what its answer said about itself."""
        latest = self.requests[-1]
        self.requests[-1] = msgspec.structs.replace(latest, parameters={**latest.parameters, **about})

    def _log(self, name: str, parameters: Json, attempt: "_Attempt", error: str) -> None:
        shown = {key: value for key, value in parameters.items() if key not in _SECRET_PARAMETERS}
        for number, (operation, answer) in enumerate(attempt.others):
            self.requests.append(answer.line(f"{name.partition(':')[0]}:{operation}", {"because_of": name}, number, ""))
        digest = "" if name in _NO_DIGEST else attempt.answer.digest
        self.requests.append(attempt.answer.line(name, shown, max(0, attempt.count - 1), error, digest))

    def _client(self, service: str, region: str) -> BaseClient:
        key = (service, region)
        if key not in self._clients:
            keys = self._credentials.get_frozen_credentials() if self._credentials else None
            with _creating:
                client = self._base.create_client(
                    service,
                    region_name=region,
                    aws_access_key_id=keys.access_key if keys else None,
                    aws_secret_access_key=keys.secret_key if keys else None,
                    aws_session_token=keys.token if keys else None,
                    config=RETRIES,
                )
            client.meta.events.unregister("after-call.iam", json_decode_policies)
            client.meta.events.register(f"before-parse.{service}", self._on_answer)
            client.meta.events.register(f"response-received.{service}", self._on_failure)
            self._clients[key] = client
        return self._clients[key]

    def _on_answer(self, response_dict: Json, operation_model: OperationModel, **_: object) -> None:
        """botocore's `before-parse`: the raw answer of one attempt, before anything is made of it."""
        self._attempt.answered(operation_model.name, _Answer(response_dict))

    def _on_failure(self, exception: BaseException | None = None, **_: object) -> None:
        """botocore's `response-received`: also when no answer came, which `before-parse` never sees."""
        if exception is not None and not isinstance(exception, ClientError):
            self._attempt.answered(self._attempt.operation, _Answer(None))


class _Answer:
    """What the request log keeps of one HTTP answer."""

    def __init__(self, response: Json | None) -> None:
        headers = {} if response is None else {key.lower(): value for key, value in response["headers"].items()}
        self.status: int = 0 if response is None else response["status_code"]
        self.request_id: str = headers.get("x-amzn-requestid") or headers.get("x-amz-request-id") or ""
        self.date: str = headers.get("date", "")
        body = b"" if response is None else response["body"]
        self.digest = hashlib.sha256(body).hexdigest() if isinstance(body, bytes) and response is not None else ""

    def line(self, operation: str, parameters: Json, retries: int, error: str, digest: str | None = None) -> Request:
        return Request(
            operation=operation,
            parameters=parameters,
            status=self.status,
            request_id=self.request_id,
            server_date=self.date,
            body_sha256=self.digest if digest is None else digest,
            retries=retries,
            error=error,
        )


class _Attempt:
    """The answers that one call got: the last one counts, the number before it is the number of retries."""

    def __init__(self, operation: str) -> None:
        self.operation, self.count, self.answer = operation, 0, _Answer(None)
        self.others: list[tuple[str, _Answer]] = []

    def answered(self, operation: str, answer: _Answer) -> None:
        if operation != self.operation:  # botocore asks on its own, such as for the region of a bucket
            self.others.append((operation, answer))
            return
        self.count, self.answer = self.count + 1, answer
