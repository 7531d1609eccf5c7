"""Chinese text → units, runs and terms: one function for the index and for the query.

A *unit* is what is never cut: one Chinese character (kana, Hangul and the like too), or one
Latin word or number as a whole (5g, r&d, 9.4, 1234). A per cent sign after a number and the
brackets of a document number (〔2022〕88号) are units of their own. A *run* is a row of units
with nothing between them; punctuation, and the end of a block, cell or row, ends it. Between a
word and its neighbour one space, hyphen or slash ends nothing: "5G 网络" is "5G网络".

A unit is written as the character, or as the word between low lines ("_5g_"), so that a phrase
stands in a run exactly when its text stands in the run's text.

A small digit is a digit: PM₂.₅ is PM2.5, m² is m2. A raised one is so only after a letter: 10³ is
not 103, and after Chinese it mostly is the mark of a note.

Terms are the units, and each two units that stand side by side: what is called a bigram.

The index is only true to what these functions gave when it was written: a change here needs a
migration that writes all terms anew from the texts that are kept, as 0006 does (and, where `tidy`
changes, `manage.py reindex` after it, which makes those texts anew).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

# A character that is a unit by itself. Private use: old files keep rare names there.
_ALONE = (
    "\u2460-\u24ff\u2776-\u2793"  # ① and its kin
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c"  # radicals, 々〇〻
    "\u3041-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"  # kana
    "\u3105-\u312f\u3131-\u318e\u3190-\u319f\u31a0-\u31bf\u31f0-\u33ff"  # bopomofo, ㈠, ㎡
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97c\uac00-\ud7fb\ue000-\ufaff"
    "\U00016fe0-\U00018fff\U0001aff0-\U0001b2ff\U00020000-\U0010fffd"
    "℃℉"
)
_LETTER = rf"(?:(?![{_ALONE}])[^\W_])"
_PIECE = re.compile(
    rf"(?P<alone>[{_ALONE}]+)"
    rf"|(?P<word>(?:\d{{1,3}}(?:,\d{{3}})+(?![\d,])(?:\.\d+)?"
    rf"|{_LETTER}+)(?:&{_LETTER}+|(?<=\d)\.(?=\d){_LETTER}+)*)"
    r"|(?P<sign>(?<=\d)[%‰]|〔(?=\d{4}〕 ?第?\d)|(?<=〔\d{4})〕(?= ?第?\d))"
)
# What one of may stand between a word and its neighbour; a space also between word and Chinese.
_JOINTS = frozenset(" -/_@.+")
_SIGNS = frozenset("%‰〔〕")
_WIDE_GROUPS = re.compile("(?<=[０-９])，(?=[０-９]{3}(?![０-９]))")
# Kana of half width, and radicals that look like characters.
_VARIANTS = re.compile("[\uff66-\uff9f\u2e80-\u2fdf]+")
_UNSEEN = re.compile(
    "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]"
)


def _folding() -> dict[str, str]:
    """One character to one, so that places in the folded text are places in the text."""
    full_width = "０１２３４５６７８９．％＆＋－／＠＿" + "".join(map(chr, range(0xFF41, 0xFF5B)))
    table = {found: chr(ord(found) - 0xFEE0) for found in full_width}
    table |= dict.fromkeys("([{（［｛【〖﹝〘﹙﹛", "〔")
    table |= dict.fromkeys(")]}）］｝】〗﹞〙﹚﹜", "〕")
    table |= dict.fromkeys("‐‑‒–—―−﹣－", "-")
    table |= {chr(0x2080 + digit): str(digit) for digit in range(10)}
    return table | {"﹪": "%", "ς": "σ", "﹠": "&"}


_FOLDED = _folding()
# Few characters of a text need it: looking for them is ten times as quick as `str.translate`.
_TO_FOLD = re.compile(f"[{re.escape(''.join(_FOLDED))}]")
_RAISED_DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_RAISED = re.compile(f"[{_RAISED_DIGITS}]+")
_LOWERED = str.maketrans(_RAISED_DIGITS, "0123456789")
_BEFORE_RAISED = re.compile(rf"(?!\d){_LETTER}")

# From here on a character is a unit by itself, and is not folded.
_NEVER_FOLDED = "\u2e80"

# The units that stand side by side.
Phrase = tuple[str, ...]
# (unit, where it begins, where it ends)
Placed = tuple[str, int, int]
Span = tuple[int, int]


def tidy(text: str) -> str:
    """The text on one line: spaces made one, what is not seen left out, letters composed.

    A character that is another one's double (豈 in two places of Unicode) is that one.
    """
    text = unicodedata.normalize("NFC", _UNSEEN.sub("", text))
    text = _VARIANTS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    return " ".join(text.replace("\0", " ").split())


def fold(text: str) -> str:
    """Full-width as half-width, large as small, variants as one; places stay as they are."""
    # İ is the one letter that becomes two when it is made small.
    small = _WIDE_GROUPS.sub(",", text).replace("İ", "i").lower()
    folded = _TO_FOLD.sub(lambda found: _FOLDED[found[0]], small)
    return _RAISED.sub(_lowered, folded)


def _lowered(raised: re.Match[str]) -> str:
    before = raised.string[max(0, raised.start() - 1) : raised.start()]
    return raised[0].translate(_LOWERED) if _BEFORE_RAISED.fullmatch(before) else raised[0]


def placed_runs(text: str) -> Iterator[list[Placed]]:
    """The runs of a tidy text, every unit with its place."""
    for pieces in _pieces(text):
        run: list[Placed] = []
        for piece in pieces:
            if piece.lastgroup == "alone":
                run += [(unit, at, at + 1) for at, unit in enumerate(piece[0], piece.start())]
            else:
                run.append((_written(piece), piece.start(), piece.end()))
        yield run


def runs(text: str) -> Iterator[list[str]]:
    """The same without the places."""
    for pieces in _pieces(text):
        run: list[str] = []
        for piece in pieces:
            if piece.lastgroup == "alone":
                run += piece[0]
            else:
                run.append(_written(piece))
        yield run


def _pieces(text: str) -> Iterator[list[re.Match[str]]]:
    folded = fold(text)
    found: list[re.Match[str]] = []
    end = -1
    was_alone = True
    for piece in _PIECE.finditer(folded):
        start, alone = piece.start(), piece.lastgroup == "alone"
        # Mostly a stretch of Chinese after a mark of Chinese.
        if found and not _joined(folded[end:start], alone, was_alone):
            yield found
            found = []
        found.append(piece)
        end, was_alone = piece.end(), alone
    if found:
        yield found


def _joined(between: str, alone: bool, was_alone: bool) -> bool:
    if not between or (alone and was_alone):
        return not between
    return between == " " if alone or was_alone else between in _JOINTS


def bigrams(run: Sequence[str]) -> list[str]:
    """The terms of two units, in their order: one fewer than there are units."""
    return [first + second for first, second in pairwise(run)]


def _written(piece: re.Match[str]) -> str:
    if piece.lastgroup == "sign":
        return piece[0]
    word = piece[0]
    return f"_{word.replace(',', '')}_" if "," in word else f"_{word}_"


def is_plain(phrase: Sequence[str]) -> bool:
    """Whether a phrase or run stands in a tidy text as it is written, whatever is folded."""
    return all(unit >= _NEVER_FOLDED and unit not in _SIGNS for unit in phrase)


def spans(text: str, phrases: Sequence[Phrase]) -> list[list[Span]]:
    """Where each phrase stands in a tidy text."""
    folded = None
    found: list[list[Span]] = []
    for phrase in phrases:
        if is_plain(phrase):
            found.append(_plain_spans(text, "".join(phrase)))
            continue
        folded = folded or fold(text)
        may_stand = all(_sure_part(unit) in folded for unit in phrase)
        found.append(_unit_spans(text, phrase) if may_stand else [])
    return found


def _plain_spans(text: str, wanted: str) -> list[Span]:
    found: list[Span] = []
    at = text.find(wanted)
    while at >= 0:
        found.append((at, at + len(wanted)))
        at = text.find(wanted, at + 1)
    return found


def _unit_spans(text: str, phrase: Phrase) -> list[Span]:
    found: list[Span] = []
    for run in placed_runs(text):
        units = tuple(unit for unit, _, _ in run)
        for first in range(len(units) - len(phrase) + 1):
            if units[first : first + len(phrase)] == phrase:
                found.append((run[first][1], run[first + len(phrase) - 1][2]))
    return found


def _sure_part(unit: str) -> str:
    """What a folded text has somewhere when it has the unit; of a number only how it begins."""
    word = unit.strip("_")
    return word[:1] if word[:4].isdecimal() else word
