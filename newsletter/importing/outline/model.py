"""An issue as the importer understands it: masthead, contents and articles of typed elements."""

import datetime
from dataclasses import dataclass, field
from typing import Literal

from newsletter.doubts import Doubt

Frequency = Literal["quarterly", "bimonthly", "monthly", "irregular"]
HeadingRole = Literal["notice-title", "attached-title"]
ParagraphRole = Literal[
    "docno", "addressee", "signature", "date", "remark", "original-title", "lead", "note", "qa"
]


@dataclass(frozen=True, slots=True)
class Plain:
    """Running text."""

    text: str


@dataclass(frozen=True, slots=True)
class Strong:
    """A run-in heading or a speaker's name at the head of a paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class NoteMark:
    """A reference to a note, exactly as received (a damaged one too)."""

    text: str
    number: int
    damaged: bool = False


Run = Plain | Strong | NoteMark


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 2 to 5 is the HTML level."""

    level: int
    text: str
    line: int
    role: HeadingRole | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; `lines` has more than one line where page breaks had cut it."""

    runs: tuple[Run, ...]
    lines: tuple[int, ...]
    role: ParagraphRole | None = None

    @property
    def text(self) -> str:
        """Its text without markup."""
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class BulletList:
    """Items that the file marks with - or •."""

    items: tuple[tuple[Run, ...], ...]
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `header` is empty when the first row is no header. Rows have equal length."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[Paragraph, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure's caption; the number is without 图 (2, 2-1, 三), the image is elsewhere."""

    number: str
    caption: str
    line: int


@dataclass(frozen=True, slots=True)
class Note:
    """The text of one note, without its mark."""

    number: int
    mark: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes at the end of an article."""

    items: tuple[Note, ...]
    line: int


Element = Heading | Paragraph | BulletList | Table | Figure | Notes


@dataclass(frozen=True, slots=True)
class ContentsLine:
    """A line of the printed contents; `article` is an index into the outline's articles."""

    title: str
    page: int
    section: str
    line: int
    article: int | None = None


@dataclass(frozen=True, slots=True)
class Omitted:
    """Text of the file that is not in the issue, and why (a Chinese phrase)."""

    text: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ArticleOutline:
    """One article. Texts are empty, dates and pages None, where the file says nothing."""

    title: str
    line: int
    section: str = ""
    contents_title: str = ""
    printed_page: int | None = None
    kicker: str = ""
    subtitle: str = ""
    lead: str = ""
    source: str = ""
    document_number: str = ""
    author: str = ""
    original_title: str = ""
    original_url: str = ""
    original_date: datetime.date | None = None
    editor: str = ""
    proofreader: str = ""
    elements: tuple[Element, ...] = ()


@dataclass(frozen=True, slots=True)
class Masthead:
    """The cover and the colophon. Texts are empty where the file says nothing."""

    year: int
    number: int
    serial: int | None = None
    frequency: Frequency | None = None
    periodical: str = ""
    publisher: str = ""
    cover_line: str = ""
    permit_number: str = ""
    recipients: str = ""
    printer: str = ""
    printed_on: datetime.date | None = None
    print_run: int | None = None


@dataclass(frozen=True, slots=True)
class IssueOutline(Masthead):
    """An issue whole."""

    sections: tuple[str, ...] = ()
    """In printed order; names that stand in the contents alone come last."""
    contents: tuple[ContentsLine, ...] = ()
    articles: tuple[ArticleOutline, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    omitted: tuple[Omitted, ...] = field(default=())
