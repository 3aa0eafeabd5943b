"""Only what follows from something new is worked out again."""

import json

import duckdb
from msgspec.structs import replace

from observant.analysis.aws.bound import Bound
from observant.analysis.aws.facts import Facts
from observant.analysis.aws.memo import MEMO, Memo, reach_of, said_of
from observant.analysis.aws.reaching import Around
from observant.model.time import BEGINNING, FOREVER


def document(action: str) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})


def user(name: str, action: str = "s3:Get*") -> Facts:
    return Facts(
        scope="aws:111122223333",
        arn=f"arn:aws:iam::111122223333:user/{name}",
        kind="user",
        label=name,
        valid_from=BEGINNING,
        valid_to=FOREVER,
        earliest=BEGINNING,
        record=1,
        documents=(("policy p", document(action)),),
        boundary=None,
        boundary_arn="",
        groups=(),
        customer_policies=(),
        trust=None,
        bound=Bound(),
        tags=(),
    )


def worked_out(connection: duckdb.DuckDBPyConnection, everybody: list[Facts]) -> list[str]:
    """Kinds of the answers that had to be worked out."""
    before = {key for (key,) in connection.execute(f"SELECT key FROM {MEMO}").fetchall()}
    memo = Memo(connection)
    judged = [(facts, said_of(facts, memo)) for facts in everybody]
    around = Around(judged)
    for facts, said in judged:
        reach_of(memo, facts, said, around)
    memo.save()
    keys = {key for (key,) in connection.execute(f"SELECT key FROM {MEMO}").fetchall()}
    return sorted(key.split("/")[2] for key in keys - before)


def test_a_changed_document_is_judged_again_and_nothing_else() -> None:
    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE {MEMO} (key VARCHAR, answer VARCHAR)")
    everybody = [user(f"u{number}") for number in range(20)]

    assert ["own"] * 20 + ["reach"] * 20 == worked_out(connection, everybody)
    assert [] == worked_out(connection, everybody)
    # Another record, another time: the same documents.
    assert [] == worked_out(connection, [replace(facts, record=2, earliest=FOREVER) for facts in everybody])
    assert ["own", "reach"] == worked_out(connection, [user("u0", "s3:List*"), *everybody[1:]])
    assert ["own", "reach"] == worked_out(connection, [replace(everybody[0], tags=(("a", "b"),)), *everybody[1:]])
    # A new administrator is somebody whom everybody may reach: that alone is asked again.
    assert ["own"] + ["reach"] * 19 == worked_out(connection, [user("u0", "*"), *everybody[1:]])
