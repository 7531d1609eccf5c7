"""What somebody typed → the phrases that an article has to hold, all of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from newsletter.search.segment import Phrase, runs, tidy

MAX_CHARACTERS = 100
MAX_PHRASES = 8
_QUOTES = {'"': '"', "“": "”", "「": "」", "『": "』", "＂": "＂", "„": "“", "«": "»"}
_QUOTED = re.compile(
    "|".join(f"{opening}([^{opening}{closing}]*){closing}" for opening, closing in _QUOTES.items())
)
_NO_QUOTES = dict.fromkeys(ord(mark) for pair in _QUOTES.items() for mark in pair)


@dataclass(frozen=True)
class Query:
    """`text` as it was understood; `words` the parts as they were typed, each with its phrases.

    `problem` says why nothing is searched for, in a sentence for the reader.
    """

    text: str
    words: tuple[Word, ...] = ()
    problem: str = ""

    @property
    def phrases(self) -> tuple[Phrase, ...]:
        """Each phrase once, in the order in which they were typed."""
        return tuple(dict.fromkeys(phrase for word in self.words for phrase in word.phrases))


@dataclass(frozen=True)
class Word:
    text: str
    phrases: tuple[Phrase, ...]
    is_quoted: bool = False

    def __str__(self) -> str:
        return f"“{self.text}”" if self.is_quoted else self.text


def understand(typed: str) -> Query:
    """Words divided by spaces must all be found; what stands in quotes is one phrase.

    Punctuation in a word divides it as it divides a text: 税。收 asks for 税 and for 收.
    """
    text = tidy(typed)
    if len(text) > MAX_CHARACTERS:
        return Query(
            text[:MAX_CHARACTERS],
            problem=f"检索词太长：最多 {MAX_CHARACTERS} 字。请只写最要紧的几个词。",
        )
    words = tuple(word for word in _words(text) if word.phrases)
    query = Query(text, words)
    if len(query.phrases) > MAX_PHRASES:
        return Query(text, problem=f"一次最多找 {MAX_PHRASES} 个词。请去掉几个。")
    if text and not words:
        return Query(text, problem="这里只有标点或符号，没有可以检索的字词。")
    return query


def is_phrase(text: str) -> bool:
    """Whether one pair of quotes holds all of it."""
    return _QUOTED.fullmatch(text.strip()) is not None


def without_quotes(text: str) -> str:
    return text.translate(_NO_QUOTES)


def _words(text: str) -> list[Word]:
    found: list[Word] = []
    end = 0
    for quoted in _QUOTED.finditer(text):
        found += [_word(part) for part in text[end : quoted.start()].split()]
        found.append(_word(next(part for part in quoted.groups() if part is not None), True))
        end = quoted.end()
    return found + [_word(part) for part in text[end:].split()]


def _word(text: str, is_quoted: bool = False) -> Word:
    text = text.strip()
    return Word(text, tuple(tuple(run) for run in runs(text)), is_quoted)
