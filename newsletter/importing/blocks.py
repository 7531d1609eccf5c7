"""What a reader of any format gives: the file's paragraphs and tables in order, nothing judged.

A block's place is its line in the file, counted from 1; for formats without lines (docx, pdf)
the running number of the paragraph serves.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    """How a paragraph is set, as far as the format tells; text files tell nothing."""

    name: str | None = None
    bold: bool | None = None
    size: float | None = None
    """In points."""
    centred: bool | None = None


@dataclass(frozen=True, slots=True)
class TextBlock:
    """One paragraph of the file, on one line, inner white space as single spaces."""

    text: str
    line: int
    blank_before: int = 0
    """Blank lines directly before it."""
    indented: bool = False
    after_page: bool = False
    """Whether a page number or running head stood directly before it: a page begins here."""
    marker: str | None = None
    """The mark of a list item (-, •) standing before the text and not part of it."""
    style: Style | None = None
    cells: tuple[str, ...] = ()
    """The cells of a line that tabs divide, when no other such line stands beside it."""

    @property
    def printed(self) -> str:
        """The text with its list mark, as it stands in the file."""
        return f"{self.marker} {self.text}" if self.marker else self.text


@dataclass(frozen=True, slots=True)
class TableBlock:
    """Rows of cells; rows may differ in length. `lines` holds the line of each row."""

    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    blank_before: int = 0

    @property
    def line(self) -> int:
        """Where the table begins."""
        return self.lines[0]


Block = TextBlock | TableBlock
