"""Characters: what counts as white space, and the keys by which texts are compared."""

import re
import unicodedata

# Zero-width and control characters take no place on paper; like white space, they carry no text.
_ZERO_WIDTH = re.compile(
    "[\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f"
    "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+"
)
_SPACE = re.compile(r"\s+")

FINAL = "。！？!?；;：:…"
"""Marks after which a sentence, or a line of a list, is complete."""

CLOSING = "”’』」》〉）)】]\"'"
"""Closing quotes and brackets, which may follow a final mark."""

_PAIRS = {"《": "》", "“": "”", "（": "）", "(": ")", "〔": "〕", "【": "】", "「": "」"}

HAN = "\u3400-\u4dbf\u4e00-\u9fff〇"
"""Chinese characters, for use inside a regular expression's brackets."""

# A space with neither a Latin letter nor a digit directly on both its sides.
_WRAP_SPACE = re.compile("(?<![A-Za-z0-9]) | (?![A-Za-z0-9])")


def compact(text: str) -> str:
    """The text without white space and zero-width characters."""
    return _SPACE.sub("", _ZERO_WIDTH.sub("", text))


def tidy(text: str) -> str:
    """The text on one line: every run of white space (U+3000 too) is one space, ends bare."""
    return _SPACE.sub(" ", _ZERO_WIDTH.sub("", text)).strip()


def unwrapped(text: str) -> str:
    """A table cell without the spaces that line wraps and layout left in it (科学技 术, 合 计).

    A space between Latin letters or digits stays: there it separates words.
    """
    return _WRAP_SPACE.sub("", tidy(text))


def title_key(text: str) -> str:
    """Letters, digits and Chinese characters alone: equal for titles set in different punctuation.

    Full-width letters count as their half-width forms (Unicode NFKC).
    """
    return "".join(ch for ch in unicodedata.normalize("NFKC", text).casefold() if ch.isalnum())


_NOTE_MARKS_AT_END = re.compile(
    "(?<=[。！？；…”’）)])(?:[\\[［][注註]?[0-9０-９]{1,3}[\\]］]|[①-⑳])+$"
)


def ends_sentence(text: str) -> bool:
    """Whether the text ends complete: by a final mark, with any closing quotes after it.

    A bracket after a complete sentence (…。（某某负责）) is complete too, and so is one with the
    mark of a note behind it (…。[1]).
    """
    bare = _NOTE_MARKS_AT_END.sub("", text.rstrip())
    stripped = bare.rstrip(CLOSING)
    if not stripped:
        return False
    if stripped[-1] in FINAL or stripped.endswith("——"):
        return True
    if bare[-1] in "）)":
        opener = max(bare.rfind("（"), bare.rfind("("))
        before = bare[:opener].rstrip().rstrip(CLOSING) if opener > 0 else ""
        return bool(before) and before[-1] in FINAL
    return False


def glued(before: str, after: str) -> str:
    """Two parts of one paragraph; only between Latin words is there a space."""
    latin = f"{before[-1:]}{after[:1]}"
    return f"{before} {after}" if latin.isascii() and latin.isalpha() else before + after


def columns(text: str) -> int:
    """Columns that the text takes in a fixed-width setting: two for a full-width character.

    Source: Unicode UAX #11; ambiguous characters (“ ” …) are wide in Chinese type.
    """
    return sum(2 if unicodedata.east_asian_width(ch) in "WFA" else 1 for ch in text)


def left_open(text: str) -> bool:
    """Whether a bracket or quotation begun in the text is not ended in it."""
    return any(text.count(left) > text.count(right) for left, right in _PAIRS.items())


def closes_more(text: str) -> bool:
    """Whether the text ends a bracket or quotation that was not begun in it."""
    return any(text.count(right) > text.count(left) for left, right in _PAIRS.items())


def is_short_line(text: str, limit: int = 30) -> bool:
    """A line that looks like a heading: short, one line, not a complete sentence."""
    return 0 < len(compact(text)) <= limit and not ends_sentence(text) and text[-1] not in "，、,"
