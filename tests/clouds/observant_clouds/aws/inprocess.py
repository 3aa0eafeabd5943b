"""The AWS test cloud inside this process: moto answers botocore directly, and the clock is ours.

    with cloud(start=datetime(2026, 1, 1, 6, tzinfo=UTC)) as aws:
        account = aws.account("111122223333")
        account.user("ada", password=90, mfa="virtual", keys=[Key(created=200)])
        session = aws.session("111122223333")        # a botocore session whose calls reach that account
        aws.move_to(datetime(2026, 1, 2, 6, tzinfo=UTC))

The wall clock (`datetime.now`, `time.time`) stands still between moves; monotonic clocks run on, so progress bars and
timeouts behave. No socket is opened.
"""

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from unittest import mock
from urllib.parse import urlsplit

import botocore.session
import time_machine
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.loaders import create_loader
from botocore.retries.bucket import Clock
from moto import mock_aws
from moto.core.botocore_stubber import BotocoreStubber, MockRawResponse
from moto.moto_api._internal import mock_random

from observant_clouds.aws import analyzer
from observant_clouds.aws.behaviour import installed
from observant_clouds.aws.organization import Organization
from observant_clouds.aws.traffic import Traffic
from observant_clouds.aws.world import Account

DEFAULT_ACCOUNT = "111122223333"
DEFAULT_START = datetime(2026, 1, 1, 6, tzinfo=UTC)

_MODELS = create_loader()
"""Service models, read once for all sessions: most of the time of making a client."""

_CREDENTIAL = re.compile(r"Credential=AKIACLOU(\d{12})/")


def access_key(account: str) -> str:
    """The access key id with which a request reaches `account`; any secret goes with it."""
    return f"AKIACLOU{account}"


def account_of(authorization: str, otherwise: str = "") -> str:
    """The account that an Authorization header made with `access_key` names."""
    found = _CREDENTIAL.search(authorization)
    return found.group(1) if found else otherwise


def region_of(authorization: str) -> str:
    """The region that a request is signed for."""
    return authorization.partition("Credential=")[2].split("/")[2]


class Cloud:
    """A running in-process cloud. `traffic` counts, delays, throttles and breaks requests."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self.traffic = Traffic()
        self._traveller = traveller
        self._accounts: dict[str, Account] = {}

    def account(self, number: str = DEFAULT_ACCOUNT) -> Account:
        return self._accounts.setdefault(number, Account(number))

    def organization(self, management: str = DEFAULT_ACCOUNT) -> Organization:
        """The organization of a management account, made when there is none yet."""
        return Organization(management)

    def session(self, account: str = DEFAULT_ACCOUNT) -> botocore.session.Session:
        """A botocore session with long-lived credentials of `account`; make it once and reuse it."""
        session = botocore.session.Session()
        session.register_component("data_loader", _MODELS)
        session.set_credentials(access_key(account), "not-a-secret")
        session.set_config_variable("region", "us-east-1")
        return session

    def now(self) -> datetime:
        """The cloud's clock; pass this as `clock`."""
        return datetime.now(UTC).replace(microsecond=0)

    def move_to(self, moment: datetime) -> None:
        self._traveller.move_to(moment)

    def shift(self, **duration: float) -> None:
        """`shift(days=1)`"""
        self._traveller.shift(timedelta(**duration))

    def answer(self, stubber: BotocoreStubber, event_name: str, request: AWSPreparedRequest) -> AWSResponse | None:
        """What the cloud answers to one signed request."""
        _, service, operation = event_name.split(".")
        authorization = _text(request.headers.get("Authorization", ""))
        account = account_of(authorization)
        if account:
            request.headers["x-moto-account-id"] = account
        sent = f"{request.url} {_text(request.body)}"
        instead = self.traffic.answer_instead(f"{service}:{operation}", account, sent)
        if instead is None and service == analyzer.SERVICE:
            asked = urlsplit(request.url)
            instead = analyzer.answer(account, region_of(authorization), asked.path, asked.query, _text(request.body))
        if instead is not None:
            status, headers, body = instead
            return AWSResponse(request.url, status, headers, MockRawResponse(body))  # type: ignore[arg-type]
        answered = stubber.process_request(request)
        if answered is None:
            return None
        status, headers, body = answered
        return AWSResponse(request.url, status, headers, MockRawResponse(body))  # type: ignore[arg-type]


def _pace(_: Clock) -> float:
    return time.monotonic()


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")


@contextmanager
def cloud(start: datetime = DEFAULT_START, seed: int = 7) -> Iterator[Cloud]:
    """An empty cloud at `start`. Identifiers (key ids, user ids) follow from `seed`, so a world can be rebuilt."""
    with ExitStack() as stack:
        traveller = stack.enter_context(time_machine.travel(start, tick=False))
        stack.enter_context(mock_aws())
        stack.enter_context(installed())
        # botocore paces its retries by the wall clock, which stands still here
        stack.enter_context(mock.patch.object(Clock, "current_time", _pace))
        mock_random.seed(seed)
        running = Cloud(traveller)

        def answering(
            stubber: BotocoreStubber, event_name: str, request: AWSPreparedRequest, **_: object
        ) -> AWSResponse | None:
            return running.answer(stubber, event_name, request)

        stack.enter_context(mock.patch.object(BotocoreStubber, "__call__", answering))
        yield running
