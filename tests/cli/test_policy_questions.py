"""`observant explain` and `observant who-can` over a collected account."""

from cli.conftest import Observant, parsed
from observant_clouds.aws import Cloud, statement

BOB = "arn:aws:iam::111122223333:user/bob"


def test_explain_and_who_can(aws: Cloud, observant: Observant) -> None:
    account = aws.account("111122223333")
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    account.user("bob", inline={"make": statement("iam:CreateUser", Condition=mfa)})
    observant("collect")

    code, out, _ = observant("explain", "bob", "iam:CreateUser", "--json")
    # The organization was never read: what the account grants is granted as far as the account shows.
    found = parsed(out)["decision"]
    assert (3, "unknown", "conditional") == (code, found["answer"], found["so_far"])
    assert ["aws:MultiFactorAuthPresent"] == found["conditional_on"]

    _, out, _ = observant("explain", BOB, "iam:CreateUser", "--context", "aws:MultiFactorAuthPresent=true")
    assert "allowed" in out
    assert "service control policies were not read" in out
    assert "inline policy make, statement 1" in out

    code, out, _ = observant("explain", "bob", "iam:CreateUser", "--context", "aws:MultiFactorAuthPresent=false")
    assert code == 0
    assert out.startswith(f"denied: {BOB}")

    _, out, _ = observant("who-can", "iam:CreateUser", "--json")
    assert [BOB] == [each["principal"] for each in parsed(out)["holders"]]

    code, out, _ = observant("who-can", "iam:DeleteUser")
    assert code == 0
    assert "Nobody" in out


def test_misuse_is_explained(observant: Observant) -> None:
    observant("collect")

    code, _, told = observant("explain", "nobody", "iam:CreateUser")
    assert code == 2
    assert "no user or role 'nobody'" in told
    code, _, told = observant("explain", "ada", "CreateUser")
    assert code == 2
    assert "with its service" in told
    code, _, told = observant("explain", "ada", "iam:CreateUser", "--context", "x")
    assert code == 2
    assert "KEY=VALUE" in told
