"""How moments, lengths of time and shares are written for people. Exact values stand in the CSV and JSON files."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from observant.model.verdict import Verdict

VERDICT_WORDS = {
    Verdict.PASS: "pass",
    Verdict.FAIL: "fail",
    Verdict.UNKNOWN: "unknown",
    Verdict.NOT_APPLICABLE: "not applicable",
}


def moment_words(moment: datetime) -> str:
    """`2026-03-01 04:05Z`; seconds only where there are some."""
    return moment.strftime("%Y-%m-%d %H:%M:%SZ" if moment.second else "%Y-%m-%d %H:%MZ")


def span_words(span: timedelta) -> str:
    """`3 days 4 h`, `12 h 5 min`, `40 s`: the two largest units, rounded down."""
    seconds = int(span.total_seconds())
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, seconds = divmod(rest, 60)
    parts = [
        f"{days} {'day' if days == 1 else 'days'}" if days else "",
        f"{hours} h" if hours else "",
        f"{minutes} min" if minutes and not days else "",
        f"{seconds} s" if seconds and not days and not hours else "",
    ]
    return " ".join([part for part in parts if part][:2]) or "0 s"


def share_words(part: timedelta, whole: timedelta) -> str:
    """`98.6 %`. Never `100.0 %` when something is missing, never `0.0 %` when there is something."""
    if not whole:
        return "no time"
    if part == whole:
        return "100 %"
    if not part:
        return "0 %"
    permille = round(1000 * (part / whole))
    if permille == 0:
        return "under 0.1 %"
    return "over 99.9 %" if permille == 1000 else f"{permille / 10:.1f} %"


def count_words(count: int, singular: str, plural: str = "") -> str:
    """`1 exception`, `1,234 exceptions`, `no exceptions`."""
    noun = singular if count == 1 else plural or f"{singular}s"
    return f"{count:,} {noun}" if count else f"no {noun}"


def days_words(days: Sequence[date], most: int = 12) -> str:
    """`2026-03-01, 2026-07-20 to 2026-07-29`: runs are joined; days beyond `most` runs are counted."""
    runs: list[tuple[date, date]] = []
    for day in sorted(days):
        if runs and day - runs[-1][1] == timedelta(days=1):
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    words = [str(first) if first == last else f"{first} to {last}" for first, last in runs[:most]]
    rest = sum((last - first).days + 1 for first, last in runs[most:])
    return ", ".join(words) + (f" and {rest:,} more" if rest else "")
