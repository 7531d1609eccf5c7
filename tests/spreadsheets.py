"""Spreadsheets to test with: tidy ones, messy ones, and such as no program writes."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import MAC_EPOCH
from openpyxl.worksheet.worksheet import Worksheet

from members import credit_code
from members.bulk import Line, Sheet, map_columns, read, understand

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REFERS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def code(number: int) -> str:
    """A credit code that checks, of nobody."""
    first = f"91440300MA5{number:06d}"
    return first + credit_code.check_character(first)


# As people make them ------------------------------------------------------------------------
def workbook(
    rows: Iterable[Sequence[Any]],
    *,
    formats: Mapping[str, str] | None = None,
    merged: Iterable[str] = (),
    from_1904: bool = False,
    more: Mapping[str, Sequence[Sequence[Any]]] | None = None,
) -> bytes:
    """A workbook by openpyxl.

    Args:
        formats: number formats by cell.
        merged: ranges; all but the first cell of each are emptied.
        more: further sheets behind the first, by name.
    """
    book = Workbook()
    if from_1904:
        book.epoch = MAC_EPOCH
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "名单"
    for row in rows:
        sheet.append(list(row))
    for place, number_format in (formats or {}).items():
        sheet[place].number_format = number_format
    for area in merged:
        sheet.merge_cells(area)
    for title, content in (more or {}).items():
        other = book.create_sheet(title)
        for row in content:
            other.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def delimited(
    rows: Iterable[Sequence[str]], *, encoding: str = "utf-8", delimiter: str = ","
) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode(encoding)


# As no program writes them ------------------------------------------------------------------
def raw_workbook(
    sheet: bytes | Iterator[bytes],
    *,
    strings: bytes = b"",
    styles: bytes = b"",
    workbook_properties: str = "",
    parts: Mapping[str, bytes] | None = None,
    compression: int = zipfile.ZIP_DEFLATED,
) -> bytes:
    """A workbook of one sheet from its XML: what stands inside `worksheet`, as it is."""
    relation = f'<Relationship Type="{_REFERS}/%s" Id="%s" Target="%s"/>'
    relations = f'<Relationships xmlns="{_PACKAGE}/relationships">%s</Relationships>'
    files: dict[str, bytes | str] = {
        "_rels/.rels": relations % (relation % ("officeDocument", "r1", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_REFERS}">{workbook_properties}'
        '<sheets><sheet name="名单" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations
        % (
            relation % ("worksheet", "r1", "worksheets/sheet1.xml")
            + relation % ("sharedStrings", "r2", "/xl/sharedStrings.xml")
            + relation % ("styles", "r3", "styles.xml")
        ),
        "xl/sharedStrings.xml": b'<sst xmlns="%s">%s</sst>' % (_MAIN.encode(), strings),
        "xl/styles.xml": b'<styleSheet xmlns="%s">%s</styleSheet>' % (_MAIN.encode(), styles),
        **(parts or {}),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        with archive.open("xl/worksheets/sheet1.xml", "w") as entry:
            entry.write(b'<worksheet xmlns="%s">' % _MAIN.encode())
            for piece in [sheet] if isinstance(sheet, bytes) else sheet:
                entry.write(piece)
            entry.write(b"</worksheet>")
    return out.getvalue()


def texts(*rows: Sequence[str]) -> bytes:
    """The rows of a sheet's XML, each cell a text of its own."""
    found = "".join(
        "<row>"
        + "".join(f'<c t="inlineStr"><is><t>{escape(text)}</t></is></c>' for text in row)
        + "</row>"
        for row in rows
    )
    return f"<sheetData>{found}</sheetData>".encode()


def with_a_million_empty_rows(*rows: Sequence[str], merged: str) -> bytes:
    """A form whose formats go down to the last row there is."""

    def pieces() -> Iterator[bytes]:
        yield texts(*rows).removesuffix(b"</sheetData>")
        for start in range(len(rows) + 1, 1_000_001, 1000):
            yield "".join(
                f'<row r="{number}" spans="1:3" ht="20"><c r="A{number}" s="1"/>'
                f'<c r="B{number}" s="1"/><c r="C{number}" s="1"/></row>'
                for number in range(start, min(start + 1000, 1_000_001))
            ).encode()
        yield b'</sheetData><mergeCells count="1"><mergeCell ref="%s"/></mergeCells>' % (
            merged.encode()
        )

    return raw_workbook(pieces())


def by_libreoffice(data: bytes, folder: Path, *, source: str, target: str) -> bytes:
    """A file as LibreOffice saves it in another format."""
    program = shutil.which("soffice")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("LibreOffice is not there")
        pytest.skip("needs LibreOffice (Debian: libreoffice-calc-nogui)")
    given = folder / f"list.{source}"
    given.write_bytes(data)
    out = folder / "out"
    subprocess.run(
        [
            *(program, f"-env:UserInstallation=file://{folder}/profile", "--headless"),
            *("--convert-to", target, "--outdir", str(out), str(given)),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return (out / f"list.{target.partition(':')[0]}").read_bytes()


# Read back ----------------------------------------------------------------------------------
def sheet_of(data: bytes, *, name: str = "名单.xlsx", sheet: str | None = None) -> Sheet:
    return read(io.BytesIO(data), name=name, sheet=sheet)


def shown(sheet: Sheet) -> list[list[str]]:
    """The rows' texts, "" for empty cells."""
    return [[cell.text if cell else "" for cell in row.cells] for row in sheet.rows]


def lines_of(data: bytes, **options: Any) -> list[Line]:
    """A file through all the steps, with the mapping that was recognised."""
    sheet = sheet_of(data)
    return understand(sheet, map_columns(sheet), **options)
