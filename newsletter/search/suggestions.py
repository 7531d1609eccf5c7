"""What to try when nothing was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from newsletter.search.query import Query, Word, understand
from newsletter.search.results import Filters, Suggestion
from newsletter.search.segment import Phrase, runs

MOST = 4
# Each is a search of its own.
MOST_COUNTED, MOST_TRIED = 8, 16
# A part of a word that is still a word.
SHORTEST, LONG = 2, 4

# What many write for what is printed, or the reverse.
_CONFUSED = [("帐", "账"), ("其它", "其他"), ("登陆", "登录"), ("象", "像")]

# How many articles there are for phrases within filters, up to so many.
Count = Callable[[Sequence[Phrase], Filters, int], int]


def for_nothing(asked: Query, filters: Filters, count: Count, limit: int) -> list[Suggestion]:
    """Searches near to this one that find something, the nearest first.

    Args:
        asked: what found nothing.
        filters: within what it was asked.
        count: counts for the person who asked.
        limit: how many are counted at most.
    """
    found: list[Suggestion] = []
    if filters:
        total = count(asked.phrases, Filters(), limit)
        if total:
            found.append(Suggestion("取消限定", asked.text, total, keeps_filters=False))
    tried = {asked.phrases}
    for near in _nearby(asked.words, lambda phrase: bool(count([phrase], filters, 1))):
        label, text, is_same = near
        phrases = understand(text).phrases
        if len(found) == MOST or len(tried) > MOST_COUNTED:
            break
        if not phrases or phrases in tried:
            continue
        tried.add(phrases)
        total = count(phrases, filters, limit)
        if total:
            found.append(Suggestion(label, text, total, is_same=is_same))
    return found


def _nearby(
    words: Sequence[Word], is_there: Callable[[Phrase], bool]
) -> Iterator[tuple[str, str, bool]]:
    """Labels and queries, and whether a query asks for every character that was asked for."""
    if any(word.is_quoted for word in words):
        yield "不加引号", " ".join(word.text for word in words), False
    if len(words) > 1:
        for left_out in reversed(range(len(words))):
            rest = (str(word) for at, word in enumerate(words) if at != left_out)
            yield "少一个词", " ".join(rest), False
    for written, meant in _CONFUSED:
        for one, other in ((written, meant), (meant, written)):
            if any(one in word.text for word in words):
                yield "换一种写法", " ".join(str(word) for word in words).replace(one, other), False
    word = max(words, key=lambda one: len(one.text))
    if word.is_quoted or len(word.text) < LONG:
        return
    # What is asked for as one word may be several: 小微企业减税 stands nowhere, 小微企业 does.
    parts = _parts(word.text, is_there)
    others = [str(other) for other in words if other is not word]
    if len(parts) > 1:
        yield "拆成几个词", " ".join([*others, *parts]), "".join(parts) == word.text
    for part in sorted(parts, key=len, reverse=True):
        yield "换一个短些的词", part, False


def _parts(text: str, is_there: Callable[[Phrase], bool]) -> list[str]:
    """From left to right, the longest parts of a word that stand in some article."""
    parts: list[str] = []
    tries = 0
    at = 0
    while len(text) - at >= SHORTEST and tries < MOST_TRIED:
        # What has a longer part has the shorter: the longest is found by halving.
        longest, too_long = 0, len(text) - at + 1
        length = too_long - 1
        while too_long - max(longest, SHORTEST - 1) > 1 and tries < MOST_TRIED:
            phrases = list(runs(text[at : at + length]))
            tries += 1
            if len(phrases) == 1 and is_there(tuple(phrases[0])):
                longest = length
            else:
                too_long = length
            length = max(SHORTEST, (longest + too_long) // 2)
        if longest:
            parts.append(text[at : at + longest])
        at += longest or 1
    return parts
