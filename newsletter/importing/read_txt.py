"""A text file, whatever its encoding, as blocks.

One line of the file is one paragraph; lines with tabs inside that stand together are a table.
"""

import codecs
import re
from collections import Counter

from newsletter.importing.blocks import Block, TableBlock, TextBlock
from newsletter.importing.characters import compact, tidy
from newsletter.importing.errors import ImportRefused, NotAnIssue

MAX_BYTES = 20 * 1024 * 1024

_FOREIGN = (
    (b"%PDF-", "PDF 文件"),
    (b"PK\x03\x04", "Word、Excel 文件或压缩包"),
    (b"\xd0\xcf\x11\xe0", "旧版 Word、Excel 文件"),
    (b"{\\rtf", "RTF 文件"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
)
_BOMS = (
    # UTF-32's mark begins with UTF-16's, so it is asked first.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Not - 12 -, which is a page number.
_MARKER = re.compile(r"([-*•▪◦])[ \u3000]+(?=\S*\w)(?![0-9]{1,4}[ \u3000]*[-*•])")
_GAP = re.compile("[ \u3000\u00a0]{2,}")
_BINARY = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def decode(data: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 (with or without its mark), UTF-32 or GB18030.

    Raises `NotAnIssue` for empty and binary files, `ImportRefused` for files too large or
    with bytes that no encoding explains.
    """
    if len(data) > MAX_BYTES:
        raise ImportRefused(
            f"文件有 {len(data) / 1024 / 1024:.1f} MB，超过 20 MB 的上限。"
            "一期的文字通常不到 1 MB，请核对是否选错了文件。"
        )
    if not data.strip():
        raise NotAnIssue("文件是空的，没有任何文字。请重新选择一期刊物的文本文件。")
    for magic, what in _FOREIGN:
        if data.startswith(magic):
            raise NotAnIssue(f"这是{what}，不是文本文件。请另存为纯文本（.txt）后再导入。")
    text = _decoded(data)
    if not compact(text):
        raise NotAnIssue("文件里只有空白，没有任何文字。请重新选择一期刊物的文本文件。")
    if len(_BINARY.findall(text)) > len(text) // 100:
        raise NotAnIssue("这不是文本文件（含大量控制字符）。请另存为纯文本（.txt）后再导入。")
    return text


def _decoded(data: bytes) -> str:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _strictly(data, encoding)
    encoding = _unmarked_utf16(data)
    if encoding:
        return _strictly(data, encoding)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        utf8_failed_at = error.start
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError as error:
        if b"\x00" in data:
            raise NotAnIssue(
                "这不是文本文件（含零字节）。请另存为纯文本（.txt）后再导入。"
            ) from None
        line = data.count(b"\n", 0, max(error.start, utf8_failed_at)) + 1
        raise ImportRefused(
            f"第{line}行有无法识别的字符，既不是 UTF-8 也不是 GB18030 编码。"
            "请用原来的软件打开，另存为 UTF-8 文本后再导入。"
        ) from None


def _unmarked_utf16(data: bytes) -> str:
    """UTF-16 without its mark, told by its line ends, or nothing."""
    if len(data) % 2 or b"\x00" not in data:
        return ""
    pairs = Counter(zip(data[0::2], data[1::2], strict=True))
    little, big = pairs[ord("\n"), 0], pairs[0, ord("\n")]
    if max(little, big) * 2000 < len(data):  # fewer lines than any text has
        return ""
    return "utf-16-le" if little >= big else "utf-16-be"


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise ImportRefused(
            f"文件标明是 {encoding.upper()} 编码，但有无法识别的字符。"
            "请用原来的软件打开，另存为 UTF-8 文本后再导入。"
        ) from None


def read_txt(data: bytes) -> tuple[Block, ...]:
    """The blocks of a text file; raises `ImportRefused` as `decode` does."""
    return blocks_of(decode(data))


def blocks_of(text: str) -> tuple[Block, ...]:
    """The blocks of a text whose lines end in LF, CRLF or CR."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    blocks: list[Block] = []
    rows: list[tuple[str, ...]] = []
    row_lines: list[int] = []
    blank = table_blank = 0

    def close_table() -> None:
        nonlocal rows, row_lines
        if len(rows) == 1:  # one line with a tab is a line of text
            text_of_row = tidy(" ".join(rows[0]))
            blocks.append(TextBlock(text_of_row, row_lines[0], table_blank, cells=rows[0]))
        elif rows:
            blocks.append(TableBlock(tuple(rows), tuple(row_lines), table_blank))
        rows, row_lines = [], []

    spaced = _spaced_rows(lines)
    for at, raw in enumerate(lines, start=1):
        if not compact(raw):
            blank += 1
            continue
        cells = spaced.get(at) or _cells(raw)
        if len(cells) > 1:
            # Rows of one table have no blank line between them, or at most one and equal length.
            if rows and (blank > 1 or (blank == 1 and len(cells) != len(rows[-1]))):
                close_table()
            if not rows:
                table_blank = blank
            rows.append(cells)
            row_lines.append(at)
        elif rows and blank == 0 and at < len(lines) and len(_cells(lines[at])) > 1:
            rows.append(cells)  # a row of one cell between rows of several
            row_lines.append(at)
        else:
            close_table()
            blocks.append(_text_block(raw, at, blank))
        blank = 0
    close_table()
    return tuple(blocks)


def _spaced_rows(lines: list[str]) -> dict[int, tuple[str, ...]]:
    """Rows of tables that are set with spaces, by line: three lines and more, directly under
    each other, that wide gaps divide into the same number of short cells, three at least.
    """
    found: dict[int, tuple[str, ...]] = {}
    run: list[tuple[str, ...]] = []
    for at, raw in enumerate([*lines, ""], start=1):
        cells = tuple(map(tidy, _GAP.split(raw.strip()))) if "\t" not in raw else ()
        short = len(cells) >= 3 and all(0 < len(cell) <= 24 for cell in cells)
        if run and not (short and len(cells) == len(run[-1])):
            if len(run) >= 3:
                found.update({at - len(run) + n: row for n, row in enumerate(run)})
            run = []
        if short:
            run.append(cells)
    return found


def _cells(raw: str) -> tuple[str, ...]:
    """The cells of a line with a tab between texts; one cell for any other line."""
    if "\t" not in raw.strip():
        return (raw,)
    # A leading tab is an empty first cell only when the line has further tabs.
    return tuple(tidy(cell) for cell in raw.rstrip().split("\t"))


def _text_block(raw: str, line: int, blank: int) -> TextBlock:
    text = tidy(raw)
    marked = _MARKER.match(raw.strip())
    if marked:
        return TextBlock(
            tidy(raw.strip()[marked.end() :]), line, blank, indented=True, marker=marked[1]
        )
    return TextBlock(text, line, blank, indented=raw[:1].isspace())
