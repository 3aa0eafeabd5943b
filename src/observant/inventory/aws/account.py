"""One row per account: what the account summary and the password policy say."""

from collections.abc import Iterator

from observant.evidence.snapshot import Json
from observant.inventory.table import Reading, Row, Table, flag_of, number_of


def _account_of(arn: str) -> str:
    return arn.split(":")[4] if arn.count(":") >= 5 else arn


def _present(value: int | None) -> bool | None:
    return None if value is None else value > 0


def _summary(urn: str, summary: Json) -> Iterator[Row]:
    yield Row(
        member=urn,
        label=f"account {_account_of(urn)}",
        values=(
            _account_of(urn),
            _present(number_of(summary.get("AccountMFAEnabled"))),
            _present(number_of(summary.get("AccountAccessKeysPresent"))),
            _present(number_of(summary.get("AccountPasswordPresent"))),
            number_of(summary.get("Users")),
            number_of(summary.get("Roles")),
        ),
    )


ACCOUNT = Table(
    name="aws_account",
    about="AWS accounts, as GetAccountSummary describes them. `root_password` is NULL where the summary does not say.",
    columns={
        "account": "VARCHAR",
        "root_mfa": "BOOLEAN",
        "root_access_keys": "BOOLEAN",
        "root_password": "BOOLEAN",
        "users": "BIGINT",
        "roles": "BIGINT",
    },
    readings=(Reading("iam.account_summary", "configuration", _summary),),
)


def _password_policy(urn: str, policy: Json) -> Iterator[Row]:
    exists = policy.get("PolicyExists") is not False
    yield Row(
        member=urn,
        label=f"password policy of account {_account_of(urn)}",
        values=(
            exists,
            number_of(policy.get("MinimumPasswordLength")) if exists else 0,
            number_of(policy.get("PasswordReusePrevention", 0)) if exists else 0,
            number_of(policy.get("MaxPasswordAge", 0)) if exists else 0,
            *(
                flag_of(policy.get(name)) if exists else False
                for name in (
                    "RequireUppercaseCharacters",
                    "RequireLowercaseCharacters",
                    "RequireNumbers",
                    "RequireSymbols",
                )
            ),
        ),
    )


PASSWORD_POLICY = Table(
    name="aws_password_policy",
    about=(
        "The account password policy. An account without one has a row with `policy_exists` false and no requirement; "
        "`reuse_prevention` and `max_age_days` are 0 where passwords may be reused or never expire."
    ),
    columns={
        "policy_exists": "BOOLEAN",
        "minimum_length": "BIGINT",
        "reuse_prevention": "BIGINT",
        "max_age_days": "BIGINT",
        "require_uppercase": "BOOLEAN",
        "require_lowercase": "BOOLEAN",
        "require_numbers": "BOOLEAN",
        "require_symbols": "BOOLEAN",
    },
    readings=(Reading("iam.password_policy", "configuration", _password_policy),),
)
