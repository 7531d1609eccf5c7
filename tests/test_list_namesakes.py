"""Two lines of one firm with the same name: two people, or one who has two phones."""

from __future__ import annotations

import pytest

from members.listing.plan import Plan
from tests import factories
from tests.test_list_plan import firm_of, planned

pytestmark = pytest.mark.django_db


def notes(found: Plan) -> dict[int, list[str]]:
    """What is said of namesakes, by line."""
    told = {
        outcome.line.number: [note for note in outcome.notes if "同一单位" in note]
        for outcome in found.outcomes
    }
    return {number: found for number, found in told.items() if found}


def test_namesakes_of_one_firm_with_two_phones_are_noted_on_both_lines_and_may_go_in() -> None:
    found = planned(
        "单位名称 姓名 手机",
        ["样例甲公司", "王小明", "13900000001"],
        ["样例乙公司", "王小明", "13900000003"],
        ["样例甲公司", "王小明", "13900000002"],
        ["样例甲公司", "李一", "13900000004"],
    )

    assert not found.wrong
    told = notes(found)
    assert [*told] == [2, 4]
    assert told[2] == ["同一单位有两位「王小明」，电话不同（另见第 4 行）；是同一个人请只留一行。"]
    assert "第 2 行" in told[4][0]


def test_namesakes_whom_the_portal_knows_as_two_are_not_noted_again() -> None:
    people = [
        factories.create_user(name="王小明", phone=f"+861390000000{number}") for number in (1, 2)
    ]
    firm_of("样例甲公司", *people)
    rows = [["样例甲公司", "王小明", f"1390000000{number}"] for number in (1, 2)]

    assert notes(planned("单位名称 姓名 手机", *rows)) == {}
    found = planned("单位名称 姓名 手机", *rows, ["样例甲公司", "王小明", "13900000003"])
    assert "有 3 位「王小明」" in notes(found)[4][0]
