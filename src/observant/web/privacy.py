"""Nothing secret reaches a log: the token of an invitation stands in its path, which is cut before it is logged."""

import logging
import re

_TOKEN = re.compile(r"/welcome/[^\s?'\"]+")
LOGGERS = ("django.request", "django.security.csrf", "django.security.DisallowedHost")


class WithoutTokens(logging.Filter):
    """Cuts tokens out of the message."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if _TOKEN.search(message):
            record.msg, record.args = _TOKEN.sub("/welcome/…", message), None
        return True


def keep_private() -> None:
    """Once in each process."""
    for name in LOGGERS:
        logging.getLogger(name).addFilter(WithoutTokens())
