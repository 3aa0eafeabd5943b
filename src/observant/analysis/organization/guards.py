"""What the service control policies on the way to an account keep everybody in it from doing.

Asked by what the policies deny, not by how they are called: an ordinary user, an ordinary role and the root user of the
account, each allowed everything by its own policies, must be denied the request whatever else is true of it. Whoever a
policy spares by name is no ordinary user; one that spares by a tag or a region leaves it open and guards nothing.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

import duckdb
import msgspec

from observant.analysis.aws.bound import Bound
from observant.analysis.aws.scps import bound_of
from observant.analysis.derivation import Derivation, DerivedTable
from observant.analysis.iam.api import decision
from observant.analysis.iam.decision import Answer as Decided
from observant.analysis.iam.decision import Decision
from observant.analysis.kleene import Kleene
from observant.analysis.organization.tree import COLLECTIONS, TABLES, Tree
from observant.analysis.slices import Answer, shape, slices, store, taken, versions

GUARD = "organization_account_guard"

_EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
_ORDINARY = "Ordinary-7c1e"
_SWITCH_OFF = ("StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors")
_SENSITIVE = (
    "iam:CreateUser",
    "iam:CreateAccessKey",
    "s3:DeleteBucket",
    "ec2:RunInstances",
    "kms:ScheduleKeyDeletion",
    "lambda:CreateFunction",
    "dynamodb:DeleteTable",
)
"""Stand for everything: a policy that denies these, of services that have nothing in common, denies by `*`."""

_MFA = "aws:MultiFactorAuthPresent"
_NAMED_TRAIL = re.compile(r"arn:[^\"]*:cloudtrail:[^\"]*:trail/[^\"*][^\"]*")


class Found(msgspec.Struct, frozen=True):
    denied: Kleene
    because: str


class Levels:
    """The policies that bind one account, ready to be asked."""

    def __init__(self, bound: Bound, account: str) -> None:
        self.read, self.account = bound.read, account
        # A text that was not shown cannot be read, which leaves open whatever nothing else denies.
        self.levels = None if bound.levels is None else [[text or "" for _, text in level] for level in bound.levels]
        self.names = [name for level in bound.levels or () for name, _ in level]

    def ask(self, who: str, action: str, resource: str | None, **more: Mapping[str, str] | Sequence[str]) -> Decision:
        asking = f"arn:aws:iam::{self.account}:{who}"
        return decision(asking, action, resource, identity=[_EVERYTHING], scps=self.levels, **more)  # type: ignore[arg-type]


def _all_denied(levels: Levels, asked: Iterator[tuple[str, str, Decision]]) -> Found:
    """Whether every request is denied, and by what; the first that is not decides."""
    if not levels.read:
        return Found(None, "which service control policies bind the account was not shown")
    if levels.levels is None:
        return Found(False, "service control policies are not switched on")
    by: dict[str, None] = {}
    for who, action, answer in asked:
        if answer.answer is Decided.UNKNOWN:
            return Found(None, f"a policy on the way to the account was not shown ({'; '.join(answer.unread)})")
        if answer.answer is not Decided.DENIED:
            open_ = f", depending on {', '.join(answer.conditional_on)}" if answer.conditional_on else ""
            return Found(False, f"{who} may {action}{open_}")
        for layer in answer.layers:
            by |= dict.fromkeys(layer.because if layer.denies else [])
    return Found(True, f"denied by {', '.join(by)}" if by else "no service control policy allows it")


_PEOPLE = (
    ("an ordinary user", f"user/{_ORDINARY}"),
    ("an ordinary role", f"role/{_ORDINARY}"),
    ("the root user", "root"),
)


def leaving(levels: Levels) -> Found:
    """Nobody takes the account out of the organization."""
    action = "organizations:LeaveOrganization"
    return _all_denied(levels, ((words, action, levels.ask(who, action, None)) for words, who in _PEOPLE))


def trails(levels: Levels) -> Found:
    """Nobody switches a trail off, whatever it is called."""
    trail = f"arn:aws:cloudtrail:eu-west-1:{levels.account}:trail/{_ORDINARY}"
    asked = (
        (words, f"cloudtrail:{action}", levels.ask(who, f"cloudtrail:{action}", trail))
        for words, who in _PEOPLE
        for action in _SWITCH_OFF
    )
    found = _all_denied(levels, asked)
    named = sorted({one for level in levels.levels or [] for text in level for one in _NAMED_TRAIL.findall(text)})
    if found.denied is False and named:
        return Found(None, f"only trails of certain names are protected: {', '.join(named)}")
    return found


def root(levels: Levels) -> Found:
    """The root user does nothing."""
    return _all_denied(levels, (("the root user", one, levels.ask("root", one, None)) for one in _SENSITIVE))


def sessions_without_mfa(levels: Levels) -> Found:
    """A user who signed in without MFA does nothing."""
    words, who = "a user who signed in without MFA", f"user/{_ORDINARY}"
    return _all_denied(levels, ((words, one, levels.ask(who, one, None, known={_MFA: "false"})) for one in _SENSITIVE))


def keys_without_mfa(levels: Levels) -> Found:
    """A user's access key, whose requests say nothing about MFA, does nothing."""
    words, who = "a user with an access key", f"user/{_ORDINARY}"
    absent = (_MFA, "aws:MultiFactorAuthAge", "aws:TokenIssueTime")
    return _all_denied(levels, ((words, one, levels.ask(who, one, None, absent=absent)) for one in _SENSITIVE))


_QUESTIONS = {
    "leaving": leaving,
    "trails": trails,
    "root": root,
    "sessions": sessions_without_mfa,
    "keys": keys_without_mfa,
}

_MANAGEMENT = Found(False, "service control policies never restrict the management account")


def _answers(connection: duckdb.DuckDBPyConnection) -> Iterator[Answer]:
    known: dict[tuple[Bound, str], tuple[Found, ...]] = {}
    snapshots = taken(connection)
    for scope, given in versions(connection, TABLES).items():
        for at in slices(given, snapshots.get(scope, [])):
            tree = Tree(at)
            for node in tree.accounts():
                found = _found(bound_of(tree, node.member, scope.partition(":")[2]), node.member, known)
                told = [part for one in found for part in (one.denied, one.because)]
                values = (node.values["status"], node.values["management"], *told)
                yield Answer(scope, node.member, node.label, at.start, at.end, at.earliest, at.record, values)


def _found(bound: Bound, account: str, known: dict[tuple[Bound, str], tuple[Found, ...]]) -> tuple[Found, ...]:
    """Asked once for all accounts under the same policies, unless a policy names the account."""
    if bound.management:
        return (_MANAGEMENT,) * len(_QUESTIONS)
    names_it = any(account in (text or "") for level in bound.levels or () for _, text in level)
    key = bound, account if names_it else ""
    if key not in known:
        levels = Levels(bound, account)
        known[key] = tuple(ask(levels) for ask in _QUESTIONS.values())
    return known[key]


_COLUMNS = shape(
    status="VARCHAR",
    management="BOOLEAN",
    **{
        column: kind
        for name in _QUESTIONS
        for column, kind in ((f"{name}_denied", "BOOLEAN"), (f"{name}_because", "VARCHAR"))
    },
)


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    store(connection, GUARD, _COLUMNS, _answers(connection))


ACCOUNT_GUARD = Derivation(
    (
        DerivedTable(
            GUARD,
            "What service control policies deny in each account to everybody whom they do not spare by name: leaving "
            "the organization (`leaving`), switching trails off (`trails`), anything by the root user (`root`), by "
            "users who signed in without MFA (`sessions`), and by access keys (`keys`).",
            _COLUMNS,
            COLLECTIONS,
        ),
    ),
    _derive,
)
