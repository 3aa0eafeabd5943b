"""in-toto Statements v1: what an entry of the log says, before it is signed."""

from collections.abc import Mapping
from typing import Any

from observant.evidence.canonical import canonical

TYPE = "https://in-toto.io/Statement/v1"


def predicate_type(kind: str) -> str:
    return f"urn:observant:{kind}:v1"


def build(kind: str, predicate: dict[str, Any], subjects: Mapping[str, str]) -> bytes:
    """Canonical JSON of a statement. `subjects` maps a name to its SHA-256 in hex; a name in a folder of the store
    (`objects/`, `anchors/`, `keys/`, `log/`) binds that file's bytes.
    """
    return canonical(
        {
            "_type": TYPE,
            "predicate": predicate,
            "predicateType": predicate_type(kind),
            "subject": [{"digest": {"sha256": sha256}, "name": name} for name, sha256 in sorted(subjects.items())],
        }
    )
