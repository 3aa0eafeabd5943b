"""The command line: reads arguments, calls one function of `app`, prints what it returned. No judgement.

Starting fast is a feature of a tool that timers call: nothing heavy is imported before a command runs, and a test
measures it.
"""

import sys


def main() -> None:
    """Entry point of `observant`."""
    from observant.cli.program import run

    sys.exit(run(sys.argv[1:]))
