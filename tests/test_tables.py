"""Tables read from a body: which cell stands where, whatever the spans say."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from newsletter import tables
from newsletter.body import clean
from tests.tables import STATISTICS, csv_rows, of_rows, read

pytestmark = pytest.mark.pure


def tables_with(captions: list[str]) -> list[etree._Element]:
    found = [etree.Element("table") for _ in captions]
    for table, caption in zip(found, captions, strict=True):
        etree.SubElement(table, "caption").text = caption
    return found


def names_of(captions: list[str]) -> list[str]:
    return tables.names(tables_with(captions))


def time_to_name(count: int) -> float:
    found = tables_with([""] * count)
    start = time.process_time()
    tables.names(found)
    return time.process_time() - start


def test_a_table_is_read_with_its_caption_heads_merged_cells_and_notes() -> None:
    found = read(STATISTICS)

    assert (found.name, found.caption) == ("表1", "表1 主要指标")
    assert (found.height, found.width, found.head_rows) == (4, 3, 2)
    assert found.notes == ("注：按现价计算。", "来源：样例局。")
    places = {cell.text: (cell.row, cell.column, cell.rows, cell.columns) for cell in found.cells}
    assert places["指标"] == (0, 0, 2, 1)
    assert places["2026年"] == (0, 1, 1, 2)
    assert places["绝对量"] == (1, 1, 1, 1)


def test_only_a_table_of_that_id_is_found() -> None:
    body = clean(STATISTICS)

    assert tables.table_of(body, "b3333") is None
    assert tables.table_of(clean('<p id="b2222">字</p>'), "b2222") is None


@pytest.mark.parametrize(
    ("caption", "name"),
    [
        ("表1 主要指标", "表1"),
        ("续表２-1：主要指标", "续表２-1"),
        ("附表3主要指标", "附表3"),
        ("表二、产量", "表二"),
        ("表二十国产量", "表二十国产量"),
        ("产量，分地区", "产量"),
        ("（一）产量", "一）产量"),
        ("", "表格"),
        ("。", "表格"),
        ("很" * 50, "很" * 20),
    ],
)
def test_a_table_is_named_by_its_number_or_its_first_words(caption: str, name: str) -> None:
    html = f"<table><caption>{caption}</caption><tr><td>1</td></tr></table>"

    assert read(html).name == name


def test_tables_of_one_name_are_counted() -> None:
    captions = ["", "产量，甲", "", "产量，乙", "", "表1 产量", "表1（续）", "产量"]

    assert names_of(captions) == [
        "表格", "产量", "表格（2）", "产量（2）", "表格（3）", "表1", "表1（2）", "产量（3）",
    ]  # fmt: skip


def test_thousands_of_tables_without_a_caption_are_named_as_quickly_as_a_few() -> None:
    few, many = (min(time_to_name(count) for _ in range(5)) for count in (500, 5_000))

    assert len(set(names_of([""] * 5_000))) == 5_000
    # Ten times as many; counting from one for each would take a hundred times as long.
    assert many < 30 * few


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(1, 99), st.integers(1, 99)), min_size=1, max_size=4),
        min_size=1,
        max_size=5,
    )
)
@example([[(1, 2), (1, 1)], [(99, 99)]])
@example([[(1, 1), (3, 1)], [(1, 3)], [(1, 1)]])
def test_no_cell_lies_over_another_or_out_of_the_table(spans: list[list[tuple[int, int]]]) -> None:
    rows = "".join(
        "<tr>" + "".join(f"<td rowspan={r} colspan={c}>x</td>" for r, c in row) + "</tr>"
        for row in spans
    )
    found = read(f"<table>{rows}</table>")

    taken = [
        (row, column)
        for cell in found.cells
        for row in range(cell.row, cell.row + cell.rows)
        for column in range(cell.column, cell.column + cell.columns)
    ]
    assert len(taken) == len(set(taken))
    assert len(found.cells) == sum(map(len, spans))
    assert found.height == len(spans)
    assert all(row < found.height and column < found.width for row, column in taken)


def test_a_head_never_reaches_into_the_body() -> None:
    found = read(
        "<table><thead><tr><th rowspan=9>甲</th></tr></thead><tbody><tr><td>1</td></tr></tbody>"
    )

    assert [(cell.row, cell.column, cell.rows) for cell in found.cells] == [(0, 0, 1), (1, 0, 1)]


def test_a_table_that_claims_a_monstrous_grid_is_not_offered() -> None:
    rows = "<tr>" + "<td colspan=99 rowspan=99>x</td>" * 300 + "</tr>"
    body = clean(f'<table id="b2222">{rows * 200}</table>')
    start = time.process_time()

    assert tables.table_of(body, "b2222") is None
    assert time.process_time() - start < 2


def test_a_table_wider_than_a_spreadsheet_is_not_offered() -> None:
    body = clean(f'<table id="b2222"><tr>{"<td>1</td>" * 16_385}</tr></table>')

    assert tables.table_of(body, "b2222") is None


def test_a_cell_of_several_blocks_is_a_cell_of_several_lines() -> None:
    html = "<table><tr><td><p>甲</p><ul><li>乙</li><li>丙</li></ul></td><td>丁\n 戊</td></tr>"

    assert csv_rows(read(html)) == [["甲\n乙\n丙", "丁 戊"]]


def test_a_table_in_a_cell_stays_within_that_cell() -> None:
    html = "<table><tr><td><table><tr><td>甲</td><td>乙</td></tr></table></td><td>丙</td></tr>"

    assert csv_rows(read(html)) == [["甲 乙", "丙"]]


def test_what_is_raised_never_joins_the_value_before_it() -> None:
    found = of_rows("10<sup>3</sup>|120<sup>1</sup>|m<sup>2</sup>|120<sup>[1]</sup>|<sup>5</sup>")

    assert csv_rows(found) == [["10³", "120¹", "m²", "120[1]", "⁵"]]
