"""Loaded before Django's settings (`-p tests.environment`): a fresh var/, and which database."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

VAR_DIR = Path(tempfile.mkdtemp(prefix="portal-tests-"))
atexit.register(shutil.rmtree, VAR_DIR, ignore_errors=True)

# The tests decide every setting themselves, whatever the shell has.
for name in (
    "ADMIN_NETWORKS",
    "ALLOWED_HOSTS",
    "APPLICATIONS_OPEN",
    "AUDIT_RETENTION_DAYS",
    "BASE_URL",
    "CACHE_URL",
    "DEMO_PASSWORD",
    "EMAIL_URL",
    "INVITATION_DAYS",
    "PORT",
    "QUEUE_URL",
    "REMINDER_LETTERS",
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "SLIP_DAYS",
    "STORAGE_URL",
    "TRUST_CONTACTS",
    "TRUSTED_PROXIES",
):
    os.environ.pop(name, None)
os.environ["VAR_DIR"] = str(VAR_DIR)
if os.environ.get("TEST_DATABASE_URL"):
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]
else:
    os.environ.pop("DATABASE_URL", None)
