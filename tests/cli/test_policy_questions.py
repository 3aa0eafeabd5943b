"""`observant explain`, `who-can`, `history` and `register` over a collected account."""

import json
from pathlib import Path

from cli.conftest import Observant, parsed
from collect.changes.trail import event, key, put
from observant_clouds.aws import Cloud, statement

BOB = "arn:aws:iam::111122223333:user/bob"


def test_explain_and_who_can(aws: Cloud, observant: Observant) -> None:
    account = aws.account("111122223333")
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    account.user("bob", inline={"make": statement("iam:CreateUser", Condition=mfa), "all": statement("s3:*")})
    closed = statement("s3:*", ["arn:aws:s3:::acme-trail", "arn:aws:s3:::acme-trail/*"], effect="Deny", Principal="*")
    account.bucket("acme-trail", policy=closed)
    account.trail("all", "acme-trail")
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

    code, out, _ = observant("explain", "bob", "s3:GetObject", "arn:aws:s3:::acme-trail/a", "--json")
    decision = parsed(out)["decision"]  # by the policy of a bucket that was collected, whatever was not
    assert (0, "denied", True, "resource policy") == (code, decision["answer"], decision["explicit"], decision["by"])

    code, out, _ = observant("who-can", "iam:DeleteUser")
    assert code == 0
    assert "Nobody" in out


def test_explain_knows_tags_and_what_a_session_was_begun_with(aws: Cloud, observant: Observant, tmp_path: Path) -> None:
    account = aws.account("111122223333")
    red = {"StringEquals": {"aws:PrincipalTag/Team": "red"}}
    account.user("bob", tags={"team": "red"}, inline={"make": statement("iam:CreateUser", Condition=red)})
    account.user("eve", tags={"team": "blue"}, inline={"make": statement("iam:CreateUser", Condition=red)})
    account.role("app", inline={"iam": statement("iam:*")})
    observant("collect")
    begun = tmp_path / "session.json"
    begun.write_text(json.dumps(statement("iam:Get*")))

    answers = {
        name: parsed(observant("explain", name, "iam:CreateUser", "--json")[1])["decision"] for name in ("bob", "eve")
    }
    assert ["allowed", "denied"] == [answers[name]["so_far"] for name in ("bob", "eve")]
    assert ["bob"] == [
        each["principal"].rpartition("/")[2]
        for each in parsed(observant("who-can", "iam:CreateUser", "--json")[1])["holders"]
        if "user/" in each["principal"]
    ]

    code, out, _ = observant("explain", "app", "iam:CreateUser", "--session", str(begun), "--json")
    limited = parsed(out)["decision"]
    assert (0, "denied", False, "session policy") == (code, limited["answer"], limited["explicit"], limited["by"])
    _, out, _ = observant("explain", "app", "iam:GetUser", "--session", str(begun), "--json")
    assert "allowed" == parsed(out)["decision"]["so_far"]
    begun.write_text(json.dumps(statement("iam:Get*", effect="Deny")))
    _, out, _ = observant("explain", "app", "iam:GetUser", "--session", str(begun))
    assert "denied by the session policy" in out
    begun.write_text("{")
    code, out, _ = observant("explain", "app", "iam:GetUser", "--session", str(begun))
    assert (3, True) == (code, "session policy cannot be read" in out)


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


def test_the_history_names_statement_and_actor(aws: Cloud, observant: Observant, tmp_path: Path) -> None:
    account = aws.account("111122223333")
    account.user("bob", inline={"read": statement("s3:GetObject")})
    observant("collect")
    aws.shift(hours=5)
    at = aws.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    account.put_inline("user", "bob", "all", statement(["s3:GetObject", "iam:*"]))
    asked = {"userName": "bob", "policyName": "all", "policyDocument": json.dumps(statement(["s3:GetObject", "iam:*"]))}
    put(tmp_path / "logs", key("20260101T1105Z"), event("PutUserPolicy", at, requestParameters=asked))
    aws.shift(hours=5)
    observant("collect")
    _, out, _ = observant("history", "bob", "--json")
    assert [False, True] == [each["administrator"] for each in parsed(out)["steps"]]
    assert parsed(out)["log_read"] is False
    assert parsed(out)["steps"][1]["not_before"] < at

    observant("changes", "read", str(tmp_path / "logs"))
    code, out, _ = observant("history", BOB, "--json")

    before, after = parsed(out)["steps"]
    assert (0, True) == (code, parsed(out)["log_read"])
    assert (False, at, [], ["the user is there"]) == (
        before["administrator"],
        before["until"],
        before["by"],
        before["changed"],
    )
    assert (True, at, at, None) == (after["administrator"], after["since"], after["not_before"], after["until"])
    assert ["inline policy all is attached"] == after["changed"]
    (grants,) = after["by_statements"]
    assert grants["label"] == "inline policy all, statement 1"
    assert json.loads(grants["statement"])["Action"] == ["s3:GetObject", "iam:*"]
    (change,) = after["by"]
    assert ("PutUserPolicy", "arn:aws:iam::111122223333:user/ada") == (change["event"], change["actor"])

    _, out, _ = observant("history", "bob")
    assert "inline policy all, statement 1" in out
    assert "user/ada (PutUserPolicy)" in out


def test_registers_are_named_listed_and_written(observant: Observant) -> None:
    assert "last-rotation" in observant("register")[1]
    observant("collect")

    code, out, told = observant("register", "last-rotation", "--json")
    found = parsed(out)
    rows = [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]]
    assert (0, [("ada", "access key")]) == (code, [(row["name"], row["credentials"]) for row in rows])
    # The day began before anything was read: that is said, and not taken for an empty list.
    assert "not known: aws:111122223333 from" in told
    assert found["not_known"]

    _, out, _ = observant("register", "activity", "--csv")
    assert '"\'=cmd"' in out  # no formula of a spreadsheet

    code, _, told = observant("register", "rotations")
    assert code == 2
    assert "there is no register 'rotations'" in told
