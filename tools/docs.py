"""Write the generated pages of docs/, or with --check say which of them are not as they would be written."""

import argparse
import json
import sys
from pathlib import Path

from observant.app.schemas import commitments_schema, controls_schema
from observant.checks.catalogue import differences_page, pages
from observant.checks.registry import CHECKS
from observant.cli.reference import reference
from observant.collect.aws import permissions
from observant.collect.entra import permissions as microsoft
from observant.collect.organization.collector import PARTS as ORGANIZATION_PARTS

DOCS = Path(__file__).parents[1] / "docs"


def generated() -> dict[str, str]:
    """Path below docs/ -> content."""
    return {
        "cli.md": reference(),
        "aws-permissions.json": permissions.rendered(),
        "entra-permissions.json": microsoft.rendered_permissions(),
        "azure-role.json": microsoft.rendered_role(),
        "aws-organization-permissions.json": permissions.rendered(ORGANIZATION_PARTS),
        "aws-differences.md": differences_page(),
        **{f"catalogue/{name}": text for name, text in pages().items()},
        "schemas/commitments.schema.json": json.dumps(commitments_schema(), indent=2) + "\n",
        "schemas/controls.schema.json": json.dumps(controls_schema(CHECKS), indent=2) + "\n",
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 when a page is not current")
    checking = parser.parse_args().check
    stale = []
    for name, content in generated().items():
        page = DOCS / name
        if page.exists() and page.read_text() == content:
            continue
        stale.append(name)
        if not checking:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(content)
    for name in stale:
        sys.stderr.write(f"docs/{name} {'is not current: run `make docs`' if checking else 'written'}\n")
    return 1 if stale and checking else 0


if __name__ == "__main__":
    sys.exit(main())
