"""The AWS half of the demo: the fictional company's account and organization, in a test cloud with its own clock."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta

from observant.evidence.snapshot import Snapshot


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

    def read(self, moment: datetime) -> Iterator[Snapshot]:
        """Live until the moment, then read the account and the organization."""
        from observant.collect.aws import collect_account
        from observant.collect.organization import collect_organization

        self._played.live_until(moment)
        yield collect_account(self._account, self._aws.now, _silent, demo=True)
        yield collect_organization(self._management, self._aws.now, _silent, demo=True)


def _silent(line: str) -> None:
    """The days of the year are progress enough."""
