"""The four answers a check can give about one member at one moment."""

from enum import StrEnum


class Verdict(StrEnum):
    """NOT_APPLICABLE: the question does not arise. UNKNOWN: it does, and nobody can answer it from the evidence."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


class Conclusion(StrEnum):
    """What can be said of one control over one period."""

    EFFECTIVE = "operating effectively"
    EXCEPTIONS = "exceptions noted"
    INSUFFICIENT = "insufficient evidence"
    NOT_DESIGNED = "not designed"
