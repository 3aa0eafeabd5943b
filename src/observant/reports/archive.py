"""A folder as a zip file that is the same, byte for byte, whenever it is made from the same files.

Entries are sorted, dated 1980-01-01 (the earliest a zip can say), and carry one of two modes. What is compressed
already is stored. Bytes also depend on the zlib that deflates; the content never does.
"""

import shutil
import zipfile
from hashlib import file_digest
from pathlib import Path

_STORED = {".xz", ".gz", ".pyz", ".zip"}
_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_archive(folder: Path, target: Path, prefix: str) -> str:
    """Write every file of `folder` below `prefix`/ in the archive; returns the archive's SHA-256."""
    files = sorted((path.relative_to(folder).as_posix(), path) for path in folder.rglob("*") if path.is_file())
    with zipfile.ZipFile(target, "x") as archive:
        for name, path in files:
            entry = zipfile.ZipInfo(f"{prefix}/{name}", _EPOCH)
            entry.create_system = 3
            entry.external_attr = (0o100755 if path.suffix == ".sh" else 0o100644) << 16
            entry.compress_type = zipfile.ZIP_STORED if path.suffix in _STORED else zipfile.ZIP_DEFLATED
            entry.file_size = path.stat().st_size
            with path.open("rb") as source, archive.open(entry, "w") as file:
                shutil.copyfileobj(source, file, 1 << 20)
    with target.open("rb") as written:
        return file_digest(written, "sha256").hexdigest()
