"""Labelled lines: 来源：…, 责任编辑：…, 准印证号：… and the endings that say the same in brackets.

The labels are the field's standing words (出版物 colophon terms of 内部资料性出版物管理办法 and
newspaper bylines); a periodical's own names never stand here.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from newsletter.importing.characters import HAN, compact, tidy
from newsletter.importing.numerals import date
from newsletter.importing.outline.names import is_name_line

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
_SOURCE_AND_REPORTER = re.compile("([^ ]{2,20}) ((?:本[刊报网])?(?:记者|通讯员)[ :：]*.{2,20})")
_BYLINE = re.compile(
    r"(?:文/|文／|撰文/|撰文／|/)\s*(.{2,20})"
    # After a mark that may as well begin an item, only names, or names with 记者 and the like.
    f"|[□■◎○●]\\s*([{HAN} 、]{{2,20}})"
)
_MARKED_NAMES = re.compile("记者|通讯员|特约撰稿|评论员|课题组|调研组")


_DATED = re.compile("(.{2,20}?) ?((?:19|20)[0-9]{2}[年.-][0-9]{1,2}[月.-][0-9]{1,2}日?)")
_MEDIUM = re.compile(
    "(?:[报网刊社台]|日报|晚报|周刊|杂志|客户端|公众号|发布|中心|[部委厅局署]|办公室|研究院|研究所|协会|商会|大学)$"
)


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
    found = labelled(line, ARTICLE_LABELS) or _reporter_and_labels(line)
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
    if byline and byline[2] and not _MARKED_NAMES.search(byline[2]) and not is_name_line(byline[2]):
        byline = None
    if byline and not inner.endswith(("。", "：", "？")):
        return (Labelled("author", "", byline[1] or byline[2]),)
    if bracketed and _CREDIT.search(inner) and len(inner) <= 30 and "，" not in inner:
        return (Labelled("source", "", inner),)
    if not bracketed and _UNBRACKETED_CREDIT.fullmatch(inner):
        return (Labelled("source", "", inner),)
    return ()


def _reporter_and_labels(line: str) -> tuple[Labelled, ...]:
    """记者 某某 来源：…: the author without a label, then labels; in brackets or without."""
    bracketed = _BRACKETED.fullmatch(line)
    inner = bracketed[1].strip() if bracketed else line
    first = _PATTERNS[id(ARTICLE_LABELS)][0].search(inner) if len(inner) <= _MAX_VALUE else None
    if not first or not first.start():
        return ()
    name = inner[: first.start()].strip(" ;；,，|｜/")
    labels = labelled(inner[first.start() :], ARTICLE_LABELS)
    if not _REPORTER.fullmatch(name) or any(item.field == "author" for item in labels):
        return ()
    return (Labelled("author", "", name), *labels)


def _dated(found: tuple[Labelled, ...]) -> tuple[Labelled, ...]:
    """A date or reporter without a label at the end of the last value set apart.

    作者：某某 2022-09-23; 来源：某某日报 记者 某某.
    """
    last = found[-1]
    reporter = _SOURCE_AND_REPORTER.fullmatch(last.value)
    if last.field == "source" and reporter and not any(i.field == "author" for i in found):
        return (
            *found[:-1],
            Labelled("source", last.label, reporter[1]),
            Labelled("author", "", reporter[2]),
        )
    value, _, day = last.value.rpartition(" ")
    if last.field in ("source", "author") and value and date(day) and day[:1].isdecimal():
        return (
            *found[:-1],
            Labelled(last.field, last.label, value.strip()),
            Labelled("original_date", "", day),
        )
    return found


def closing_credit(text: str) -> tuple[Labelled, ...]:
    """What an article's last line credits without a colon, or nothing: （某某日报 2023年1月9日）,
    来源 某某日报. Elsewhere such a line may be anything, so only the last one counts.
    """
    line = tidy(text)
    if len(line) > 40:
        return ()
    for word in ARTICLE_LABELS["source"]:
        rest = line.removeprefix(f"{word} ")
        if rest != line and not re.search("[，。：；？！:]", rest):
            return (Labelled("source", word, rest),)
    bracketed = _BRACKETED.fullmatch(line)
    if not bracketed or re.search("[，。：；？！:]", bracketed[1]):
        return ()
    found = _DATED.fullmatch(bracketed[1].strip())
    name, day = (found[1], found[2]) if found else (bracketed[1].strip(), "")
    if not name or not (day or _MEDIUM.search(name)) or len(name) > 24:
        return ()
    source = Labelled("source", "", name)
    return (source, Labelled("original_date", "", day)) if day and date(day) else (source,)


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
