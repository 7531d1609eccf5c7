"""Sealed links and leak cases: who may open one, what it holds, when it is destroyed."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members import audit, erasure, seals
from members.models import AuditEntry, AuditPersonal, LeakCase, SealedLink, User
from members.tasks import destroy_sealed_links
from tests import factories

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]

NAME, PHONE, EMAIL = "甄要走", "+8613900246810", "leaving@example.org"
OPEN = "/admin/members/sealedlink/open/"
DAY = dt.timedelta(days=1)


def erased(**fields: Any) -> SealedLink:
    """The sealed link of somebody who signed in, took a table away and was erased."""
    person = factories.create_member(
        **{"name": NAME, "phone": PHONE, "email": EMAIL, "member_number": "M24681357"} | fields
    )
    audit.record("session.sign-in", by=person, subject=person)
    audit.record("delivery.table", by=person)
    return erasure.erase(person, by=audit.COMMAND_LINE, basis="书面申请")


def opened(link: SealedLink, by: User) -> seals.Opened:
    return seals.open_link(link.ref, by=by, reason="追查外泄", request=None)


# What is sealed -----------------------------------------------------------------------------------
def test_a_sealed_link_says_who_it_was_and_what_they_did(auditor: User) -> None:
    link = erased()

    found = opened(link, auditor)

    assert found.who["name"] == NAME
    assert (found.who["phone"], found.who["email"]) == (PHONE, EMAIL)
    assert found.who["member_number"] == "M24681357"
    [organization] = found.who["organizations"]
    assert organization["until"] == str(timezone.localdate())
    actions = [
        AuditEntry.objects.get(pk=number).action for number, values in found.entries if values
    ]
    assert actions == ["session.sign-in", "delivery.table", "user.erase"]
    assert found.entries[-1][1] == {"basis": "书面申请"}


def test_what_is_sealed_cannot_be_read_in_the_database(auditor: User) -> None:
    link = erased()

    for clue in (NAME, "13900246810", EMAIL, "M24681357", "甄"):
        assert clue not in link.content
    assert link.content.startswith("gAAAA"), "Fernet"


def test_another_key_does_not_open_it_and_a_former_one_does(auditor: User, settings: Any) -> None:
    link = erased()
    former, settings.SECRET_KEY = settings.SECRET_KEY, "k" * 60

    with pytest.raises(ValidationError, match="SECRET_KEY_FALLBACKS"):
        opened(link, auditor)
    settings.SECRET_KEY_FALLBACKS = ["z" * 60, former]

    assert opened(link, auditor).who["name"] == NAME
    tries = AuditEntry.objects.filter(action="seal.open").order_by("pk")
    assert [entry.succeeded for entry in tries] == [False, True]


def test_what_was_changed_in_the_database_does_not_open(auditor: User) -> None:
    link = erased()
    middle = len(link.content) // 2
    other = "A" if link.content[middle] != "A" else "B"
    SealedLink.objects.update(content=link.content[:middle] + other + link.content[middle + 1 :])

    with pytest.raises(ValidationError, match="打不开"):
        opened(link, auditor)


def test_what_is_older_than_the_retention_is_not_even_sealed(
    auditor: User, time_machine: Any, settings: Any
) -> None:
    person = factories.create_member(name=NAME)
    audit.record("session.sign-in", by=person, subject=person)
    time_machine.move_to(timezone.now() + seals.retention() + DAY)
    audit.record("session.sign-out", by=person, subject=person)

    link = erasure.erase(person, by=audit.COMMAND_LINE, basis="书面申请")

    numbers = [number for number, _ in opened(link, auditor).entries]
    actions = AuditEntry.objects.filter(pk__in=numbers).values_list("action", flat=True)
    assert "session.sign-in" not in actions
    assert "session.sign-out" in actions
    assert not AuditPersonal.objects.filter(person=link.ref).exists()


def test_the_retention_cannot_be_set_below_half_a_year(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.core.exceptions import ImproperlyConfigured

    from portal import environment

    monkeypatch.setenv("AUDIT_RETENTION_DAYS", "182")

    with pytest.raises(ImproperlyConfigured, match="183"):
        environment.integer("AUDIT_RETENTION_DAYS", 183, least=183)


# Opening ------------------------------------------------------------------------------------------
def test_an_auditor_opens_one_with_a_reason_and_leaves_it_in_the_trail(
    auditor: User, signed_in: SignIn
) -> None:
    link = erased()
    client = signed_in(auditor)
    listed = client.get("/admin/members/sealedlink/").content.decode()
    assert str(link.ref) in listed
    assert NAME not in listed
    assert NAME not in client.get(f"{OPEN}?code={link.ref}").content.decode()

    answer = client.post(OPEN, {"code": str(link.ref), "reason": "第 62 期外泄"})
    page = answer.content.decode()

    for words in (NAME, PHONE, EMAIL, "M24681357", "取走表格", "依据：书面申请", "只在这一页出现"):
        assert words in page, words
    entry = AuditEntry.objects.get(action="seal.open")
    assert (entry.actor, entry.succeeded) == (auditor.audit_ref, True)
    assert entry.detail == {"code": str(link.ref)}
    kept = AuditPersonal.objects.get(entry=entry)
    assert kept.values["reason"] == "第 62 期外泄"
    # It is no page that one could come back to.
    assert NAME not in client.get(OPEN).content.decode()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"reason": ""}, "请写明打开的事由"),
        ({"reason": "   "}, "请写明打开的事由"),
        ({"code": ""}, "请填写代号"),
        ({"code": "nonsense"}, "代号不对"),
    ],
)
def test_without_a_code_or_a_reason_nothing_is_opened(
    auditor: User, signed_in: SignIn, values: dict[str, str], words: str
) -> None:
    link = erased()

    answer = signed_in(auditor).post(OPEN, {"code": str(link.ref), "reason": "事由"} | values)

    assert words in answer.content.decode()
    assert NAME not in answer.content.decode()
    assert not AuditEntry.objects.filter(action="seal.open").exists()


def test_that_a_code_was_tried_under_which_nothing_is_sealed_is_in_the_trail(
    auditor: User, signed_in: SignIn
) -> None:
    code = str(uuid.uuid4())

    answer = signed_in(auditor).post(OPEN, {"code": code, "reason": "事由"})

    assert "没有以这个代号封存的身份" in answer.content.decode()
    entry = AuditEntry.objects.get(action="seal.open")
    assert (entry.succeeded, entry.detail) == (False, {"code": code})


def test_without_its_entry_nothing_is_opened(
    auditor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = erased()

    def full_disk(*args: Any, **kwargs: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(audit, "record", full_disk)

    with pytest.raises(OSError, match="disk full"):
        opened(link, auditor)


@pytest.mark.parametrize("who", ["editor", "chief_editor", "membership_staff", "administrator"])
def test_no_other_role_opens_lists_or_holds(
    request: pytest.FixtureRequest, auditor: User, signed_in: SignIn, who: str
) -> None:
    link = erased()
    case = LeakCase.objects.create(title="样例追查", opened_by=auditor)
    client = signed_in(request.getfixturevalue(who))

    for path in (
        OPEN,
        "/admin/members/sealedlink/",
        f"/admin/members/sealedlink/{link.pk}/change/",
        "/admin/members/leakcase/",
        "/admin/members/leakcase/add/",
        f"/admin/members/leakcase/{case.pk}/change/",
        f"/admin/members/leakcase/{case.pk}/close/",
    ):
        values = {"code": str(link.ref), "reason": "事由", "title": "假案", "note": ""}
        assert client.get(path).status_code == 403, path
        assert client.post(path, values).status_code == 403, path
    case.refresh_from_db()
    assert case.closed_at is None
    assert LeakCase.objects.count() == 1
    assert not AuditEntry.objects.filter(action="seal.open").exists()


def test_the_row_of_a_link_shows_no_cipher_and_cannot_be_changed(
    auditor: User, signed_in: SignIn
) -> None:
    link = erased()
    client = signed_in(auditor)
    address = f"/admin/members/sealedlink/{link.pk}/change/"

    assert link.content not in client.get(address).content.decode()
    assert client.post(address, {"destroy_after_0": "2999-01-01"}).status_code == 403
    assert client.get(f"/admin/members/sealedlink/{link.pk}/delete/").status_code == 403


def test_the_list_of_links_asks_the_same_however_many_there_are(
    auditor: User, signed_in: SignIn, django_assert_num_queries: Any
) -> None:
    now = timezone.now()
    SealedLink.objects.bulk_create(
        SealedLink(ref=uuid.uuid4(), content="x", destroy_after=now + DAY) for _ in range(60)
    )
    client = signed_in(auditor)

    with django_assert_num_queries(9):
        page = client.get("/admin/members/sealedlink/").content.decode()

    assert page.count(">打开</a>") == 50


# Destroying ---------------------------------------------------------------------------------------
def test_a_link_is_destroyed_when_its_time_is_over_and_not_before(
    auditor: User, time_machine: Any
) -> None:
    link = erased()
    assert link.destroy_after - link.sealed_at == dt.timedelta(days=183)
    time_machine.move_to(link.destroy_after - dt.timedelta(minutes=1))
    destroy_sealed_links.call_local()
    assert SealedLink.objects.exists()
    assert not AuditEntry.objects.filter(action="seal.destroy").exists()

    # However long nobody ran the task.
    time_machine.move_to(link.destroy_after + 400 * DAY)
    destroy_sealed_links.call_local()
    destroy_sealed_links.call_local()

    assert not SealedLink.objects.exists()
    entry = AuditEntry.objects.get(action="seal.destroy")
    assert (entry.actor_kind, entry.detail) == ("system", {"count": 1})
    with pytest.raises(ValidationError, match="已到期销毁"):
        opened(link, auditor)


def test_an_open_leak_case_holds_what_is_due(auditor: User, time_machine: Any) -> None:
    link = erased()
    case = LeakCase.objects.create(title="样例追查", opened_by=auditor)
    time_machine.move_to(link.destroy_after + DAY)

    destroy_sealed_links.call_local()
    assert opened(link, auditor).who["name"] == NAME
    seals.close_case(case, by=auditor, request=None)
    destroy_sealed_links.call_local()

    assert not SealedLink.objects.exists()


# Leak cases ---------------------------------------------------------------------------------------
def test_an_auditor_opens_a_case_writes_to_it_and_closes_it(
    auditor: User, signed_in: SignIn
) -> None:
    client = signed_in(auditor)
    answer = client.post("/admin/members/leakcase/add/", {"title": "样例追查", "note": "起因"})
    assert answer.status_code == 302, answer.context["errors"]
    case = LeakCase.objects.get()
    assert (case.opened_by, case.closed_at) == (auditor, None)
    address = reverse("admin:members_leakcase_change", args=[case.pk])
    close = reverse("admin:members_leakcase_close", args=[case.pk])
    assert close in client.get(address).content.decode()
    client.post(address, {"title": "样例追查", "note": "查到了"})

    assert "可以办理" in client.get(close).content.decode()
    case.refresh_from_db()
    assert case.closed_at is None, "to look is not to close"
    client.post(close)

    case.refresh_from_db()
    assert (case.note, case.closed_by) == ("查到了", auditor)
    assert list(
        AuditEntry.objects.filter(action__startswith="leakcase.")
        .order_by("pk")
        .values_list("action", flat=True)
    ) == ["leakcase.add", "leakcase.change", "leakcase.close"]
    # What was closed stays as it was.
    assert client.post(address, {"title": "改了", "note": ""}).status_code == 403
    assert "已经结案" in client.post(close, follow=True).content.decode()
    assert AuditEntry.objects.filter(action="leakcase.close").count() == 1
    assert client.get(f"/admin/members/leakcase/{case.pk}/delete/").status_code == 403


def test_a_case_is_closed_by_somebody(auditor: User) -> None:
    case = LeakCase.objects.create(title="样例追查", opened_by=auditor)

    with pytest.raises(IntegrityError), transaction.atomic():
        LeakCase.objects.filter(pk=case.pk).update(closed_at=timezone.now())
