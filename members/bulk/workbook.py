"""XLSX (ECMA-376, part 1, 18), as a stream: what is not wanted is never in memory.

openpyxl's reading keeps every row it has passed, knows no merged cells while streaming, and gives
either a formula or its result: so the sheet's XML is read here, always by
defusedxml's parser; of the standard library's SAX there are only names.
"""

from __future__ import annotations

import posixpath
import re
import struct
import zipfile
import zlib
from typing import IO
from xml.sax import SAXException  # nosec B406

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.expatreader import create_parser  # type: ignore[import-untyped]

from members.bulk.model import Merge, Sheet, SheetRefused, a_bomb
from members.bulk.workbook_parts import Book, Part, Relations, Rows, Strings, Styles, column_of

MAX_PARTS = 2000
MAX_DIRECTORY = 512 * 1024
MAX_READ = 64 * 1024 * 1024  # bytes of XML looked at; 20,000 rows of 60 columns have less
MAX_SCANNED = 512 * 1024 * 1024  # bytes passed over on the way to the merged cells
# Sheets of empty, formatted rows come to 30; nothing that somebody wrote comes near.
MAX_RATIO = 200
_RATIO_FROM = 4 * 1024 * 1024
_CHUNK = 64 * 1024
_MERGE = re.compile(
    rb'<(?:\w+:)?mergeCell\s[^>]*?\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"'
)
MAX_MERGES = 40_000

# What reading a damaged archive or its XML raises.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    LookupError,
    NotImplementedError,
    struct.error,
    ValueError,
    SAXException,
    DefusedXmlException,
)


def refuse_crowded(data: bytes) -> None:
    """Before `zipfile` makes an object of each entry: how large the directory says it is.

    Raises:
        SheetRefused: larger than any workbook's.
    """
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    if end < 0:
        raise zipfile.BadZipFile
    [size] = struct.unpack_from("<L", data, end + 12)
    # APPNOTE.TXT, 4.3.14: where the larger form is there, zipfile goes by that.
    if data[max(0, end - 20) : end].startswith(b"PK\x06\x07") and end >= 76:
        [size] = struct.unpack_from("<Q", data, end - 76 + 40)
    if size > MAX_DIRECTORY:
        raise a_bomb("里面的文件多得不像一个表格")


def read(archive: zipfile.ZipFile, *, name: str, wanted: str | None) -> Sheet:
    """The first visible sheet of a workbook with anything in it, or the one that is wanted.

    Raises:
        SheetRefused: locked, a bomb, too large, or without that sheet.
        BROKEN: any of these, when it is no workbook after all.
    """
    entries = archive.infolist()
    if len(entries) > MAX_PARTS:
        raise a_bomb("里面的文件多得不像一个表格")
    if any(entry.flag_bits & 1 for entry in entries):
        raise SheetRefused(f"「{name}」设了密码，门户读不了。请去掉密码，另存为 .xlsx 后再导入。")
    parts = _Parts(archive)
    root = parts.relations("")
    path = next((path for kind, path in root.values() if kind == "officeDocument"), "")
    path = path or "xl/workbook.xml"
    book = Book()
    parts.read(book, path)
    relations = parts.relations(path)
    styles, strings = Styles(), Strings()
    for kind, target in relations.values():
        if kind == "styles":
            parts.read(styles, target)
        elif kind == "sharedStrings":
            parts.read(strings, target)
    visible = [found for found in book.sheets if not found.hidden] or book.sheets
    sheets = [
        (found.title, relations[found.relation][1])
        for found in visible
        if found.relation in relations and relations[found.relation][0] == "worksheet"
    ]
    if not sheets:
        raise KeyError(name)
    if wanted is not None:
        sheets = [found for found in sheets if found[0] == wanted]
        if not sheets:
            raise SheetRefused(f"「{name}」里没有名为「{wanted}」的工作表。请重新选择。")
    others = [found.title for found in visible]
    for title, target in sheets:
        handler = Rows(strings.cells, styles.kinds(), from_1904=book.from_1904)
        merges = parts.rows(handler, target)
        if handler.rows:
            others.remove(title)
            return Sheet(name, title, tuple(handler.rows), merges, tuple(others))
    return Sheet(name, sheets[0][0], (), (), tuple(others[1:]))


class _Parts:
    """The parts of a package, read within one budget."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.left = MAX_READ

    def relations(self, path: str) -> dict[str, tuple[str, str]]:
        """What a part refers to, by id: its kind and its path (ECMA-376, part 2, 9)."""
        folder, file = posixpath.split(path)
        where = posixpath.join(folder, "_rels", f"{file}.rels")
        if where not in self.archive.NameToInfo:
            return {}
        handler = Relations()
        self.read(handler, where)
        return {
            number: (kind, posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/"))
            for number, (kind, target) in handler.found.items()
        }

    def read(self, handler: Part, path: str) -> None:
        with self._open(path) as stream:
            self._feed(handler, stream)

    def rows(self, handler: Rows, path: str) -> tuple[Merge, ...]:
        """Read a sheet's rows; what is merged stands behind them, and is looked for there."""
        with self._open(path) as stream:
            last = self._feed(handler, stream)
            return _merges(last, stream) if handler.rows else ()

    def _open(self, path: str) -> IO[bytes]:
        info = self.archive.getinfo(path)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # The others unpack whole, however little of them is asked for.
            raise zipfile.BadZipFile
        if info.file_size > max(_RATIO_FROM, info.compress_size * MAX_RATIO):
            raise a_bomb("解压后大得不像一个表格")
        return self.archive.open(info)

    def _feed(self, handler: Part, stream: IO[bytes]) -> bytes:
        """Parse until the handler has what it wants; returns the piece in which that ended."""
        parser = create_parser(forbid_dtd=True)
        parser.setContentHandler(handler)
        chunk = b""
        while not handler.done:
            chunk = stream.read(_CHUNK)
            if not chunk:
                parser.close()
                break
            self.left -= len(chunk)
            if self.left < 0:
                raise a_bomb("解压后大得不像一个表格")
            parser.feed(chunk)
        return chunk


def _merges(last: bytes, stream: IO[bytes]) -> tuple[Merge, ...]:
    """The merged cells, found as bytes: there may be a million empty rows before them."""
    found: list[Merge] = []
    window, scanned = last, 0
    while window and scanned < MAX_SCANNED and len(found) < MAX_MERGES:
        end = 0
        for match in _MERGE.finditer(window):
            first, top, last_column, bottom = match.groups()
            found.append(
                Merge(
                    int(top),
                    int(bottom),
                    column_of(first.decode()),
                    column_of(last_column.decode()),
                )
            )
            end = match.end()
        if b"mergeCells>" in window[end:]:
            break
        chunk = stream.read(_CHUNK)
        scanned += len(chunk)
        window = window[max(end, len(window) - 200) :] + chunk if chunk else b""
    return tuple(found)
