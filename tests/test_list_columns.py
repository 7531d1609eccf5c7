"""各列的意思: what is asked about her headings, when, and what is remembered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from members.models import HeadingMapping, ListImport, Organization, Seat, User
from tests import spreadsheets
from tests.lists import HEADINGS, SOUND, accept, looked_at, numbers, page, upload, uploaded

SignIn = Callable[[User], Client]

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(membership_staff: User, signed_in: SignIn) -> Client:
    return signed_in(membership_staff)


STRANGE = [["客户", "手机", "联系人", "车牌"], ["样例甲公司", "13900000001", "张一", "粤B12345"]]


def columns(client: Client, kept: ListImport, **chosen: str) -> Any:
    """Post the page of columns, with these choices by her heading."""
    found = client.get(page("columns", kept)).context["columns"]
    return client.post(
        page("columns", kept),
        {f"column-{one.number}": chosen.get(one.text, one.field) for one in found},
        follow=True,
    )


def test_headings_that_are_not_known_are_asked_about_once(desk: Client) -> None:
    answer = upload(desk, STRANGE)
    kept = ListImport.objects.get()
    assert answer.headers["Location"] == page("columns", kept)
    text = desk.get(page("columns", kept)).content.decode()
    assert "粤B12345" in text
    assert text.count("没有认出") == 2

    columns(desk, kept, 客户="organization")
    accept(desk, kept)
    assert Organization.objects.get().name == "样例甲公司"

    # The same headings in another order and another file are not asked about again.
    turned = [list(reversed(row)) for row in STRANGE]
    answer = upload(desk, turned)
    again = ListImport.objects.latest("pk")
    assert answer.headers["Location"] == page("change", again)
    assert numbers(desk, again)["same"] == 1
    assert HeadingMapping.objects.count() == 1


def test_known_headings_are_not_asked_about_and_can_be_changed(desk: Client) -> None:
    answer = upload(desk, SOUND)
    kept = ListImport.objects.get()

    assert answer.headers["Location"] == page("change", kept)
    assert page("columns", kept) in looked_at(desk, kept)
    columns(desk, kept, 手机="")
    accept(desk, kept)
    assert {person.phone for person in User.objects.filter(name__startswith="张")} == {""}


def test_a_list_left_before_its_columns_were_saved_opens_on_them_again(desk: Client) -> None:
    rows = [[*SOUND[0], "职务"], [*SOUND[1], "经理"]]
    kept = uploaded(desk, rows)

    assert desk.get(page("change", kept)).headers["Location"] == page("columns", kept)
    chosen = ["organization", "name", "phone", "starts", "ends", ""]
    answer = desk.post(
        page("columns", kept), {f"column-{number}": name for number, name in enumerate(chosen)}
    )
    assert answer.headers["Location"] == page("change", kept)
    assert desk.get(page("change", kept)).status_code == 200, "what was not taken stays so"


def test_two_columns_for_one_field_are_warned_of_before_they_are_saved(desk: Client) -> None:
    rows = [["单位名称", "姓名", "联系人"], ["样例甲公司", "张一", "张一"]]
    answer = upload(desk, rows)
    kept = ListImport.objects.get()
    assert answer.headers["Location"] == page("columns", kept), "shown, not skipped"
    text = desk.get(page("columns", kept)).content.decode()
    assert "「姓名」、「联系人」都当作姓名" in text
    assert '<input type="hidden" name="doubled" value="name">' in text

    columns = {"column-0": "organization", "column-1": "name", "column-2": "organization"}
    answer = desk.post(page("columns", kept), columns | {"doubled": "name"})
    assert "「单位名称」、「联系人」都当作单位名称" in answer.content.decode(), "a new one"
    assert not HeadingMapping.objects.exists()

    answer = desk.post(page("columns", kept), columns | {"doubled": "organization"})
    assert answer.status_code == 302, "read, and wanted so"
    kept.refresh_from_db()
    assert kept.mapping["联系人"] == "organization"


def test_a_column_of_contacts_that_holds_marks_is_no_column_of_names(desk: Client) -> None:
    rows = [
        ["单位名称", "姓名", "联系人"],
        ["样例甲公司", "张一", "√"],
        ["样例甲公司", "张二", ""],
    ]
    accept(desk, uploaded(desk, rows))

    assert Seat.objects.get(is_contact=True).person.name == "张一"
    assert User.objects.filter(seats__isnull=False).count() == 2


def test_columns_without_a_firm_or_a_name_are_refused(desk: Client) -> None:
    kept = uploaded(desk, SOUND)
    answer = columns(desk, kept, 单位名称="", 姓名="")

    assert "请至少指明哪一列是单位名称" in answer.content.decode()
    assert ListImport.objects.get().revision == 0


def test_another_sheet_of_the_workbook_can_be_chosen(desk: Client) -> None:
    other = [HEADINGS, ["样例乙公司", "李一", "13900000011", "", ""]]
    data = spreadsheets.workbook(SOUND, more={"今年": other})
    kept = uploaded(desk, data)
    assert "今年" in desk.get(page("columns", kept)).content.decode()

    desk.post(page("sheet", kept), {"sheet": "今年"})
    accept(desk, kept)

    assert Organization.objects.get().name == "样例乙公司"
    answer = desk.post(page("sheet", uploaded(desk, data)), {"sheet": "去年"}, follow=True)
    assert "去年" in answer.content.decode()
    assert ListImport.objects.latest("pk").revision == 0
