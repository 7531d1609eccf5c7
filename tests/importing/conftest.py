"""The real issue, which is not in the repository."""

import os
from pathlib import Path

import pytest

from newsletter.importing import read
from newsletter.importing.outline.model import IssueOutline

_BESIDE = Path(__file__).resolve().parents[3] / "shared" / "seed" / "caishui-2022-3.txt"


@pytest.fixture(scope="session")
def seed_bytes() -> bytes:
    """The file as received: SEED_FILE, else beside the repository."""
    path = Path(os.environ.get("SEED_FILE") or _BESIDE)
    if not path.is_file():
        message = "the real issue is not here: set SEED_FILE to its text file"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return path.read_bytes()


@pytest.fixture(scope="session")
def seed_text(seed_bytes: bytes) -> str:
    """The file's text."""
    return seed_bytes.decode("utf-8")


@pytest.fixture(scope="session")
def seed(seed_bytes: bytes) -> IssueOutline:
    """The issue read from it."""
    return read(seed_bytes)
