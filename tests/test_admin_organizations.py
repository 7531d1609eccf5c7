"""会员单位 in the admin: seats, contact and memberships, each rule told on its line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members import seats
from members.models import AuditEntry, Membership, Organization, Seat, User
from tests import factories
from tests.forms import form_of

SignIn = Callable[[User], Client]

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
LIST = "/admin/members/organization/"


def page_of(organization: Organization) -> str:
    return reverse("admin:members_organization_change", args=[organization.pk])


@pytest.fixture
def firm() -> Organization:
    return factories.create_organization(name="样例市甲公司", seat_limit=1)


def with_seats(values: dict[str, str], people: list[User], first: int = 0) -> dict[str, str]:
    """The form with a row more for each of them."""
    for number, person in enumerate(people, first):
        values |= {
            f"seats-{number}-person": str(person.pk),
            f"seats-{number}-since": "2020-01-01",
        }
    return values | {"seats-TOTAL_FORMS": str(first + len(people))}


def test_a_seat_too_many_is_told_on_its_line(
    firm: Organization, membership_staff: User, signed_in: SignIn
) -> None:
    client = signed_in(membership_staff)
    people = [factories.create_user() for _ in range(2)]

    answer = client.post(page_of(firm), with_seats(form_of(client.get(page_of(firm))), people))

    assert answer.status_code == 200
    assert "「样例市甲公司」的 1 个席位都有人了" in answer.content.decode()
    assert not firm.seats.exists()


def test_seats_and_their_number_are_raised_together(
    firm: Organization, membership_staff: User, signed_in: SignIn
) -> None:
    client = signed_in(membership_staff)
    people = [factories.create_user() for _ in range(2)]
    values = form_of(client.get(page_of(firm))) | {"seat_limit": "2"}

    client.post(page_of(firm), with_seats(values, people))

    assert firm.seats.current().count() == 2


def test_one_seat_ends_and_another_begins_on_one_page(
    firm: Organization, membership_staff: User, signed_in: SignIn
) -> None:
    Seat.objects.create(organization=firm, person=factories.create_user())
    client = signed_in(membership_staff)
    new = factories.create_user()
    values = form_of(client.get(page_of(firm))) | {"seats-0-until": str(timezone.localdate())}

    client.post(page_of(firm), with_seats(values, [new], first=1))

    assert [seat.person for seat in firm.seats.current()] == [new]


def test_a_seat_in_a_full_firm_is_refused_from_the_persons_page(
    firm: Organization, membership_staff: User, signed_in: SignIn
) -> None:
    Seat.objects.create(organization=firm, person=factories.create_user())
    person = factories.create_user()
    client = signed_in(membership_staff)
    address = reverse("admin:members_user_change", args=[person.pk])
    values = form_of(client.get(address)) | {
        "seats-TOTAL_FORMS": "1",
        "seats-0-organization": str(firm.pk),
        "seats-0-since": "2020-01-01",
    }

    assert "都有人了" in client.post(address, values).content.decode()
    assert not person.seats.exists()


@pytest.mark.parametrize(
    ("code", "words", "kept"),
    [
        ("914403001922038216", "", "914403001922038216"),
        ("9144 0300 1922 0382 16", "", "914403001922038216"),
        ("", "", ""),
        ("914403001922038217", "校验位不符", ""),
    ],
)
def test_a_credit_code_is_checked_where_it_is_typed(
    firm: Organization,
    membership_staff: User,
    signed_in: SignIn,
    code: str,
    words: str,
    kept: str,
) -> None:
    client = signed_in(membership_staff)

    answer = client.post(page_of(firm), form_of(client.get(page_of(firm))) | {"credit_code": code})

    assert answer.status_code == (200 if words else 302)
    assert words in answer.content.decode()
    assert Organization.objects.get().credit_code == kept


def test_memberships_that_overlap_are_told_on_their_line(
    firm: Organization, membership_staff: User, signed_in: SignIn
) -> None:
    old = firm.memberships.get()
    client = signed_in(membership_staff)
    values = form_of(client.get(page_of(firm))) | {
        "memberships-TOTAL_FORMS": "2",
        "memberships-1-first_day": str(old.last_day),
        "memberships-1-last_day": "2099-12-31",
    }

    answer = client.post(page_of(firm), values)

    assert f"至 {old.last_day} 的会籍重叠" in answer.content.decode()
    assert firm.memberships.count() == 1

    # Shortened on the same page, it leaves room.
    client.post(page_of(firm), values | {"memberships-0-last_day": str(old.last_day - DAY)})
    assert firm.memberships.count() == 2


def test_an_overlap_is_told_on_the_page_of_the_membership_too(
    firm: Organization, membership_staff: User, signed_in: SignIn
) -> None:
    client = signed_in(membership_staff)
    address = reverse("admin:members_membership_add")
    today = str(timezone.localdate())
    values = {"organization": str(firm.pk), "first_day": today, "last_day": today}

    assert "重叠" in client.post(address, values).content.decode()
    assert firm.memberships.count() == 1


# The contact --------------------------------------------------------------------------------
def contact_page(organization: Organization) -> str:
    return reverse("admin:members_organization_contact", args=[organization.pk])


@pytest.mark.parametrize("stays", ["", "on"])
def test_the_contact_is_replaced_on_one_page(
    membership_staff: User, signed_in: SignIn, stays: str
) -> None:
    firm = factories.create_organization(seat_limit=2)
    former, new = factories.create_user(), factories.create_user(phone="+8613912345678")
    seats.give(firm, former, by=membership_staff, is_contact=True)
    client = signed_in(membership_staff)
    page = client.get(contact_page(firm)).content.decode()
    assert former.name in page
    assert "不勾选，原联系人在本单位的席位当即结束" in page

    answer = client.post(
        contact_page(firm), {"who": "139 1234 5678", "former_stays": stays}, follow=True
    )

    assert f"的联系人现在是{new.name}" in answer.content.decode()
    how = "保留" if stays else "已结束"
    assert f"原联系人{former.name}的席位{how}。" in answer.content.decode()
    assert firm.seats.current().get(is_contact=True).person == new
    assert firm.seats.current().filter(person=former).exists() is bool(stays)


@pytest.mark.parametrize(
    ("who", "words"),
    [("", "这个字段是必填项"), ("nobody@example.org", "没有找到这个人"), ("taken", "都有人了")],
)
def test_a_contact_that_cannot_be_is_told_on_the_page(
    firm: Organization, membership_staff: User, signed_in: SignIn, who: str, words: str
) -> None:
    former = factories.create_user()
    seats.give(firm, former, by=membership_staff, is_contact=True)
    typed = factories.create_user().member_number if who == "taken" else who

    answer = signed_in(membership_staff).post(
        contact_page(firm), {"who": typed, "former_stays": "on"}
    )

    assert words in answer.content.decode()
    assert firm.seats.current().get().person == former


# Renewal ------------------------------------------------------------------------------------
def choose(client: Client, *organizations: Organization, **values: object) -> object:
    chosen = [str(one.pk) for one in organizations]
    return client.post(LIST, {"action": "renew", "_selected_action": chosen} | values)


def test_ten_firms_are_renewed_at_once_after_a_look(
    membership_staff: User, signed_in: SignIn
) -> None:
    client = signed_in(membership_staff)
    firms = [factories.create_organization(days_left=left) for left in range(-5, 5)]
    without = Organization.objects.create(name="样例市无会籍公司")

    looked = choose(client, *firms, without)

    words = looked.content.decode()  # type: ignore[attr-defined]
    assert "将延续10家" in words
    assert "样例市无会籍公司" in words
    assert Membership.objects.count() == 10, "nothing was done yet"
    seen = [str(firm.memberships.get().pk) for firm in firms]
    choose(client, *firms, without, seen=seen, years="2")
    assert Membership.objects.count() == 20
    assert AuditEntry.objects.filter(action="membership.add").count() == 10

    again = choose(client, *firms, seen=seen, years="2")
    assert Membership.objects.count() == 20
    *_, message = get_messages(again.wsgi_request)  # type: ignore[attr-defined]
    assert "一家也没有延续" in str(message)


def test_only_what_was_looked_at_is_renewed(membership_staff: User, signed_in: SignIn) -> None:
    client = signed_in(membership_staff)
    one, other = (factories.create_organization() for _ in range(2))
    foreign = factories.create_membership(person=factories.create_user())

    seen = [str(one.memberships.get().pk), str(foreign.pk), "x", "9" * 30]
    choose(client, one, other, seen=seen[:3], years="1")

    assert one.memberships.count() == 2
    assert other.memberships.count() == 1
    assert Membership.objects.filter(person=foreign.person).count() == 1


@pytest.mark.parametrize("who", ["editor", "chief_editor", "auditor", "administrator"])
def test_other_roles_neither_renew_nor_replace(
    who: str, firm: Organization, signed_in: SignIn, request: pytest.FixtureRequest
) -> None:
    client = signed_in(request.getfixturevalue(who))
    new = factories.create_user()

    assert client.get(contact_page(firm)).status_code == 403
    assert client.post(contact_page(firm), {"who": new.member_number}).status_code == 403
    choose(client, firm, seen=[str(firm.memberships.get().pk)], years="1")

    assert not firm.seats.exists()
    assert firm.memberships.count() == 1


# The list -----------------------------------------------------------------------------------
def test_the_list_tells_contact_seats_and_last_day_by_a_constant_number_of_queries(
    membership_staff: User, signed_in: SignIn
) -> None:
    client = signed_in(membership_staff)

    def fill(count: int) -> None:
        for _ in range(count):
            firm = factories.create_organization(seat_limit=3, region="样例市")
            seats.give(firm, factories.create_user(name="甄"), by=membership_staff, is_contact=True)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            words = client.get(LIST).content.decode()
        assert "1 / 3" in words
        assert "甄" in words
        return len(captured.captured_queries)

    fill(2)
    few = queries()
    fill(12)
    assert queries() == few


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("current", {"今天", "下月", "明年"}),
        ("soon", {"今天"}),
        ("lapsed", {"昨天"}),
        ("none", {"无"}),
    ],
)
def test_firms_are_found_by_the_state_of_their_membership(
    state: str, expected: set[str], membership_staff: User, signed_in: SignIn
) -> None:
    for name, left in [("昨天", -1), ("今天", 0), ("下月", 30), ("明年", 365)]:
        factories.create_organization(name=name, days_left=left)
    Organization.objects.create(name="无")

    page = signed_in(membership_staff).get(LIST, {"membership": state})

    assert {one.name for one in page.context["cl"].result_list} == expected


def test_a_firm_is_found_by_who_sits_there(
    firm: Organization, membership_staff: User, signed_in: SignIn
) -> None:
    person = factories.create_user(name="甄样例", phone="+8613912345678")
    seats.give(firm, person, by=membership_staff)
    factories.create_organization(name="另一家")

    for typed in ("甄样", "39123456", person.member_number, "甲公司"):
        page = signed_in(membership_staff).get(LIST, {"q": typed})
        assert [one.pk for one in page.context["cl"].result_list] == [firm.pk], typed
