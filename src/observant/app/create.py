"""`observant init`: a new workspace, whole or not at all."""

import contextlib
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import msgspec

from observant.app.opening import create_log
from observant.app.policy import COMMITMENTS_FILE, CONTROLS_FILE
from observant.app.recording import record_policy
from observant.app.reviews.reviewers import REVIEWERS_FILE
from observant.app.schemas import commitments_schema, controls_schema
from observant.app.settings import FILE
from observant.app.storage import record_probe
from observant.app.workspace import Workspace
from observant.checks.registry import CHECKS
from observant.errors import UsageError
from observant.model.time import Clock

_TEMPLATES = (FILE, COMMITMENTS_FILE, CONTROLS_FILE, REVIEWERS_FILE)
_MAY_BE_THERE = frozenset({".git"})
_IGNORED = """\
# Private keys and tables that can be made again stay out of version control. Back up keys/ where secrets belong.
/keys/
/unfinished/
/projection/
"""


class Created(msgspec.Struct, frozen=True):
    """A workspace that was made."""

    root: str
    origin: str
    vkey: str
    """Verifier key of the log, as C2SP signed-note writes it: `name+hash+key`."""
    fingerprint: str
    """SHA-256 of the verifier key's line, hex: short enough to write down somewhere else."""


def create_workspace(root: Path, company: str, origin: str, clock: Clock) -> Created:
    """Make a workspace in a folder that is missing or empty. Raises UsageError when it is neither."""
    _refuse_what_is_there(root)
    with _made_aside(root) as aside:
        _write_files(aside, company, origin or _origin_of(company), clock)
        workspace = Workspace.open(aside)
        log = create_log(workspace, clock)
        record_policy(workspace, log, clock)
        record_probe(log, clock)
        vkey = (aside / "trust" / "log.vkey").read_text().strip()
    fingerprint = hashlib.sha256(vkey.encode()).hexdigest()
    return Created(str(root), workspace.settings.origin, vkey, fingerprint)


def _refuse_what_is_there(root: Path) -> None:
    if root.exists() and not root.is_dir():
        raise UsageError(f"{root} is a file", "name a folder that is missing or empty")
    if (root / FILE).exists():
        raise UsageError(
            f"{root} is a workspace already; nothing was changed", "edit its files, or name another folder"
        )
    found = sorted(each.name for each in root.iterdir() if each.name not in _MAY_BE_THERE) if root.exists() else []
    if found:
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        raise UsageError(f"{root} is not empty: it has {found[0]}{more}", "name a folder that is missing or empty")


@contextlib.contextmanager
def _made_aside(root: Path) -> Iterator[Path]:
    """A folder that takes the place of `root` when the block ends well, and vanishes when it does not.

    An existing folder is kept (it may be a mount point or the shell's own folder), so the finished entries are moved
    into it, the settings last: a folder without them is no workspace.
    """
    existed = root.exists()
    root.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".observant-init-", dir=root if existed else root.parent))
    try:
        yield aside
        if existed:
            for each in sorted(aside.iterdir(), key=lambda one: one.name == FILE):
                each.rename(root / each.name)
            aside.rmdir()
        else:
            aside.chmod(0o777 & ~_umask())
            aside.rename(root)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def _umask() -> int:
    """There is no way to ask without setting it."""
    current = os.umask(0o077)
    os.umask(current)
    return current


def _write_files(root: Path, company: str, origin: str, clock: Clock) -> None:
    written = {
        "@COMPANY@": json.dumps(company, ensure_ascii=False),
        "@ORIGIN@": json.dumps(origin, ensure_ascii=False),
        "@EFFECTIVE@": clock().date().replace(month=1, day=1).isoformat(),
        "@SCHEMA_COMMITMENTS@": "schemas/commitments.schema.json",
        "@SCHEMA_CONTROLS@": "schemas/controls.schema.json",
    }
    for name in _TEMPLATES:
        text = (files("observant.app") / "templates" / name).read_text()
        for mark, value in written.items():
            text = text.replace(mark, value)
        (root / name).write_text(text)
    (root / ".gitignore").write_text(_IGNORED)
    (root / "schemas").mkdir()
    for name, schema in (("commitments", commitments_schema()), ("controls", controls_schema(CHECKS))):
        (root / "schemas" / f"{name}.schema.json").write_text(json.dumps(schema, indent=2) + "\n")


def _origin_of(company: str) -> str:
    """A name for a log whose owner gave none; `.example` marks that it is nobody's host."""
    plain = re.sub(r"[^a-z0-9]+", "-", company.lower()).strip("-") or "company"
    return f"{plain}.example/access-evidence"
