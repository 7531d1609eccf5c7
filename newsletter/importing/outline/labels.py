"""Labelled lines: 来源：…, 责任编辑：…, 准印证号：… and the endings that say the same in brackets.

The labels are the field's standing words (出版物 colophon terms of 内部资料性出版物管理办法 and
newspaper bylines); a periodical's own names never stand here.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from newsletter.importing.characters import compact, tidy
from newsletter.importing.numerals import date

ARTICLE_LABELS: Mapping[str, tuple[str, ...]] = {
    "source": (
        "文章来源", "稿件来源", "信息来源", "本文来源", "资料来源", "来源单位", "来源", "稿源",
        "出处", "原载", "转载自", "转自", "摘自", "摘编自", "选自",
    ),
    "author": ("原作者", "作者", "撰文", "撰稿", "文字", "文", "执笔", "通讯员"),
    "editor": ("责任编辑", "本期编辑", "本文编辑", "责编", "编辑"),
    "proofreader": ("责任校对", "校对"),
    "original_url": ("原文链接", "原文网址", "原文地址", "链接地址", "网址", "链接"),
    "original_date": (
        "原发日期", "原发时间", "发布时间", "发布日期", "发表日期", "发表时间", "日期", "时间",
    ),
    "original_title": ("原标题", "原题目", "原题"),
}  # fmt: skip
"""Labels of an article's fields."""

ISSUE_LABELS: Mapping[str, tuple[str, ...]] = {
    "publisher": (
        "编印单位", "编辑单位", "编制单位", "编辑出版", "编印", "主办单位", "主办",
    ),
    "permit_number": (
        "内部资料性出版物准印证号", "内部资料性出版物准印证", "内部资料准印证号", "内部资料准印证",
        "内资准印证号", "准印证号", "准印证", "准印号", "登记证号",
    ),
    "recipients": ("发送对象", "发送范围", "赠阅对象", "赠阅范围", "分发范围"),
    "printer": ("印刷单位", "承印单位", "印制单位", "承印", "印刷", "印制"),
    "printed_on": ("印刷日期", "印刷时间", "印制日期", "编印日期", "出版日期"),
    "print_run": ("印刷数量", "印刷份数", "印制数量", "印数", "印量"),
    # What a colophon also says, and the issue has no field for.
    "": (
        "主编", "副主编", "执行主编", "总编辑", "责任编辑", "编辑", "校对", "编委会", "编委",
        "主任", "副主任", "顾问", "美术编辑", "版式设计", "设计", "协办单位", "协办", "指导单位",
        "地址", "通讯地址", "联系地址", "邮编", "邮政编码", "电话", "联系电话", "传真", "邮箱",
        "电子邮箱", "投稿邮箱", "电子邮件", "网址", "微信公众号", "联系人", "开本", "印张",
        "刊名题字", "期刊名称", "刊名",
    ),
}  # fmt: skip
"""Labels of the cover and the colophon."""

LEAD_WORDS = frozenset({"导读", "导语", "摘要", "内容提要", "内容摘要", "提要", "核心提示"})
EDITORS_WORDS = frozenset({"编者按", "编者的话", "编者语", "按语"})

END_MARKS = frozenset({"完", "全文完", "本文完", "待续", "未完待续", "■", "□", "◆", "●"})

_MAX_VALUE = 60
_NO_COLON = ("转载自", "摘编自", "转自", "摘自", "选自", "原载")
_BRACKETED = re.compile(r"[（(【\[](.{2,60})[)）】\]]")
_CREDIT = re.compile(
    "(?:整理|综合|供稿|编辑部|秘书处|撰稿|摘编|编译|汇编|选编|报道|编发|供图)$"
    "|^(?:据|综合|摘自|转自|转载自|选自|原载)"
)
_UNBRACKETED_CREDIT = re.compile("本[刊报].{0,12}(?:整理|综合|供稿|摘编|编译|汇编|报道|选编)")
_REPORTER = re.compile("(?:本[刊报网])?(?:记者|通讯员|特约撰稿人?)[ :：]*(.{2,20})")
_BYLINE = re.compile(r"(?:□|■|◎|○|●|文/|文／|撰文/|撰文／|/)\s*(.{2,20})")


@dataclass(frozen=True, slots=True)
class Labelled:
    """One label of a line with its value, as printed."""

    field: str
    label: str
    value: str


def _pattern(labels: Mapping[str, Iterable[str]]) -> re.Pattern[str]:
    """Labels with a colon, at the head of the line or after a space or separator.

    Spaces may stand between a label's characters (印 数：).
    """
    words = sorted({word for group in labels.values() for word in group}, key=len, reverse=True)
    alternatives = "|".join(" ?".join(map(re.escape, word)) for word in words)
    return re.compile(f"(?:^|(?<=[ ;；,，|｜/）)（(【\\[]))({alternatives}) ?[:：]")


_PATTERNS = {
    id(labels): (
        _pattern(labels),
        {word: field for field, words in reversed(list(labels.items())) for word in words},
    )
    for labels in (ARTICLE_LABELS, ISSUE_LABELS)
}


def labelled(text: str, labels: Mapping[str, tuple[str, ...]]) -> tuple[Labelled, ...]:
    """The labels of a line with their values, or nothing when the line is not made of them.

    Several may stand on one line (印刷单位：… 印数：…); the line may stand in brackets.
    """
    line = tidy(text)
    bracketed = _BRACKETED.fullmatch(line)
    if bracketed:
        line = bracketed[1].strip()
    pattern, fields = _PATTERNS[id(labels)]
    found = list(pattern.finditer(line))
    if not found or found[0].start() != 0:
        return ()
    ends = [match.start() for match in found[1:]] + [len(line)]
    return tuple(
        Labelled(
            fields[compact(match[1])],
            compact(match[1]),
            line[match.end() : end].strip(" ;；,，|｜/").rstrip("（( "),
        )
        for match, end in zip(found, ends, strict=True)
    )


def article_fields(text: str) -> tuple[Labelled, ...]:
    """The article's fields that a line of its own states, or nothing.

    Takes 来源：…, （来源：…）, （本刊编辑部整理）, 转载自《…》, 本报记者 …, 文/…; a whole sentence
    that happens to begin with such a word is none.
    """
    line = tidy(text)
    found = labelled(line, ARTICLE_LABELS)
    if found:
        plausible = all(
            len(item.value) <= (500 if item.field == "original_url" else _MAX_VALUE)
            or item.field == "original_title"
            for item in found
        )
        return _dated(found) if plausible and not line.endswith("。") else ()
    if len(line) > _MAX_VALUE:
        return ()
    bracketed = _BRACKETED.fullmatch(line)
    inner = bracketed[1].strip() if bracketed else line
    for word in _NO_COLON:
        rest = inner.removeprefix(word)
        if rest != inner and rest[:1] in (" ", "《", "“") and not inner.endswith("。"):
            return (Labelled("source", word, rest.strip()),)
    reporter = _REPORTER.fullmatch(inner)
    if reporter and "，" not in inner and not inner.endswith(("。", "：", "？")):
        return (Labelled("author", "", inner),)
    byline = _BYLINE.fullmatch(inner)
    if byline and not inner.endswith(("。", "：", "？")):
        return (Labelled("author", "", byline[1]),)
    if bracketed and _CREDIT.search(inner) and len(inner) <= 30 and "，" not in inner:
        return (Labelled("source", "", inner),)
    if not bracketed and _UNBRACKETED_CREDIT.fullmatch(inner):
        return (Labelled("source", "", inner),)
    return ()


def _dated(found: tuple[Labelled, ...]) -> tuple[Labelled, ...]:
    """A date without a label at the end of the last value (作者：某某 2022-09-23) set apart."""
    last = found[-1]
    value, _, day = last.value.rpartition(" ")
    if last.field in ("source", "author") and value and date(day) and day[:1].isdecimal():
        return (
            *found[:-1],
            Labelled(last.field, last.label, value.strip()),
            Labelled("original_date", "", day),
        )
    return found


def names_source(text: str) -> bool:
    """Whether the line states where the article comes from."""
    return any(item.field == "source" for item in article_fields(text))


_INLINE_SOURCE = re.compile(
    "[（(](?:文章|稿件|信息|本文)?(?:来源|稿源)[:：] ?([^（）()]{2,40})[)）]$"
    "|[（(](本刊[^（）()。，]{0,12}(?:整理|综合|供稿|摘编|汇编))[)）]$"
)


def inline_source(text: str) -> tuple[str, str] | None:
    """A source in brackets at the end of a paragraph: (the text before it, the source)."""
    found = _INLINE_SOURCE.search(text, max(0, len(text) - 60))
    if not found or found.start() == 0:
        return None
    return text[: found.start()].rstrip(), found[1] or found[2]


def is_end_mark(text: str) -> bool:
    """Whether the line is nothing but an end mark: （完）, ■."""
    return compact(text).strip("（）()") in END_MARKS


def colophon_fields(text: str) -> tuple[Labelled, ...]:
    """The fields of the cover or colophon that a line states, or nothing.

    The longer labels may stand with a space instead of the colon.
    """
    found = labelled(text, ISSUE_LABELS)
    if found:
        return found
    line = tidy(text)
    for field, words in ISSUE_LABELS.items():
        for word in words:
            if field and len(word) >= 4 and line.startswith(f"{word} "):
                return (Labelled(field, word, line[len(word) :].strip()),)
    return ()
