"""Her headings: recognised wherever they stand, however they are written, and remembered."""

from __future__ import annotations

import json

import pytest

from members.bulk import (
    FIELDS,
    SheetRefused,
    doubled,
    find_headings,
    fingerprint,
    map_columns,
    recognise,
    understand,
    unknown,
)
from tests.spreadsheets import delimited, sheet_of, workbook

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("单位名称", "organization"),
        ("企业名称", "organization"),
        ("会员单位", "organization"),
        ("统一社会信用代码", "credit_code"),
        ("信用代码", "credit_code"),
        ("地区", "region"),
        ("企业规模", "size"),
        ("所属行业", "industry"),
        ("席位数", "seats"),
        ("姓名", "name"),
        ("联系人", "name"),
        ("手机", "phone"),
        ("电话", "phone"),
        ("联系电话", "phone"),
        ("E-mail", "email"),
        ("会员号", "member_number"),
        ("入会日期", "starts"),
        ("会籍到期", "ends"),
        ("有效期至", "ends"),
        ("是否联系人", "is_contact"),
        ("备注", "remark"),
        ("职务", ""),
        ("名", ""),
    ],
)
def test_a_heading_is_known_by_its_word(text: str, field: str) -> None:
    for written in (
        text,
        f" {text} ",
        f"{text}（必填）",
        f"*{text}",
        f"{text}：",
        "\n".join(text),
        "\u3000".join(text),
        f"{text}(如有)",
    ):
        assert list(recognise([written]).values()) == [field], written


def test_every_heading_that_is_written_is_recognised() -> None:
    assert list(recognise(FIELDS.values()).values()) == list(FIELDS)


def test_full_width_letters_are_letters() -> None:
    assert list(recognise(["ＥＭＡＩＬ"]).values()) == ["email"]


def test_a_mapping_goes_through_json_and_names_each_heading() -> None:
    headings = ["序号", "单位名称（必填）", "职务", "", "联系\n电话"]
    mapping = recognise(headings)

    assert json.loads(json.dumps(mapping)) == mapping
    assert mapping == {"序号": "", "单位名称": "organization", "职务": "", "联系电话": "phone"}
    assert unknown(headings, mapping) == ["职务"]
    assert unknown(headings, mapping | {"职务": "remark"}) == []


@pytest.mark.parametrize(
    ("below", "field"),
    [
        (["是", "", "否"], "is_contact"),
        (["√", "", ""], "is_contact"),
        (["有", "无", "无"], "is_contact"),
        (["是", "否", "王五"], "is_contact"),
        (["张三", "李四", "是"], "name"),
        (["张三", "无", "-"], "name"),
        (["-", "无", ""], "name"),
        (["", "", ""], "name"),
    ],
)
def test_a_heading_that_may_mean_two_things_is_told_by_what_stands_under_it(
    below: list[str], field: str
) -> None:
    rows = [[f"样例{number}公司", "甲", text] for number, text in enumerate(below)]
    sheet = sheet_of(workbook([["名单"], ["单位名称", "职务", "联系人"], *rows]))

    assert map_columns(sheet) == {"单位名称": "organization", "职务": "", "联系人": field}


def test_a_column_of_marks_makes_contacts_of_the_people_in_the_column_of_names() -> None:
    sheet = sheet_of(
        delimited([["单位名称", "姓名", "联系人"], ["样例一公司", "张三", "是"]]),
    )
    [line] = understand(sheet, map_columns(sheet))

    assert (line.text("name"), line.is_contact, line.errors) == ("张三", True, {})


def test_columns_for_one_field_that_wants_one_are_named() -> None:
    headings = ["单位名称", "姓名", "联系\n人", "手机", "电话", "备注", "说明", "地区", "地区"]

    assert doubled(headings, recognise(headings)) == {
        "name": ["姓名", "联系 人"],
        "region": ["地区", "地区"],
    }
    assert doubled(headings[:2], recognise(headings)) == {}


def test_the_same_headings_have_one_fingerprint_in_any_order() -> None:
    one = fingerprint(["单位名称", "姓名（必填）", ""])

    assert one == fingerprint([" 姓名", "单位\n名称"])
    assert one != fingerprint(["单位名称", "姓名", "职务"])
    assert len(one) == 64


def test_headings_are_found_below_titles_of_any_number() -> None:
    rows = [
        ["样例协会会员单位名单"],
        ["填表人：甲", "", "联系电话：010"],
        [],
        ["序号", "单位名称", "姓名", "手机"],
        ["1", "样例一公司", "张三", "13800138000"],
    ]
    found = find_headings(sheet_of(workbook(rows, merged=["A1:D1"])))

    assert (found.first_row, found.last_row) == (4, 4)
    assert found.texts == ("序号", "单位名称", "姓名", "手机")


def test_headings_in_two_rows_are_read_as_one() -> None:
    rows = [
        ["名单"],
        ["单位名称", "联系人", "", "", "有效期至"],
        ["", "姓名", "手机", "邮箱", ""],
        ["样例一公司", "张三", "13800138000", "", "2026-12-31"],
    ]
    sheet = sheet_of(workbook(rows, merged=["A2:A3", "B2:D2", "E2:E3"]))
    found = find_headings(sheet)

    assert (found.first_row, found.last_row) == (2, 3)
    assert found.texts == ("单位名称", "姓名", "手机", "邮箱", "有效期至")
    [line] = understand(sheet, recognise(found.texts))
    assert (line.number, line.text("organization"), line.text("ends")) == (
        *(4, "样例一公司"),
        "2026-12-31",
    )


def test_headings_that_nobody_knows_are_the_first_row_of_texts_and_can_be_mapped() -> None:
    sheet = sheet_of(delimited([["名册"], ["甲方", "乙方"], ["样例一公司", "张三"]]))
    found = find_headings(sheet)
    mapping = {"甲方": "organization", "乙方": "name"}

    assert found.texts == ("甲方", "乙方")
    assert set(recognise(found.texts).values()) == {""}
    assert find_headings(sheet, mapping).texts == ("甲方", "乙方")
    [line] = understand(sheet, mapping)
    assert (line.text("organization"), line.text("name"), dict(line.errors)) == (
        *("样例一公司", "张三"),
        {},
    )


def test_a_list_of_names_alone_has_its_heading() -> None:
    assert find_headings(sheet_of(delimited([["单位名称"], ["样例一公司"]]))).texts == ("单位名称",)


def test_a_sheet_without_headings_is_refused() -> None:
    with pytest.raises(SheetRefused, match="没有找到表头"):
        find_headings(sheet_of(workbook([[1, 2, 3], [4, 5, 6]])))
