"""Spreadsheets as they come: every cell as it was meant."""

from __future__ import annotations

import datetime as dt
import io
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from members.bulk.model import Cell, Kind, Merge
from tests.spreadsheets import (
    by_libreoffice,
    delimited,
    raw_workbook,
    sheet_of,
    shown,
    texts,
    with_a_million_empty_rows,
    workbook,
)

pytestmark = pytest.mark.pure

ROWS = [["单位名称", "姓名", "手机"], ["样例一公司", "张三", "13800138000"]]


# Workbooks ----------------------------------------------------------------------------------
def test_a_workbook_is_known_by_its_content_whatever_its_name() -> None:
    for name in ("名单.xlsx", "名单.xls", "名单", "名单.pdf"):
        sheet = sheet_of(workbook(ROWS), name=name)
        assert (shown(sheet), sheet.title, sheet.file) == (ROWS, "名单", name)


def test_cells_keep_what_they_were() -> None:
    found = sheet_of(
        workbook([["文字", 13800138000, 12.5, dt.date(2026, 1, 5), True, "#N/A", 0.3]])
    ).rows[0]

    assert found.cells == (
        Cell("文字"),
        Cell("13800138000", Kind.NUMBER),
        Cell("12.5", Kind.NUMBER),
        Cell("2026-01-05", Kind.DAY),
        Cell("TRUE", Kind.BOOLEAN),
        Cell("#N/A", Kind.FAULT),
        Cell("0.3", Kind.NUMBER),
    )


@pytest.mark.parametrize("stored", ["13800138000", "1.3800138E10", "13800138000.0"])
def test_a_whole_number_has_neither_exponent_nor_point(stored: str) -> None:
    sheet = raw_workbook(f"<sheetData><row><c><v>{stored}</v></c></row></sheetData>".encode())

    assert sheet_of(sheet).rows[0].cells == (Cell("13800138000", Kind.NUMBER),)


@pytest.mark.parametrize("stored", ["9.1440300123456787E+17", "914403001234567870"])
def test_a_number_that_the_file_has_rounded_never_looks_like_a_code(stored: str) -> None:
    sheet = raw_workbook(f"<sheetData><row><c><v>{stored}</v></c></row></sheetData>".encode())

    assert sheet_of(sheet).rows[0].cells == (Cell("9.14403001234568E+17", Kind.NUMBER),)


@pytest.mark.parametrize("stored", ["1E+999999999", "-1e-99999", "NaN", "Infinity", "1__2", "x"])
def test_a_number_that_is_none_is_a_fault_and_no_great_work(stored: str) -> None:
    sheet = raw_workbook(f"<sheetData><row><c><v>{stored}</v></c></row></sheetData>".encode())

    assert sheet_of(sheet).rows[0].cells[0] == Cell(stored, Kind.FAULT)


def test_days_are_counted_from_1900_or_from_1904() -> None:
    day = dt.date(2026, 1, 5)

    for from_1904 in (False, True):
        sheet = sheet_of(workbook([["甲", day]], from_1904=from_1904))
        assert sheet.rows[0].cells[1] == Cell("2026-01-05", Kind.DAY)


@pytest.mark.parametrize(
    ("serial", "shown_as"),
    [
        (1, Cell("1900-01-01", Kind.DAY)),
        (59, Cell("1900-02-28", Kind.DAY)),
        (60, Cell("60", Kind.FAULT)),
        (61, Cell("1900-03-01", Kind.DAY)),
        (0, Cell("0", Kind.FAULT)),
        (-1, Cell("-1", Kind.FAULT)),
        (46027.75, Cell("2026-01-05", Kind.DAY)),
        (99999999, Cell("99999999", Kind.FAULT)),
    ],
)
def test_a_day_that_never_was_is_a_fault(serial: float, shown_as: Cell) -> None:
    styles = b'<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
    row = f'<sheetData><row><c s="1"><v>{serial}</v></c></row></sheetData>'

    assert sheet_of(raw_workbook(row.encode(), styles=styles)).rows[0].cells == (shown_as,)


@pytest.mark.parametrize(
    ("number_format", "kind"),
    [
        ('yyyy"年"m"月"d"日"', Kind.DAY),
        ("[$-F800]dddd, mmmm dd, yyyy", Kind.DAY),
        ("[DBNum1][$-804]yyyy年m月d日;@", Kind.DAY),
        ("yyyy/m/d h:mm", Kind.DAY),
        ('yyyy"年"m"月"', Kind.MONTH),
        ("mmm-yy", Kind.MONTH),
        ("0.00", Kind.NUMBER),
        ('0"yd"', Kind.NUMBER),
        ("[Red]0", Kind.NUMBER),
        ("h:mm", Kind.NUMBER),
        ("General", Kind.NUMBER),
        (r"\d0", Kind.NUMBER),
    ],
)
def test_a_number_is_a_day_where_its_format_shows_one(number_format: str, kind: Kind) -> None:
    # 1 December 2026, which a month's format shows without its day.
    [cell] = sheet_of(workbook([[46357]], formats={"A1": number_format})).rows[0].cells

    assert cell == Cell("46357" if kind is Kind.NUMBER else "2026-12-01", kind)


@pytest.mark.parametrize(
    ("number", "kind"), [(14, Kind.DAY), (31, Kind.DAY), (57, Kind.MONTH), (49, Kind.NUMBER)]
)
def test_formats_that_chinese_excel_names_by_number_are_known(number: int, kind: Kind) -> None:
    styles = f'<cellXfs><xf numFmtId="{number}"/></cellXfs>'.encode()
    sheet = raw_workbook(b"<sheetData><row><c><v>46357</v></c></row></sheetData>", styles=styles)

    [cell] = sheet_of(sheet).rows[0].cells
    assert cell is not None
    assert cell.kind is kind


def test_a_formula_gives_its_stored_result_or_says_that_there_is_none() -> None:
    sheet = raw_workbook(
        b'<sheetData><row><c><f>1+1</f><v>2</v></c><c t="str"><f>A1</f><v>x</v></c>'
        b'<c t="str"><f>""</f><v></v></c><c><f>NOW()</f></c><c><f t="shared" si="0"/><v/></c>'
        b"</row></sheetData>"
    )

    assert sheet_of(sheet).rows[0].cells == (
        *(Cell("2", Kind.NUMBER), Cell("x"), None),
        *(Cell("（公式）", Kind.FORMULA), Cell("（公式）", Kind.FORMULA)),
    )


def test_texts_in_pieces_and_with_readings_are_whole() -> None:
    strings = (
        "<si><r><t>张</t></r><r><rPr><b/></rPr><t>三</t></r>"
        "<rPh sb='0' eb='1'><t>zhāng</t></rPh></si><si><t>_x0041_x_x000D_</t></si>"
    )
    row = b'<sheetData><row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row></sheetData>'

    assert shown(sheet_of(raw_workbook(row, strings=strings.encode()))) == [["张三", "Ax\r"]]


def test_names_with_a_prefix_are_read_as_without() -> None:
    sheet = raw_workbook(
        b'<x:sheetData xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<x:row r="3"><x:c r="B3" t="str"><x:v>x</x:v></x:c></x:row></x:sheetData>'
    )

    found = sheet_of(sheet)
    assert (found.rows[0].number, shown(found)) == (3, [["", "x"]])


def test_rows_have_the_number_that_the_spreadsheet_shows() -> None:
    sheet = sheet_of(workbook([["名单"], [], [], ["姓名"], [], ["张三"]]))

    assert [row.number for row in sheet.rows] == [1, 4, 6]


def test_the_first_sheet_with_content_is_read_and_the_others_are_named() -> None:
    data = workbook([], more={"会员": ROWS, "说明": [["填表说明"]]})

    assert sheet_of(data).title == "会员"
    assert sheet_of(data).others == ("名单", "说明")
    assert shown(sheet_of(data, sheet="说明")) == [["填表说明"]]


def test_a_hidden_sheet_is_not_read_for_the_list() -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["字典"])
    book.active.sheet_state = "hidden"
    book.create_sheet("名单").append(["姓名"])
    out = io.BytesIO()
    book.active = 1
    book.save(out)

    sheet = sheet_of(out.getvalue())
    assert (sheet.title, sheet.others) == ("名单", ())


def test_merged_cells_are_told_wherever_they_stand() -> None:
    sheet = sheet_of(workbook([*ROWS, ["", "李四", ""]], merged=["A2:A3", "B1:C1"]))

    assert set(sheet.merges) == {Merge(2, 3, 0, 0), Merge(1, 1, 1, 2)}


def test_a_million_empty_rows_cost_little_and_nothing_is_said() -> None:
    data = with_a_million_empty_rows(*ROWS, ["", "李四", "13900139000"], merged="A2:A3")
    tracemalloc.start()
    start = time.process_time()
    sheet = sheet_of(data)
    seconds, (_, peak) = time.process_time() - start, tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(sheet.rows) == 3
    assert sheet.merges == (Merge(2, 3, 0, 0),)
    assert peak < 20 * 1024 * 1024
    assert seconds < 10


def test_reading_ends_at_two_hundred_empty_rows_not_at_fewer() -> None:
    def rows(empty: int) -> bytes:
        return b"<sheetData>%s<row/>%s</sheetData>" % (
            texts(["甲"]).removeprefix(b"<sheetData>").removesuffix(b"</sheetData>"),
            b"<row/>" * (empty - 1) + b'<row><c t="str"><v>x</v></c></row>',
        )

    assert len(sheet_of(raw_workbook(rows(199))).rows) == 2
    assert len(sheet_of(raw_workbook(rows(200))).rows) == 1
    skipped = b'<sheetData><row r="1"><c t="str"><v>x</v></c></row><row r="%d"><c t="str">'
    skipped += b"<v>y</v></c></row></sheetData>"
    assert len(sheet_of(raw_workbook(skipped % 201)).rows) == 2
    assert len(sheet_of(raw_workbook(skipped % 202)).rows) == 1


# CSV ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_is_read_in_any_encoding_with_any_delimiter(encoding: str, delimiter: str) -> None:
    sheet = sheet_of(delimited(ROWS, encoding=encoding, delimiter=delimiter), name="名单.csv")

    assert shown(sheet) == ROWS
    assert sheet.title == ""


def test_quoted_line_ends_and_delimiters_stay_in_their_cell() -> None:
    rows = [["甲,乙;丙", '引"号'], ["上\n下", "x\r\ny"], [], ["末", "行"]]
    sheet = sheet_of(delimited(rows))

    assert shown(sheet) == [row for row in rows if row]
    # The empty one counts, the line ends in a cell do not, as in Excel.
    assert [row.number for row in sheet.rows] == [1, 2, 4]


def test_a_file_may_say_its_delimiter_as_excel_does() -> None:
    sheet = sheet_of("sep=;\r\n甲;乙,丙\r\n".encode())

    assert shown(sheet) == [["甲", "乙,丙"]]
    assert sheet.rows[0].number == 2


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_any_line_end_ends_a_row(line_end: str) -> None:
    assert shown(sheet_of(line_end.join(["甲,乙", "丙,丁"]).encode())) == [
        ["甲", "乙"],
        ["丙", "丁"],
    ]


def test_a_quote_within_a_text_is_taken_as_it_stands() -> None:
    assert shown(sheet_of('甲,5" 管\n"样例"公司,乙\n'.encode())) == [
        ["甲", '5" 管'],
        ["样例公司", "乙"],
    ]


def test_empty_rows_without_end_are_passed_over_in_a_csv_too() -> None:
    sheet = sheet_of(delimited(ROWS) + b",,\r\n" * 1_000_000)

    assert shown(sheet) == ROWS


# LibreOffice --------------------------------------------------------------------------------
def test_what_libreoffice_saves_is_read(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        *ROWS,
        ["", "李四", 13900139000],
        ["样例二公司", "=1+1", dt.date(2026, 1, 5)],
    ]
    given = workbook(rows, merged=["A2:A3"])
    data = by_libreoffice(given, tmp_path, source="xlsx", target="xlsx")
    sheet = sheet_of(data)

    assert shown(sheet) == [
        *ROWS,
        ["", "李四", "13900139000"],
        ["样例二公司", "2", "2026-01-05"],
    ]
    assert sheet.merges == (Merge(2, 3, 0, 0),)
