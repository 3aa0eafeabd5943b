"""The state of the register, from its records in order."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from observant.period.conclusion import CheckResult, ControlException, PeriodResult
from observant.risks.risk import ACCEPTANCE, RISK, Acceptance, Held, Risk

Written = tuple[str, int, datetime, dict[str, Any]]
"""Kind, index, recorded time and content of a record."""


class Register:
    """Risks as they stand, and every acceptance there ever was."""

    def __init__(self, records: Iterable[Written]) -> None:
        self.risks: dict[str, Risk] = {}
        self.recorded: dict[str, tuple[int, datetime]] = {}
        """Risk -> index and time of its newest record."""
        self.acceptances: list[Held] = []
        for kind, index, at, content in records:
            if kind == RISK:
                risk = msgspec.convert(content, Risk)
                self.risks[risk.id], self.recorded[risk.id] = risk, (index, at)
            elif kind == ACCEPTANCE:
                self._accept(msgspec.convert(content, Acceptance), index, at)

    def _accept(self, acceptance: Acceptance, index: int, at: datetime) -> None:
        """A newer acceptance of a risk ends the one before it; so does a withdrawal."""
        self.acceptances = [
            replace(one, ends=min(one.ends, at)) if one.acceptance.risk == acceptance.risk else one
            for one in self.acceptances
        ]
        if not acceptance.withdrawn:
            ends = datetime.combine(acceptance.until + timedelta(days=1), time(), UTC)
            self.acceptances.append(Held(acceptance, at, ends, index))

    def next_id(self) -> str:
        numbers = [int(name.removeprefix("R-")) for name in self.risks if name.removeprefix("R-").isdigit()]
        return f"R-{max(numbers, default=0) + 1}"

    def accepted(self, risk: str, at: datetime) -> Held | None:
        """The acceptance of a risk that holds at a moment."""
        return next(
            (one for one in self.acceptances if one.acceptance.risk == risk and one.since <= at < one.ends), None
        )

    def of(self, one: ControlException) -> list[Held]:
        """Acceptances that cover an exception at any time while it lasts, oldest first."""
        return [
            held
            for held in self.acceptances
            if (risk := self.risks.get(held.acceptance.risk)) is not None
            and any(each.covers(one.check, one.label, one.scope) for each in risk.covers)
            and held.ends > one.start
            and (one.end is None or held.since < one.end)
        ]

    def beside(self, result: PeriodResult, as_of: datetime) -> PeriodResult:
        """The result with every accepted exception saying so. Verdicts and conclusions stay as they are."""
        if not self.acceptances:
            return result
        controls = [
            replace(control, checks=[self._check(check, as_of) for check in control.checks])
            for control in result.controls
        ]
        return replace(result, controls=controls)

    def _check(self, check: CheckResult, as_of: datetime) -> CheckResult:
        told = [replace(one, accepted=in_words(self.of(one), as_of)) for one in check.exceptions]
        return replace(check, exceptions=told)


def in_words(held: list[Held], as_of: datetime) -> str:
    """What stands beside an accepted exception; empty for nothing."""
    said = []
    for one in held:
        acceptance = one.acceptance
        ended = f", ended on {one.ends:%Y-%m-%d %H:%M} UTC" if one.ends <= as_of else ""
        said.append(
            f"risk {acceptance.risk} accepted by {acceptance.accepted_by} from {one.since:%Y-%m-%d %H:%M} UTC "
            f"to the end of {acceptance.until}{ended}: {acceptance.reason}; instead: {acceptance.compensating}"
        )
    return " | ".join(said)
