"""Groups of commands, each imported only when it is called."""

import difflib
import importlib
import os
import sys
from typing import Any

import click

BROKEN_PIPE = 141
"""As a shell reports a program ended by SIGPIPE."""


class LazyGroup(click.Group):
    """Knows its commands by name. Their modules lie in the package `place` and are called like them, `-` as `_`."""

    def __init__(self, *given: Any, members: dict[str, str], place: str, **named: Any) -> None:  # noqa: ANN401
        super().__init__(*given, **named)
        self.members, self.place = members, place

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        return list(self.members)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in self.members:
            return None
        command = importlib.import_module(f"{self.place}.{cmd_name.replace('-', '_')}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(self.members.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.members and not args[0].startswith("-"):
            close = difflib.get_close_matches(args[0], list(self.members), n=1)
            remedy = f"did you mean {close[0]!r}?" if close else f"see `{ctx.command_path} --help`"
            raise click.UsageError(f"there is no command {args[0]!r}\n  remedy: {remedy}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 (click's signature)
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:  # click would end with 1, which means "failures found" here
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise click.exceptions.Exit(BROKEN_PIPE) from None
        return result
