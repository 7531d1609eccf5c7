"""Tables to test with, and how their files are read back."""

from __future__ import annotations

import csv
import io
from typing import Any

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from newsletter import tables
from newsletter.body import clean
from newsletter.exports.tables import as_csv, as_xlsx
from newsletter.models import Article, Issue
from newsletter.tables import Table

STATISTICS = (
    '<table id="b2222"><caption>表1　主要指标</caption>'
    '<thead><tr><th rowspan="2">指标</th><th colspan="2">2026年</th></tr>'
    "<tr><th>绝对量</th><th>同比</th></tr></thead>"
    '<tbody><tr><th scope="row">总产值</th><td>1,234.50</td><td>9.4%</td></tr>'
    '<tr><th scope="row">库存</th><td>－3.2</td><td>—</td></tr></tbody></table>'
    '<p class="note">注：按现价计算。</p><p class="note">来源：样例局。</p><p>正文。</p>'
)


def read(html: str) -> Table:
    """The first table of a body."""
    body = clean(html.replace("<table>", '<table id="b2222">', 1))
    found = tables.table_of(body, "b2222")
    assert found is not None
    return found


def of_rows(*rows: str, tag: str = "td") -> Table:
    cells = ("".join(f"<{tag}>{cell}</{tag}>" for cell in row.split("|")) for row in rows)
    return read(f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>")


def unsaved_article(**fields: Any) -> Article:
    issue = Issue(year=2026, number=3, serial=78)
    return Article(issue=issue, title="样例文章", printed_page=9, **fields)


def sheet_of(table: Table, article: Article | None = None) -> Worksheet:
    content = as_xlsx(table, article or unsaved_article())
    sheet = load_workbook(io.BytesIO(content)).active
    assert isinstance(sheet, Worksheet)
    return sheet


def csv_rows(table: Table) -> list[list[str]]:
    text = as_csv(table).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def values(sheet: Worksheet) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]
