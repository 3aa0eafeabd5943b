"""`commitments.yaml` and `controls.yaml`: the written policy and the control list, read with line numbers."""

import re
from collections.abc import Collection
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from observant.app.located import Located
from observant.app.yaml_lines import read_yaml
from observant.model.commitment import Commitment, CommitmentKind, Parameter, duration, in_words, parameter
from observant.model.control import Control
from observant.model.kinds import KINDS

COMMITMENTS_FILE, CONTROLS_FILE = "commitments.yaml", "controls.yaml"

_CRITERION = re.compile(r"(CC|A|C|P|PI)[1-9]\.\d{1,2}")
_ALWAYS = ("name", "document", "clause", "statement", "effective")


def read_commitments(path: Path) -> list[Commitment]:
    """Read and check the file, in written order. Raises ConfigurationError with the line."""
    return commitments_of(read_yaml(path, path.name))


def commitments_of(top: Located) -> list[Commitment]:
    """As `read_commitments`, from a tree that was read."""
    read: list[tuple[Commitment, Located]] = []
    for each in top.table("the file", ("commitments",))["commitments"].items("commitments"):
        commitment = _commitment(each)
        for earlier, place in read:
            _refuse_overlap(earlier, place, commitment, each)
        read.append((commitment, each))
    return [commitment for commitment, _ in read]


def _commitment(located: Located) -> Commitment:
    if not isinstance(located.value, dict) or "name" not in located.value:
        located.table("a commitment", ("name",), (*_ALWAYS, "until"))
    named = located.value["name"] if isinstance(located.value, dict) else located
    kind = _kind(named)
    needed = [name for name, one in kind.parameters.items() if one.required]
    keys = located.table(f"the commitment {kind.name}", (*_ALWAYS, *needed), ("until", *kind.parameters))
    effective = keys["effective"].day("effective")
    until = keys["until"].day("until") if "until" in keys else None
    if until is not None and until < effective:
        keys["until"].refuse(f"until {until} is before effective {effective}", "`until` is the last day it is in force")
    return Commitment(
        name=kind.name,
        document=keys["document"].text("document"),
        clause=keys["clause"].text("clause"),
        statement=keys["statement"].text("statement"),
        effective=effective,
        until=until,
        parameters={name: _parameter(kind, name, keys[name]) for name in kind.parameters if name in keys},
    )


def _kind(named: Located) -> CommitmentKind:
    return KINDS[named.one_of("commitment", KINDS)]


def _parameter(kind: CommitmentKind, name: str, located: Located) -> Parameter:
    try:
        return parameter(kind.parameters[name], located.plain())
    except ValueError as problem:
        located.refuse(f"{name} of {kind.name}: {problem}", f"{name} is the {kind.parameters[name].explains}")


def _refuse_overlap(earlier: Commitment, place: Located, later: Commitment, here: Located) -> None:
    if earlier.name != later.name or earlier.valid_from >= later.valid_to or later.valid_from >= earlier.valid_to:
        return
    first, second = sorted((earlier, later), key=lambda one: one.effective)
    if first.effective == second.effective:
        remedy = "remove one of the two"
    else:
        remedy = f"end the one effective {first.effective} with `until: {second.effective - timedelta(days=1)}`"
    here.refuse(f"{later.name} is promised twice for the same days (also in line {place.line})", remedy)


def read_controls(path: Path, checks: Collection[str]) -> list[Control]:
    """Read and check the file against the ids of `checks`. Raises ConfigurationError with the line."""
    return controls_of(read_yaml(path, path.name), checks)


def controls_of(top: Located, checks: Collection[str]) -> list[Control]:
    """As `read_controls`, from a tree that was read."""
    read: list[Control] = []
    for each in top.table("the file", ("controls",))["controls"].items("controls"):
        control = _control(each, checks)
        if any(control.id == other.id for other in read):
            each.refuse(f"the control {control.id} stands twice", "give each control its own id")
        read.append(control)
    return read


def _control(located: Located, checks: Collection[str]) -> Control:
    keys = located.table("a control", ("id", "title", "statement", "owner", "criteria", "checks"), ("occurrences",))
    criteria = keys["criteria"].texts("criteria")
    for each in keys["criteria"].items("criteria"):
        if not _CRITERION.fullmatch(each.text("each of criteria")):
            each.refuse(f"{each.value!r} is not the id of a criterion", "write Trust Services Criteria as CC6.1")
    return Control(
        id=keys["id"].text("id"),
        title=keys["title"].text("title"),
        statement=keys["statement"].text("statement"),
        owner=keys["owner"].text("owner"),
        criteria=criteria,
        checks=_known(keys["checks"], "check", checks),
        occurrences=_known(keys["occurrences"], "occurrence", _cadences()) if "occurrences" in keys else [],
    )


def _known(located: Located, what: str, known: Collection[str]) -> list[str]:
    for each in located.items(f"{what}s"):
        each.one_of(what, known)
    return located.texts(f"{what}s")


def _cadences() -> list[str]:
    """Commitments that promise something again and again."""
    return [kind.name for kind in KINDS.values() if "every" in kind.parameters]


def commitments_predicate(commitments: list[Commitment]) -> dict[str, Any]:
    """The policy as it stands in a `commitments` record: durations in words, days as text, JSON values only."""
    return {
        "commitments": [
            {
                "name": each.name,
                "document": each.document,
                "clause": each.clause,
                "statement": each.statement,
                "effective": each.effective.isoformat(),
                "until": "" if each.until is None else each.until.isoformat(),
                "parameters": {name: _written(value) for name, value in each.parameters.items() if value is not None},
            }
            for each in commitments
        ]
    }


def commitments_recorded(predicate: dict[str, Any]) -> list[Commitment]:
    """What `commitments_predicate` wrote."""
    return [
        Commitment(
            name=each["name"],
            document=each["document"],
            clause=each["clause"],
            statement=each["statement"],
            effective=date.fromisoformat(each["effective"]),
            until=date.fromisoformat(each["until"]) if each["until"] else None,
            parameters={
                name: duration(value) if isinstance(value, str) else value for name, value in each["parameters"].items()
            },
        )
        for each in predicate["commitments"]
    ]


def controls_predicate(controls: list[Control]) -> dict[str, Any]:
    """The control list as it stands in a `controls` record."""
    return {
        "controls": [
            {
                "id": each.id,
                "title": each.title,
                "statement": each.statement,
                "owner": each.owner,
                "criteria": each.criteria,
                "checks": each.checks,
                "occurrences": each.occurrences,
            }
            for each in controls
        ]
    }


def _written(value: Parameter) -> Any:  # noqa: ANN401
    return in_words(value) if isinstance(value, timedelta) else value
