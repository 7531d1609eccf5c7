"""合并: two records of one person become one, whole or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from members import audit, merging
from members.invitations import Channel, invite
from members.merging import merge
from members.models import AuditEntry, AuditPersonal, ErasureRequest, Membership, Seat, User
from members.roles import Role
from newsletter import reading
from newsletter.body import block_texts
from newsletter.models import Reading
from tests import factories
from tests.everything import everything
from tests.factories import PASSWORD
from tests.forms import form_of
from tests.twice import again, first, seat_of, second

__all__ = ["first", "second"]  # fixtures
SignIn = Callable[[User], Client]
JULY = dt.date(2026, 7, 1)
DAY = dt.timedelta(days=1)


# What becomes of it --------------------------------------------------------------------------
def test_what_staff_chose_stands_on_the_record_that_stays(
    first: User, second: User, membership_staff: User
) -> None:
    merge(first, second, by=membership_staff, take=["phone", "name"])

    staying, leaving = again(first), again(second)
    assert (staying.name, staying.phone, staying.email) == (
        "甄样列",
        "+8613700001357",
        "old@example.org",
    )
    assert "zyl" in staying.initials.split(), "what is derived from the name follows it"
    assert staying.check_password(PASSWORD)
    assert (leaving.phone, leaving.email, leaving.is_active) == ("", "", False)
    assert leaving.merged_into == staying
    assert leaving.audit_ref == second.audit_ref
    # Free for somebody else.
    factories.create_user(email="new@example.org", phone="+8613900002468")


def test_the_former_address_of_the_record_that_stays_opens_it_no_more(
    first: User, second: User, membership_staff: User
) -> None:
    # allauth remembers where a reset letter went.
    EmailAddress.objects.create(user=first, email="old@example.org", verified=True)
    merge(first, second, by=membership_staff, take=["email"])
    mail.outbox.clear()

    for address in ("old@example.org", "new@example.org"):
        Client().post("/accounts/password/reset/", {"email": address})

    assert [letter.to for letter in mail.outbox] == [["new@example.org"]]


@pytest.mark.parametrize(
    ("take", "told"), [([], ["new@example.org"]), (["email"], ["old@example.org"])]
)
def test_the_address_that_is_registered_no_more_is_told(
    first: User,
    second: User,
    membership_staff: User,
    take: list[str],
    told: list[str],
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        merge(first, second, by=membership_staff, take=take)

    assert [letter.to for letter in mail.outbox] == [told]


def test_reading_and_notes_go_over_and_of_two_of_one_article_the_staying_ones_wins(
    first: User, second: User, membership_staff: User
) -> None:
    issue = factories.create_issue()
    both, theirs = factories.create_article(issue), factories.create_article(issue)
    Reading.objects.create(reader=first, article=both, share=80)
    Reading.objects.create(reader=second, article=both, share=10)
    Reading.objects.create(reader=second, article=theirs, share=30)
    [block] = block_texts(theirs.body)
    note = reading.add_note(theirs, reader=second, block=block, text="记一笔")

    merge(first, second, by=membership_staff)

    found = Reading.objects.filter(reader=first).values_list("article", "share")
    assert set(found) == {(both.pk, 80), (theirs.pk, 30)}
    assert not Reading.objects.filter(reader=second).exists()
    note.refresh_from_db()
    assert note.reader == first
    entry = AuditEntry.objects.get(action="user.merge")
    assert entry.detail["moved"] == {"newsletter.reading.reader": 1, "newsletter.note.reader": 1}
    assert entry.detail["dropped"] == {"newsletter.reading.reader": 1}


def test_every_relation_to_people_is_known_to_the_merge() -> None:
    """A new one fails here until somebody has thought about what becomes of it."""
    found = {f"{model._meta.label_lower}.{field}" for model, field in merging._other_relations()}
    assert found == {
        "admin.logentry.user",
        "members.application.decided_by",
        "members.application.person",
        "members.consent.person",
        "members.erasurerequest.person",
        "members.invitation.person",
        "members.proposal.decided_by",
        "members.proposal.proposed_by",
        "members.user.merged_into",
        "newsletter.note.reader",
        "newsletter.reading.reader",
    }


@pytest.mark.parametrize("is_contact", [False, True])
def test_two_seats_in_one_firm_become_one_and_a_contact_stays_one(
    first: User, second: User, membership_staff: User, is_contact: bool
) -> None:
    firm = factories.create_organization(seat_limit=2)
    mine = seat_of(first, organization=firm)
    seat_of(second, organization=firm, is_contact=is_contact)

    merge(first, second, by=membership_staff)

    assert firm.seats.current().get() == mine
    assert firm.seats.current().get().is_contact is is_contact
    assert set(firm.seats.values_list("person", flat=True)) == {first.pk}, "the history is theirs"


@pytest.mark.parametrize("keeps", ["first", "second"])
def test_of_seats_in_two_firms_the_chosen_one_stays(
    first: User, second: User, membership_staff: User, keeps: str
) -> None:
    held = {"first": seat_of(first), "second": seat_of(second)}
    past = seat_of(second, since=JULY - 9 * DAY, until=JULY)

    merge(first, second, by=membership_staff, seat=held[keeps])

    assert first.seats.current().get() == held[keeps]
    assert set(first.seats.all()) == {*held.values(), past}
    assert not second.seats.exists()


def test_a_seat_that_only_the_leaving_record_has_goes_over_as_it_is(
    first: User, second: User, membership_staff: User
) -> None:
    seat = seat_of(second, is_contact=True, since=JULY)

    merge(first, second, by=membership_staff)

    seat.refresh_from_db()
    assert (seat.person, seat.is_contact, seat.since, seat.until) == (first, True, JULY, None)


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        ([], [(0, 9)], [(0, 9)]),
        ([(0, 9)], [(10, 19)], [(0, 9), (10, 19)]),
        ([(0, 9)], [(0, 9)], [(0, 9)]),
        ([(0, 9)], [(5, 19)], [(0, 9), (10, 19)]),
        ([(5, 9)], [(0, 19)], [(0, 4), (5, 9), (10, 19)]),
        ([(0, 3), (6, 9)], [(2, 7), (9, 9)], [(0, 3), (4, 5), (6, 9)]),
    ],
)
def test_they_are_a_member_on_each_day_on_which_either_record_was(
    first: User,
    second: User,
    membership_staff: User,
    mine: list[tuple[int, int]],
    theirs: list[tuple[int, int]],
    expected: list[tuple[int, int]],
) -> None:
    for person, spans in ((first, mine), (second, theirs)):
        for start, end in spans:
            Membership.objects.create(
                person=person, first_day=JULY + start * DAY, last_day=JULY + end * DAY
            )
    before = Membership.objects.count()

    merge(first, second, by=membership_staff)

    found = first.memberships.order_by("first_day").values_list("first_day", "last_day")
    assert [((start - JULY).days, (end - JULY).days) for start, end in found] == expected
    assert Membership.objects.count() >= before, "none is deleted"


def test_a_suspension_is_not_shaken_off_by_a_second_record(
    first: User, second: User, membership_staff: User
) -> None:
    User.objects.filter(pk=second.pk).update(
        suspended_at=timezone.now(), suspension_reason="账号外借"
    )
    merge(first, second, by=membership_staff)
    assert again(first).suspended_at is not None
    assert again(first).suspension_reason == "账号外借"


def test_remarks_are_both_kept_and_none_is_cut(
    first: User, second: User, membership_staff: User
) -> None:
    User.objects.filter(pk=first.pk).update(remark="甲")
    User.objects.filter(pk=second.pk).update(remark="乙" * merging.MOST_REMARK)
    with pytest.raises(ValidationError, match="2000 字"):
        merge(first, second, by=membership_staff)
    User.objects.filter(pk=second.pk).update(remark="乙")
    merge(first, second, by=membership_staff)
    assert (again(first).remark, again(second).remark) == ("甲\n乙", "")


def test_no_role_goes_over(first: User, second: User) -> None:
    root = User.objects.create_superuser("ROOT1", password=PASSWORD)
    second.groups.add(Group.objects.get(name=Role.EDITOR.value))

    merge(first, second, by=root)

    assert not first.groups.exists()
    assert not second.groups.exists()
    entry = AuditEntry.objects.get(action="role.revoke")
    assert (entry.subject, entry.detail["role"]) == (str(second.audit_ref), "编辑")


# The door --------------------------------------------------------------------------------------
def test_sessions_of_both_end_and_the_former_number_signs_in_no_more(
    first: User, second: User, membership_staff: User, signed_in: SignIn
) -> None:
    clients = [signed_in(first), signed_in(second)]
    [slip] = invite([second], by=audit.COMMAND_LINE, channel=Channel.SLIP, verified=True)

    merge(first, second, by=membership_staff, take=["email"])

    for client in clients:
        assert client.get("/me/")["Location"].startswith("/accounts/login/")
    slip.invitation.refresh_from_db()
    assert slip.invitation.revoked_at is not None

    def signs_in(who: str) -> bool:
        client = Client()
        client.post("/accounts/login/", {"login": who, "password": PASSWORD})
        return "_auth_user_id" in client.session

    assert not signs_in(second.member_number)
    assert not signs_in("13700001357"), "the number that was not chosen is nobody's"
    assert signs_in("new@example.org")
    assert signs_in(first.member_number)


def test_the_record_that_left_comes_back_by_no_way(
    first: User, second: User, membership_staff: User, signed_in: SignIn
) -> None:
    firm = factories.create_organization()
    client = signed_in(membership_staff)
    assert str(second.pk) in found_by_autocomplete(client, second.member_number)
    merge(first, second, by=membership_staff)
    left = again(second)

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=left.pk).update(is_active=True)
    left.is_active = True
    with pytest.raises(ValidationError, match="已并入另一条"):
        left.full_clean()
    address = f"/admin/members/user/{left.pk}/change/"
    page = client.get(address)
    assert first.member_number in page.content.decode(), "it says where to"
    assert client.post(address, {"is_active": "on", "name": "x"}).status_code == 403
    assert found_by_autocomplete(client, second.member_number) == []
    with pytest.raises(ValidationError):
        Seat(organization=firm, person=again(second)).full_clean()
    # Nor by its key, as an autocomplete would send it.
    page = client.get(f"/admin/members/organization/{firm.pk}/change/")
    values = form_of(page) | {
        "seats-TOTAL_FORMS": "1",
        "seats-0-person": str(left.pk),
        "seats-0-since": "2020-01-01",
    }
    assert client.post(f"/admin/members/organization/{firm.pk}/change/", values).status_code == 200
    assert not firm.seats.exists()


def found_by_autocomplete(client: Client, words: str) -> list[str]:
    asked = {"term": words, "app_label": "members", "model_name": "seat", "field_name": "person"}
    answer = client.get("/admin/autocomplete/", asked)
    return [one["id"] for one in answer.json()["results"]]


# The trail ---------------------------------------------------------------------------------
def test_the_trail_tells_both_and_keeps_what_is_personal_where_it_can_be_erased(
    first: User, second: User, membership_staff: User
) -> None:
    merge(first, second, by=membership_staff, take=["phone"])

    entry, left = (AuditEntry.objects.get(action=f"user.{verb}") for verb in ("merge", "merged"))
    assert (entry.subject, entry.detail["of"]) == (
        str(first.audit_ref),
        {"merged": str(second.audit_ref)},
    )
    assert (left.subject, left.detail["of"]) == (
        str(second.audit_ref),
        {"into": str(first.audit_ref)},
    )
    assert "+86" not in f"{entry.detail}{left.detail}"
    kept = AuditPersonal.objects.get(entry=entry, person=first.audit_ref).values
    assert kept == {"phone": ["+8613900002468", "+8613700001357"]}
    kept = AuditPersonal.objects.get(entry=left, person=second.audit_ref).values
    assert kept == {"phone": ["+8613700001357", ""], "email": ["new@example.org", ""]}


def test_an_auditor_follows_a_record_that_was_merged_twice(
    first: User, second: User, membership_staff: User
) -> None:
    third = factories.create_user()
    merge(second, third, by=membership_staff)
    merge(first, second, by=membership_staff)
    assert {again(second).merged_into, again(third).merged_into} == {first}


# Refused -----------------------------------------------------------------------------------
def spoil_seats(one: User, other: User) -> None:
    seat_of(one)
    seat_of(other)


REFUSALS: dict[str, tuple[Callable[[User, User], Any], str]] = {
    "same": (lambda one, other: setattr(other, "pk", one.pk), "同一条记录"),
    "merged": (lambda one, other: User.objects.filter(pk=other.pk).update(
        is_active=False, merged_into=factories.create_user()
    ), "已经并入"),
    "erased": (lambda one, other: User.objects.filter(pk=other.pk).update(
        is_active=False, phone="", email="", erased_at=timezone.now()
    ), "已注销"),
    "erasure asked": (lambda one, other: ErasureRequest.objects.create(person=other), "申请了注销"),
    "inactive": (lambda one, other: User.objects.filter(pk=one.pk).update(is_active=False), "停用"),
    "two firms": (spoil_seats, "请选保留哪一个"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSALS)
def test_a_refused_merge_leaves_every_table_as_it_was(
    first: User, second: User, membership_staff: User, what: str
) -> None:
    spoil, words = REFUSALS[what]
    factories.create_membership(person=second)
    invite([second], by=audit.COMMAND_LINE, channel=Channel.SLIP)
    spoil(first, second)
    before = everything()

    with pytest.raises(ValidationError, match=words):
        merge(first, second, by=membership_staff, take=["phone"])

    assert everything() == before


def test_nobody_merges_their_own_record(first: User, membership_staff: User) -> None:
    before = everything()
    for pair in ((first, membership_staff), (membership_staff, first)):
        with pytest.raises(ValidationError, match="您自己的记录"):
            merge(*pair, by=membership_staff)
    assert everything() == before


@pytest.mark.parametrize(
    "action", ["invitation.revoke", "seat.change", "user.merge", "user.merged"]
)
def test_without_its_entry_nothing_of_it_is_done(
    first: User,
    second: User,
    membership_staff: User,
    monkeypatch: pytest.MonkeyPatch,
    action: str,
) -> None:
    firm = factories.create_organization()
    seat_of(first, organization=firm)
    seat_of(second, organization=firm)
    factories.create_membership(person=second)
    invite([second], by=audit.COMMAND_LINE, channel=Channel.SLIP)
    Reading.objects.create(
        reader=second, article=factories.create_article(factories.create_issue())
    )
    before = everything()
    record = audit.record

    def fail(name: str, **values: Any) -> Any:
        if name == action:
            raise RuntimeError("the trail is closed")
        return record(name, **values)

    monkeypatch.setattr(audit, "record", fail)
    with pytest.raises(RuntimeError):
        merge(first, second, by=membership_staff, take=["phone"])
    assert everything() == before
