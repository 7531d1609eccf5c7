"""A sheet's rows as lines: what is carried down, what is missing, what lines say of each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

from members.bulk import Line
from tests.spreadsheets import code, delimited, lines_of, workbook

pytestmark = pytest.mark.pure

HEADINGS = ["单位名称", "姓名", "手机", "是否联系人", "会籍到期"]


def lines(*rows: Sequence[str], headings: Sequence[str] = HEADINGS) -> list[Line]:
    return lines_of(delimited([headings, *rows]))


def errors(*rows: Sequence[str], headings: Sequence[str] = HEADINGS) -> dict[int, dict[str, str]]:
    return {line.number: dict(line.errors) for line in lines(*rows, headings=headings)}


FIRST = ["样例一公司", "张三", "13800138000", "是", "2026-12-31"]
SECOND = ["样例二公司", "李四", "13900139000", "", "2026-12-31"]


# One line -----------------------------------------------------------------------------------
def test_a_line_has_its_number_its_values_and_what_stood_there() -> None:
    [line] = lines_of(
        workbook([["名单"], [], HEADINGS, ["样例一公司", "张　三", 13800138000, "√", "2026年12月"]])
    )

    assert line.number == 4
    assert line.values == {
        "organization": "样例一公司",
        "name": "张三",
        "phone": "+8613800138000",
        "is_contact": "是",
        "ends": "2026-12-31",
    }
    assert not line.errors
    assert line.raw["phone"] == "13800138000"
    assert line.raw["ends"] == "2026年12月"
    assert (line.ends, line.starts, line.seats) == (dt.date(2026, 12, 31), None, None)
    assert (line.is_contact, line.has_person, line.is_personal) == (True, True, False)


def test_rows_with_nothing_in_a_mapped_column_and_repeated_headings_are_no_lines() -> None:
    headings = ["序号", *HEADINGS]
    found = lines(["1", *FIRST], headings, ["2"], ["3", *SECOND], headings=headings)

    assert [line.number for line in found] == [2, 5]


def test_two_columns_of_phones_are_taken_in_order() -> None:
    headings = ["单位名称", "姓名", "电话", "手机", "备注"]
    [line] = lines(
        ["样例一公司", "张三", "010-88888888", "13800138000", "常联系"], headings=headings
    )

    assert line.text("phone") == "+8613800138000"
    assert line.text("remark") == "常联系；其他电话：010-88888888"


def test_of_two_columns_of_phones_one_that_lost_its_digits_is_no_phone() -> None:
    headings = ["单位名称", "姓名", "电话", "手机"]
    found = errors(["样例一公司", "张三", "1.38E+10", "13800138000"], headings=headings)

    assert "科学计数" in found[2]["phone"]


def test_a_second_phone_is_kept_where_there_is_no_column_for_remarks() -> None:
    [line] = lines(["样例一公司", "张三", "13800138000、13900139000", "", ""])

    assert line.text("remark") == "其他电话：13900139000"


def test_two_columns_that_differ_where_one_is_wanted_are_asked_about() -> None:
    headings = ["单位名称", "姓名", "到期日期", "有效期至"]
    found = errors(["样例一公司", "张三", "2026-12-31", "2027-12-31"], headings=headings)

    assert "「2026-12-31 ≠ 2027-12-31」" in found[2]["ends"]
    assert not errors(["样例一公司", "张三", "2026-12-31", "2026年12月"], headings=headings)[2]


@pytest.mark.parametrize(
    ("row", "field", "why"),
    [
        (["", "张三", "13800138000", "", ""], "organization", "没有写单位名称"),
        (["样例一公司", "", "13800138000", "", ""], "name", "没有写姓名"),
        (["样例一公司", "", "1380013800", "", ""], "name", "没有写姓名"),
        (["样例一公司", "", "", "是", ""], "name", "没有写姓名"),
        (["个人会员", "", "", "", "2026-12-31"], "name", "没有写姓名"),
        (["合计：3家", "", "", "", ""], "organization", "搁置"),
        (["制表人：甲", "", "", "", ""], "organization", "搁置"),
    ],
)
def test_what_a_line_has_too_little_of_is_said(row: list[str], field: str, why: str) -> None:
    assert why in errors(row)[2][field]


def test_a_firm_may_come_without_people_and_a_person_without_a_firm() -> None:
    firm, person = lines(["样例一公司", "", "", "", ""], ["个人会员", "张三", "", "", ""])

    assert not firm.errors
    assert not person.errors
    assert (firm.has_person, firm.is_personal) == (False, False)
    assert (person.has_person, person.is_personal) == (True, True)


def test_a_list_without_firms_is_one_of_personal_members_and_nothing_is_carried() -> None:
    found = lines(["张三", "2026-12-31"], ["李四", ""], headings=["姓名", "会籍到期"])

    assert [(line.is_personal, line.text("ends")) for line in found] == [
        (True, "2026-12-31"),
        (True, ""),
    ]
    assert not any(line.errors or line.carried for line in found)


@pytest.mark.parametrize(
    "foot",
    [
        ["合计", "20人", "", "", "", ""],
        ["合 计", "", "20人", "", "", ""],
        ["", "20", "", "", "", "总计：20"],
        ["小计", "20", "3", "13800138009", "", ""],
        ["填表人：", "", "王五", "", "", ""],
    ],
)
def test_a_sum_or_a_signature_in_a_column_that_is_not_taken_is_the_foot(foot: list[str]) -> None:
    headings = ["序号", *HEADINGS[:3], HEADINGS[4], "职务"]
    first = ["1", *FIRST[:3], FIRST[4], ""]
    found = errors(first, foot, headings=headings)

    assert found[2] == {}
    assert "搁置" in found[3]["organization"]


def test_words_of_a_foot_in_remarks_or_beside_a_phone_make_none() -> None:
    headings = ["单位名称", "姓名", "手机", "备注", "情况"]
    found = errors(
        ["样例一公司", "张三", "13800138000", "合计 2 席", ""],
        ["样例二公司", "李四", "13900139000", "", "说明：已换届"],
        headings=headings,
    )

    assert found == {2: {}, 3: {}}


def test_who_mends_the_firm_of_a_foot_says_that_it_is_none() -> None:
    data = delimited([["序号", *HEADINGS], ["合计", "", *FIRST[1:]]])

    assert "搁置" in lines_of(data)[0].errors["organization"]
    [line] = lines_of(data, mended={(2, "organization"): "样例一公司"})
    assert (line.text("organization"), line.errors) == ("样例一公司", {})


def test_a_membership_that_ends_before_it_begins_is_said() -> None:
    found = errors(
        ["样例一公司", "2026-12-31", "2026-01-01"], headings=["单位名称", "会籍开始", "会籍到期"]
    )

    assert "早于会籍开始（2026-12-31）" in found[2]["ends"]


# Carried down -------------------------------------------------------------------------------
def test_merged_cells_of_a_firm_hold_for_all_its_people() -> None:
    headings = ["地区", "单位名称", "信用代码", "姓名"]
    rows = [
        ["深圳", "样例一公司", code(1), "张三"],
        ["", "", "", "李四"],
        ["", "样例二公司", code(2), "王五"],
        ["", "", "", "赵六"],
    ]
    merged = ["A2:A5", "B2:B3", "C2:C3", "B4:B5", "C4:C5"]
    found = lines_of(workbook([headings, *rows], merged=merged))

    assert [(line.text("organization"), line.text("region")) for line in found] == [
        *[("样例一公司", "深圳")] * 2,
        *[("样例二公司", "深圳")] * 2,
    ]
    assert [line.text("credit_code") for line in found] == [code(1), code(1), code(2), code(2)]
    assert found[1].carried == {"organization", "credit_code", "region"}
    assert found[2].carried == {"region"}
    assert not any(line.errors for line in found)


def test_where_firms_are_merged_an_empty_cell_outside_is_missing() -> None:
    rows = [["样例一公司", "张三"], ["", "李四"], ["样例二公司", "王五"], ["", "赵六"]]
    found = lines_of(workbook([["单位名称", "姓名"], *rows], merged=["A2:A3"]))

    assert [bool(line.errors) for line in found] == [False, False, False, True]


def test_a_firm_written_only_once_holds_for_the_rows_below() -> None:
    found = lines(FIRST, ["", "李四", "13900139000", "", ""])

    assert [line.text("organization") for line in found] == ["样例一公司"] * 2
    assert found[1].carried == {"organization", "ends"}


def test_nothing_is_carried_over_an_empty_row_or_where_each_row_names_its_firm() -> None:
    alone = ["", "李四", "13900139000", "", ""]

    assert "organization" in errors(FIRST, [], alone)[4]
    again = ["样例一公司", "王五", "13700137000", "", ""]
    assert "organization" in errors(FIRST, again, alone)[4]


@pytest.mark.parametrize("ditto", ["同上", "〃", '"'])
def test_a_ditto_mark_is_the_firm_above(ditto: str) -> None:
    found = lines(FIRST, ["样例一公司", "王五", "", "", ""], [ditto, "李四", "", "", ""])

    assert found[2].text("organization") == "样例一公司"
    assert found[2].carried == {"organization"}


def test_a_ditto_mark_with_nothing_above_is_asked_about() -> None:
    assert "看不出「同上」指哪一家" in errors(["同上", "张三", "", "", ""])[2]["organization"]


# Mended, set aside --------------------------------------------------------------------------
def test_what_is_mended_takes_the_place_of_the_cell_and_is_judged_anew() -> None:
    data = delimited([HEADINGS, ["样例一公司", "张三", "1380013800", "", "长期"]])
    mended = {(2, "phone"): "138 0013 8000", (2, "ends"): "2026年12月"}

    assert set(lines_of(data)[0].errors) == {"phone", "ends"}
    [line] = lines_of(data, mended=mended)
    assert not line.errors
    assert (line.text("phone"), line.text("ends")) == ("+8613800138000", "2026-12-31")
    [emptied] = lines_of(data, mended=mended | {(2, "ends"): " "})
    assert (emptied.text("ends"), dict(emptied.errors)) == ("", {})


def test_what_is_mended_in_a_firm_holds_for_the_people_below_it() -> None:
    rows = [["样例一公司", "9.1E+17", "张三"], ["", "", "李四"]]
    data = workbook([["单位名称", "信用代码", "姓名"], *rows], merged=["A2:A3", "B2:B3"])

    assert all("credit_code" in line.errors for line in lines_of(data))
    found = lines_of(data, mended={(2, "credit_code"): code(1)})
    assert [line.text("credit_code") for line in found] == [code(1)] * 2
    assert not any(line.errors for line in found)
    apart = lines_of(data, mended={(2, "credit_code"): code(1), (3, "organization"): "样例三公司"})
    assert [line.text("organization") for line in apart] == ["样例一公司", "样例三公司"]


def test_a_line_set_aside_holds_nothing_against_the_others() -> None:
    data = delimited([HEADINGS, FIRST, FIRST, SECOND])

    assert all(line.errors for line in lines_of(data)[:2])
    left = lines_of(data, set_aside={3})
    assert [line.number for line in left] == [2, 4]
    assert not any(line.errors for line in left)


# Between lines ------------------------------------------------------------------------------
def test_rows_that_repeat_one_another_name_one_another() -> None:
    found = errors(FIRST, SECOND, FIRST)

    assert found[2]["name"] == "与第 4 行重复。请只留一行。"
    assert found[4]["name"] == "与第 2 行重复。请只留一行。"
    assert not found[3]


def test_a_firm_without_people_twice_is_a_repetition() -> None:
    found = errors(["样例一公司", "", "", "", ""], ["样例一 公司", "", "", "", ""])

    assert found[2]["organization"] == "与第 3 行重复。请只留一行。"


def test_of_many_rows_that_repeat_three_are_named() -> None:
    found = errors(*[FIRST] * 6)

    assert found[2]["name"] == "与第 3、4、5 行等 5 行重复。请只留一行。"
    assert found[7]["name"] == "与第 2、3、4 行等 5 行重复。请只留一行。"


@pytest.mark.parametrize(
    ("heading", "shared", "what"),
    [
        ("手机", "13800138000", "电话"),
        ("邮箱", "a@example.org", "邮箱"),
        ("会员号", "M1", "会员号"),
    ],
)
def test_one_phone_address_or_number_for_two_people_is_said_on_both_lines(
    heading: str, shared: str, what: str
) -> None:
    rows = [["样例一公司", "张三", shared], ["样例二公司", "李四", shared]]
    found = errors(*rows, headings=["单位名称", "姓名", heading])

    [one], [other] = found[2].values(), found[3].values()
    assert one == f"第 3 行的人也用这个{what}。一个{what}只能给一个人。"
    assert other.startswith("第 2 行的人")


def test_one_person_in_two_firms_is_said() -> None:
    found = errors(FIRST, ["样例二公司", *FIRST[1:]])

    assert "第 3 行的同一个人写在另一家单位" in found[2]["phone"]


def test_one_firm_with_two_codes_or_two_sizes_is_said_on_both_lines() -> None:
    headings = ["单位名称", "信用代码", "规模", "姓名"]
    found = errors(
        ["样例一公司", code(1), "小型", "张三"],
        ["样例一公司", code(2), "", "李四"],
        ["样例一公司", "", "中型", "王五"],
        headings=headings,
    )

    assert f"第 3 行写的是「{code(2)}」" in found[2]["credit_code"]
    assert f"第 2 行写的是「{code(1)}」" in found[3]["credit_code"]
    assert "第 4 行写的是「中型」" in found[2]["size"]
    assert set(found[4]) == {"size"}


def test_one_code_for_two_firms_is_said_on_both_lines() -> None:
    headings = ["单位名称", "信用代码"]
    found = errors(["样例一公司", code(1)], ["样例二公司", code(1)], headings=headings)

    assert "第 3 行用同一个代码，单位却是「样例二公司」" in found[2]["credit_code"]
    assert "「样例一公司」" in found[3]["credit_code"]


def test_two_contacts_of_a_firm_are_said_on_both_lines() -> None:
    found = errors(
        FIRST,
        ["样例一公司", "王五", "13700137000", "是", ""],
        ["样例一公司", "赵六", "13600136000", "否", ""],
        ["样例二公司", "李四", "13900139000", "是", ""],
    )

    assert "第 3 行也写了联系人" in found[2]["is_contact"]
    assert "第 2 行也写了联系人" in found[3]["is_contact"]
    assert not found[4]
    assert not found[5]


def test_personal_members_have_no_firm_in_common() -> None:
    found = errors(
        ["个人会员", "张三", "13800138000", "", "2026-12-31"],
        ["个人会员", "李四", "13900139000", "", "2027-12-31"],
    )

    assert not any(found.values())
