"""Short permanent names for blocks, figures and stored files."""

from __future__ import annotations

import secrets

# No vowels (no words), no look-alikes.
_ALPHABET = "23456789bcdfghjkmnpqrstvwxz"


def new_token(length: int = 8) -> str:
    """`length` random characters; 8 of them hold 38 bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
