"""A corpus of the periodical's kind: generated, the same every time, of any size.

Words are drawn by Zipf's law from a lexicon of 30,000 words of one to four characters, which are
drawn, again by Zipf's law, from the 3,755 common characters of GB 2312. An article has a subject,
whose words come again and again; of its clauses a fifth are from a stock of phrases, as officials
write, and three tenths are said again. So 3,000 characters hold 600 different ones and 1,400
different bigrams; the printed periodical has 540 and 1,300.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import accumulate

WORDS = 30_000
STOCK = 5_000
CHARACTERS = 3_000  # of an article's body
SUBJECT = 80  # words
OF_SUBJECT = 0.5  # of the words of an article
FIRST_YEAR, YEARS = 1976, 50  # of document numbers
LATIN = ["GDP", "5G", "R&D", "CPI", "PMI", "WTO", "IPO", "A股", "H股", "LPR", "ETF", "COVID-19"]
SOURCES = 300


@dataclass(frozen=True)
class Generated:
    """An article: `blocks` are (tag, text)."""

    title: str
    kicker: str
    source: str
    document_number: str
    blocks: list[tuple[str, str]]

    @property
    def html(self) -> str:
        return "\n".join(
            f'<{tag} id="b{number:04d}">{escape(text)}</{tag}>'
            for number, (tag, text) in enumerate(self.blocks, 1)
        )


class Language:
    """The lexicon and the stock of phrases, made once from the seed."""

    def __init__(self, seed: int = 1) -> None:
        chance = random.Random(seed)
        # Rows 16 to 55 of GB 2312: level 1, the common characters.
        codes = [(row, cell) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)][:3755]
        characters = [bytes(code).decode("gb2312") for code in codes]
        chance.shuffle(characters)
        weights = list(accumulate(1 / (rank + 50) ** 1.4 for rank in range(len(characters))))
        words: dict[str, None] = {}
        while len(words) < WORDS:
            # The commonest words are short.
            length = 1 if len(words) < 40 else chance.choices((1, 2, 3, 4), (5, 65, 17, 13))[0]
            words["".join(chance.choices(characters, cum_weights=weights, k=length))] = None
        self.words = list(words)
        self.weights = list(accumulate(1 / (rank + 3) for rank in range(WORDS)))
        self.stock = [self._clause(chance) for _ in range(STOCK)]
        self.sources = [self.phrase(chance, 3) for _ in range(SOURCES)]
        self.source_weights = list(accumulate(1 / (rank + 1) for rank in range(SOURCES)))

    def phrase(self, chance: random.Random, words: int, subject: list[str] | None = None) -> str:
        found = chance.choices(self.words, cum_weights=self.weights, k=words)
        if subject:
            found = [
                chance.choice(subject) if chance.random() < OF_SUBJECT else one for one in found
            ]
        return "".join(found)

    def _clause(self, chance: random.Random, subject: list[str] | None = None) -> str:
        found = self.phrase(chance, chance.randint(3, 9), subject)
        draw = chance.random()
        if draw < 0.06:
            found += chance.choice(LATIN)
        elif draw < 0.2:
            found += f"{chance.uniform(0.1, 99):.1f}%"
        elif draw < 0.3:
            found += f"{chance.randint(1, 9999)}亿元"
        return found

    def _sentence(self, chance: random.Random, subject: list[str], known: list[str]) -> str:
        """Clauses: some from the stock, some that this article has had before, the rest new."""
        clauses = []
        for _ in range(chance.randint(2, 4)):
            draw = chance.random()
            if draw < 0.2:
                clauses.append(chance.choice(self.stock))
            elif draw < 0.5 and known:
                clauses.append(chance.choice(known))
            else:
                clauses.append(self._clause(chance, subject))
                known.append(clauses[-1])
        return "，".join(clauses) + "。"

    def article(self, number: int) -> Generated:
        """The article of this number: always the same."""
        chance = random.Random(number)
        subject = chance.choices(self.words, cum_weights=self.weights, k=SUBJECT)
        known: list[str] = []
        blocks: list[tuple[str, str]] = []
        left = CHARACTERS
        while left > 0:
            if len(blocks) % 8 == 4:
                part = "一二三四五六七八九十"[len(blocks) // 8 % 10]
                text = f"{part}、{self.phrase(chance, 4, subject)}"
                blocks.append(("h2", text))
            else:
                text = "".join(
                    self._sentence(chance, subject, known) for _ in range(chance.randint(2, 5))
                )
                blocks.append(("p", text))
            left -= len(text)
        document_number = f"财税〔{FIRST_YEAR + number % YEARS}〕{number % 90 + 1}号"
        return Generated(
            title=self.phrase(chance, 7, subject),
            kicker=self.phrase(chance, 3) if chance.random() < 0.3 else "",
            source=chance.choices(self.sources, cum_weights=self.source_weights)[0],
            document_number=document_number if chance.random() < 0.2 else "",
            blocks=blocks,
        )

    def articles(self, first: int, end: int) -> Iterator[Generated]:
        return (self.article(number) for number in range(first, end))
