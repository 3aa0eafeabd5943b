"""What the tests of the package share: a store that looks like one, public keys, and signers."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from observant.evidence.signers import FileSigner
from observant.evidence.sums import sign_sums
from observant.model.verdict import Verdict
from observant.reports.package import Verifiers
from observant.reports.tables import PopulationRow, header_of, population_table
from reports.sample import day, result


class Workshop:
    """Everything `write_package` needs besides the result; the same bytes every time."""

    def __init__(self, root: Path) -> None:
        self.evidence, self.trust, self.target = root / "evidence", root / "trust", root / "out" / "package-2026"
        self.key = FileSigner("example.com/evidence/package", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
        self.verifiers = Verifiers(b"#!/bin/sh\necho verified\n", lambda path: path.write_bytes(b"verifier"))
        for name, content in (
            ("log/checkpoint", "example.com/evidence\n368\nroot\n"),
            ("log/tile/entries/000", "entries 0 to 255\n"),
            ("log/tile/entries/001.p/112", "entries 256 to 367\n"),
            ("objects/pack/00ff.xz", "pack\n"),
            (".tmp/half", "not for anybody\n"),
        ):
            self.put(self.evidence / name, content)
        self.put(self.trust / "log.vkey", "example.com/evidence+00000000+AAAA\n")

    def put(self, path: Path, content: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)

    def sign(self, folder: Path) -> None:
        sign_sums(folder, self.key)

    def population(self):
        rows = [
            PopulationRow(
                "arn:aws:iam::111122223333:root", "root", "aws:111122223333", day(0), day(365), verdict, "", 7
            )
            for verdict in (Verdict.PASS,)
        ]
        header = header_of(result(), "Population of aws-root-mfa", query="select *\nfrom aws_account")
        return population_table("aws-root-mfa", header, iter(rows))

    def arguments(self) -> dict:
        return {
            "target": self.target,
            "result": result(),
            "tables": [self.population()],
            "evidence": self.evidence,
            "trust": self.trust,
            "sign": self.sign,
            "verifiers": self.verifiers,
            "pages": {"aws-root-mfa": "# The root user signs in with MFA\n"},
        }


@pytest.fixture
def workshop(tmp_path):
    return Workshop(tmp_path)
