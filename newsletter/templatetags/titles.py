"""How a title is set."""

from __future__ import annotations

import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from newsletter import citation

register = template.Library()
register.filter(citation.book_title)

# A phrase ends after a stop or a space, and before the name of a document or a quotation; what
# follows the name (的通知, 解读) stays with it, what follows a quotation only if it is short. A
# closing mark never begins one.
_BETWEEN_PHRASES = re.compile(
    r"(?<=[，。；：！？\s])(?=[^\s|｜，。；：！？、》〉）)”’」』】〕])|(?<=[^《“‘（(])(?=[《“])"
    r"|(?<=”)(?=[^\W\d_]{4})"
)
# Characters of a phrase that fits any line and is never broken; others have a box of their own.
_SHORT = 5
# 1—9月, (2022—2023年), 88号, 9.4%: never broken at the dash or before the unit. The marks around
# it stand in the same box, or a line could end or begin with them.
_WHOLE = re.compile(
    r"([《“‘（(〔]*"
    r"(?:\d+[年月]?[—–-]+\d+[年月日]?|\d+(?:\.\d+)?[年月日号期条款项届次个家户%％‰])"
    r"[，。；：！？、》〉）)”’」』】〕]*)"
)


@register.filter
def phrases(title: str) -> SafeString:
    """A title as phrases that are kept on a line of their own where one line is too short.

    Browsers break Chinese between any two characters; only Japanese has `word-break:
    auto-phrase` so far. No character is added or left out.
    """
    return format_html_join(
        "",
        '<span class="phrase{}">{}</span>{}',
        # A space at the end of a box of its own would vanish: it stands between the boxes.
        (
            (
                " phrase-short" if len(found) <= _SHORT else "",
                _with_wholes(found.rstrip()),
                found[len(found.rstrip()) :],
            )
            for found in _BETWEEN_PHRASES.split(title)
        ),
    )


def _with_wholes(phrase: str) -> SafeString:
    parts = _WHOLE.split(phrase)
    return format_html_join(
        "",
        "{}{}",
        ((words, _whole(span)) for words, span in zip(parts[::2], [*parts[1::2], ""], strict=True)),
    )


def _whole(span: str) -> SafeString | str:
    return format_html('<span class="whole">{}</span>', span) if span else ""
