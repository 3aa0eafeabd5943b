"""The little Markdown that catalogue pages are written in, as HTML: paragraphs, lists, **bold**, _emphasis_, `code`."""

import re

from markupsafe import Markup, escape

_INLINE = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\([^)]*\)")


def prose(text: str) -> Markup:
    """Blocks are parted by blank lines. Everything is escaped; links lose their target."""
    return Markup("\n").join(_block(block) for block in re.split(r"\n\s*\n", text.strip()))


def _block(block: str) -> Markup:
    if block.lstrip().startswith("- "):
        items = re.split(r"(?:\A|\n)\s*- ", block)[1:]
        return Markup("<ul>{}</ul>").format(Markup("").join(Markup("<li>{}</li>").format(_line(one)) for one in items))
    return Markup("<p>{}</p>").format(_line(block))


def _line(text: str) -> Markup:
    parts, at = [], 0
    for found in _INLINE.finditer(text):
        parts.append(escape(text[at : found.start()]))
        code, bold, link = found.groups()
        if code:
            parts.append(Markup("<code>{}</code>").format(code))
        elif bold:
            parts.append(Markup("<strong>{}</strong>").format(bold))
        else:
            parts.append(escape(link))
        at = found.end()
    parts.append(escape(text[at:]))
    return Markup("").join(parts)
