"""Answers of the evaluation, kept by the digest of what they follow from."""

import duckdb
import msgspec

from observant.analysis.aws.facts import Facts
from observant.analysis.aws.judged import Said, judge
from observant.analysis.aws.reaching import NOWHERE, Around, Reach
from observant.analysis.iam.catalogue import catalogue

ENGINE = 4
"""Raise when the same policies come to another verdict."""

MEMO = "aws_access_memo"


def version() -> str:
    """What answers depend on besides the evidence: the engine and its catalogue."""
    return f"{ENGINE}/{catalogue().taken}"


class Memo:
    """Answers by digest, read from and written to a table that is never wrong: a digest stands for its inputs."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._prefix = f"{version()}/"
        rows = connection.execute(f"SELECT key, answer FROM {MEMO}").fetchall()  # noqa: S608
        self._held: dict[str, str] = dict(rows)
        self._new: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        return self._held.get(self._prefix + key)

    def put(self, key: str, answer: str) -> None:
        self._held[self._prefix + key] = self._new[self._prefix + key] = answer

    def save(self) -> None:
        if self._new:
            columns = [list(self._new), list(self._new.values())]
            self._connection.execute(f"INSERT INTO {MEMO} SELECT unnest(?), unnest(?)", columns)


def said_of(facts: Facts, memo: Memo) -> Said:
    """From the memo, or worked out and put there."""
    key = f"own/{facts.digest}"
    known = memo.get(key)
    if known is not None:
        return msgspec.json.decode(known, type=Said)
    answer = judge(facts)
    memo.put(key, msgspec.json.encode(answer).decode())
    return answer


def reach_of(memo: Memo, facts: Facts, said: Said, around: Around) -> Reach:
    """From the memo, or worked out and put there."""
    if said.administrator:
        return NOWHERE  # it holds everything already
    key = f"reach/{facts.digest}/{around.digest}"
    known = memo.get(key)
    if known is not None:
        return msgspec.json.decode(known, type=Reach)
    found = around.reach(facts)
    memo.put(key, msgspec.json.encode(found).decode())
    return found
