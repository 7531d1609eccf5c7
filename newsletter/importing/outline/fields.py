"""What stands around an article's text: kicker, subtitle, lead, source, author, editor, link."""

import datetime
import re
from dataclasses import dataclass, field, replace

from newsletter.doubts import Doubt, DoubtKind, excerpt
from newsletter.importing.blocks import Block, TextBlock
from newsletter.importing.characters import compact, ends_sentence, is_short_line, title_key
from newsletter.importing.numerals import date, is_date_line
from newsletter.importing.outline.articles import Region
from newsletter.importing.outline.labels import (
    EDITORS_WORDS,
    LEAD_WORDS,
    Labelled,
    article_fields,
    closing_credit,
    inline_source,
    is_end_mark,
)
from newsletter.importing.outline.model import Omitted
from newsletter.importing.outline.names import is_name_line
from newsletter.importing.outline.notices import is_document_number, is_notice_name
from newsletter.importing.outline.numbering import numbered
from newsletter.importing.outline.titles import title_like

_LEAD = re.compile(
    "([导摘提][读语要]|内容提要|内容摘要|核心提示|编者按|编者的话|编者语|按语)[:：]\\s*(.+)",
    re.DOTALL,
)
_URL = re.compile(r"https?://[!-~]{3,500}")
_GROUP = re.compile("[\u4e00-\u9fff ]{2,20}(?:课题组|调研组|编写组|写作组|评论员)")
_MAX_LEAD = 6


@dataclass(slots=True)
class Fields:
    """An article's fields as they are found; texts empty and dates None until then."""

    kicker: str = ""
    subtitle: str = ""
    lead: str = ""
    source: str = ""
    author: str = ""
    original_title: str = ""
    original_url: str = ""
    original_date: datetime.date | None = None
    editor: str = ""
    proofreader: str = ""
    blocks: list[Block] = field(default_factory=list)
    """What remains: the body."""
    omitted: list[Omitted] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)


def read_fields(region: Region, article: int) -> Fields:
    """Take the fields off the head and the tail of an article's blocks."""
    result = Fields(blocks=list(region.rest))
    _title_lines(region, result)
    _head(result, article)
    _tail(result, article)
    return result


def _title_lines(region: Region, result: Fields) -> None:
    """Kickers stand above the title or between two printings of it; a subtitle begins with ——."""
    kickers = [block.text for block in region.kickers]
    blocks = result.blocks
    key = title_key(region.title)
    for at in range(min(3, len(blocks))):
        block = blocks[at]
        if not isinstance(block, TextBlock) or len(block.text) > 60:
            break
        if title_key(block.text) == key:
            kickers += [b.printed for b in blocks[:at] if isinstance(b, TextBlock)]
            result.omitted.append(Omitted(block.printed, block.line, "标题重复印刷"))
            del blocks[: at + 1]
            break
        if not title_like(block):  # a sentence is no kicker
            break
    while blocks and isinstance(blocks[0], TextBlock):
        text = blocks[0].printed
        if not text.startswith(("——", "—", "--")) or ends_sentence(text) or len(text) > 50:
            break
        result.subtitle = f"{result.subtitle} {text}".strip()
        del blocks[0]
    result.kicker = " ".join(kickers)


def _head(result: Fields, article: int) -> None:
    blocks = result.blocks
    first = True
    while blocks and isinstance(blocks[0], TextBlock):
        block = blocks[0]
        found = article_fields(block.text)
        if found and _accept(result, found, block, article):
            del blocks[0]
        elif is_end_mark(block.text):
            result.omitted.append(Omitted(block.printed, block.line, "装饰符号"))
            del blocks[0]
        elif compact(block.text).strip("【】[]:：") in LEAD_WORDS | EDITORS_WORDS:
            if not _lead_after(result):
                break
        elif _LEAD.match(block.text) and not result.lead:
            result.lead = _without_lead_word(block.printed)
            del blocks[0]
        elif (
            first
            and not block.marker
            and (is_name_line(block.text) or _GROUP.fullmatch(block.text))
            and len(blocks) > 1
            and not result.author
        ):
            result.author = block.text
            result.doubts.append(
                Doubt(
                    DoubtKind.FIELD,
                    f"第{block.line}行“{excerpt(block.text)}”紧接标题，按作者处理，请核对。",
                    block.line,
                    article,
                    block.text,
                )
            )
            del blocks[0]
        elif (
            is_date_line(block.printed)
            and date(block.text)
            and not result.original_date
            # Further dates on lines of their own make a chronicle.
            and not any(isinstance(b, TextBlock) and is_date_line(b.text) for b in blocks[1:-3])
        ):
            result.original_date = date(block.text)
            del blocks[0]
        else:
            break
        first = False


def _without_lead_word(text: str) -> str:
    """导读：… without its label; 编者按：… keeps it, for it says who speaks."""
    found = _LEAD.match(text)
    if found and compact(found[1]) in LEAD_WORDS:
        return found[2].strip()
    return text


def _lead_after(result: Fields) -> bool:
    """The lead under its label: paragraphs up to a short line; one, when no such line follows."""
    blocks = result.blocks
    label = blocks[0]
    if result.lead or len(blocks) < 2 or not isinstance(label, TextBlock):
        return False
    end = 1
    while end < len(blocks) and end <= _MAX_LEAD:
        block = blocks[end]
        if not isinstance(block, TextBlock) or numbered(block.text):
            break
        if is_short_line(block.text) or is_document_number(block.text):
            break
        end += 1
    delimiter = blocks[end] if end < len(blocks) else None
    # Only a document's own beginning shows where a lead of several paragraphs ends.
    if end > 2 and not (
        isinstance(delimiter, TextBlock)
        and (is_notice_name(delimiter.text) or is_document_number(delimiter.text))
    ):
        end = 2
    if end == 1:
        return False
    texts = [block.printed for block in blocks[1:end] if isinstance(block, TextBlock)]
    if compact(label.text).strip("【】[]:：") in EDITORS_WORDS:
        texts.insert(0, label.printed)
    result.lead = "\n".join(texts)
    del blocks[:end]
    return True


def _tail(result: Fields, article: int) -> None:
    blocks = result.blocks
    while blocks and isinstance(blocks[-1], TextBlock):
        block = blocks[-1]
        found = article_fields(block.text)
        if found and _accept(result, found, block, article):
            del blocks[-1]
        elif is_end_mark(block.text):
            result.omitted.append(Omitted(block.printed, block.line, "文末符号"))
            del blocks[-1]
        elif (
            len(blocks) > 1
            and not result.source
            # Where more lines are in brackets, they say who is responsible.
            and sum(isinstance(b, TextBlock) and b.text[0] in "（(" for b in blocks) < 2
            and (closing := closing_credit(block.text))
            and _accept(result, closing, block, article)
        ):
            del blocks[-1]
        else:
            break
    _tail_inside(result, article)
    if blocks and isinstance(blocks[-1], TextBlock) and not result.source:
        block = blocks[-1]
        inline = inline_source(block.text)
        if inline:
            result.source = inline[1]
            blocks[-1] = replace(block, text=inline[0])


def _tail_inside(result: Fields, article: int) -> None:
    """A source with text after it: still the article's source, but somebody should look."""
    if result.source:
        return
    for at in range(len(result.blocks) - 1, -1, -1):
        block = result.blocks[at]
        if not isinstance(block, TextBlock):
            continue
        found = article_fields(block.text)
        if any(item.field == "source" and item.label != "资料来源" for item in found) and _accept(
            result, found, block, article
        ):
            del result.blocks[at]
            result.doubts.append(
                Doubt(
                    DoubtKind.FIELD,
                    f"第{block.line}行的来源之后还有文字，请核对是否属于本文。",
                    block.line,
                    article,
                    excerpt(block.text),
                )
            )
            return


def _accept(result: Fields, found: tuple[Labelled, ...], block: TextBlock, article: int) -> bool:
    """Take a line's fields if every one of them is free and readable; else the line stays."""
    taken: dict[str, object] = {}
    for item in found:
        value: object = item.value
        if item.field == "original_date":
            value = date(item.value)
        elif item.field == "original_url":
            url = _URL.fullmatch(item.value)
            value = item.value if url else None
        # 资料来源 under a table or figure speaks of that, not of the article.
        if item.label == "资料来源" and not _ends_alone(result, block):
            return False
        if not value or item.field in taken or getattr(result, item.field):
            result.doubts.append(
                Doubt(
                    DoubtKind.FIELD,
                    f"第{block.line}行“{excerpt(block.text)}”未能归入文章各项，留在正文。",
                    block.line,
                    article,
                    excerpt(block.text),
                )
            )
            return False
        taken[item.field] = value
    for name, value in taken.items():
        setattr(result, name, value)
    if block.marker:
        result.omitted.append(Omitted(block.marker, block.line, "列表记号"))
    return True


def _ends_alone(result: Fields, block: TextBlock) -> bool:
    """Whether a line is the article's last and follows running text."""
    blocks = result.blocks
    return (
        blocks[-1] is block
        and len(blocks) > 1
        and isinstance(blocks[-2], TextBlock)
        and ends_sentence(blocks[-2].text)
        and not blocks[-2].text.startswith("注")
    )
