"""What the company says it does, and which checks show that it did."""

import msgspec


class Control(msgspec.Struct, frozen=True):
    """One control of the company's control list (`controls.yaml`)."""

    id: str
    """The company's own number, such as `AC-02`."""
    title: str
    statement: str
    """The sentence the auditor reads literally."""
    owner: str
    criteria: list[str]
    """Trust Services Criteria by id, such as `CC6.1`; the criteria text is not ours to ship."""
    checks: list[str]
    occurrences: list[str] = []
    """Names of cadence commitments whose every occurrence this control must show, such as `key_age_report_cadence`."""
