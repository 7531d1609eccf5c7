"""Whether every character of a file is in the issue made of it.

The check reads the output alone, the body HTML and the fields, and knows nothing of how the
importer came to it: it goes through the file's lines in order and looks for each in the output.
Within an article's body the order must be the file's.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from newsletter.importing.characters import compact
from newsletter.importing.markup import body_html
from newsletter.importing.numerals import date, half_width, in_words
from newsletter.importing.outline.labels import (
    ARTICLE_LABELS,
    EDITORS_WORDS,
    ISSUE_LABELS,
    LEAD_WORDS,
)
from newsletter.importing.outline.model import (
    ArticleOutline,
    ContentsLine,
    Figure,
    IssueOutline,
)
from newsletter.importing.read_txt import decode

_FREQUENCIES = {
    "quarterly": "季刊",
    "bimonthly": "双月刊",
    "monthly": "月刊",
    "irregular": "不定期",
}
_LABEL_WORDS = sorted(
    {
        word
        for labels in (ARTICLE_LABELS, ISSUE_LABELS)
        for group in labels.values()
        for word in group
    }
    | LEAD_WORDS
    | EDITORS_WORDS
    | {"本期目录", "目录", "目次", "本期要目", "要目", "CONTENTS", "contents", "Contents", "刊", "目", "录"},
    key=len,
    reverse=True,
)  # fmt: skip
_NOTE_MARK = re.compile(
    "(?:[\\[［](?:注|註)?[0-9０-９]{1,3}[\\]］]|[①-⑳]|[0-9０-９]{1,3}[.．、])[：:、.．]*"
)
_DATE = re.compile(
    "[0-9零〇○一二三四五六七八九]{4}[年./-][0-9一二三四五六七八九十]{1,3}[月./-]"
    "[0-9一二三四五六七八九十]{1,3}[日号]?"
)
_DATE_PARTS = re.compile("[0-9零〇○一二三四五六七八九十年月日号./-]")
_ABOVE_TITLE = 20
"""Lines above its title in which an article's kicker is looked for."""
_SEPARATORS = re.compile("[：:、.．]+")
_PAGE_WORDS = re.compile("[第页pP]")


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text with its line in the file; the line is 0 for text that no line has."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Conservation:
    """How many characters (white space aside) are placed and listed, and which are lost.

    `added` is text of the issue that the file does not have at that place.
    """

    placed: int
    listed: int
    lost: tuple[Piece, ...]
    added: tuple[Piece, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing is lost and nothing added."""
        return not self.lost and not self.added


class _BodyText(HTMLParser):
    """The characters of a body in reading order, a figure's number before its caption."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.loose: set[int] = set()
        """Places where the file may have a note's mark that the list's own counting replaces."""
        self._parts: list[str] = []
        self._length = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "figure":
            self.handle_data(values.get("data-figure") or "")
        if tag == "figcaption" or (tag == "li" and (values.get("id") or "").startswith("note-")):
            self.loose.add(self._length)

    def handle_data(self, data: str) -> None:
        bare = compact(data)
        self._parts.append(bare)
        self._length += len(bare)

    def close(self) -> None:
        super().close()
        self.text = "".join(self._parts)


@dataclass(slots=True)
class _Reading:
    """One article while its lines are found: the body with a cursor, the fields left to find."""

    body: str
    loose: set[int]
    fields: dict[str, str]
    dates: tuple[object, ...]
    line: int
    at: int = 0

    @classmethod
    def of(cls, article: ArticleOutline) -> "_Reading":
        parser = _BodyText()
        numbers = [e.number for e in article.elements if isinstance(e, Figure)]
        parser.feed(body_html(article, figure_ids={n: f"图{n}" for n in numbers}))
        parser.close()
        names = (
            "title", "kicker", "subtitle", "lead", "source", "author", "original_title",
            "original_url", "editor", "proofreader",
        )  # fmt: skip
        fields = {name: compact(getattr(article, name)) for name in names}
        return cls(parser.text, parser.loose, fields, (article.original_date,), article.line)

    def take_body(self, text: str) -> int:
        """How many of the line's characters come next in the body; they are then read."""
        taken = self._same(text, 0)
        if taken < len(text) and self.at + taken in self.loose:
            # 图2：…, [1] …: the separator or mark that the structure itself expresses.
            mark = _NOTE_MARK.match(text, taken) or _SEPARATORS.match(text, taken)
            if mark:
                more = self._same(text, mark.end(), self.at + taken)
                if more:
                    self.at += taken + more
                    return mark.end() + more
        self.at += taken
        return taken

    def _same(self, text: str, start: int, at: int | None = None) -> int:
        at = self.at if at is None else at
        if self.body.startswith(text[start:], at):
            return len(text) - start
        count = 0
        limit = min(len(text) - start, len(self.body) - at)
        while count < limit and text[start + count] == self.body[at + count]:
            count += 1
        return count

    def take_fields(self, text: str) -> bool:
        """Whether the text is made of this article's fields and their labels."""
        for name, value in self.fields.items():
            if value and value.startswith(text):  # a field printed on several lines
                self.fields[name] = value[len(text) :]
                return True
        rest = text
        used = []
        for name, value in sorted(self.fields.items(), key=lambda item: -len(item[1])):
            if value and value in rest:
                rest = rest.replace(value, "\n", 1)
                used.append(name)
        started = next(
            (n for n, v in self.fields.items() if n not in used and v and _begins(v, rest)), None
        )
        if started:
            value = self.fields[started]
            kept = _without_labels(rest).strip("：:（(【[\n")
            self.fields[started] = value[len(kept) :]
            rest = ""
        rest = _without_labels(rest)
        if any(self.dates) and date(rest) in self.dates:
            rest = _DATE_PARTS.sub("", half_width(rest))
            used.append("")
        if _has_words(rest):
            return False
        if not used and not started:
            # A label alone on its line stands for the field under it.
            return text.strip("【】[]：:") in LEAD_WORDS | EDITORS_WORDS
        for name in filter(None, used):
            self.fields[name] = ""
        return True


def _begins(value: str, rest: str) -> bool:
    """Whether the rest, its label aside, begins a field that goes on in the next lines."""
    kept = _without_labels(rest).strip("：:（(【[\n")
    return len(kept) >= 2 and value.startswith(kept)


def _without_labels(text: str) -> str:
    for word in _LABEL_WORDS:
        if word in text:
            text = text.replace(word, "", 1)
    return text


def _has_words(text: str) -> bool:
    return any(ch.isalnum() for ch in text)


@dataclass(slots=True)
class _Search:
    """The state of going through a file."""

    issue: IssueOutline
    readings: list[_Reading]
    contents: list[tuple[str, ContentsLine]]
    omitted: dict[int, list[str]]
    phrases: list[str]
    current: int = -1
    placed: int = 0
    listed: int = 0
    lost: list[Piece] = field(default_factory=list)
    added: list[Piece] = field(default_factory=list)


def compare(source: str | bytes, outline: IssueOutline) -> Conservation:
    """Look for every character of the file, white space aside, in the issue made of it.

    `source` is the file's text, or its bytes.
    """
    source_text = source if isinstance(source, str) else decode(source)
    omitted: dict[int, list[str]] = {}
    for item in outline.omitted:
        omitted.setdefault(item.line, []).append(compact(item.text))
    search = _Search(
        outline,
        [_Reading.of(article) for article in outline.articles],
        [(compact(line.title), line) for line in outline.contents],
        omitted,
        sorted(_phrases(outline), key=len, reverse=True),
    )
    lines = source_text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, raw in enumerate(lines, start=1):
        line = compact(raw)
        if line:
            _find(search, line, number)
    for reading in search.readings:
        _leftover(search, reading)
    return Conservation(search.placed, search.listed, tuple(search.lost), tuple(search.added))


def _find(search: _Search, line: str, number: int) -> None:
    if _explained(search, line, number):
        return
    # A part of the line may be listed: a list's mark before it, a colophon's other items.
    parts = [part for part in search.omitted.get(number, []) if part and part in line]
    rest = line
    for part in parts:
        rest = rest.replace(part, "", 1)
    if parts and (not rest or _explained(search, rest, number)):
        search.listed += len(line) - len(rest)
        search.omitted[number] = []
        return
    reading = search.readings[search.current] if search.current >= 0 else None
    if reading:
        place = reading.body.find(line, reading.at) if len(line) >= 4 else -1
        if place >= 0:
            search.added.append(Piece(reading.body[reading.at : place], number))
            reading.at = place + len(line)
            search.placed += len(line)
            return
        start = reading.at
        taken = reading.take_body(line)
        if taken < 2:  # a chance likeness of one character finds nothing
            reading.at, taken = start, 0
        search.placed += taken
        line = line[taken:]
    search.lost.append(Piece(line, number))


def _explained(search: _Search, line: str, number: int) -> bool:
    """Whether the whole line is found; it is then counted."""
    if line in search.omitted.get(number, []):
        search.omitted[number].remove(line)
        search.listed += len(line)
        return True
    reading = search.readings[search.current] if search.current >= 0 else None
    if reading:
        start = reading.at
        taken = reading.take_body(line)
        if taken == len(line) or (
            taken and reading.take_fields(line[taken:])  # ……。（来源：某某）
        ):
            search.placed += len(line)
            return True
        reading.at = start
        if reading.take_fields(line):
            search.placed += len(line)
            return True
    following = search.current + 1
    if (
        following < len(search.readings)
        and number >= search.readings[following].line - _ABOVE_TITLE
        and search.readings[following].take_fields(line)
    ):
        search.current = following
        search.placed += len(line)
        return True
    if _is_section(search, line) or _is_contents(search, line) or _is_masthead(search, line):
        search.placed += len(line)
        return True
    return False


def _is_section(search: _Search, line: str) -> bool:
    for name in search.issue.sections:
        rest = line.replace(compact(name), "", 1)
        if rest != line and not _has_words(re.sub("^[一二三四五六七八九十]+、", "", rest)):
            return True
    return False


def _is_contents(search: _Search, line: str) -> bool:
    half = half_width(line)
    for at, (rest, entry) in enumerate(search.contents[:3]):
        if rest and line.startswith(rest):
            tail = half_width(line[len(rest) :])
        elif rest and rest.startswith(line):  # a title wrapped onto a second line
            search.contents[at] = (rest[len(line) :], entry)
            return True
        elif not rest:
            tail = half
        else:
            continue
        digits = "".join(ch for ch in tail if ch.isdecimal())
        if digits == str(entry.page) or (digits and int(digits) == entry.page):
            if not _has_words(_PAGE_WORDS.sub("", re.sub("[0-9]", "", tail))):
                del search.contents[at]
                return True
        elif not digits and not _has_words(tail):  # the page stands on the next line
            search.contents[at] = ("", entry)
            return True
    return False


def _phrases(issue: IssueOutline) -> Iterator[str]:
    """Every way of printing the issue's own fields."""
    digits = "零一二三四五六七八九"
    year = str(issue.year)
    yield f"{year}年"
    for zero in "零〇○O":
        yield "".join(digits[int(d)] for d in year).replace("零", zero) + "年"
    numbers: list[tuple[int, tuple[str, ...]]] = [(issue.number, ("第{}期",))]
    if issue.serial is not None:
        numbers.append(
            (issue.serial, ("总第{}期", "总{}期", "总期第{}期", "总期号:{}", "总期{}期"))
        )
    for value, forms in numbers:
        for form in forms:
            yield form.format(value)
            yield form.format(f"{value:02d}")
            yield form.format(in_words(value))
    if issue.frequency:
        yield _FREQUENCIES[issue.frequency]
    for text in (
        issue.periodical, issue.publisher, issue.cover_line, issue.permit_number,
        issue.recipients, issue.printer,
    ):  # fmt: skip
        if text:
            yield half_width(text)
            yield from map(half_width, text.split())
    if issue.print_run is not None:
        for run in (str(issue.print_run), f"{issue.print_run:,}"):
            yield from (run, f"{run}册", f"{run}份", f"{run}本")


def _is_masthead(search: _Search, line: str) -> bool:
    rest = half_width(line)
    publisher = half_width(search.issue.publisher)
    if len(rest) >= 3 and rest in publisher:  # a publisher printed on two lines
        return True
    printed_on = search.issue.printed_on
    if printed_on:
        rest = _DATE.sub(lambda m: "" if date(m[0]) == printed_on else m[0], rest)
    for phrase in search.phrases:
        if phrase:
            rest = rest.replace(phrase, "\n", 1)
    return not _has_words(_without_labels(rest))


def _leftover(search: _Search, reading: _Reading) -> None:
    """Output that no line of the file accounts for."""
    for text in (reading.body[reading.at :], *reading.fields.values()):
        if text:
            search.added.append(Piece(text, 0))
