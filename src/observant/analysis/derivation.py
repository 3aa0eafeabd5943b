"""What a derived table is: rows worked out from other tables, and kept beside them."""

from collections.abc import Callable

import duckdb
import msgspec

VALID_TIME = {
    "scope": "VARCHAR",
    "member": "VARCHAR",
    "label": "VARCHAR",
    "valid_from": "TIMESTAMP",
    "valid_to": "TIMESTAMP",
    "earliest": "TIMESTAMP",
    "record": "BIGINT",
}
"""The columns that every valid-time table begins with."""


class DerivedTable(msgspec.Struct, frozen=True):
    """One table. `collections`: those whose gaps it inherits; none where its rows say themselves what is unknown."""

    name: str
    about: str
    columns: dict[str, str]
    collections: frozenset[str] = frozenset()


class Derivation(msgspec.Struct, frozen=True):
    """Tables that are made in one step. `derive` brings them up to the inventory; the tables are there already."""

    tables: tuple[DerivedTable, ...]
    derive: Callable[[duckdb.DuckDBPyConnection], None]
    commitments: frozenset[str] = frozenset()
    """Names of commitments that it reads, from tables `commitment_<name>` that are there already."""
