"""The command line as a whole: exit codes, help, and how fast it starts."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import click
import pytest

from observant import __version__
from observant.cli.commands import catalogue
from observant.cli.lazy import LazyGroup
from observant.cli.program import COMMANDS, program, run
from observant.errors import ConfigurationError, DamagedEvidence, ObservantError, StoreError

HEAVY = {"boto3", "botocore", "django", "duckdb", "jinja2", "rich", "msgspec", "yaml", "cryptography"}


def commands() -> list[tuple[str, click.Command]]:
    context = click.Context(program)
    return [(name, command) for name in COMMANDS if (command := program.get_command(context, name))]


def called() -> list[tuple[str, click.Command]]:
    """Every command that does something: those of groups instead of the groups."""
    found: list[tuple[str, click.Command]] = []
    for name, command in commands():
        context = click.Context(command)
        inner = command.list_commands(context) if isinstance(command, click.Group) else []
        found += [(f"{name} {one}", command.get_command(context, one)) for one in inner] or [(name, command)]
    return found


def test_the_program_is_a_lazy_group() -> None:
    assert isinstance(program, LazyGroup)


def test_the_help_lines_are_the_commands_own() -> None:
    groups = [program, *(command for _, command in commands() if isinstance(command, LazyGroup))]
    for group in groups:
        context = click.Context(group)
        assert group.members == {name: group.get_command(context, name).short_help for name in group.members}


@pytest.mark.parametrize(("name", "command"), called())
def test_every_command_and_option_explains_itself(name: str, command: click.Command) -> None:
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{name} {parameter.opts}"


WRITES = {"serve", "review worksheet", "review assign", "review ticket"}
"""Commands whose result is a file or a record and no answer."""


@pytest.mark.parametrize(("name", "command"), [each for each in called() if each[0] not in WRITES])
def test_every_reading_command_has_a_machine_form(name: str, command: click.Command) -> None:
    options = {option for parameter in command.params for option in parameter.opts}

    assert "--json" in options


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from observant.cli.program import run; run(['--help']); "
        f"print(sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]" == done.stderr.strip()


def test_help_takes_less_than_a_fifth_of_a_second_of_processor_time() -> None:
    command = [Path(sys.executable).parent / "observant", "--help"]

    def spent() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    spent()  # byte code is compiled once

    # The best of a few: what is measured is the program, not what else the machine does.
    assert 0.2 > min(spent() for _ in range(5))


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run(["--version"])
    assert f"observant {__version__}\n" == capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["colect"], "did you mean 'collect'?"),
        (["frobnicate"], "observant --help"),
        (["catalogue", "--jsn"], "--json"),
        (["catalogue", "--json", "--csv"], "exclude each other"),
        (["period", "--from", "2025-01-01"], "Missing option '--to'"),
        (["period", "--from", "2025-01-01", "--to", "January"], "January"),
        (["collect", "--supplied-by", "Ada"], "--from"),
        (["run"], "--due"),
        (["status", "-w", "/nonexistent"], "is not a workspace"),
        (["-w", "/nonexistent", "status"], "is not a workspace"),
        (["catalogue", "no-such-check"], "there is no check 'no-such-check'"),
    ],
)
def test_misuse_ends_with_2_and_a_hint(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert 2 == run(arguments)
    assert told in capsys.readouterr().err


def test_the_workspace_may_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("OBSERVANT_WORKSPACE", str(tmp_path))

    assert 2 == run(["status"])
    assert f"{tmp_path}: this folder is not a workspace" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigurationError("commitments.yaml", 3, "wrong", "mend it"), 2),
        (StoreError("another writer"), 2),
        (DamagedEvidence("log/checkpoint", "changed"), 4),
    ],
)
def test_errors_become_exit_codes(
    error: ObservantError, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(**_: object) -> None:
        raise error

    monkeypatch.setattr(catalogue.command, "callback", fails)

    assert code == run(["catalogue"])
    assert f"observant: {error}\n" == capsys.readouterr().err


def test_an_interrupt_ends_as_shells_expect(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(catalogue.command, "callback", interrupted)

    assert 130 == run(["catalogue"])
    assert "interrupted" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)

    done = subprocess.run(
        [sys.executable, "-m", "observant", "catalogue", "--json"], stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)

    assert 141 == done.returncode
    assert b"" == done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_without_our_characters_is_no_error(encoding: str) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": encoding}

    for words in (["catalogue"], ["catalogue", "aws-root-mfa"], ["catalogue", "ü"]):
        command = [sys.executable, "-m", "observant", *words]
        done = subprocess.run(command, capture_output=True, env=environment, check=False)

        assert (2 if "ü" in words else 0) == done.returncode
        assert b"Traceback" not in done.stderr


def test_the_catalogue_is_exact_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run(["catalogue", "--json"])

    assert {"check", "title", "criteria", "commitments"} == set(json.loads(capsys.readouterr().out)[0])
