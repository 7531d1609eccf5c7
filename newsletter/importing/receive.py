"""Receiving a finished issue, from the command line and from the admin alike.

First it is read and shown (nothing is written), then, if the editor wants it, kept as a draft.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from members import audit
from members.models import User
from newsletter.importing import draft, read
from newsletter.importing.conservation import Conservation, compare
from newsletter.importing.draft import DraftIssue
from newsletter.importing.errors import ImportRefused
from newsletter.importing.outline.model import IssueOutline
from newsletter.importing.read_json import looks_like_json, read_json
from newsletter.importing.read_txt import decode
from newsletter.importing.report import as_text, report
from newsletter.models import IncomingFile, Issue

MAX_BYTES = 20 * 1024 * 1024
MAX_PICTURES = 300


@dataclass
class Received:
    """A file as understood: `outline` is None for an exported document."""

    name: str
    data: bytes
    draft: DraftIssue
    outline: IssueOutline | None = None
    conservation: Conservation | None = None
    pictures: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def lost(self) -> int:
        """How many characters of the file are neither in the issue nor listed: 0, or a fault."""
        return sum(len(piece.text) for piece in self.conservation.lost) if self.conservation else 0

    def report_text(self) -> str:
        if self.outline is None:
            return f"{self.name}：由本门户导出的一期，{len(self.draft.articles)} 篇。"
        text = as_text(report(self.outline))
        if self.conservation:
            count = self.conservation
            text += f"\n字数核对：收入 {count.placed}，列出 {count.listed}，丢失 {self.lost}。\n"
        return text


def from_bytes(data: bytes, *, name: str, pictures: Mapping[str, bytes] | None = None) -> Received:
    """Read a finished issue of any kind, told by its content.

    Raises:
        ImportRefused: it is none, or cannot be read.
    """
    if looks_like_json(data):
        return Received(name, data, read_json(data))
    outline = read(data, name=name)
    understood = draft.from_outline(outline, pictures=pictures or {})
    return Received(
        name,
        data,
        understood,
        _without_doubts_settled_by(understood, outline),
        compare(decode(data), outline),
        pictures or {},
    )


def _without_doubts_settled_by(understood: DraftIssue, outline: IssueOutline) -> IssueOutline:
    """The outline for the report: a figure whose picture came with the file is not missing."""
    came = {
        (index, figure.number)
        for index, article in enumerate(understood.articles)
        for figure in article.figures
        if figure.image
    }
    doubts = tuple(
        doubt
        for doubt, kept in zip(outline.doubts, understood.doubts, strict=True)
        if (kept.article, kept.figure) not in came
    )
    return dataclasses.replace(outline, doubts=doubts)


def from_path(path: Path) -> Received:
    """Read a file, with the pictures in the folder beside it that has its name.

    Raises:
        ImportRefused: it is not there, too large, or no issue.
    """
    try:
        if path.stat().st_size > MAX_BYTES * 10:
            raise ImportRefused(f"{path.name} 太大，不像是一期成稿。请核对文件。")
        data = path.read_bytes()
    except OSError as error:
        why = "没有这个文件" if isinstance(error, FileNotFoundError) else "没有读取的权限或不是文件"
        raise ImportRefused(f"读不到 {path}：{why}，请核对路径。") from None
    folder = path.with_suffix("")
    pictures: dict[str, bytes] = {}
    if path.suffix and folder.is_dir():
        for found in sorted(folder.iterdir())[:MAX_PICTURES]:
            if found.suffix.lower() in (".png", ".jpg", ".jpeg", ".webp", ".gif"):
                pictures[found.stem] = found.read_bytes()
    return from_bytes(data, name=path.name, pictures=pictures)


def keep(found: Received, *, by: User | audit.Actor, replace: bool = False) -> Issue:
    """Keep what was read, as a draft, with the file it came from.

    Raises:
        ImportRefused: see `draft.save`; the file is not kept either.
    """
    person = by if isinstance(by, User) else None
    received = draft.keep_file(found.data, name=found.name, by=person)
    try:
        return draft.save(found.draft, by=by, replace=replace, received=received)
    except BaseException:
        forget(received)
        raise


def forget(received: IncomingFile) -> None:
    """Drop a received file that nobody kept."""
    received.file.delete(save=False)
    received.delete()
