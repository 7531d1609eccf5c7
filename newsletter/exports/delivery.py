"""How anything made for one reader leaves: gate, record, send, in that order.

What an issue, an article or a table becomes as a file to keep goes through `deliver` and no
other way, so that nobody leaves with a copy that nobody knows of.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from members import audit
from members.models import AuditEntry, User
from newsletter.models import Article


@dataclass(frozen=True)
class Kind:
    """A form in which content leaves: what the trail calls the act, and the media type."""

    action: str
    content_type: str


# The true types: what we made ourselves may be opened by the program that knows it.
KINDS: Final = {
    "xlsx": Kind(
        "delivery.table", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    ),
    # RFC 7111; a first line of column heads is not promised.
    "csv": Kind("delivery.table", "text/csv; charset=utf-8"),
}
# File systems take 255 bytes, and programs add to a name ("(1)", ".part").
MAX_NAME_BYTES = 200
_TAIL = 24
# Control and format characters (bidirectional overrides hide what a file is), and what
# Windows takes in no name.
_NOT_IN_NAMES = re.compile(
    "[\0-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]+"
)
_RESERVED = str.maketrans('\\/:*?"<>|', "＼／：＊？＂＜＞｜")


class Delivery(HttpResponse):
    """A file on its way to one reader. It exists only with the entry that records it."""

    def __init__(self, content: bytes, *, entry: AuditEntry, name: str, content_type: str) -> None:
        """
        Args:
            content: the whole file.
            entry: the stored record of this delivery.
            name: the file's name for the reader, any text.
            content_type: a media type of ours.

        Raises:
            TypeError: `entry` is not an entry of the audit trail.
            ValueError: it was not stored, or records something else.
        """
        if not isinstance(entry, AuditEntry):
            raise TypeError("a delivery needs the audit entry that records it")
        if entry._state.adding or not entry.action.startswith("delivery."):
            raise ValueError("this entry records no delivery")
        super().__init__(content, content_type=content_type)
        self.entry = entry
        # RFC 6266; Django writes a name beyond ASCII as RFC 8187 has it.
        self["Content-Disposition"] = content_disposition_header(True, file_name(name))
        self["X-Content-Type-Options"] = "nosniff"
        self["Content-Security-Policy"] = "default-src 'none'; sandbox"


def deliver(
    request: HttpRequest,
    article: Article,
    *,
    kind: str,
    name: str,
    content: bytes,
    part: str = "",
) -> Delivery:
    """Give a file made of an article to who asks, and put it on record.

    Args:
        request: by whom and from where.
        article: what the file was made of, its issue with it.
        kind: a key of `KINDS`.
        name: the file's name for the reader, its extension included.
        content: the whole file.
        part: the id of the block, when the file is of a part only.

    Raises:
        Http404: this person may not read the article now.
    """
    form = KINDS[kind]
    # Durable: when this is left the record is on disk, or nothing is sent.
    with transaction.atomic(durable=True):
        reader = request.user
        readable = Article.objects.readable_by(reader).filter(pk=article.pk)
        if not isinstance(reader, User) or not readable.exists():
            raise Http404
        entry = audit.record(
            form.action,
            by=reader,
            subject=article,
            request=request,
            kind=kind,
            block=part,
            issue=article.issue_id,
            # Of the text from which the file was made, though a newer one be out by now.
            version=article.issue.version,
        )
    return Delivery(content, entry=entry, name=name, content_type=form.content_type)


def file_name(name: str) -> str:
    """Any text as a name that every file system takes; a long one loses its middle."""
    clean = " ".join(_NOT_IN_NAMES.sub(" ", name).translate(_RESERVED).split()).strip(". ")
    if len(clean.encode()) <= MAX_NAME_BYTES:
        return clean or "文件"
    tail = clean[-_TAIL:]
    room = MAX_NAME_BYTES - len(f"…{tail}".encode())
    return f"{clean.encode()[:room].decode(errors='ignore').rstrip()}…{tail}"
