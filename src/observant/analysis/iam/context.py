"""What is known of a request: condition keys with values, keys that are certainly absent, and all the others.

Keys are compared in lower case. A value is a text, or a tuple of texts for a key that may have several.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Literal

Value = str | tuple[str, ...]


class Special(Enum):
    """What a key has instead of a value."""

    ABSENT = "absent"
    UNKNOWN = "unknown"


ABSENT: Literal[Special.ABSENT] = Special.ABSENT
UNKNOWN: Literal[Special.UNKNOWN] = Special.UNKNOWN

ALWAYS_PRESENT = frozenset(
    {
        "aws:currenttime",
        "aws:epochtime",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalisawsservice",
        "aws:principaltype",
        "aws:requestedregion",
        "aws:securetransport",
        "aws:useragent",
        "aws:userid",
        "aws:viaawsservice",
    }
)
"""Keys that every signed request of an IAM principal has.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""


PRINCIPAL_TAG = "aws:principaltag/"
OTHER_TAGS = f"{PRINCIPAL_TAG}*"
"""Stands for every tag of the principal that is not named: absent where all of its tags are known. No tag is so called,
because tags have no stars."""


class Context:
    """Immutable; `others` is what keys are that nobody named."""

    __slots__ = ("_values", "others")

    def __init__(self, values: Mapping[str, Value | Special], others: Special = UNKNOWN) -> None:
        self._values = {key.lower(): value for key, value in values.items()}
        self.others = others

    def get(self, key: str) -> Value | Special:
        """Value of a lower-case key. A tuple without any value is as good as absent."""
        value = self._values.get(key)
        if value is None:
            value = self._values.get(OTHER_TAGS, self.others) if key.startswith(PRINCIPAL_TAG) else self.others
        return ABSENT if value == () else value

    def named(self) -> Mapping[str, Value | Special]:
        return self._values

    def _alike(self, values: dict[str, Value | Special]) -> "Context":
        """One with these values, whose keys are in lower case already."""
        made = Context.__new__(Context)
        made._values, made.others = values, self.others
        return made

    def over(self, below: Mapping[str, Value | Special]) -> "Context":
        """The same, with further keys that this one does not name."""
        return self._alike({**{key.lower(): value for key, value in below.items()}, **self._values})

    def with_values(self, more: Mapping[str, Value | Special]) -> "Context":
        return self._alike({**self._values, **{key.lower(): value for key, value in more.items()}})


EVERYTHING_UNKNOWN = Context({})
