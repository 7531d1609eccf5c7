"""Tables as files: what stands in a workbook and in a CSV, read back."""

from __future__ import annotations

import io
import time
import zipfile
from html import escape

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from newsletter import tables
from newsletter.body import clean
from newsletter.exports.tables import as_csv, as_xlsx, number_of
from newsletter.models import Article
from tests.tables import STATISTICS, csv_rows, of_rows, read, sheet_of, unsaved_article, values

pytestmark = pytest.mark.pure


# Numbers -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("printed", "value", "shape", "plain"),
    [
        ("0", 0, "0", "0"),
        ("2026", 2026, "0", "2026"),
        ("1,234", 1234, "#,##0", "1234"),
        ("1，234，567.80", 1234567.8, "#,##0.00", "1234567.80"),
        ("-3.2", -3.2, "0.0", "-3.2"),
        ("－3.2", -3.2, "0.0", "-3.2"),
        ("−3.2", -3.2, "0.0", "-3.2"),
        ("–3.2", -3.2, "0.0", "-3.2"),
        ("+3.2", 3.2, "+0.0;-0.0", "+3.2"),
        ("9.4%", 0.094, "0.0%", "9.4%"),
        ("-12％", -0.12, "0%", "-12%"),
        ("９．４", 9.4, "0.0", "9.4"),
        ("0.00", 0, "0.00", "0.00"),
    ],
)
def test_a_number_stays_one_as_it_was_printed(
    printed: str, value: float, shape: str, plain: str
) -> None:
    cell = sheet_of(of_rows(printed)).cell(2, 1)

    assert cell.data_type == "n"
    assert cell.value == pytest.approx(value)
    assert cell.number_format == shape
    assert csv_rows(of_rows(printed)) == [[plain]]


@pytest.mark.parametrize(
    "printed",
    [
        *("—", "——", "-", "…", "0012", "220号", "1,23", "1,2345", "1 200", "2021年", "5G", "9.4‰"),
        *("-0.0", "12345678901234567", "91310000MA1FL0AB2C", "1e5", "①", "³", "(3.2)", "1.2.3"),
        *("万", "½", "٣", "TRUE", "NaN", "#N/A", "2026-9-1", "1/2", "50.", ".5"),
    ],
)
def test_what_is_no_plain_number_stays_a_text_in_every_character(printed: str) -> None:
    cell = sheet_of(of_rows(printed)).cell(2, 1)

    assert (cell.data_type, cell.value) == ("s", printed)
    assert csv_rows(of_rows(printed)) == [[printed]]
    assert number_of(printed) is None


def test_a_year_that_heads_a_row_or_column_is_a_name() -> None:
    found = read("<table><tr><th>年</th><th>2026</th></tr><tr><th scope=row>2025</th><td>1</td>")
    sheet = sheet_of(found)

    assert (sheet["B2"].value, sheet["A3"].value, sheet["B3"].value) == ("2026", "2025", 1)


# Formulas ----------------------------------------------------------------------------------
FORMULAS = [
    "=1+1",
    '=HYPERLINK("http://example.org","甲")',
    "+1+1",
    "-1+1",
    "--1",
    "-甲",
    "@SUM(A1)",
    "=cmd|'/c calc'!A0",
    "＝1+1",
    "－甲",
    "+86 21 0000",
    "-1,23",
]


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_text_ever_becomes_a_formula(formula: str) -> None:
    found = read(f"<table><tr><td>{escape(formula)}</td></tr></table>")
    cell = sheet_of(found).cell(2, 1)

    assert (cell.data_type, cell.value, cell.quotePrefix) == ("s", formula, True)
    assert csv_rows(found) == [[f"'{formula}"]]


def test_captions_notes_and_titles_are_no_formulas_either() -> None:
    found = read("<table><caption>=1+1</caption><tr><td>1</td></tr></table><p class=note>=2+2</p>")
    sheet = sheet_of(found, unsaved_article())
    untitled = sheet_of(of_rows("1"), Article(issue=unsaved_article().issue, title="=3+3"))

    for cell in (sheet["A1"], sheet["A3"], untitled["A1"]):
        assert cell.data_type == "s"
        assert str(cell.value).startswith("=")
    assert b"<f>" not in b"".join(_parts(as_xlsx(found, unsaved_article())).values())


# The CSV -----------------------------------------------------------------------------------
def test_a_csv_opens_as_chinese_everywhere() -> None:
    content = as_csv(read(STATISTICS))

    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == content.count(b"\n") == 4
    assert csv_rows(read(STATISTICS)) == [
        ["指标", "2026年", ""],
        ["", "绝对量", "同比"],
        ["总产值", "1234.50", "9.4%"],
        ["库存", "-3.2", "—"],
    ]


def test_quotes_commas_and_line_ends_stay_within_their_field() -> None:
    found = of_rows('甲"乙,丙|<p>丁</p><p>戊</p>|', "己")

    assert csv_rows(found) == [['甲"乙,丙', "丁\n戊", ""], ["己", "", ""]]


words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(words, min_size=1, max_size=4), min_size=1, max_size=4))
@example([["_x0041_", "a_x000D_b"]])
@example([["\ufffe", "\uffff"]])
def test_every_text_comes_back_from_both_files(rows: list[list[str]]) -> None:
    found = read(
        "<table><tr>"
        + "</tr><tr>".join("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows)
        + "</tr></table>"
    )
    sheet = sheet_of(found)
    written = csv_rows(found)

    for cell in found.cells:
        stored = sheet.cell(cell.row + 2, cell.column + 1).value
        if number_of(cell.text) is None:
            # As every spreadsheet reads it (ECMA-376, ST_Xstring).
            assert str(stored or "").replace("_x005F_", "_") == cell.text
            assert written[cell.row][cell.column] in (cell.text, f"'{cell.text}")


# The workbook ------------------------------------------------------------------------------
def _parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_workbook_holds_caption_table_notes_and_source() -> None:
    sheet = sheet_of(read(STATISTICS))

    assert values(sheet) == [
        ["表1 主要指标", None, None],
        ["指标", "2026年", None],
        [None, "绝对量", "同比"],
        ["总产值", 1234.5, 0.094],
        ["库存", -3.2, "—"],
        ["注：按现价计算。", None, None],
        ["来源：样例局。", None, None],
        ["来源：《样例文章》，《财税动态》2026年第3期，总第78期，第9页", None, None],
    ]
    assert sheet.title == "表1"
    assert {str(found) for found in sheet.merged_cells.ranges} == {
        *("A1:C1", "A6:C6", "A7:C7", "A8:C8"),
        *("A2:A3", "B2:C2"),
    }


def test_the_heads_are_bold_stay_in_sight_and_return_on_every_sheet_of_paper() -> None:
    sheet = sheet_of(read(STATISTICS))

    assert sheet.freeze_panes == "A4"
    assert sheet.print_title_rows == "$2:$3"
    assert all(sheet[place].font.bold for place in ("A1", "A2", "B2", "B3", "C3"))
    assert not sheet["A4"].font.bold
    assert sheet.page_setup.paperSize == 9
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr is not None
    assert sheet.sheet_properties.pageSetUpPr.fitToPage


def test_a_table_without_heads_freezes_nothing() -> None:
    sheet = sheet_of(of_rows("1|2"))

    assert sheet.freeze_panes is None
    assert not sheet.print_title_rows


def test_columns_are_as_wide_as_what_stands_in_them() -> None:
    sheet = sheet_of(of_rows(f"1|{'字' * 10}|{'字' * 100}"))
    widths = [sheet.column_dimensions[letter].width for letter in "ABC"]

    assert widths == [8, 24, 42]
    assert sheet["C2"].alignment.wrap_text


def test_values_and_what_stands_for_none_are_set_flush_right() -> None:
    sheet = sheet_of(of_rows("甲|1.5|—|…|-3"))

    assert [cell.alignment.horizontal for cell in sheet[2]] == ["left", *["right"] * 4]


def test_a_wide_table_is_printed_on_its_side() -> None:
    assert sheet_of(of_rows("|".join("1" * 4))).page_setup.orientation == "portrait"
    assert sheet_of(of_rows("|".join("1" * 20))).page_setup.orientation == "landscape"


def test_the_metadata_name_the_periodical_and_nobody() -> None:
    content = as_xlsx(read(STATISTICS), unsaved_article(editor="编辑甲", author="作者乙"))
    properties = load_workbook(io.BytesIO(content)).properties

    assert (properties.creator, properties.lastModifiedBy) == ("财税动态", None)
    assert properties.title == "表1 主要指标"
    whole = b"".join(_parts(content).values()).decode()
    assert "编辑甲" not in whole
    assert "作者乙" not in whole
    assert "openpyxl" not in whole


def test_characters_that_xml_has_not_are_left_out() -> None:
    article = unsaved_article()
    article.title = "甲\x0b\ufffe乙"

    assert sheet_of(of_rows("1"), article)["A1"].value == "甲乙"


@pytest.mark.parametrize("caption", ["[]:*?/\\", "'甲'", "很" * 50, "表1：甲/乙", "History"])
def test_any_caption_makes_a_sheet_that_opens(caption: str) -> None:
    html = f"<table><caption>{caption}</caption><tr><td>1</td></tr></table>"
    sheet = sheet_of(read(html))

    assert 0 < len(sheet.title) <= 31
    assert sheet["A1"].value == caption


def test_a_cell_beyond_what_a_spreadsheet_holds_says_where_the_rest_is() -> None:
    found = of_rows("字" * 40_000)
    value = str(sheet_of(found)["A2"].value)

    assert len(value) <= 32_767
    assert value.endswith("（全文见CSV）")
    assert csv_rows(found) == [["字" * 40_000]]


def test_two_thousand_rows_are_made_in_seconds() -> None:
    row = "".join(f"<td>{n},{n}00.{n}</td>" for n in range(1, 9))
    html = clean(
        f'<table id="b2222"><tr><th colspan=8>甲</th></tr>{f"<tr>{row}</tr>" * 2000}</table>'
    )
    start = time.process_time()
    found = tables.table_of(html, "b2222")
    assert found is not None
    content = as_xlsx(found, unsaved_article()), as_csv(found)

    assert time.process_time() - start < 6
    assert len(content[1].splitlines()) == 2001
