"""Reading her spreadsheet: XLSX or CSV, told by its content and never by its name."""

from __future__ import annotations

import io
import zipfile
from typing import IO

from members.bulk import delimited, workbook
from members.bulk.model import Cell, Kind, Merge, Row, Sheet, SheetRefused

__all__ = ["MAX_BYTES", "Cell", "Kind", "Merge", "Row", "Sheet", "SheetRefused", "read"]

MAX_BYTES = 10 * 1024 * 1024

_SAVE_AS = "请用 Excel 或 WPS 打开，另存为 .xlsx 或 .csv 后再导入。"
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")
_FOREIGN = (
    (b"%PDF-", "PDF 文件"),
    (b"{\\rtf", "RTF 文件"),
    (b"Rar!", "压缩包（RAR）"),
    (b"7z\xbc\xaf\x27\x1c", "压缩包（7z）"),
    (b"\x1f\x8b", "压缩包（gzip）"),
    (b"SQLite format 3", "数据库文件"),
)
# What an archive is, by the beginning of a name in it.
_ARCHIVES = (
    ("word/", "Word 文档"),
    ("ppt/", "PowerPoint 演示文稿"),
    ("xl/workbook.bin", "二进制工作簿（.xlsb）"),
    ("Index/", "Numbers 表格"),
)
_OPEN_DOCUMENT = {
    b"application/vnd.oasis.opendocument.spreadsheet": "OpenDocument 表格（.ods）",
    b"application/vnd.oasis.opendocument.text": "OpenDocument 文档（.odt）",
}


def read(file: IO[bytes], *, name: str, sheet: str | None = None) -> Sheet:
    """One sheet of a spreadsheet, within bounds of size, time and memory.

    Args:
        file: an opened file (an `UploadedFile` is one), at most 10 MB; read from where it stands.
        name: what it is called, for sentences; its ending decides nothing.
        sheet: which sheet; without it the first that is not hidden and has anything in it.

    Returns:
        The rows with anything in them, at most 20,000 of 60 columns. Reading ends at 200 empty
        rows on end.

    Raises:
        SheetRefused: it is something else, broken, locked, empty or too large: the sentence says
            what it is and what to do.
    """
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise SheetRefused(
            f"「{name}」超过 10 MB 的上限。名单通常不到 1 MB："
            "请核对是否选错了文件，或删去其中的图片后再导入。"
        )
    if not data.strip(b"\0 \t\r\n"):
        raise SheetRefused(f"「{name}」是空的。请重新选择文件。")
    if data.startswith(b"PK\x03\x04"):
        found = _workbook(data, name, sheet)
    else:
        _refuse_foreign(data, name)
        found = delimited.read(data, name=name)
    if not found.rows:
        raise SheetRefused(f"「{name}」里没有任何内容。请核对是否选错了文件或工作表。")
    return found


def _workbook(data: bytes, name: str, sheet: str | None) -> Sheet:
    try:
        workbook.refuse_crowded(data)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if "mimetype" in names:
                info = archive.getinfo("mimetype")
                mimetype = archive.read(info) if info.file_size < 200 else b""
                what = _OPEN_DOCUMENT.get(mimetype.strip(), "OpenDocument 文件")
                raise SheetRefused(f"「{name}」是 {what}，门户读不了。{_SAVE_AS}")
            for start, what in _ARCHIVES:
                if any(entry.startswith(start) for entry in names):
                    raise SheetRefused(f"「{name}」是 {what}，门户读不了。{_SAVE_AS}")
            if not any(entry.startswith("xl/") for entry in names):
                raise SheetRefused(
                    f"「{name}」是压缩包，不是表格。请先解压，再导入其中的 .xlsx 或 .csv 文件。"
                )
            return workbook.read(archive, name=name, wanted=sheet)
    except SheetRefused:
        raise
    except workbook.BROKEN as error:
        raise SheetRefused(f"「{name}」已损坏，或者不是真正的 .xlsx 文件。{_SAVE_AS}") from error


def _refuse_foreign(data: bytes, name: str) -> None:
    if data.startswith(_COMPOUND):
        raise SheetRefused(_compound(data, name))
    what = next((what for magic, what in _FOREIGN if data.startswith(magic)), "")
    is_picture = data.startswith(_PICTURES) or data[4:8] == b"ftyp" or data[8:12] == b"WEBP"
    if is_picture and not _is_text(data):
        raise SheetRefused(
            f"「{name}」是图片，门户认不出其中的文字。请导入原来的表格（.xlsx 或 .csv）。"
        )
    if what:
        raise SheetRefused(f"「{name}」是{what}，不是表格。请导入原来的 .xlsx 或 .csv 文件。")
    start = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype", b"<table", b"<meta")):
        raise SheetRefused(f"「{name}」其实是网页（HTML），不是表格。{_SAVE_AS}")
    if start.startswith(b"<?xml"):
        raise SheetRefused(f"「{name}」其实是 XML 文件，不是 .xlsx 表格。{_SAVE_AS}")


def _is_text(data: bytes) -> bool:
    # A list may begin with the letters BM.
    return not any(byte in data[:512] for byte in b"\0\1\2\3\4\5\6")


def _compound(data: bytes, name: str) -> str:
    """What a compound file is ([MS-CFB]: names of its streams are UTF-16)."""

    def holds(stream: str) -> bool:
        return stream.encode("utf-16-le") in data

    if holds("EncryptedPackage"):
        return (
            f"「{name}」设了打开密码，门户读不了。"
            "请用 Excel 或 WPS 打开，去掉密码后另存为 .xlsx，再导入。"
        )
    if holds("WordDocument"):
        return f"「{name}」是旧版 Word 文档，不是表格。请导入 .xlsx 或 .csv 文件。"
    if name.lower().endswith((".et", ".ett")):
        return f"「{name}」是 WPS 旧格式的表格（.et），门户读不了。{_SAVE_AS}"
    return f"「{name}」是旧版 Excel 表格（.xls），门户读不了。{_SAVE_AS}"
