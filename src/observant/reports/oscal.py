"""OSCAL 1.1.2 assessment results: one result for the period, a finding for each control.

Each check is an observation, and so is each exception and each missing occurrence; their relevant evidence points to
the entry of the log, below `evidence/` in the package. Ids are UUIDv5 over what they name, so the same log and period
give the same bytes. Names of members stand in properties, which no reader renders; in descriptions, which are Markdown
with HTML, they are escaped.
"""

import html
import json
import re
from collections.abc import Callable, Iterable
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from observant.model.period import Period
from observant.model.time import text as moment_text
from observant.model.verdict import Conclusion
from observant.period.conclusion import (
    CheckResult,
    ControlException,
    ControlResult,
    EvidencePointer,
    Occurrence,
    PeriodResult,
)
from observant.reports.csv import DEMO
from observant.reports.tables import checks_of
from observant.reports.visible import visible
from observant.reports.words import moment_words

Json = dict[str, Any]
VERSION = "1.1.2"
NAMESPACE = "https://observant.invalid/ns/oscal"
"""Of our properties. It names them and leads nowhere: `.invalid` is reserved for that (RFC 2606)."""

_REASONS = {Conclusion.EFFECTIVE: "pass", Conclusion.EXCEPTIONS: "fail"}
_NO_TOKEN = re.compile(r"[^\w.-]")
_MARKUP = re.compile(r"([\\`*_\[\]{}()#+!|~^$-])")


def assessment_results(result: PeriodResult, entry_href: Callable[[int], str]) -> Json:
    """The document as JSON values. `entry_href` tells where the entry of a leaf index lies."""
    return {"assessment-results": _Writer(result, entry_href).document()}


class _Writer:
    def __init__(self, result: PeriodResult, entry_href: Callable[[int], str]) -> None:
        self._result, self._href = result, entry_href
        self._as_of = moment_text(result.provenance.as_of)

    def document(self) -> Json:
        plan = self._id("no-plan")
        return {
            "uuid": self._id("document"),
            "metadata": self._metadata(),
            "import-ap": {"href": f"#{plan}"},
            "results": [self._period()],
            "back-matter": {"resources": [self._no_plan(plan), *map(self._file, ("report.html", "period.json"))]},
        }

    def _id(self, *parts: object) -> str:
        provenance = self._result.provenance
        named = [provenance.origin, provenance.root, provenance.size, str(self._result.first), str(self._result.last)]
        return str(uuid5(NAMESPACE_URL, "urn:observant:" + json.dumps([*named, *map(str, parts)])))

    def _metadata(self) -> Json:
        provenance = self._result.provenance
        title = f"Access evidence, {self._result.first} to {self._result.last}"
        return {
            "title": f"{DEMO}. {title}" if provenance.demo else title,
            "last-modified": self._as_of,
            "version": self._as_of,
            "oscal-version": VERSION,
            "props": _props(
                ("log-origin", provenance.origin),
                ("log-size", provenance.size),
                ("log-root", provenance.root),
                ("tool", provenance.tool),
                ("demo", "true" if provenance.demo else ""),
            ),
        }

    def _no_plan(self, plan: str) -> Json:
        text = "No OSCAL assessment plan was exchanged; what was assessed is the list of controls of the company."
        return {"uuid": plan, "title": "No assessment plan", "description": text}

    def _file(self, name: str) -> Json:
        return {"uuid": self._id("file", name), "title": name, "rlinks": [{"href": name}]}

    def _period(self) -> Json:
        result = self._result
        period = Period(result.first, result.last)
        observations = list(self._observations())
        findings = [self._finding(control) for control in result.controls]
        return {
            "uuid": self._id("result"),
            "title": f"Period {period}",
            "description": f"Access controls over the period {period}, judged up to {moment_text(result.through)}.",
            "start": moment_text(period.interval.start),
            "end": moment_text(result.through),
            "reviewed-controls": {"control-selections": [self._selection()]},
            **({"observations": observations} if observations else {}),
            **({"findings": findings} if findings else {}),
        }

    def _selection(self) -> Json:
        chosen = [{"control-id": one} for one in dict.fromkeys(_token(one.control) for one in self._result.controls)]
        if chosen:
            return {"include-controls": chosen}
        return {"description": "All controls; none is written down yet.", "include-all": {}}

    # -- observations

    def _observations(self) -> Iterable[Json]:
        for check in checks_of(self._result).values():
            yield self._check(check)
            for one in check.exceptions:
                yield self._exception(one)
        for missing in dict.fromkeys(one for control in self._result.controls for one in control.occurrences_missing):
            yield self._missing(missing)

    def _check(self, check: CheckResult) -> Json:
        time = [
            (f"{verdict}-seconds", int(span.total_seconds())) for verdict, span in sorted(check.member_time.items())
        ]
        return {
            "uuid": self._id("check", check.check),
            "title": _prose(check.title),
            "description": _prose(f"{check.conclusion.value}: {check.why}"),
            "props": _props(
                ("check", check.check),
                ("population", check.population),
                ("failed-members", check.failed_members),
                ("exceptions", len(check.exceptions)),
                ("evidence-gaps", len(check.gaps)),
                *time,
            ),
            "methods": ["TEST"],
            "types": ["control-objective"],
            "relevant-evidence": [
                {"href": "checks.csv", "description": "Population, verdicts over time and conclusion of every check."},
                {"href": "gaps.csv", "description": "What could not be judged, and why."},
            ],
            "collected": self._as_of,
        }

    def _exception(self, one: ControlException) -> Json:
        pointers = [pointer for pointer in (one.first_evidence, one.last_evidence) if pointer]
        until = moment_words(one.end) if one.end else "now"
        return {
            "uuid": self._exception_id(one),
            "title": _prose(f"Exception: {one.label}"),
            "description": _prose(f"{one.cause}: from {moment_words(one.start)} to {until}."),
            "props": _props(
                ("check", one.check),
                ("scope", one.scope),
                ("member", one.member),
                ("start", moment_text(one.start)),
                ("end", moment_text(one.end) if one.end else ""),
                ("began-before-period", "true" if one.began_before_period else ""),
            ),
            "methods": ["TEST"],
            "types": ["finding"],
            "relevant-evidence": [
                *map(self._entry, dict.fromkeys(pointers)),
                {"href": "exceptions.csv", "description": "Every exception with its exact moments."},
            ],
            "collected": moment_text(pointers[0].seen) if pointers else self._as_of,
        }

    def _exception_id(self, one: ControlException) -> str:
        return self._id("exception", one.check, one.scope, one.member, moment_text(one.start))

    def _missing(self, one: Occurrence) -> Json:
        return {
            "uuid": self._missing_id(one),
            "title": _prose(f"Missing occurrence: {one.what}"),
            "description": _prose(
                f"Nothing was recorded from {moment_words(one.due_from)} to {moment_words(one.due_by)}: "
                f"{one.reason or 'the log does not say why'}."
            ),
            "props": _props(("what", one.what), ("scope", one.scope), ("due-by", moment_text(one.due_by))),
            "methods": ["TEST"],
            "types": ["finding"],
            "relevant-evidence": [{"href": "occurrences.csv", "description": "Occurrences that were required."}],
            "collected": self._as_of,
        }

    def _missing_id(self, one: Occurrence) -> str:
        return self._id("missing", one.what, one.scope, moment_text(one.due_from))

    def _entry(self, pointer: EvidencePointer) -> Json:
        described = f"Entry {pointer.record} of the log, effective {moment_text(pointer.seen)}."
        return {
            "href": self._href(pointer.record),
            "description": described,
            "props": _props(("log-index", pointer.record)),
        }

    # -- findings

    def _finding(self, control: ControlResult) -> Json:
        related = list(dict.fromkeys(self._related(control)))
        return {
            "uuid": self._id("finding", control.control),
            "title": _prose(f"{control.control} {control.title}"),
            "description": _prose(f"{control.conclusion.value}: {control.why}"),
            "props": _props(
                ("control", control.control),
                ("owner", control.owner),
                ("conclusion", control.conclusion.value),
                *(("criterion", criterion) for criterion in control.criteria),
            ),
            "target": {
                "type": "objective-id",
                "target-id": _token(control.control),
                "title": _prose(control.statement),
                "status": {
                    "state": "satisfied" if control.conclusion == Conclusion.EFFECTIVE else "not-satisfied",
                    "reason": _REASONS.get(control.conclusion, "other"),
                },
            },
            **({"related-observations": [{"observation-uuid": one} for one in related]} if related else {}),
        }

    def _related(self, control: ControlResult) -> Iterable[str]:
        for check in control.checks:
            yield self._id("check", check.check)
            yield from map(self._exception_id, check.exceptions)
        yield from map(self._missing_id, control.occurrences_missing)


def _props(*pairs: tuple[str, object]) -> list[Json]:
    """Properties in our namespace; those without a value are left out, for OSCAL has no empty one."""
    values = [(name.replace("_", "-"), visible(str(value)).strip()) for name, value in pairs]
    return [{"name": name, "ns": NAMESPACE, "value": value} for name, value in values if value]


def _prose(text: str) -> str:
    """Text for a field in which readers render Markdown and HTML: neither takes effect."""
    return _MARKUP.sub(r"\\\1", html.escape(visible(text), quote=False)) or "–"


def _token(name: str) -> str:
    """An id as OSCAL allows it: letters, digits, `_`, `.`, `-`, not beginning with a digit."""
    token = _NO_TOKEN.sub("_", name)
    return token if token[:1].isalpha() or token.startswith("_") else f"_{token}"
