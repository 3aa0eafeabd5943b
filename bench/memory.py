"""Peak memory of a process.

Not `ru_maxrss`: Linux hands a child the peak of the process that it was forked from.
"""

from pathlib import Path


def peak_mib() -> float:
    """Of this process since it began to run its program (proc(5), VmHWM), in MiB."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split(maxsplit=1)[0]) / 1024
