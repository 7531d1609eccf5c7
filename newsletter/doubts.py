"""存疑: what an import is not sure of, for an editor to look at."""

import enum
from dataclasses import dataclass


class Severity(enum.StrEnum):
    """How much a doubt asks of the editor."""

    BLOCKING = "blocking", "须先处理"
    LOOK = "look", "请核对"
    NOTE = "note", "供参考"

    label: str

    def __new__(cls, value: str, label: str) -> "Severity":
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


class DoubtKind(enum.StrEnum):
    """What a doubt is about; each has a Chinese label and its severity."""

    MASTHEAD = "masthead", "刊头不全", Severity.LOOK
    NO_ARTICLE = "no-article", "目录有而正文无", Severity.BLOCKING
    NO_CONTENTS_LINE = "no-contents-line", "正文有而目录无", Severity.LOOK
    TITLE_DIFFERS = "title-differs", "标题与目录不同", Severity.LOOK
    PAGE_ORDER = "page-order", "目录页码", Severity.LOOK
    ORDER_DIFFERS = "order-differs", "次序与目录不同", Severity.LOOK
    SECTION = "section", "栏目", Severity.LOOK
    NO_SOURCE = "no-source", "缺来源", Severity.LOOK
    NO_TEXT = "no-text", "没有正文", Severity.BLOCKING
    FIELD = "field", "署名、来源等存疑", Severity.LOOK
    JOIN = "join", "断段接续", Severity.LOOK
    CUT = "cut", "文字似未完", Severity.LOOK
    HEADING = "heading", "小标题", Severity.LOOK
    TABLE = "table", "表格", Severity.LOOK
    FIGURE_IMAGE = "figure-image", "图缺图片", Severity.LOOK
    FIGURE_ABSENT = "figure-absent", "图缺号", Severity.LOOK
    NOTE_MARK_DAMAGED = "note-mark-damaged", "注号损坏", Severity.LOOK
    NOTE_MARK_ABSENT = "note-mark-absent", "注号缺失", Severity.LOOK
    NOTE_TEXT_ABSENT = "note-text-absent", "注文缺失", Severity.LOOK
    NOTE_UNUSED = "note-unused", "注文无处引用", Severity.NOTE
    ATTACHMENT_ABSENT = "attachment-absent", "附表附件缺失", Severity.LOOK
    STRAY = "stray", "夹杂文字", Severity.NOTE
    LEFT_OUT = "left-out", "未归入的文字", Severity.NOTE

    label: str
    severity: Severity

    def __new__(cls, value: str, label: str, severity: Severity) -> "DoubtKind":
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        member.severity = severity
        return member


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing to look at, with its place in the file."""

    kind: DoubtKind
    message: str
    """A Chinese sentence that says what and where."""
    line: int | None
    """Counted from 1; None when the thing is nowhere in the file."""
    article: int | None = None
    """Index into the outline's articles; None when it concerns the issue."""
    excerpt: str = ""

    @property
    def severity(self) -> Severity:
        """How much it asks of the editor."""
        return self.kind.severity


def excerpt(text: str, length: int = 24) -> str:
    """The beginning of a text, marked when it is cut."""
    return text if len(text) <= length else f"{text[:length]}…"
