"""The account itself: its counts, its password policy, its alias."""

from collections.abc import Iterator

from observant.collect.aws.part import Declaration, Part, Reading
from observant.collect.aws.unread import Unread
from observant.evidence.snapshot import Collection, Entity


def _summary(reading: Reading) -> Iterator[Collection]:
    counts = reading.call("iam", "GetAccountSummary")["SummaryMap"]
    yield Collection("iam.account_summary", [Entity(reading.root, counts)])


def _password_policy(reading: Reading) -> Iterator[Collection]:
    try:
        answer = reading.call("iam", "GetAccountPasswordPolicy")["PasswordPolicy"]
    except Unread as unread:
        if unread.code != "NoSuchEntity":
            raise
        policy = {"PolicyExists": False}
    else:
        policy = {**answer, "PolicyExists": True}
    yield Collection("iam.password_policy", [Entity(reading.root, policy)])


def _alias(reading: Reading) -> Iterator[Collection]:
    aliases = reading.call("iam", "ListAccountAliases")["AccountAliases"]
    yield Collection("iam.account_alias", [Entity(reading.root, {"AccountAliases": aliases})])


SUMMARY = Part(Declaration(("iam.account_summary",), {"GetAccountSummary": ("iam:GetAccountSummary",)}), _summary)

PASSWORD_POLICY = Part(
    Declaration(("iam.password_policy",), {"GetAccountPasswordPolicy": ("iam:GetAccountPasswordPolicy",)}),
    _password_policy,
)

ALIAS = Part(Declaration(("iam.account_alias",), {"ListAccountAliases": ("iam:ListAccountAliases",)}), _alias)
