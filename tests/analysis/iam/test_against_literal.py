"""The engine against the literal evaluator, on policies nobody would write."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.iam import literal
from observant.analysis.iam import api

BOB = "arn:aws:iam::111122223333:user/bob"
OWN = {
    "aws:principalarn": BOB,
    "aws:principalaccount": "111122223333",
    "aws:principaltype": "User",
    "aws:principalisawsservice": "false",
    "aws:username": "bob",
    "aws:resourceaccount": "111122223333",
}
"""What the engine knows of bob by itself."""

ACTIONS = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem", "lambda:InvokeFunction"]
TABLE = "arn:aws:dynamodb:eu-west-1:111122223333:table/"
RESOURCES = [TABLE + "orders", TABLE + "bob", TABLE + "a*b", TABLE + "orders/index/x"]
PATTERNS = [
    "dynamodb:*",
    "dynamodb:Get*",
    "DYNAMODB:getitem",
    "*",
    "dynamodb:?etItem",
    "*:*Item",
    "lambda:*",
    "",
    " dynamodb:*",
]
COVERS = [
    "*",
    TABLE + "*",
    TABLE + "orders",
    TABLE + "${aws:username}",
    TABLE + "${aws:PrincipalTag/team, 'orders'}",
    TABLE + "a${*}b",
    TABLE + "${team}",
    "arn:aws:dynamodb:*:111122223333:table/o?ders*",
    "arn:aws:dynamodb",
    "arn:aws:lambda:*:*:*",
]
KEYS: dict[str, tuple[list[str], list[str]]] = {
    "String": (["team", "aws:RequestedRegion"], ["red", "RED", "r*", "blue", "${aws:username}", "bob", "${team}"]),
    "Arn": (["aws:SourceArn"], ["arn:aws:iam::111122223333:role/*", "arn:aws:iam::*:role/x", BOB]),
    "Numeric": (["age"], ["1", "2.5", "10"]),
    "Date": (["when"], ["2020-01-01T00:00:00Z", "2030-06-01", "1600000000"]),
    "Bool": (["aws:MultiFactorAuthPresent"], ["true", "false"]),
    "Ip": (["aws:SourceIp"], ["203.0.113.0/24", "203.0.113.9", "2001:db8::/32", "0.0.0.0/0"]),
    "Binary": (["blob"], ["aGk=", "eA=="]),
    "Null": (["team", "age", "aws:MultiFactorAuthPresent"], ["true", "false"]),
}
NAMES = [*literal.OPERATORS, *literal.NEGATED, "Null"]
VALUES: dict[str, list[Any]] = {
    "team": ["red", "blue", "bob", "x", ["red", "x"], []],
    "aws:requestedregion": ["red", "bob"],
    "aws:sourcearn": ["arn:aws:iam::111122223333:role/a", "arn:aws:iam::444455556666:role/x"],
    "age": ["1", "2", "2.5", "11"],
    "when": ["2019-01-01T00:00:00Z", "2020-01-01T00:00:00Z", "2031-01-01T00:00:00Z"],
    "aws:multifactorauthpresent": ["true", "false"],
    "aws:sourceip": ["203.0.113.9", "198.51.100.1", "2001:db8::1"],
    "blob": ["aGk=", "eHg="],
    "aws:principaltag/team": ["orders", "x"],
}


def some(values: list[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.sampled_from(values), st.lists(st.sampled_from(values), min_size=1, max_size=3))


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in draw(st.lists(st.sampled_from(NAMES), max_size=2, unique=True)):
        family = next(each for each in KEYS if name.removeprefix("Not").startswith(each))
        keys, values = KEYS[family]
        quantifier = draw(st.sampled_from(["", "", "ForAllValues:", "ForAnyValue:"])) if name != "Null" else ""
        suffix = draw(st.sampled_from(["", "IfExists"])) if name != "Null" else ""
        found[f"{quantifier}{name}{suffix}"] = {draw(st.sampled_from(keys)): draw(some(values))}
    return found


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    made = {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        draw(st.sampled_from(["Action", "Action", "NotAction"])): draw(some(PATTERNS + ACTIONS)),
        draw(st.sampled_from(["Resource", "Resource", "NotResource"])): draw(some(COVERS)),
    }
    if condition := draw(conditions()):
        made["Condition"] = condition
    return made


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    version = draw(st.sampled_from(["2012-10-17", "2012-10-17", "2008-10-17"]))
    return {"Version": version, "Statement": draw(st.lists(statements(), min_size=1, max_size=3))}


contexts = st.fixed_dictionaries({}, optional={key: st.sampled_from(values) for key, values in VALUES.items()})
identities = st.lists(documents(), max_size=2)
boundaries = st.none() | documents()
levels = st.none() | st.lists(st.lists(documents(), min_size=1, max_size=2), min_size=1, max_size=2)


def request(action: str, resource: str, context: dict[str, Any]) -> literal.Request:
    return {"action": action, "resource": resource, "context": {**OWN, **context}}


@settings(max_examples=500, deadline=None)
@given(identities, boundaries, levels, st.sampled_from(ACTIONS), st.sampled_from(RESOURCES), contexts)
def test_a_whole_request_is_answered_alike(
    identity: list[Any], boundary: Any, scps: Any, action: str, resource: str, context: dict[str, Any]
) -> None:
    found = api.decision(
        BOB, action, resource, identity=identity, boundary=boundary, scps=scps, known=context, others="absent"
    )

    expected = literal.allowed(request(action, resource, context), identity, boundary, scps)
    assert ("allowed" if expected else "denied") == found.answer


@settings(max_examples=300, deadline=None)
@given(
    identities,
    boundaries,
    st.sampled_from(ACTIONS),
    st.sampled_from(RESOURCES),
    contexts,
    st.lists(contexts, max_size=8),
)
def test_what_is_certain_holds_for_every_completion(
    identity: list[Any], boundary: Any, action: str, resource: str, known: dict[str, Any], more: list[dict[str, Any]]
) -> None:
    """A decision with unknown keys never contradicts a request that fills them in."""
    found = api.decision(BOB, action, resource, identity=identity, boundary=boundary, known=known)

    certain = {"allowed": True, "denied": False}.get(found.answer)
    for each in [{}, *more]:
        # These keys are never absent in a request, so the engine need not consider it.
        full = {"aws:requestedregion": "x", **each, **known}
        if certain is not None:
            assert certain == literal.allowed(request(action, resource, full), identity, boundary)


@settings(max_examples=300, deadline=None)
@given(
    identities,
    st.lists(documents(), min_size=1, max_size=2),
    st.lists(st.tuples(st.sampled_from(ACTIONS), st.sampled_from(RESOURCES), contexts), min_size=5, max_size=20),
)
def test_inclusion_is_never_contradicted(
    candidate: list[Any], reference: list[Any], requests: list[tuple[str, str, dict[str, Any]]]
) -> None:
    found = api.no_new_access(candidate, reference)

    if found.included:
        for action, resource, context in requests:
            asked = request(action, resource, {"aws:requestedregion": "x", **context})
            assert not literal.allowed(asked, candidate) or literal.allowed(asked, reference)
    if found.witness:
        context = {**found.witness.context}
        asked = {"action": found.witness.action, "resource": found.witness.resource, "context": context}
        assert literal.allowed(asked, candidate)
        assert not literal.allowed(asked, reference)
