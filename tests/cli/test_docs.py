"""What the pages say about the command line is true."""

import re
import runpy
import shlex
from pathlib import Path

import click
import pytest

from observant.app.policy import commitments_of, controls_of
from observant.app.yaml_lines import parse_yaml
from observant.checks.registry import CHECKS
from observant.cli.program import COMMANDS, program
from observant.model.kinds import KINDS

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "src/observant/app/templates"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs/guide").glob("*.md"))]


def generated() -> dict[str, str]:
    """What `make docs` would write."""
    tool = runpy.run_path(str(ROOT / "tools/docs.py"))
    pages: dict[str, str] = tool["generated"]()
    return pages


@pytest.mark.parametrize(("page", "content"), generated().items())
def test_generated_pages_are_current(page: str, content: str) -> None:
    assert content == (ROOT / "docs" / page).read_text(), "run `make docs`"


def test_every_command_and_option_stands_in_the_reference() -> None:
    page = (ROOT / "docs/cli.md").read_text()
    context = click.Context(program)
    for name in COMMANDS:
        command = program.get_command(context, name)
        assert command is not None
        section = page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        inner = [command.get_command(context, one) for one in getattr(command, "members", ())]
        for parameter in [each for one in (command, *inner) for each in one.params]:
            if isinstance(parameter, click.Option):
                assert all(option in section for option in parameter.opts), f"{name} {parameter.opts}"


def shown_commands() -> list[tuple[str, str]]:
    """Every `observant …` of a console block."""
    return [
        (page.name, line.removeprefix("$ "))
        for page in PAGES
        for block in re.findall(r"```console\n(.*?)```", page.read_text(), re.DOTALL)
        for line in block.replace("\\\n", " ").splitlines()
        if line.removeprefix("$ ").startswith("observant ")
    ]


def test_pages_show_commands() -> None:
    assert {page.name for page in PAGES} == {page for page, _ in shown_commands()}


@pytest.mark.parametrize(("page", "line"), shown_commands())
def test_commands_on_the_pages_can_be_parsed(page: str, line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    context = click.Context(program, info_name="observant", allow_interspersed_args=False)
    _, rest, _ = program.make_parser(context).parse_args(words)
    command = program.get_command(context, rest[0])

    assert command is not None, f"{page} shows {line!r}"
    own = click.Context(command, parent=context)
    if isinstance(command, click.Group):
        command, rest = command.get_command(own, rest[1]), rest[1:]
        assert command is not None, f"{page} shows {line!r}"
        own = click.Context(command, parent=own)
    command.make_parser(own).parse_args(rest[1:])


@pytest.mark.parametrize(
    "page", [*PAGES, *(ROOT / name for name in ("ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"))]
)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_templates_show_every_commitment_and_use_every_check() -> None:
    commitments = commitments_of(parse_yaml(_template("commitments.yaml"), "commitments.yaml"))
    controls = controls_of(parse_yaml(_template("controls.yaml"), "controls.yaml"), CHECKS)

    assert set(KINDS) == {one.name for one in commitments}
    assert set(CHECKS) == {check for control in controls for check in control.checks}


def _template(name: str) -> bytes:
    return (TEMPLATES / name).read_bytes().replace(b"@EFFECTIVE@", b"2025-01-01")
