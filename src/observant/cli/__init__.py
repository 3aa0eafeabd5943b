"""The command line: reads arguments, calls one function of `app`, prints what it returned. No judgement.

Starting fast is a feature of a tool that timers call: nothing heavy is imported before a command runs, and a test
measures it.
"""

import io
import sys


def main() -> None:
    """Entry point of `observant`."""
    from observant.cli.program import run

    # A name with a character that this terminal does not have is shown escaped; it must not end the program.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))
