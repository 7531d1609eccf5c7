"""CSV, whatever wrote it: its encoding, its delimiter, its quoted line ends."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections.abc import Iterator

from members.bulk.model import (
    MAX_COLUMNS,
    MAX_EMPTY,
    MAX_ROWS,
    Cell,
    Row,
    Sheet,
    SheetRefused,
    too_many_columns,
    too_many_rows,
)

# What `writing` puts before a text that a spreadsheet would run (OWASP, "CSV injection").
ESCAPED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")
MAX_CHARACTERS = 32_767  # that any spreadsheet holds in a cell
_DELIMITERS = ",;\t"
_MOST_LINES = 100  # in one cell
_LAST = "\ue000"
_BINARY = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_CHINESE = re.compile("[\u4e00-\u9fff]")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAVE_AGAIN = "请用 Excel 或 WPS 打开，另存为 .xlsx 后再导入。"


def read(data: bytes, *, name: str) -> Sheet:
    """The rows of a CSV; a row's number is the one that a spreadsheet program would show.

    Raises:
        SheetRefused: it is no text, has no one encoding, or a quote that nobody closed.
    """
    text = decode(data, name=name)
    head = text[:100_000]
    if len(_BINARY.findall(head)) > len(head) // 100 + 1:
        raise SheetRefused(f"「{name}」不是表格，也不是文本文件。请导入 .xlsx 或 .csv 文件。")
    first, _, rest = text.partition("\n")
    declared = re.fullmatch(r'"?sep=([,;\t])"?\r?', first)
    delimiter = declared[1] if declared else _delimiter(text)
    text, number = (rest, 1) if declared else (text, 0)
    rows: list[Row] = []
    empty = 0
    for record in _records(text, delimiter, name):
        number += 1
        cells = _cells(record, number)
        empty = 0 if cells else empty + 1
        if empty >= MAX_EMPTY:
            break
        if cells:
            rows.append(Row(number, cells))
        if len(rows) > MAX_ROWS:
            raise too_many_rows()
    return Sheet(name, "", tuple(rows))


def decode(data: bytes, *, name: str) -> str:
    """UTF-8 (with its mark or without), UTF-16 with its mark, or GB18030.

    Raises:
        SheetRefused: none of them explains every byte, or lines differ in theirs.
    """
    try:
        for bom, encoding in _BOMS:
            if data.startswith(bom):
                return data.decode(encoding)
        if b"\0" in data:
            raise SheetRefused(f"「{name}」不是表格，也不是文本文件。请导入 .xlsx 或 .csv 文件。")
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            # GB18030 would read a line of UTF-8 too, as other words.
            _refuse_mixed(data, name, first_bad=data.count(b"\n", 0, error.start) + 1)
            return data.decode("gb18030")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SheetRefused(
            f"「{name}」第 {line} 行有认不出的字符，不是 UTF-8，也不是 GB18030 编码。{_SAVE_AGAIN}"
        ) from None


def _refuse_mixed(data: bytes, name: str, *, first_bad: int) -> None:
    for number, line in enumerate(data.split(b"\n"), start=1):
        if line.isascii():
            continue
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            continue
        # A word or two of GB18030 can be good UTF-8 by chance; a line of them cannot.
        if len(_CHINESE.findall(text)) >= 4:
            raise SheetRefused(
                f"「{name}」混用了两种编码：第 {number} 行是 UTF-8，第 {first_bad} 行不是，"
                f"读出来会是乱码。请把两处放进同一个表格，{_SAVE_AGAIN.removeprefix('请')}"
            )


def _delimiter(text: str) -> str:
    """The one by which the first lines have the most cells; a comma where none has any."""
    head = text[:50_000].splitlines(keepends=True)[:60]

    def cells(delimiter: str) -> int:
        try:
            return sum(
                len(record) - 1 for record in csv.reader(head, delimiter=delimiter) if record
            )
        except csv.Error:
            return 0

    return max(_DELIMITERS, key=cells)


def _records(text: str, delimiter: str, name: str) -> Iterator[list[str]]:
    # After a quote that nobody closed the last line is not there.
    lines = itertools.chain(io.StringIO(text, newline=""), ["\n", _LAST])
    reader = csv.reader(lines, delimiter=delimiter)
    start = line = 0
    record: list[str] = []
    try:
        for following in reader:
            if line:
                yield record
            start, line, record = line, reader.line_num, following
            if line - start > _MOST_LINES:
                raise _unclosed(name, start + 1)
    except csv.Error:
        raise _unclosed(name, line + 1) from None
    if record != [_LAST]:
        raise _unclosed(name, start + 1)


def _unclosed(name: str, line: int) -> SheetRefused:
    return SheetRefused(
        f"「{name}」第 {line} 行起有一个双引号没有成对，后面的行都会被吞进同一格。"
        f"请补上或删去这个引号；或者{_SAVE_AGAIN.removeprefix('请')}"
    )


def _cells(record: list[str], number: int) -> tuple[Cell | None, ...]:
    texts = [text[1:] if ESCAPED.match(text) else text for text in record]
    while texts and not texts[-1].strip():
        texts.pop()
    if len(texts) > MAX_COLUMNS:
        raise too_many_columns(number)
    if any(len(text) > MAX_CHARACTERS for text in texts):
        raise SheetRefused(
            f"第 {number} 行有一格超过 {MAX_CHARACTERS:,} 字，不像名单。请核对文件。"
        )
    return tuple(Cell(text) if text.strip() else None for text in texts)
