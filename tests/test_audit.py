"""The audit trail: written with the act itself, changed by nothing, and holding no secret."""

from __future__ import annotations

import json
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
from django.test import Client, RequestFactory
from django.utils import timezone

from members import audit
from members.audit_triggers import TRIGGERS
from members.models import AuditEntry, AuditPersonal, AuditSeal, User
from newsletter import publishing
from newsletter.models import Article, Doubt, Issue
from newsletter.models.issue import Status
from tests import factories
from tests.processes import plain_environment

TABLE = "members_auditentry"
UPDATE = "UPDATE members_auditentry SET {}"


# Verbs -------------------------------------------------------------------------------------
@pytest.fixture
def issue(db: None) -> Issue:
    found = factories.create_issue(published=False)
    factories.create_article(found)
    factories.create_doubt(found)
    return found


def _published(issue: Issue) -> Issue:
    Issue.objects.filter(pk=issue.pk).update(
        status=Status.PUBLISHED, version=1, published_at=timezone.now()
    )
    return issue


VERBS: dict[str, Callable[[Issue, User], Any]] = {
    "issue.publish": lambda issue, by: publishing.publish(issue, by=by),
    "issue.withdraw": lambda issue, by: publishing.withdraw(
        _published(issue), by=by, reason="有误"
    ),
    "article.withdraw": lambda issue, by: publishing.withdraw_article(
        issue.articles.get(), by=by, reason="有误"
    ),
    "article.restore": lambda issue, by: publishing.restore_article(issue.articles.get(), by=by),
    "doubt.settle": lambda issue, by: publishing.settle(
        issue.doubts.get(), state=Doubt.State.MENDED, by=by
    ),
}


def _state() -> list[Any]:
    """All that the verbs may touch."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (Issue, Article, Doubt, AuditEntry, AuditPersonal)
    ]


@pytest.mark.parametrize("action", VERBS)
def test_a_verb_writes_one_entry_that_names_who_and_what(
    issue: Issue, chief_editor: User, action: str
) -> None:
    VERBS[action](issue, chief_editor)

    (entry,) = AuditEntry.objects.all()
    assert entry.action == action
    assert entry.succeeded
    assert (entry.actor, entry.actor_kind) == (chief_editor.audit_ref, "person")
    assert entry.subject_type == f"newsletter.{action.partition('.')[0]}"
    assert entry.subject


@pytest.mark.parametrize("action", VERBS)
def test_a_verb_that_is_taken_back_takes_its_entry_along(
    issue: Issue, chief_editor: User, action: str
) -> None:
    before = _state()

    with transaction.atomic():
        VERBS[action](issue, chief_editor)
        assert _state() != before
        transaction.set_rollback(True)

    assert _state() == before


@pytest.mark.parametrize("action", VERBS)
def test_without_its_entry_a_verb_does_nothing(
    issue: Issue, chief_editor: User, action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if action == "issue.withdraw":
        _published(issue)
    before = _state()

    def full_disk(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(AuditPersonal.objects, "bulk_create", full_disk)
    with pytest.raises(DatabaseError), transaction.atomic():
        VERBS[action](issue, chief_editor)

    assert _state() == before


def test_the_command_line_is_recorded_as_such(issue: Issue) -> None:
    publishing.publish(issue, by=audit.COMMAND_LINE)

    (entry,) = AuditEntry.objects.all()
    assert (entry.actor, entry.actor_kind) == (None, "command")
    assert not AuditPersonal.objects.exists()


def test_a_change_in_the_admin_is_recorded_with_the_names_of_its_fields(
    issue: Issue, editor: User, signed_in: Callable[[User], Client]
) -> None:
    AuditPersonal.objects.all().delete()
    article = issue.articles.get()
    form = {
        "issue": issue.pk,
        "section": article.section_id,
        "order": 1,
        "online": "full",
        "title": "改过的标题",
        "reprint_basis": "unverified",
        "body": article.body,
    }
    for prefix in ("figures", "attachments"):
        form |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}

    answer = signed_in(editor).post(f"/admin/newsletter/article/{article.pk}/change/", form)

    assert answer.status_code == 302
    (entry,) = AuditEntry.objects.filter(action="article.change")
    assert entry.subject == str(article.pk)
    assert len(entry.detail["fields"]) == 1
    assert "改过的标题" not in json.dumps(entry.detail, ensure_ascii=False)


# Personal values ---------------------------------------------------------------------------
def test_personal_values_lie_beside_the_entry_by_person(member: User, editor: User) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7", HTTP_USER_AGENT="A" * 900)

    entry = audit.record(
        "user.change",
        by=editor,
        subject=member,
        request=request,
        personal={"name": ["甲", "乙"]},
        person=member,
        fields=["name"],
    )

    kept = {row.person: row.values for row in entry.personal.all()}
    assert kept[member.audit_ref] == {"name": ["甲", "乙"]}
    assert kept[editor.audit_ref]["address"] == "192.0.2.7"
    assert kept[editor.audit_ref]["name"] == editor.name
    assert len(kept[editor.audit_ref]["agent"]) == 300
    assert entry.subject == str(member.audit_ref)
    assert entry.detail == {"fields": ["name"]}


def test_destroying_what_is_personal_leaves_the_entry_as_it_was(member: User) -> None:
    entry = audit.record("session.sign-in", by=member, subject=member)
    before = AuditEntry.objects.values().get(pk=entry.pk)

    AuditPersonal.objects.filter(person=member.audit_ref).delete()

    assert AuditEntry.objects.values().get(pk=entry.pk) == before
    assert member.name not in str(before)


PERSON = {
    "member_number": "M55512345",
    "name": "欧阳样例",
    "phone": "+8613955512345",
    "email": "ouyang@example.org",
}
OLD, NEW, WRONG = factories.PASSWORD, "a quite other secret", "a mistaken secret"


@pytest.fixture
def lived(db: None) -> User:
    """Somebody who has signed in, failed to, changed the password, and signed out."""
    user = factories.create_member(days_left=100, **PERSON)
    client = Client(REMOTE_ADDR="192.0.2.33", HTTP_USER_AGENT="样例浏览器/1.0")
    for login in PERSON["phone"], PERSON["email"], PERSON["name"]:
        client.post("/accounts/login/", {"login": login, "password": WRONG})
    client.post("/accounts/login/", {"login": PERSON["email"], "password": OLD})
    client.post(
        "/accounts/password/change/", {"oldpassword": OLD, "password1": NEW, "password2": NEW}
    )
    client.post("/accounts/logout/")
    return user


def test_signing_in_out_and_being_refused_are_recorded_with_the_address(lived: User) -> None:
    entries = list(AuditEntry.objects.order_by("pk"))

    assert [
        (entry.action, entry.succeeded, entry.actor_kind)
        for entry in entries
        if entry.action.startswith("session.")
    ] == [
        ("session.sign-in", False, "stranger"),
        ("session.sign-in", False, "stranger"),
        ("session.sign-in", False, "stranger"),
        ("session.sign-in", True, "person"),
        ("session.sign-out", True, "person"),
    ]
    for entry in entries:
        assert any(row.values.get("address") == "192.0.2.33" for row in entry.personal.all())
    assert AuditPersonal.objects.filter(person=lived.audit_ref).exists()


def test_no_personal_value_and_no_password_is_in_what_stays_for_ever(lived: User) -> None:
    stays = json.dumps(list(AuditEntry.objects.values()), default=str, ensure_ascii=False)
    beside = json.dumps(list(AuditPersonal.objects.values()), default=str, ensure_ascii=False)

    for value in [*PERSON.values(), "192.0.2.33", "样例浏览器"]:
        assert value not in stays
    assert PERSON["name"] in beside
    for secret in (OLD, NEW, WRONG):
        assert secret not in stays + beside


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
