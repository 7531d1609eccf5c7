"""The audit trail: written with the act itself, changed by nothing, and holding no secret."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client, RequestFactory
from django.utils import timezone

from members import audit
from members.models import AuditEntry, AuditPersonal, User
from newsletter import publishing
from newsletter.models import Article, Doubt, Issue
from newsletter.models.issue import Status
from tests import factories


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
