"""Blocks → an issue's outline: pure, the same blocks give the same outline."""

import dataclasses
from collections.abc import Sequence

from newsletter.doubts import Doubt, DoubtKind, excerpt
from newsletter.importing.blocks import Block, TableBlock, TextBlock
from newsletter.importing.characters import compact, ends_sentence, title_key
from newsletter.importing.errors import NotAnIssue
from newsletter.importing.outline.articles import Region, split
from newsletter.importing.outline.body import build_body
from newsletter.importing.outline.contents import Contents, find_contents
from newsletter.importing.outline.fields import read_fields
from newsletter.importing.outline.furniture import without_page_lines, without_page_numbers
from newsletter.importing.outline.joins import Vocabulary
from newsletter.importing.outline.masthead import Cover, is_colophon, masthead, read_cover
from newsletter.importing.outline.model import (
    ArticleOutline,
    ContentsLine,
    IssueOutline,
    Masthead,
    Omitted,
)
from newsletter.importing.outline.wraps import unwrapped
from newsletter.importing.reconcile import reconcile

__all__ = ["outline"]


def outline(blocks: Sequence[Block]) -> IssueOutline:
    """Understand the blocks of one file as an issue.

    Raises `NotAnIssue` when year and number, contents, or articles are not to be found.
    """
    blocks, page_numbers = without_page_numbers(blocks)
    contents = find_contents(blocks)
    cover = _cover(blocks, contents)
    if contents is None or cover.year is None or cover.number is None:
        raise _refusal(blocks, contents, cover)
    after, colophon = _colophon(blocks[contents.end :], cover)
    read_cover(colophon, cover)
    head, head_doubts, head_omitted = masthead(cover)
    body, omitted = without_page_lines(after, head, contents)
    parts = split(unwrapped(body, {title_key(line.title) for line in contents.lines}), contents)
    if not any(region.entry is not None for region in parts.regions):
        raise _refusal(blocks, contents, cover)
    doubts = [*head_doubts, *_prose(head_omitted)]
    omitted = [*head_omitted, *page_numbers, *omitted]
    omitted += [
        Omitted(block.printed, block.line, "目录中无法辨认的行") for block in contents.strays
    ]
    for stray in parts.strays:
        omitted += _left_out(stray, doubts)
    doubts += [
        Doubt(
            DoubtKind.SECTION,
            f"第{block.line}行的栏目“{excerpt(block.text)}”不在目录里，请核对。",
            block.line,
            excerpt=block.text,
        )
        for block in parts.new_sections
    ]
    if not parts.section_lines and contents.sections:
        message = "正文里没有栏目行，各篇文章按目录归入栏目，请核对。"
        doubts.append(Doubt(DoubtKind.SECTION, message, None))
    words = Vocabulary([block.text for block in blocks if isinstance(block, TextBlock)])
    articles: list[ArticleOutline] = []
    for number, region in enumerate(parts.regions):
        articles.append(_article(region, contents, words, number, doubts, omitted))
    issue = IssueOutline(
        **{f.name: getattr(head, f.name) for f in dataclasses.fields(Masthead)},
        sections=parts.sections,
        contents=_linked(contents, parts.regions),
        articles=tuple(articles),
        doubts=tuple(doubts),
        omitted=tuple(sorted(omitted, key=lambda item: item.line)),
    )
    return dataclasses.replace(issue, doubts=(*issue.doubts, *reconcile(issue)))


def _cover(blocks: Sequence[Block], contents: Contents | None) -> Cover:
    """Read what stands before the contents; without contents, the file's first lines."""
    before = blocks[: contents.start] if contents else blocks[:30]
    cover = read_cover([block for block in before if isinstance(block, TextBlock)])
    for block in before:
        if contents and isinstance(block, TableBlock):
            for cells, line in zip(block.rows, block.lines, strict=True):
                read_cover([TextBlock(" ".join(filter(None, cells)), line)], cover)
    if contents:
        # The colophon may stand between the contents' lines or right after them.
        read_cover([block for block in contents.strays if is_colophon(block, cover)], cover)
    return cover


def _colophon(blocks: Sequence[Block], cover: Cover) -> tuple[list[Block], list[TextBlock]]:
    """Divide what follows the contents into the articles and the colophon.

    The colophon is the unbroken run of such lines at the end of the file, or before the first
    article.
    """
    rest = list(blocks)
    lines: list[TextBlock] = []
    while rest and isinstance(block := rest[-1], TextBlock) and is_colophon(block, cover):
        if _ends_article(rest, block):
            break
        lines.insert(0, block)
        rest.pop()
    while rest and isinstance(block := rest[0], TextBlock) and is_colophon(block, cover):
        lines.append(block)
        del rest[0]
    return rest, lines


def _ends_article(rest: Sequence[Block], block: TextBlock) -> bool:
    """Whether a line such as 责任编辑：… is the last article's and no colophon has begun below."""
    above = rest[-2] if len(rest) > 1 else None
    return _edits(block) and not (
        isinstance(above, TextBlock) and is_colophon(above) and not _edits(above)
    )


def _edits(block: TextBlock) -> bool:
    return compact(block.text).startswith(("责任编辑", "编辑：", "编辑:", "校对", "网址", "责编"))


def _prose(omitted: Sequence[Omitted]) -> list[Doubt]:
    """Running text on the cover, such as a foreword before the contents: no article has it."""
    return [
        Doubt(
            DoubtKind.LEFT_OUT,
            f"第{item.line}行“{excerpt(item.text)}”在目录之前，没有归入文章。"
            "如是卷首语，请另立一篇。",
            item.line,
            excerpt=excerpt(item.text),
        )
        for item in omitted
        if ends_sentence(item.text) and len(compact(item.text)) > 20
    ]


def _left_out(block: Block, doubts: list[Doubt]) -> list[Omitted]:
    """Text that stands before any article of its section."""
    if isinstance(block, TextBlock):
        lines = [(block.printed, block.line)]
    else:
        lines = [(" ".join(row), line) for row, line in zip(block.rows, block.lines, strict=True)]
    doubts += [
        Doubt(
            DoubtKind.LEFT_OUT,
            f"第{line}行“{excerpt(text)}”在任何文章之前，没有归入文章。",
            line,
            excerpt=excerpt(text),
        )
        for text, line in lines
    ]
    return [Omitted(text, line, "不属于任何文章的文字") for text, line in lines]


def _article(
    region: Region,
    contents: Contents,
    words: Vocabulary,
    number: int,
    doubts: list[Doubt],
    omitted: list[Omitted],
) -> ArticleOutline:
    # An article may be set line by line where the rest of the issue is not.
    region.rest = unwrapped(region.rest)
    fields = read_fields(region, number)
    body = build_body(fields.blocks, region.title, words, number)
    doubts += fields.doubts + body.doubts
    omitted += fields.omitted + body.omitted
    entry = contents.lines[region.entry] if region.entry is not None else None
    return ArticleOutline(
        title=region.title,
        line=region.line,
        section=region.section,
        contents_title=entry.title if entry else "",
        printed_page=entry.page if entry else None,
        kicker=fields.kicker,
        subtitle=fields.subtitle,
        lead=fields.lead,
        source=fields.source,
        document_number=body.document_number,
        author=fields.author,
        original_title=fields.original_title,
        original_url=fields.original_url,
        original_date=fields.original_date,
        editor=fields.editor,
        proofreader=fields.proofreader,
        elements=tuple(body.elements),
    )


def _linked(contents: Contents, regions: Sequence[Region]) -> tuple[ContentsLine, ...]:
    article_of = {region.entry: n for n, region in enumerate(regions) if region.entry is not None}
    return tuple(
        dataclasses.replace(line, article=article_of.get(n))
        for n, line in enumerate(contents.lines)
    )


def _refusal(blocks: Sequence[Block], contents: Contents | None, cover: Cover) -> NotAnIssue:
    """What was looked for and what was found, in one sentence for the editor."""
    looked = {
        "刊名": f"“{cover.names[0].text}”" if contents and cover.names else "",
        "年份期号": f"{cover.year}年第{cover.number}期" if cover.year and cover.number else "",
        "目录": f"{len(contents.lines)}行" if contents else "",
        "栏目": "、".join(contents.sections) if contents else "",
    }
    found = "；".join(f"{name}：{value}" for name, value in looked.items() if value)
    missing = "、".join(name for name, value in looked.items() if not value)
    if not missing:
        missing = "与目录相符的文章标题"
    characters = sum(len(block.text) for block in blocks if isinstance(block, TextBlock))
    return NotAnIssue(
        "这个文件不像一期刊物：导入时要找刊名、年份期号（如“2022年第3期”）、目录（标题和页码）"
        f"和栏目，没有找到{missing}"
        + (f"，只找到{found}" if found else "")
        + f"（全文{len(blocks)}段，约{characters}字）。"
        "请核对文件，或在文件开头补上封面和目录后再导入。"
    )
