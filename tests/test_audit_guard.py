"""The audit trail is guarded: nothing changes it, and a lost guard is found and put back."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from members import audit
from members.audit_triggers import TRIGGERS
from members.models import AuditEntry, AuditSeal
from tests.processes import plain_environment

TABLE = "members_auditentry"
UPDATE = "UPDATE members_auditentry SET {}"


# Nothing changes it ------------------------------------------------------------------------
@pytest.fixture
def entry(db: None) -> AuditEntry:
    return audit.record("demo.load", by=audit.SYSTEM, people=3)


def _sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


TAMPERING: dict[str, Callable[[AuditEntry], Any]] = {
    "save": lambda entry: entry.save(),
    "delete": lambda entry: entry.delete(),
    "queryset update": lambda entry: AuditEntry.objects.update(action="other"),
    "queryset delete": lambda entry: AuditEntry.objects.all().delete(),
    "bulk update": lambda entry: AuditEntry.objects.bulk_update([entry], ["detail"]),
    "raw update": lambda entry: _sql(UPDATE.format("succeeded = NOT succeeded")),
    "raw update of nothing": lambda entry: _sql(UPDATE.format("action = action")),
    "raw delete": lambda entry: _sql("DELETE FROM members_auditentry"),
    "upsert": lambda entry: AuditEntry.objects.bulk_create(
        [AuditEntry(pk=entry.pk, action="other", actor_kind="system")],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["action"],
    ),
}


@pytest.mark.parametrize("way", TAMPERING)
def test_an_entry_is_neither_changed_nor_deleted(entry: AuditEntry, way: str) -> None:
    before = list(AuditEntry.objects.values())

    with pytest.raises(DatabaseError, match="audit entries are never"), transaction.atomic():
        TAMPERING[way](entry)

    assert list(AuditEntry.objects.values()) == before


@pytest.mark.sqlite
def test_an_entry_is_not_replaced_on_sqlite(entry: AuditEntry) -> None:
    before = list(AuditEntry.objects.values())

    with pytest.raises(DatabaseError, match="audit entries are never"), transaction.atomic():
        _sql(
            "REPLACE INTO members_auditentry (id, at, action, succeeded, actor_kind, subject_type,"
            " subject, detail) SELECT id, at, 'other', succeeded, actor_kind, subject_type,"
            " subject, detail FROM members_auditentry"
        )

    assert list(AuditEntry.objects.values()) == before


@pytest.mark.postgresql
@pytest.mark.parametrize("more", ["CASCADE", "RESTART IDENTITY CASCADE"])
def test_the_table_is_not_truncated(entry: AuditEntry, more: str) -> None:
    with pytest.raises(DatabaseError, match="audit entries are never"), transaction.atomic():
        _sql(f"TRUNCATE members_auditentry {more}")

    assert AuditEntry.objects.filter(pk=entry.pk).exists()


def _seal(first: AuditEntry, last: AuditEntry, **fields: Any) -> AuditSeal:
    return AuditSeal.objects.create(
        first_id=first.pk, last_id=last.pk, entries=1, hash=uuid.uuid4().hex * 2, **fields
    )


def test_only_what_is_sealed_and_purged_can_be_deleted(entry: AuditEntry) -> None:
    second = audit.record("demo.load", by=audit.SYSTEM)
    seal = _seal(entry, entry)
    with pytest.raises(DatabaseError), transaction.atomic():
        entry.delete()

    seal.purged_at = timezone.now()
    seal.save()
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEntry.objects.all().delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).update(action="other")
    AuditEntry.objects.filter(pk=entry.pk).delete()

    assert list(AuditEntry.objects.all()) == [second]


def test_appending_goes_on_whatever_is_sealed(entry: AuditEntry) -> None:
    _seal(entry, entry, purged_at=timezone.now())

    assert audit.record("demo.load", by=audit.SYSTEM).pk > entry.pk


# The guard of the guard --------------------------------------------------------------------
def _problems() -> list[str]:
    return [found.msg for found in run_checks(databases=["default"]) if "触发器" in found.msg]


@pytest.mark.parametrize("name", sorted(TRIGGERS[connection.vendor]))
def test_a_lost_trigger_is_found_by_name(entry: AuditEntry, name: str) -> None:
    assert not _problems()
    on = f" ON {TABLE}" if connection.vendor == "postgresql" else ""

    _sql(f"DROP TRIGGER {name}{on}")

    (said,) = _problems()
    assert name in said


@pytest.mark.postgresql
def test_lost_triggers_are_restored_on_postgresql(entry: AuditEntry) -> None:
    for name in TRIGGERS["postgresql"]:
        _sql(f"DROP TRIGGER {name} ON {TABLE}")

    call_command("restore_audit_triggers", verbosity=0)

    assert not _problems()
    for way in ("queryset update", "queryset delete"):
        with pytest.raises(DatabaseError, match="audit entries are never"), transaction.atomic():
            TAMPERING[way](entry)
    assert AuditEntry.objects.filter(action="audit.triggers-restored").count() == 1


LOSE_AND_RESTORE = """
import django
django.setup()
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import DatabaseError, connection
from members import audit
from members.audit_triggers import TRIGGERS
from members.models import AuditEntry
call_command("set_up", verbosity=0)
audit.record("demo.load", by=audit.SYSTEM)
def missing():
    return sum("触发器" in found.msg for found in run_checks(databases=["default"]))
print(missing())
with connection.cursor() as cursor:
    for name in TRIGGERS["sqlite"]:
        cursor.execute(f"DROP TRIGGER {name}")
print(missing())
call_command("restore_audit_triggers")
print(missing(), AuditEntry.objects.filter(action="audit.triggers-restored").count())
for act in (AuditEntry.objects.all().delete, lambda: AuditEntry.objects.update(action="x")):
    try:
        act()
    except DatabaseError as error:
        print(error)
"""


def test_lost_triggers_are_restored_on_sqlite(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", LOSE_AND_RESTORE],
        cwd=Path(__file__).resolve().parent.parent,
        env=plain_environment(DJANGO_SETTINGS_MODULE="portal.settings", VAR_DIR=str(tmp_path)),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [
        "0",
        "1",
        "触发器已重建。",
        "0 1",
        "audit entries are never deleted",
        "audit entries are never changed",
    ]
