"""注销: what is left of somebody afterwards: nothing that names them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from members import audit, erasure, invitations
from members.invitations import Channel
from members.models import (
    Application,
    AuditEntry,
    AuditPersonal,
    ErasureRequest,
    Invitation,
    Membership,
    PrivacyNotice,
    Proposal,
    SealedLink,
    User,
)
from members.privacy_notices import publish_first
from newsletter.models import Note, Reading
from tests import factories
from tests.erased import EMAIL, NAME, PHONE, erase, everything, person
from tests.factories import PASSWORD
from tests.forms import form_of

__all__ = ["person"]  # a fixture
pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
State = ErasureRequest.State


@pytest.fixture
def traces(person: User, membership_staff: User, signed_in: SignIn) -> None:
    """All that somebody leaves behind in a portal, by its own pages."""
    invitations.invite([person], by=audit.COMMAND_LINE, channel=Channel.SLIP)
    client = Client()
    for password in ("wrong", PASSWORD):
        client.post(
            "/accounts/login/",
            {"login": "139 0024 6810", "password": password},
            HTTP_USER_AGENT="甄的浏览器",
            REMOTE_ADDR="203.0.113.77",
        )
    client.post("/accounts/password/reset/", {"email": EMAIL})
    client.post("/display/", {"size": "135"})
    article = factories.create_article(factories.create_issue())
    Reading.objects.create(reader=person, article=article, share=50, read_at=timezone.now())
    Note.objects.create(
        reader=person,
        article=article,
        article_title="题",
        block="b1",
        excerpt="段",
        text="甄的批注",
    )
    audit.record("delivery.table", by=person, subject=article)
    today = timezone.localdate()
    Membership.objects.create(
        person=person, first_day=today, last_day=today + dt.timedelta(days=9), remark=NAME
    )
    Membership.objects.create(
        person=person,
        first_day=today + dt.timedelta(days=10),
        last_day=today + dt.timedelta(days=20),
    )
    desk = signed_in(membership_staff)
    address = reverse("admin:members_user_change", args=[person.pk])
    values = form_of(desk.get(address)) | {"name": "甄要走了", "remark": "甄的备注"}
    answer = desk.post(address, values)
    assert answer.status_code == 302, answer.context["errors"]
    desk.post(
        reverse("admin:members_membership_change", args=[person.memberships.all()[0].pk]),
        {
            "person": person.pk,
            "organization": "",
            "first_day": "2020-01-01",
            "last_day": "2020-12-31",
            "remark": "甄的会籍",
        },
    )
    seat = person.seats.get()
    address = reverse("admin:members_organization_change", args=[seat.organization_id])
    values = form_of(desk.get(address)) | {"seats-0-planned_until": "2099-12-31"}
    answer = desk.post(address, values)
    assert answer.status_code == 302, answer.context["errors"]
    person.refresh_from_db()


ESCAPED = json.dumps("（M24681357）")[1:-1]
CLUES = [
    NAME,
    json.dumps(NAME)[1:-1],
    "甄的",
    json.dumps("甄的")[1:-1],
    "13900246810",
    "139 0024 6810",
    EMAIL,
    "M24681357",
    "203.0.113.77",
    "甄要",
    ESCAPED,
]


def test_an_erased_person_is_nowhere_in_the_database(
    person: User, membership_staff: User, signed_in: SignIn, traces: None
) -> None:
    before = everything()
    for clue in (NAME, "13900246810", EMAIL, "M24681357", "203.0.113.77", "甄的", ESCAPED):
        assert clue in before, clue

    link = erase(person, by=membership_staff)

    after = everything()
    assert [clue for clue in CLUES if clue in after] == []
    assert str(person.pk) in after, "the row stands"
    row = User.objects.get(pk=person.pk)
    assert row.name == "已注销"
    assert not row.is_active
    assert not row.has_usable_password()
    assert row.display == {}
    assert row.last_login is None
    assert row.remark == row.initials == ""
    # Nothing leads from the row to what was recorded of it.
    assert row.audit_ref != link.ref == person.audit_ref
    assert not AuditPersonal.objects.filter(person=link.ref).exists()
    assert AuditEntry.objects.filter(actor=link.ref).exists(), "the trail itself stands"
    for model in (Reading, Note):
        assert not model._default_manager.filter(reader=person).exists()
    assert not Invitation.objects.filter(person=person).exists()


def test_history_stays_without_a_name(person: User, membership_staff: User, traces: None) -> None:
    today = timezone.localdate()
    seat = person.seats.get()

    erase(person, by=membership_staff)

    seat.refresh_from_db()
    assert (seat.person_id, seat.until, seat.is_contact) == (person.pk, today, False)
    assert all(one.last_day <= today for one in person.memberships.all())
    log = LogEntry.objects.filter(object_id=str(person.pk), content_type__model="user")
    assert log.exists()
    assert {entry.object_repr for entry in log} == {"已注销"}


def test_the_erased_cannot_sign_in_and_are_signed_out_everywhere(
    person: User, signed_in: SignIn
) -> None:
    token = invitations.invite([person], by=audit.COMMAND_LINE, channel=Channel.SLIP)[0].token
    theirs, others = signed_in(person), signed_in(factories.create_member())
    assert Session.objects.count() == 2

    erase(person)

    assert theirs.get("/me/")["Location"].startswith("/accounts/login/")
    assert others.get("/me/").status_code == 200
    assert Session.objects.count() == 1, "what was typed to sign in is gone too"
    for login in ("M24681357", PHONE, EMAIL, User.objects.get(pk=person.pk).member_number):
        answer = Client().post("/accounts/login/", {"login": login, "password": PASSWORD})
        assert answer.status_code == 200, login
    assert Client().get(f"/join/{token}/").status_code == 404


def test_whatever_field_a_person_gets_later_is_emptied_too(person: User) -> None:
    everything_set = {
        field.attname: getattr(person, field.attname) for field in User._meta.concrete_fields
    }
    User.objects.filter(pk=person.pk).update(
        suspension_reason="账号外借", suspended_at=timezone.now(), remark="备注"
    )

    erase(person)

    row = User.objects.get(pk=person.pk)
    same = {
        name
        for name, value in everything_set.items()
        if value not in (None, "", {}, False, 0) and getattr(row, name) == value
    }
    assert same == {"id"}
    assert (row.suspended_at, row.suspension_reason, row.remark) == (None, "", "")


def test_the_number_and_the_ways_in_are_free_for_nobody_by_accident(person: User) -> None:
    erase(person)
    row = User.objects.get(pk=person.pk)

    assert row.member_number.startswith("X")
    assert len(row.member_number) == 17
    # Phone and e-mail may be given to somebody else: they may be theirs now.
    factories.create_user(phone=PHONE, email=EMAIL)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=row.pk).update(is_active=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=row.pk).update(phone="+8613900009999")


def test_a_record_that_was_merged_into_theirs_goes_with_it(person: User) -> None:
    former = factories.create_user(
        "M99", name=NAME, phone="", email="", is_active=False, merged_into=person
    )

    audit.record("user.merged", by=audit.COMMAND_LINE, subject=former, person=former,
                 personal={"phone": [PHONE, ""]})  # fmt: skip

    erase(person)

    former.refresh_from_db()
    assert former.name == "已注销"
    assert SealedLink.objects.count() == 2
    assert PHONE not in everything()


def create_application(**fields: Any) -> Application:
    notice = PrivacyNotice.objects.first() or publish_first()
    assert notice
    who = {"name": NAME, "phone": PHONE, "remark": "甄的附言"}
    return Application.objects.create(organization_name="样例单位", notice=notice, **who | fields)


def test_what_they_applied_or_were_proposed_with_is_emptied_too(
    person: User, membership_staff: User
) -> None:
    decided: dict[str, Any] = {"decided_at": timezone.now(), "decided_by": membership_staff}
    became = create_application(
        state="approved", organization=person.seats.get().organization, person=person, **decided
    )
    declined = create_application(state="declined", **decided)
    another = create_application(state="declined", **decided | {"phone": "+8613900007777"})
    proposal = factories.create_proposal(factories.create_contact(), name=NAME, phone=PHONE)
    Proposal.objects.filter(pk=proposal.pk).update(state="declined", reason="甄的", **decided)
    # Strangers, as far as the trail knows.
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.77")
    audit.record("application.add", by=audit.STRANGER, subject=became, request=request)
    slip = invitations.invite([person], by=audit.COMMAND_LINE, channel=Channel.SLIP)[0]
    audit.record("invitation.refuse", by=audit.STRANGER, subject=slip.invitation, request=request)

    erase(person, by=membership_staff)

    for application in (became, declined):
        application.refresh_from_db()
        assert (application.name, application.phone, application.remark) == ("", "", "")
        assert application.emptied_at
    another.refresh_from_db()
    assert another.name == NAME, "somebody of the same name"
    proposal.refresh_from_db()
    assert (proposal.name, proposal.phone, proposal.reason) == ("", "", "")
    assert "203.0.113.77" not in everything()
    assert PHONE not in everything()


def test_word_is_sent_to_the_address_there_was(
    person: User, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        erase(person)

    [letter] = mail.outbox
    assert letter.to == [EMAIL]
    assert "账号已经注销" in letter.body


def test_a_mail_server_that_is_down_keeps_nobody(
    person: User,
    django_capture_on_commit_callbacks: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: Any,
) -> None:
    def down(*args: Any, **kwargs: Any) -> None:
        raise OSError(f"cannot reach {EMAIL}")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", down)
    with django_capture_on_commit_callbacks(execute=True):
        erase(person)

    assert User.objects.get(pk=person.pk).erased_at
    assert "not sent" in caplog.text
    assert EMAIL not in caplog.text


def test_it_is_done_whole_or_not_at_all(
    person: User, membership_staff: User, traces: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything()

    def full_disk(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(erasure, "_forget_sessions", full_disk)
    with pytest.raises(DatabaseError):
        erase(person, by=membership_staff)

    assert everything() == before


def test_an_erasure_is_recorded_under_the_code_that_was_sealed(
    person: User, membership_staff: User, signed_in: SignIn
) -> None:
    signed_in(person).post("/me/data/erase/", {"password": PASSWORD})

    link = erase(person, by=membership_staff, basis="")

    entry = AuditEntry.objects.get(action="user.erase")
    assert entry.subject == str(link.ref)
    assert entry.actor == membership_staff.audit_ref
    assert entry.detail == {"asked": True, "records": 1}
    assert ErasureRequest.objects.get(person=person).state == State.DONE
