"""The AWS half of the demo: the fictional company's account and organization, in a test cloud with its own clock.

Its CloudTrail delivers files, which are read once a week from a copy of the log bucket.
"""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

from observant.evidence.events import EventBatch
from observant.evidence.snapshot import Snapshot

_MONDAY = 0


class AccountYear:
    """The account and its organization living through the year, and the reader in them."""

    def __init__(self) -> None:
        from observant.collect.aws import AwsSession
        from observant_clouds import company, company_organization
        from observant_clouds.aws import cloud

        self._running = ExitStack()  # until the process ends: nothing else runs in it
        self._aws = self._running.enter_context(cloud(start=company.readings()[0] - timedelta(days=3)))
        self._played = company.Company(self._aws)
        self._account = AwsSession(self._aws.session(company.ACCOUNT))
        self._management = AwsSession(self._aws.session(company_organization.MANAGEMENT))
        self._bucket = Path(self._running.enter_context(tempfile.TemporaryDirectory()))
        self._heard = _Heard()
        self._last = company.readings()[-1]

    def read(self, moment: datetime) -> Iterator[Snapshot | EventBatch]:
        """Live until the moment, then read account and organization; on Mondays what CloudTrail delivered, too."""
        from observant.collect.aws import collect_account
        from observant.collect.organization import collect_organization

        self._played.live_until(moment)
        yield collect_account(self._account, self._aws.now, _silent, demo=True)
        yield collect_organization(self._management, self._aws.now, _silent, demo=True)
        if moment.weekday() == _MONDAY or moment == self._last:
            yield from self._events()

    def _events(self) -> Iterator[EventBatch]:
        from observant.collect.changes.folder import read_folder

        for key, content in self._played.log.delivered().items():
            file = self._bucket / key
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        if any(self._bucket.iterdir()):
            supplier = "logs@harbourlight.example"
            for batch in read_folder(self._bucket, self._aws.now, supplier, self._heard, _silent, demo=True):
                self._heard.take(batch)
                yield batch


class _Heard:
    """What was read before. The log has it too, but in another process, and some readings later."""

    def __init__(self) -> None:
        self._files: set[str] = set()

    def take(self, batch: EventBatch) -> None:
        self._files |= {f"{one.folder}/{file}" for one in batch.reading.folders for file in one.files}

    def files(self) -> set[str]:
        return self._files

    def ids(self, scope: str, first: datetime, last: datetime) -> set[str]:  # noqa: ARG002 (as it is asked for)
        """No event is delivered twice here."""
        return set()


def _silent(line: str) -> None:
    """The days of the year are progress enough."""
