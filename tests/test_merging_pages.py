"""合并 at the desk: found, laid side by side, looked through, merged; and many at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import html

from members import merging
from members.admin.merging import MOST_FOUND
from members.models import User
from tests import factories
from tests.everything import everything
from tests.factories import PASSWORD
from tests.processes import programs
from tests.twice import act, again, first, seat_of, second

__all__ = ["first", "second"]  # fixtures
SignIn = Callable[[User], Client]
JULY = dt.date(2026, 7, 1)
DAY = dt.timedelta(days=1)


# The pages ---------------------------------------------------------------------------------
def fields_of(answer: Any) -> dict[str, str]:
    """What a browser would post from the page's own form: the buttons that are pressed in."""
    [form] = html.fromstring(answer.content.decode()).xpath("//form[.//input[@name='other']]")
    inputs = form.xpath(".//input[@name and (@type='hidden' or @checked)]")
    return {one.get("name"): one.get("value") for one in inputs}


def test_two_records_are_found_laid_side_by_side_looked_through_and_merged(
    first: User, second: User, membership_staff: User, signed_in: SignIn
) -> None:
    seat, other = seat_of(first), seat_of(second, is_contact=True)
    client = signed_in(membership_staff)
    address = f"/admin/members/user/{second.pk}/merge/"
    page = client.get(f"/admin/members/user/{second.pk}/change/").content.decode()
    assert address in page

    page = client.get(address, {"q": "甄样例"}).content.decode()
    assert f'href="?other={first.pk}"' in page
    answer = client.get(address, {"other": first.pk})
    page = answer.content.decode()
    for words in ("+8613900002468", "new@example.org", str(seat.organization)):
        assert words in page
    values = fields_of(answer)
    assert values["stays"] == str(first.pk), "the one that is in use"
    before = everything()

    answer = client.post(address, values)
    assert "请选择保留哪个席位" in answer.content.decode()
    answer = client.post(address, values | {"seat": str(first.pk), "phone": str(second.pk)})
    page = answer.content.decode()
    assert "合并不能撤回" in page
    assert f"「{other.organization}」从此没有联系人" in page
    assert everything() == before

    answer = client.post(address, fields_of(answer), follow=True)
    assert "已合并" in answer.content.decode()
    assert answer.redirect_chain[-1][0] == f"/admin/members/user/{first.pk}/change/"
    assert again(first).phone == "+8613700001357"
    assert again(first).seats.current().get() == seat
    assert again(second).merged_into == first


@pytest.mark.parametrize("written", ["", "甄样例", "137 0000", "example.org"])
def test_those_who_are_found_are_shown_with_masked_numbers_until_one_is_chosen(
    first: User, second: User, membership_staff: User, signed_in: SignIn, written: str
) -> None:
    """Whoever is found by a part of a number is most often somebody else."""
    namesake = factories.create_user(
        name=first.name, phone="+8613700009753", email="namesake@example.org"
    )
    client = signed_in(membership_staff)
    address = f"/admin/members/user/{first.pk}/merge/"

    page = client.get(address, {"q": written} if written else {}).content.decode()
    assert f'href="?other={namesake.pk}"' in page
    assert "137****9753　n***@example.org" in page
    for whole in ("13700009753", "namesake@", "13700001357", "new@", "13900002468", "old@"):
        assert whole not in page, whole

    page = client.get(address, {"other": namesake.pk}).content.decode()
    assert "+8613700009753" in page
    assert "namesake@example.org" in page


def test_what_has_changed_since_it_was_looked_through_is_looked_through_again(
    first: User, second: User, membership_staff: User, signed_in: SignIn
) -> None:
    client = signed_in(membership_staff)
    answer = act(client, first, other=second.pk, stays=first.pk, name=first.pk,
                 phone=first.pk, email=first.pk)  # fmt: skip
    values = fields_of(answer)
    factories.create_membership(person=second)
    before = everything()

    assert (
        "刚刚有变动"
        in client.post(
            f"/admin/members/user/{first.pk}/merge/", values, follow=True
        ).content.decode()
    )
    values.pop("seen")
    client.post(f"/admin/members/user/{first.pk}/merge/", values)
    assert everything() == before


def test_no_look_at_a_page_merges_anything(
    first: User, second: User, membership_staff: User, signed_in: SignIn
) -> None:
    client = signed_in(membership_staff)
    values: dict[str, Any] = dict.fromkeys(("stays", "name", "phone", "email"), first.pk) | {
        "other": second.pk,
        "confirmed": "1",
        "seen": merging.fingerprint(first, second),
    }
    before = everything()
    assert client.get(f"/admin/members/user/{first.pk}/merge/", values).status_code == 200
    assert everything() == before
    forged = Client(enforce_csrf_checks=True)
    forged.force_login(membership_staff)
    before = everything()
    assert act(forged, first, **values).status_code == 403
    assert everything() == before


@pytest.mark.parametrize("side", ["staying", "leaving"])
def test_a_holder_of_a_role_is_merged_by_none_but_those_who_give_roles(
    first: User, editor: User, membership_staff: User, signed_in: SignIn, side: str
) -> None:
    one, other = (editor, first) if side == "staying" else (first, editor)
    root = User.objects.create_superuser("ROOT1", password=PASSWORD)
    staff, by_root = signed_in(membership_staff), signed_in(root)
    before = everything()
    for who, whom in ((one, other), (other, one)):
        assert act(staff, who, other=whom.pk).status_code == 403
    assert everything() == before

    values = {"other": other.pk, "stays": one.pk, "name": one.pk, "phone": one.pk, "email": one.pk}
    answer = act(by_root, one, **values)
    by_root.post(f"/admin/members/user/{one.pk}/merge/", fields_of(answer))
    assert again(other).merged_into == one


def test_a_search_for_the_other_asks_the_same_few_queries_for_one_and_for_twenty(
    first: User, membership_staff: User, signed_in: SignIn
) -> None:
    client = signed_in(membership_staff)

    def look(shown: int) -> int:
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(f"/admin/members/user/{first.pk}/merge/", {"q": "重名人"})
        page = answer.content.decode()
        assert page.count("?other=") == shown
        assert ("还有更多" in page) is (shown == MOST_FOUND)
        return len(asked)

    factories.create_member(name="重名人")
    few = look(1)
    for _ in range(MOST_FOUND):
        factories.create_member(name="重名人")
    assert look(MOST_FOUND) == few
    assert few < 12


# Many at once ------------------------------------------------------------------------------
PREPARE = """
from members.models import Membership, Organization, Seat, User
firm = Organization.objects.create(name="样例市丁公司", seat_limit=2)
for number in (0, 1, 9):
    person = User.objects.create_user(f"M{number:08d}", name="样例", phone=f"1390000000{number}")
    if number < 9:
        Seat.objects.create(organization=firm, person=person)
"""
BEFORE = """
from django.core.exceptions import ValidationError
from members.merging import merge
from members.models import User
staff = User.objects.get(member_number="M00000009")
people = [User.objects.get(member_number=f"M{number:08d}") for number in (%d, %d)]
"""
ACT = """
try:
    merge(*people, by=staff, take=["phone"])
    print("merged")
except ValidationError as error:
    print(error.code)
"""
TELL = """
from members.models import AuditEntry, Seat, User
print(User.objects.filter(is_active=True).count(), Seat.objects.current().count(),
    AuditEntry.objects.filter(action="user.merge").count())
"""


def test_of_many_who_merge_the_same_two_in_both_directions_one_does(tmp_path: Path) -> None:
    with programs(tmp_path) as portal:
        portal.shell(PREPARE)
        pairs = [(0, 1), (1, 0), (0, 1), (1, 0)]
        answers = portal.at_once((BEFORE % pair, ACT) for pair in pairs)
        told = portal.shell(TELL)
    assert sorted(answers) == ["merged", *["not_mergeable"] * 3]
    assert told == "2 1 1"
