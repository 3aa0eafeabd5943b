"""Names as they really are: characters that do not show, or that turn the direction of text, are spelled out.

A user called `ann\\u202enimda` must not read as somebody else in a report. Nothing is removed.
"""

import unicodedata

from markupsafe import Markup, escape

# Format characters that join letters and emoji in ordinary names of some languages are still spelled out: an auditor
# who copies the name must see that they are there.
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def _spelled(character: str) -> str:
    return f"U+{ord(character):04X}"


def _hidden(character: str) -> bool:
    if character.isascii():
        return not character.isprintable()
    return unicodedata.category(character) in _UNSEEN or character.isspace()


def visible(text: str) -> str:
    """Plain text in which nothing hides: `ann⟨U+202E⟩nimda`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(f"⟨{_spelled(one)}⟩" if _hidden(one) else one for one in text)


def shown(text: str) -> Markup:
    """HTML in which nothing hides, kept apart from the direction of the text around it."""
    if text.isascii() and text.isprintable():
        return escape(text)
    parts = (
        Markup('<span class="unseen">{}</span>').format(_spelled(one)) if _hidden(one) else escape(one) for one in text
    )
    return Markup("<bdi>{}</bdi>").format(Markup("").join(parts))


def clipped(text: str, width: int) -> str:
    """At most `width` characters; an ellipsis stands for the rest."""
    return text if len(text) <= width else text[: width - 1] + "…"
