"""Whether every character of a file is in the issue made of it.

The check reads the output alone, the body HTML and the fields, and knows nothing of how the
importer came to it: it goes through the file's lines in order and looks for each in the output.
Within an article's body the order must be the file's.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from newsletter.importing.characters import compact
from newsletter.importing.conserved_article import Reading, has_words, without_labels
from newsletter.importing.numerals import date, half_width, in_words
from newsletter.importing.outline.labels import article_fields
from newsletter.importing.outline.model import (
    ContentsLine,
    IssueOutline,
)
from newsletter.importing.read_txt import decode

_FREQUENCIES = {
    "quarterly": "季刊",
    "bimonthly": "双月刊",
    "monthly": "月刊",
    "irregular": "不定期",
}
_DATE = re.compile(
    "[0-9零〇○一二三四五六七八九]{4}[年./-][0-9一二三四五六七八九十]{1,3}[月./-]"
    "[0-9一二三四五六七八九十]{1,3}[日号]?"
)
_ABOVE_TITLE = 20
"""Lines above its title in which an article's kicker is looked for."""
_PAGE_FIRST = re.compile("[Pp]?([0-9]{1,3})[./|、·—–-]*(.+)")
_RANGE = re.compile("[-—–~、/至]第?(?=期)")
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


@dataclass(slots=True)
class _Search:
    """The state of going through a file."""

    issue: IssueOutline
    readings: list[Reading]
    contents: list[tuple[str, ContentsLine]]
    omitted: dict[int, list[str]]
    phrases: list[str]
    contents_end: int
    """The line of the last title in the contents."""
    lines: dict[int, str]
    following: dict[int, int]
    """For each line with text the next one."""
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
    raw_lines = source_text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = [(n, line) for n, raw in enumerate(raw_lines, start=1) if (line := compact(raw))]
    search = _Search(
        outline,
        [Reading.of(article) for article in outline.articles],
        [(compact(line.title), line) for line in outline.contents],
        omitted,
        sorted(_phrases(outline), key=len, reverse=True),
        max((line.line for line in outline.contents), default=0),
        dict(lines),
        dict(itertools.pairwise([*(number for number, _ in lines), len(source_text) + 1])),
    )
    for number, line in lines:
        _find(search, line, number)
    for reading in search.readings:
        _leftover(search, reading)
    return Conservation(search.placed, search.listed, tuple(search.lost), tuple(search.added))


def _find(search: _Search, line: str, number: int) -> None:
    # A part of the line may be listed: a list's mark before it, a colophon's other items.
    waiting = [part for part in search.omitted.get(number, []) if part]
    # The cover is read in half width.
    rest = line if any(part in line for part in waiting) else half_width(line)
    parts = [part for part in waiting if part in rest]
    for part in parts:
        # A number left out stands last (a page, a joint number), anything else first (a mark).
        at = rest.rfind(part) if part.isdecimal() else rest.find(part)
        rest = rest if at < 0 else rest[:at] + rest[at + len(part) :]
    rest = _RANGE.sub("", rest)  # what a joint number's second number leaves (第5-6期)
    if parts and (not rest or _explained(search, rest, number)):
        search.listed += sum(map(len, parts))
        search.omitted[number] = []
        return
    if _explained(search, line, number):
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


def _is_omitted(search: _Search, line: str, number: int) -> bool:
    """Whether the line is listed as left out, whole or as part of a paragraph set line by line."""
    waiting = search.omitted.get(number, [])
    for text in waiting:
        if text.startswith(line):
            waiting.remove(text)
            if text != line:
                search.omitted.setdefault(search.following[number], []).append(text[len(line) :])
            return True
    return False


def _explained(search: _Search, line: str, number: int) -> bool:
    """Whether the whole line is found; it is then counted."""
    if _is_omitted(search, line, number):
        search.listed += len(line)
        return True
    # In a short file the first title is near the contents, which come first. The last title's
    # page may stand on the next line; a section's name stands above a title.
    if (number <= search.contents_end + 2 and _is_contents(search, line, number)) or (
        number < search.contents_end and _is_section(search, line)
    ):
        search.placed += len(line)
        return True
    reading = search.readings[search.current] if search.current >= 0 else None
    if reading:
        start = reading.at
        if start == 0 and reading.takes_above(line):  # a kicker that begins like the text
            search.placed += len(line)
            return True
        taken = reading.take_body(line)
        after = reading.at
        # A labelled line goes on in no other: the text that begins alike is another line.
        likeness = after not in reading.ends and bool(article_fields(line))
        if taken < len(line) or likeness:
            reading.at = start
            if reading.take_fields(line):
                taken = len(line)
            elif taken == len(line):
                reading.at = after
            elif taken and reading.take_fields(line[taken:]):  # ……。（来源：某某）
                reading.at, taken = after, len(line)
        if taken == len(line):
            search.placed += taken
            return True
    following = search.current + 1
    if following < len(search.readings) and _begins(search, line, number):
        search.current = following
        search.placed += len(line)
        return True
    if (
        _is_contents(search, line, number)
        or (_is_between_articles(search) and _is_section(search, line))
        or (_is_outside_articles(search) and _is_masthead(search, line))
    ):
        search.placed += len(line)
        return True
    return False


def _begins(search: _Search, line: str, number: int) -> bool:
    """Whether the next article begins with the line: with its title, or a kicker above that."""
    reading = search.readings[search.current + 1]
    if number >= reading.line:
        return reading.take_fields(line)
    if number < reading.line - _ABOVE_TITLE:
        return False
    kicker = ""  # all that stands from here down to the title
    at = number
    while at < reading.line:
        kicker += "" if at in search.omitted else search.lines[at]
        at = search.following[at]
    return reading.fields["kicker"].startswith(kicker) and reading.takes_next("kicker", line)


def _is_between_articles(search: _Search) -> bool:
    """Whether no article has begun, or the text of the one that has is found to its end."""
    if search.current < 0:
        return True
    reading = search.readings[search.current]
    return reading.at == len(reading.body)


def _is_outside_articles(search: _Search) -> bool:
    """Whether no article has begun, or the last one is found whole."""
    if search.current < 0:
        return True
    is_last = search.current == len(search.readings) - 1
    found = _is_between_articles(search)
    return is_last and found and not any(search.readings[search.current].fields.values())


def _is_section(search: _Search, line: str) -> bool:
    for name in search.issue.sections:
        rest = line.replace(compact(name), "", 1)
        if rest != line and not has_words(re.sub("^[一二三四五六七八九十]+、", "", rest)):
            return True
    return False


def _is_contents(search: _Search, line: str, number: int) -> bool:
    half = half_width(line)
    for at, (rest, entry) in enumerate(search.contents[:3]):
        if number < entry.line:
            continue
        if rest and not line.startswith(rest[:1]):
            line = line.lstrip("-*•▪◦")  # the contents as a list
            half = half_width(line)
        first = _PAGE_FIRST.match(half)
        if first and int(first[1]) == entry.page and first[2] == half_width(rest):
            del search.contents[at]
            return True
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
            if not has_words(_PAGE_WORDS.sub("", re.sub("[0-9]", "", tail))):
                del search.contents[at]
                return True
        elif not digits and not has_words(tail):  # the page stands on the next line
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
    return not has_words(without_labels(rest))


def _leftover(search: _Search, reading: Reading) -> None:
    """Output that no line of the file accounts for."""
    for text in (reading.body[reading.at :], *reading.fields.values()):
        if text:
            search.added.append(Piece(text, 0))
