"""The fictional company's written policy, as it stood on a day."""

from datetime import date

TIGHTENED = date(2026, 6, 1)
"""From this day on keys are rotated every 60 days, no longer every 90."""

_HEAD = """\
# The access control policy of Harbourlight, a company that does not exist. DEMO DATA.
commitments:
"""

_ENTRY = """\
  - name: {name}
    document: Harbourlight Access Control Policy
    clause: "{clause}"
    statement: {statement}
    effective: {effective}
"""

_FIRST = "2025-01-01"

_PROMISES: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    (
        "snapshot_cadence",
        "3.1",
        "Access configuration is recorded every day.",
        {"every": "24 hours", "grace": "6 hours"},
    ),
    (
        "key_age_report_cadence",
        "3.2",
        "A report of the age of all access keys is stored every week.",
        {"every": "7 days", "grace": "1 day"},
    ),
    (
        "unused_access_key",
        "4.3",
        "Access keys that are not used for 45 days are deactivated.",
        {"max_idle": "45 days"},
    ),
    (
        "access_key_overlap",
        "4.4",
        "While a key is rotated, both keys are active for at most 7 days.",
        {"max_overlap": "7 days"},
    ),
    (
        "never_used_credential",
        "4.5",
        "Passwords and keys that were never used are removed within 30 days.",
        {"max_unused": "30 days"},
    ),
    ("inactive_user", "5.1", "Users without activity for 90 days are removed.", {"max_idle": "90 days"}),
    (
        "leaver_removal",
        "5.2",
        "Access of leavers is removed by the end of the next working day.",
        {"business_days": "1"},
    ),
    (
        "password_policy",
        "4.1",
        "Passwords have at least 14 characters, of all kinds, and none of the last 24.",
        {
            "minimum_length": "14",
            "reuse_prevention": "24",
            "require_uppercase": "true",
            "require_lowercase": "true",
            "require_numbers": "true",
            "require_symbols": "true",
        },
    ),
    (
        "administrators",
        "5.3",
        "Only the organization's administrator role has unrestricted access.",
        {"allowed": '["arn:aws:iam::*:role/organization-administrator"]'},
    ),
    (
        "access_review_cadence",
        "6.1",
        "Owners review who has access every quarter, and sign for it.",
        {"scopes": '["aws:*"]', "every": "92 days", "grace": "14 days"},
    ),
    (
        "access_review_actions",
        "6.2",
        "Access that a review revokes is gone within 10 days.",
        {"within": "10 days"},
    ),
)


_ELSEWHERE = "ORG-"
"""Harbourlight has one account and no AWS organization."""


def controls(example: str) -> str:
    """The example control list without the controls over what the company does not have."""
    head, *entries = example.split("\n  - id: ")
    return "\n  - id: ".join([head, *(one for one in entries if not one.startswith(_ELSEWHERE))])


def commitments(day: date) -> str:
    """`commitments.yaml` as it was on that day. The past is never edited: an old sentence gets an end."""
    parts = [_HEAD, *(_entry(*promise, _FIRST) for promise in _PROMISES)]
    rotation = ("access_key_max_age", "4.2")
    if day < TIGHTENED:
        parts.append(_entry(*rotation, "Access keys are rotated every 90 days.", {"max_age": "90 days"}, _FIRST))
    else:
        ended = {"max_age": "90 days", "until": "2026-05-31"}
        parts.append(_entry(*rotation, "Access keys are rotated every 90 days.", ended, _FIRST))
        tightened = {"max_age": "60 days"}
        parts.append(_entry(*rotation, "Access keys are rotated every 60 days.", tightened, TIGHTENED.isoformat()))
    return "".join(parts)


def _entry(name: str, clause: str, statement: str, parameters: dict[str, str], effective: str) -> str:
    head = _ENTRY.format(name=name, clause=clause, statement=statement, effective=effective)
    return head + "".join(f"    {key}: {value}\n" for key, value in parameters.items())
