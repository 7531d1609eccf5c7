"""What no line of the log may carry."""

from __future__ import annotations

import logging
import re

# Addresses that open a door to whoever has them: invitations, and links for a new password.
_KEYS = re.compile(r"(/join/|/password/reset/key/)[^/\s?'\"]+")


class WithoutTokens(logging.Filter):
    """Django names the path of a request that it refuses or that fails."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        kept = _KEYS.sub(r"\1…", message)
        if kept != message:
            record.msg, record.args = kept, ()
        return True
