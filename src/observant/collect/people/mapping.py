"""What the workspace says about one export of people: which column is what, and how accounts are linked to people."""

from datetime import date
from pathlib import Path

import msgspec

FIELDS = ("id", "name", "email", "start", "end", "manager", "department", "department_since", "earlier_end")
REQUIRED = ("id", "name", "start", "end")
LINKS = ("email", "email-name", "employee-id")
"""Rules that link an account to a person; `tag:KEY` is one more. What an accounts file declares comes before all."""
DAYS = {"start": False, "end": True, "department_since": False, "earlier_end": True}
"""Fields that are days -> whether the day is the last one of something, and so counts until its end."""
KINDS = ("person", "shared", "service", "break-glass", "guest")
WORKWEEK = ("monday", "tuesday", "wednesday", "thursday", "friday")
WEEKDAYS = (*WORKWEEK, "saturday", "sunday")


class Mapping(msgspec.Struct, frozen=True):
    """One source of people."""

    name: str
    """As in the scope `people:<name>`."""
    file: Path
    """CSV with a header, or JSON: a list of objects, or an object with one such list."""
    columns: dict[str, str]
    """Field -> name of the column."""
    accounts: Path | None
    zone: str
    """IANA name: an employment that ends on a day ends when that day ends there."""
    date_format: str
    """As of `strptime`."""
    holidays: list[date]
    workweek: list[str]
    links: list[str]
    scim: str = ""
    """Base URL of a SCIM 2.0 service, in place of the file; columns are paths of attributes then."""
    token: str = ""
    """Where its bearer token is: `env:VARIABLE` or `file:PATH`."""
