"""One article's output while the file's lines are looked for in it: body in order, fields."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from newsletter.importing.characters import compact
from newsletter.importing.markup import body_html
from newsletter.importing.numerals import date, half_width
from newsletter.importing.outline.labels import (
    ARTICLE_LABELS,
    EDITORS_WORDS,
    ISSUE_LABELS,
    LEAD_WORDS,
)
from newsletter.importing.outline.model import ArticleOutline, Figure

_LABEL_WORDS = sorted(
    {
        word
        for labels in (ARTICLE_LABELS, ISSUE_LABELS)
        for group in labels.values()
        for word in group
    }
    | LEAD_WORDS
    | EDITORS_WORDS
    | {"本期目录", "目录", "目次", "本期要目", "要目", "CONTENTS", "contents", "Contents"}
    | {"刊", "目", "录"},
    key=len,
    reverse=True,
)  # fmt: skip
_NOTE_MARK = re.compile(
    "(?:[\\[［](?:注|註)?[0-9０-９]{1,3}[\\]］]|[①-⑳]|[0-9０-９]{1,3}[.．、])[：:、.．]*"
)
DATE_PARTS = re.compile("[0-9零〇○一二三四五六七八九十年月日号./-]")
_SEPARATORS = re.compile("[：:、.．]+")
_INSIDE = frozenset({"strong", "sup", "a"})
"""Elements inside a paragraph."""


class _BodyText(HTMLParser):
    """The characters of a body in reading order, a figure's number before its caption."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.loose: set[int] = set()
        """Places where the file may have a note's mark that the list's own counting replaces."""
        self.ends: set[int] = set()
        """Places where an element ends."""
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

    def handle_endtag(self, tag: str) -> None:
        if tag not in _INSIDE:
            self.ends.add(self._length)

    def close(self) -> None:
        super().close()
        self.text = "".join(self._parts)


@dataclass(slots=True)
class Reading:
    """One article while its lines are found: the body with a cursor, the fields left to find."""

    body: str
    loose: set[int]
    ends: set[int]
    fields: dict[str, str]
    dates: tuple[object, ...]
    line: int
    at: int = 0

    @classmethod
    def of(cls, article: ArticleOutline) -> "Reading":
        parser = _BodyText()
        numbers = [e.number for e in article.elements if isinstance(e, Figure)]
        parser.feed(body_html(article, figure_ids={n: f"图{n}" for n in numbers}))
        parser.close()
        names = (
            "title", "kicker", "subtitle", "lead", "source", "author", "original_title",
            "original_url", "editor", "proofreader",
        )  # fmt: skip
        fields = {name: compact(getattr(article, name)) for name in names}
        dates = (article.original_date,)
        return cls(parser.text, parser.loose, parser.ends, fields, dates, article.line)

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
                if mark.end() == len(text):  # alone on its line; it stands there only once
                    self.loose.discard(self.at + taken)
                    self.at += taken
                    return len(text)
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

    def takes_next(self, name: str, text: str) -> bool:
        """Whether the text comes next in a field, which may be printed on several lines."""
        value = self.fields[name]
        if not value or not value.startswith(text):
            return False
        self.fields[name] = value[len(text) :]
        return True

    def takes_above(self, text: str) -> bool:
        """Whether a line above the body is one field whole, the next line of a field that stands
        only there, or the label of the lead; it is then read.
        """
        if self.takes_next("kicker", text) or self.takes_next("subtitle", text):
            return True
        for name, value in self.fields.items():
            if value and value == text:
                self.fields[name] = ""
                return True
        return bool(self.fields["lead"]) and text.strip("【】[]：:") in LEAD_WORDS

    def take_fields(self, text: str) -> bool:
        """Whether the text is made of this article's fields and their labels."""
        if any(self.takes_next(name, text) for name in self.fields):
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
            kept = without_labels(rest).strip("：:（(【[\n")
            self.fields[started] = value[len(kept) :]
            rest = ""
        rest = without_labels(rest)
        if any(self.dates) and date(rest) in self.dates:
            rest = DATE_PARTS.sub("", half_width(rest))
            used.append("")
        if has_words(rest):
            return False
        if not used and not started:
            # A label alone on its line stands for the field under it.
            return bool(self.fields["lead"]) and text.strip("【】[]：:") in LEAD_WORDS
        for name in used:
            if name:
                self.fields[name] = ""
            else:
                self.dates = ()
        return True


def _begins(value: str, rest: str) -> bool:
    """Whether the rest, its label aside, begins a field that goes on in the next lines."""
    kept = without_labels(rest).strip("：:（(【[\n")
    return len(kept) >= 2 and value.startswith(kept)


def without_labels(text: str) -> str:
    for word in _LABEL_WORDS:
        if word in text:
            text = text.replace(word, "", 1)
    return text


def has_words(text: str) -> bool:
    return any(ch.isalnum() for ch in text)
