"""Files that are no list: each gets a sentence that says what it is and what to do."""

from __future__ import annotations

import datetime as dt
import io
import random
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from members.bulk import MAX_BYTES, SheetRefused
from tests.spreadsheets import by_libreoffice, delimited, raw_workbook, sheet_of, texts, workbook

pytestmark = pytest.mark.pure

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def refusal(data: bytes, *, name: str = "名单.xlsx", sheet: str | None = None) -> str:
    with pytest.raises(SheetRefused) as caught:
        sheet_of(data, name=name, sheet=sheet)
    return str(caught.value)


def archive(*names: str, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as made:
        for name in names:
            made.writestr(name, "x")
    return out.getvalue()


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 40)).save(out, kind)
    return out.getvalue()


def open_document() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "what"),
    [
        (b"", "空.xlsx", "是空的"),
        (b"\r\n \0", "空.csv", "是空的"),
        (COMPOUND + "Workbook".encode("utf-16-le"), "名单.xls", "旧版 Excel 表格（.xls）"),
        (COMPOUND + "Workbook".encode("utf-16-le"), "名单.xlsx", "旧版 Excel 表格（.xls）"),
        (COMPOUND + "Workbook".encode("utf-16-le"), "名单.et", "WPS 旧格式的表格（.et）"),
        (COMPOUND + "EncryptedPackage".encode("utf-16-le"), "名单.xlsx", "设了打开密码"),
        (COMPOUND + "WordDocument".encode("utf-16-le"), "名单.xlsx", "旧版 Word 文档"),
        (open_document(), "名单.ods", "OpenDocument 表格（.ods）"),
        (archive("word/document.xml"), "名单.xlsx", "Word 文档"),
        (archive("ppt/presentation.xml"), "名单.xlsx", "PowerPoint"),
        (archive("xl/workbook.bin"), "名单.xlsb", "二进制工作簿（.xlsb）"),
        (archive("名单.xlsx"), "名单.zip", "压缩包"),
        (b"%PDF-1.7\n", "名单.xlsx", "PDF 文件"),
        (picture("PNG"), "名单.xlsx", "图片"),
        (picture("JPEG"), "名单.csv", "图片"),
        (picture("WEBP"), "名单.csv", "图片"),
        (picture("BMP"), "名单.csv", "图片"),
        (b"{\\rtf1}", "名单.xlsx", "RTF"),
        (b"Rar!\x1a\x07\x01\0", "名单.xlsx", "RAR"),
        (b"<html><table><tr><td>1</td></tr></table>", "名单.xls", "网页（HTML）"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', "名单.xls", "XML"),
        (b"\x7fELF\x02\x01\x01\0\0\0", "名单.csv", "不是表格"),
        (b"a,b\n\x01\x02,\x03\n", "名单.csv", "不是表格"),
        (workbook([]), "名单.xlsx", "没有任何内容"),
        (b",,\n,,\n", "名单.csv", "没有任何内容"),
        (workbook([["甲"]])[:2000], "名单.xlsx", "已损坏"),
        (b"PK\x03\x04" + b"x" * 200, "名单.xlsx", "已损坏"),
        (archive("xl/other.xml"), "名单.xlsx", "已损坏"),
    ],
)
def test_each_kind_of_file_has_its_sentence(data: bytes, name: str, what: str) -> None:
    said = refusal(data, name=name)

    assert what in said
    assert f"「{name}」" in said
    assert said.endswith("。")
    assert "请" in said


def test_a_list_that_begins_like_a_picture_is_a_list() -> None:
    assert sheet_of(b"BMW,1\n", name="a.csv").rows


def test_a_sheet_that_is_not_there_is_said() -> None:
    assert "没有名为「其他」的工作表" in refusal(workbook([["甲"]]), sheet="其他")


@pytest.mark.parametrize(("source", "what"), [("xls", ".xls"), ("ods", ".ods")])
def test_what_libreoffice_saves_in_other_formats_is_named(
    source: str, what: str, tmp_path: Path
) -> None:
    data = by_libreoffice(workbook([["甲", "乙"]]), tmp_path, source="xlsx", target=source)

    assert what in refusal(data, name=f"名单.{source}")


# Encodings ----------------------------------------------------------------------------------
def test_lines_of_two_encodings_are_told_by_their_numbers() -> None:
    data = "甲,样例公司第一\n".encode("gb18030") + "乙,样例公司第二\n".encode()

    said = refusal(data, name="名单.csv")
    assert "第 2 行是 UTF-8，第 1 行不是" in said


def test_a_byte_that_no_encoding_has_is_told_by_its_line() -> None:
    assert "第 2 行有认不出的字符" in refusal("甲,乙\n".encode("gb18030") + b"\xff\xff\n")


def test_utf16_cut_in_half_is_no_text() -> None:
    assert "编码" in refusal("甲,乙".encode("utf-16")[:-1])


def test_a_quote_that_nobody_closed_is_told_by_its_line() -> None:
    data = '甲,乙\n丙,"丁\n' + "戊,己\n" * 50

    assert "第 2 行起有一个双引号没有成对" in refusal(data.encode())
    assert "双引号没有成对" in refusal('"甲"x,乙\n丙,"丁\n戊,己\n'.encode())


# Bounds -------------------------------------------------------------------------------------
def test_ten_megabytes_are_the_most() -> None:
    assert "超过 10 MB" in refusal(b"a,b\n" * (MAX_BYTES // 4 + 1))


def test_twenty_thousand_rows_are_the_most() -> None:
    row = b'<row><c t="str"><v>x</v></c></row>'

    assert len(sheet_of(delimited([["x"]] * 20_000)).rows) == 20_000
    assert "超过 20,000 行" in refusal(delimited([["x"]] * 20_001))
    assert "超过 20,000 行" in refusal(raw_workbook(b"<sheetData>%s</sheetData>" % (row * 20_001)))


def test_sixty_columns_are_the_most_that_may_have_something_in_them() -> None:
    assert sheet_of(workbook([["x"] * 60])).rows
    assert sheet_of(delimited([["x"] * 60 + [""] * 40])).rows
    assert "第 2 行的内容超过 60 列" in refusal(workbook([["x"], ["x"] * 61]))
    assert "第 2 行的内容超过 60 列" in refusal(delimited([["x"], ["x"] * 61]))
    assert "超过 60 列" in refusal(
        raw_workbook(b'<sheetData><row><c r="XFD1" t="str"><v>x</v></c></row></sheetData>')
    )


def spaces(megabytes: int) -> Iterator[bytes]:
    for _ in range(megabytes):
        yield b" " * 1024 * 1024


def many_cells() -> Iterator[bytes]:
    # In an order that does not pack too well, or its ratio would give it away.
    order = random.Random(1)  # noqa: S311
    yield b"<sheetData><row>"
    for _ in range(130):
        yield b"".join(order.choices([b'<c r="A%d"/>' % number for number in range(9)], k=50_000))
    yield b"</row></sheetData>"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (lambda: raw_workbook(spaces(300)), "大得不像"),
        (lambda: raw_workbook(many_cells()), "单元格多得"),
        (lambda: raw_workbook(b"<sheetData/>", strings=b"<si/>" * 6_000_000), "大得不像|20,000"),
        (lambda: raw_workbook(texts(["甲"]), parts={f"x/{n}": b"" for n in range(2500)}), "多得"),
        (lambda: raw_workbook(texts(["甲"]), parts={f"x/{n}": b"" for n in range(40_000)}), "多得"),
        (lambda: raw_workbook(texts(["甲"]), compression=zipfile.ZIP_BZIP2), "已损坏"),
        (lambda: raw_workbook(texts(["甲" * 300_000])), "已损坏"),
        (
            lambda: raw_workbook(
                texts(["甲"]),
                parts={
                    "xl/sharedStrings.xml": b'<!DOCTYPE a [<!ENTITY b "x">]><sst><si><t>&b;</t>'
                    b"</si></sst>"
                },
            ),
            "已损坏",
        ),
        (
            lambda: raw_workbook(
                texts(["甲"]),
                parts={"xl/styles.xml": b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><styleSheet/>'},
            ),
            "已损坏",
        ),
    ],
    ids=[
        *("spaces", "cells", "strings", "parts", "directory", "bzip2", "long-text"),
        *("entities", "external"),
    ],
)
def test_no_bomb_goes_off(data: Callable[[], bytes], what: str) -> None:
    bomb = data()
    assert len(bomb) < MAX_BYTES
    tracemalloc.start()
    start = time.process_time()
    said = refusal(bomb)
    seconds, (_, peak) = time.process_time() - start, tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert any(part in said for part in what.split("|"))
    assert peak < 60 * 1024 * 1024
    assert seconds < 30


def test_links_to_the_outside_are_never_followed() -> None:
    relations = (
        b'<Relationships><Relationship Type="x/sharedStrings" Id="r2" TargetMode="External" '
        b'Target="http://example.org/a.xml"/><Relationship Type="x/worksheet" Id="r1" '
        b'Target="worksheets/sheet1.xml"/></Relationships>'
    )
    data = raw_workbook(texts(["甲"]), parts={"xl/_rels/workbook.xml.rels": relations})

    assert sheet_of(data).rows


def test_a_locked_entry_is_said() -> None:
    data = bytearray(workbook([["甲"]]))
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1

    assert "设了密码" in refusal(bytes(data))


def assert_read_or_refused(data: bytes) -> None:
    said = ""
    try:
        rows = sheet_of(data).rows
    except SheetRefused as refused:
        said, rows = str(refused), ()
    assert bool(rows) != said.endswith("。")


PARTS = ("xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml", "xl/sharedStrings.xml")
WHOLE = workbook([["单位名称", "会籍到期"], ["样例一公司", dt.date(2026, 12, 31)], [1.5, True]])


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(PARTS),
    st.floats(0, 1),
    st.integers(0, 12),
    st.sampled_from(
        [b"", b"-1", b"x", b"<", b"/>", b'"', b"99999999999999999999", b"\xff", b"&b;"]
    ),
)
def test_a_damaged_workbook_is_read_or_refused_and_never_more(
    part: str, where: float, length: int, instead: bytes
) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as given_one, zipfile.ZipFile(out, "w") as made:
        for name in given_one.namelist():
            content = given_one.read(name)
            if name == part:
                at = int(where * len(content))
                content = content[:at] + instead + content[at + length :]
            made.writestr(name, content)
    assert_read_or_refused(out.getvalue())


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_and_never_more(data: bytes) -> None:
    assert_read_or_refused(data)
