"""The portal of these journeys is the real one, on the database that was asked for."""

from __future__ import annotations

import os

import pytest

from tests.browser.server import Portal

pytestmark = pytest.mark.browser


@pytest.mark.smoke
def test_it_runs_on_the_database_of_this_run_and_no_other(portal: Portal) -> None:
    said = portal.manage(
        *("shell", "--no-imports", "--command"),
        "from django.db import connection as c; print(c.vendor, c.settings_dict['NAME'])",
    )
    vendor, name = said.split()
    if os.environ.get("TEST_DATABASE_URL"):
        assert vendor == "postgresql"
        assert name.startswith(f"apart_{os.getpid()}_")
    else:
        assert vendor == "sqlite"
        assert name.startswith(portal.environment["VAR_DIR"])
