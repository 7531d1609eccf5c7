"""Files that are written: they read back the same, and nothing in them runs."""

from __future__ import annotations

import csv
import datetime as dt
import functools
import io
import time
import tracemalloc
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from members.bulk import FIELDS, Line, recognise, write_rows
from members.bulk.cells import understand
from members.bulk.model import Cell
from tests.spreadsheets import by_libreoffice, code, delimited, lines_of, raw_workbook, sheet_of

pytestmark = pytest.mark.pure

Format = Literal["xlsx", "csv"]
both = pytest.mark.parametrize("format", ["xlsx", "csv"])

FULL = Line(
    1,
    {
        "organization": "样例一公司",
        "credit_code": code(1),
        "region": "深圳",
        "size": "小型",
        "industry": "软件",
        "seats": "3",
        "starts": "2026-01-01",
        "ends": "2026-12-31",
        "name": "张三",
        "phone": "+8613800138000",
        "email": "zhang@example.org",
        "member_number": "M10000001",
        "is_contact": "是",
        "remark": "其他电话：010-88888888",
    },
)


@both
def test_a_written_file_has_our_headings_and_reads_back(format: Format) -> None:  # noqa: A002
    data = write_rows([FULL], list(FIELDS), format=format)
    [line] = lines_of(data)

    assert line.values == FULL.values
    assert not line.errors
    heads = [cell.text for cell in sheet_of(data).rows[0].cells if cell]
    assert list(recognise(heads).values()) == list(FIELDS)


def text_of(field: str) -> st.SearchStrategy[str]:
    """Texts that a field may hold: whatever its cell makes of any text."""
    made = st.text(max_size=20) | st.from_regex(
        r"[=+\-@'\t]{1,3}[A-Z一-龥0-9]{1,8}", fullmatch=True
    )
    special = {
        "phone": st.sampled_from(["13800138000", "010-88888888", "+85291234567", "4008001234"]),
        "credit_code": st.integers(0, 999_999).map(code),
        "size": st.sampled_from(["大型", "中型", "小型", "微型"]),
        "seats": st.integers(1, 1000).map(str),
        "starts": st.dates(dt.date(1949, 1, 1), dt.date(2098, 12, 31)).map(str),
        "ends": st.just("2099-12-31"),
        "email": st.sampled_from(["a@example.org", "+a@example.org", "-b@example.org"]),
        "member_number": st.from_regex(r"[A-Z][0-9-]{0,10}", fullmatch=True),
        "is_contact": st.sampled_from(["是", "否"]),
    }
    return special.get(field, made).map(lambda text: understand(field, Cell(text)).value)


any_line = st.fixed_dictionaries({field: text_of(field) for field in FIELDS})


@both
@settings(max_examples=150, deadline=None)
@given(any_line)
@example(
    dict.fromkeys(FIELDS, "") | {"organization": "=甲1", "name": "'=甲", "remark": "''@甲\n乙"}
)
@example(dict.fromkeys(FIELDS, "") | {"organization": "_x0041_甲", "name": "甲\ud7ff"})
@example(dict.fromkeys(FIELDS, "") | {"organization": "sep=,", "name": '甲"'})
def test_whatever_is_written_reads_back_the_same(
    format: Format,  # noqa: A002
    values: dict[str, str],
) -> None:
    given_line = Line(2, values | {"organization": values["organization"] or "样例公司"})
    data = write_rows([given_line, FULL], list(FIELDS), format=format)

    assert lines_of(data)[0].values == given_line.values


@both
@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=15), min_size=4, max_size=4
    )
)
def test_a_list_with_errors_written_and_read_is_the_same_list(
    format: Format,  # noqa: A002
    texts: list[str],
) -> None:
    headings = ["单位名称", "姓名", "手机", "会籍到期"]
    rows = [["样例公司", "甲", "长期", "长期"], texts, ["样例公司", "乙", "", ""]]
    fields = ["organization", "name", "phone", "ends", "remark"]
    first = lines_of(delimited([headings, *rows]))
    again = lines_of(write_rows(first, fields, format=format))

    assert [[line.text(name) for name in fields] for line in again] == [
        [line.text(name) for name in fields] for line in first
    ]
    assert [set(line.errors) for line in again] == [set(line.errors) for line in first]


@both
def test_rows_set_aside_keep_what_stood_there_and_say_what_is_wrong(
    format: Format,  # noqa: A002
) -> None:
    headings = ["单位名称", "姓名", "手机", "会籍到期"]
    given_lines = lines_of(delimited([headings, ["样例一公司", "张三", "1380013800", "长期"]]))
    data = write_rows(given_lines, ["organization", "name", "phone", "ends"], format=format)
    heads, row = [[cell.text if cell else "" for cell in row.cells] for row in sheet_of(data).rows]

    assert heads == ["单位名称", "姓名", "手机", "会籍到期", "问题"]
    assert row[:4] == ["样例一公司", "张三", "1380013800", "长期"]
    assert "不是有效的电话号码" in row[4]
    assert "会籍要有到期日" in row[4]
    [again] = lines_of(data)
    assert again.errors == given_lines[0].errors


def test_a_row_set_aside_for_its_missing_firm_does_not_join_the_firm_above_it_in_the_file() -> None:
    headings = ["单位名称", "姓名", "手机"]
    rows = [["样例一公司", "张三", "1380013800"], [], ["", "李四", "13900139000"]]
    aside = lines_of(delimited([headings, *rows]))
    again = lines_of(write_rows(aside, ["organization", "name", "phone"], format="xlsx"))

    assert again[1].text("organization") == ""
    assert "没有写单位名称" in again[1].errors["organization"]


def test_a_code_that_lost_its_digits_never_comes_back_as_a_good_one() -> None:
    row = b'<row><c t="str"><v>%s</v></c><c t="str"><v>%s</v></c></row>'
    heads = row % ("单位名称".encode(), "信用代码".encode())
    firm = b'<row><c t="str"><v>%s</v></c><c><v>9.1440300123456787E+17</v></c></row>'
    data = raw_workbook(b"<sheetData>%s%s</sheetData>" % (heads, firm % "样例公司".encode()))
    [line] = lines_of(data)
    [again] = lines_of(write_rows([line], ["organization", "credit_code"], format="csv"))

    assert "存成了数字" in line.errors["credit_code"]
    assert "丢失" in again.errors["credit_code"]


FORMULAE = ['=HYPERLINK("http://example.org")', "+1+1", "-1+1", "@SUM(A1)", "＝1+1", "＠甲", "'=1"]


@pytest.mark.parametrize("formula", FORMULAE)
def test_nothing_that_is_written_runs(formula: str) -> None:
    line = Line(1, {**FULL.values} | {"remark": formula, "phone": "+85291234567"})
    book = load_workbook(io.BytesIO(write_rows([line], ["remark", "phone"], format="xlsx")))
    text = write_rows([line], ["remark", "phone"], format="csv").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))

    assert book.active is not None
    cell = book.active["A2"]
    assert (cell.data_type, cell.value, cell.number_format) == ("s", formula, "@")
    assert cell.quotePrefix == (not formula.startswith("'"))
    assert rows[1] == [f"'{formula}", "0085291234567"]


def test_every_cell_of_a_workbook_is_a_text() -> None:
    book = load_workbook(io.BytesIO(write_rows([FULL], list(FIELDS), format="xlsx")))

    assert book.active is not None
    assert {cell.data_type for row in book.active.iter_rows() for cell in row} == {"s"}
    assert b"openpyxl" not in write_rows([FULL], list(FIELDS), format="xlsx")


def test_a_csv_opens_as_chinese_everywhere() -> None:
    data = write_rows([FULL], list(FIELDS), format="csv")

    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == 2


def test_a_file_that_libreoffice_saved_again_still_reads_back(tmp_path: Path) -> None:
    data = write_rows([FULL], list(FIELDS), format="xlsx")
    again = by_libreoffice(data, tmp_path, source="xlsx", target="xlsx")

    assert lines_of(again)[0].values == FULL.values


# Five thousand ------------------------------------------------------------------------------
@functools.cache
def many(count: int) -> bytes:
    rows = [
        Line(
            number,
            {**FULL.values}
            | {
                "organization": f"样例{number // 3}公司",
                "credit_code": code(number // 3),
                "name": f"样例{number}号",
                "phone": f"+86138{number:08d}",
                "email": f"m{number}@example.org",
                "member_number": f"M{number}",
                "is_contact": "是" if number % 3 == 0 else "否",
            },
        )
        for number in range(count)
    ]
    return write_rows(rows, list(FIELDS), format="xlsx")


def seconds_of(data: bytes, *, count: int) -> float:
    start = time.process_time()
    found = lines_of(data)
    seconds = time.process_time() - start
    assert len(found) == count
    assert not any(line.errors for line in found)
    return seconds


def test_five_thousand_rows_take_ten_times_as_long_as_five_hundred() -> None:
    few, all_of_them = many(500), many(5000)
    seconds_of(few, count=500)
    one = min(seconds_of(few, count=500) for _ in range(2))
    ten = min(seconds_of(all_of_them, count=5000) for _ in range(2))

    assert ten < 15 * one + 0.5
    assert ten < 10


def test_five_thousand_rows_fit_into_memory() -> None:
    data = many(5000)
    tracemalloc.start()
    found = lines_of(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(found) == 5000
    assert peak < 150 * 1024 * 1024
