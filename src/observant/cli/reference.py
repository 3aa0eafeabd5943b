"""The reference of the command line, made from the commands themselves."""

import click

from observant.cli.program import COMMANDS, program


def reference() -> str:
    """The whole of `docs/cli.md`."""
    context = click.Context(program, info_name="observant")
    parts = [
        "# Command line",
        "This page is generated: `make docs` writes it from the commands.",
        _page(program, context, "observant"),
    ]
    for name in COMMANDS:
        command = program.get_command(context, name)
        assert command is not None
        parts.append(f"## {name}")
        parts += _pages(command, click.Context(command, info_name=name, parent=context), name)
    return "\n\n".join(parts) + "\n"


def _pages(command: click.Command, context: click.Context, name: str) -> list[str]:
    """The page of a command, and for a group those of its commands."""
    pages = [_page(command, context, f"observant {name}")]
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            below = command.get_command(context, inner)
            assert below is not None
            pages.append(f"### {name} {inner}")
            pages += _pages(below, click.Context(below, info_name=inner, parent=context), f"{name} {inner}")
    return pages


def _page(command: click.Command, context: click.Context, shown: str) -> str:
    usage = " ".join([shown, *command.collect_usage_pieces(context)])
    text = (command.help or "").replace("\b\n", "").strip()
    options = [
        record
        for each in command.get_params(context)
        if isinstance(each, click.Option) and (record := each.get_help_record(context))
    ]
    listed = "\n".join(f"- `{names}`: {explained}" for names, explained in options)
    return "\n\n".join([f"```console\n{usage}\n```", _unwrapped(text), listed])


def _unwrapped(text: str) -> str:
    """Docstrings are wrapped for reading in code; Markdown needs no wrapping."""
    return "\n\n".join(" ".join(block.split()) for block in text.split("\n\n"))
