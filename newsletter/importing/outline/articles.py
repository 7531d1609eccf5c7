"""The body divided into articles: sections, endings, and the titles between them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from newsletter.importing.blocks import Block, TextBlock
from newsletter.importing.characters import compact, ends_sentence, title_key
from newsletter.importing.outline.contents import Contents, has_mark, section_name
from newsletter.importing.outline.labels import (
    article_fields,
    inline_source,
    is_end_mark,
    names_source,
)
from newsletter.importing.outline.titles import HEAD, LONG, Title, find_titles, title_like


@dataclass(slots=True)
class Region:
    """One article's blocks: its kicker lines, its title, and all that follows."""

    title: str
    line: int
    section: str
    entry: int | None
    kickers: list[TextBlock] = field(default_factory=list)
    rest: list[Block] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Split:
    """The body divided; `strays` stand before any article of their section."""

    regions: tuple[Region, ...]
    sections: tuple[str, ...]
    new_sections: tuple[TextBlock, ...]
    section_lines: int
    strays: tuple[Block, ...]


def split(blocks: Sequence[Block], contents: Contents) -> Split:
    """Divide the body (all after the contents) into articles, in printed order.

    A contents title standing in the body begins an article, best where a section line or an
    ending line stands before it. Where the printed title differs, the place decides: the line
    after a section line or an ending is a title.
    """
    sections = _section_lines(blocks, contents)
    boundaries = _boundaries(blocks, sections, contents)
    titles = find_titles(blocks, contents, sections, boundaries)
    return _regions(blocks, contents, sections, boundaries, titles)


def _section_lines(blocks: Sequence[Block], contents: Contents) -> dict[int, str]:
    """Block index → section name.

    A marked line with a name of the contents is a section. An unmarked one is where no marked
    one has its name, at its first place before a title. A marked short line with a new name is a
    section that the contents do not know.
    """
    known = {compact(name): name for name in contents.sections}
    title_keys = {title_key(entry.title) for entry in contents.lines}
    marked: dict[int, str] = {}
    unmarked: dict[str, list[int]] = {}
    mark = ""
    for index, block in enumerate(blocks):
        if not isinstance(block, TextBlock) or len(block.text) > 40:
            continue
        name, has = section_name(block.text)
        if compact(name) in known:
            if has:
                marked[index] = known[compact(name)]
                mark = block.text[0] if has_mark(block.text) else mark
            else:
                unmarked.setdefault(known[compact(name)], []).append(index)
    for index, block in enumerate(blocks):
        # A new name counts with the very mark that the known sections have.
        if (
            index not in marked
            and isinstance(block, TextBlock)
            and mark
            and block.text.startswith(mark)
            and 2 <= len(compact(block.text)) <= 13
            and not ends_sentence(block.text)
        ):
            marked[index] = section_name(block.text)[0]
    for name, places in unmarked.items():
        if name in marked.values():
            continue
        following = [
            place
            for place in places
            if any(
                isinstance(block, TextBlock) and title_key(block.text) in title_keys
                for block in blocks[place + 1 : place + 2 + HEAD]
            )
        ]
        marked[(following or places)[0]] = name
    return marked


def _boundaries(blocks: Sequence[Block], sections: dict[int, str], contents: Contents) -> set[int]:
    """Indexes where an article can begin: after a section line, or after an article's ending.

    A source under a title (来源：… 作者：…) is no ending: running text must have come before.
    """
    title_keys = {title_key(entry.title) for entry in contents.lines}
    found: set[int] = set()
    text_since = False
    for index, block in enumerate(blocks):
        if index == 0 or index - 1 in sections:
            found.add(index)
            text_since = False
        if index in sections:
            continue
        if not isinstance(block, TextBlock):
            text_since = True
            continue
        if title_key(block.text) in title_keys:
            text_since = False
        ending = names_source(block.text) or inline_source(block.text) is not None
        if ending and (text_since or inline_source(block.text)):
            after = index + 1
            while after < len(blocks) and _closing_line(blocks[after]):
                after += 1
            if after < len(blocks) and after not in sections:
                found.add(after)
                text_since = False
        elif ends_sentence(block.text) or len(block.text) > LONG:
            text_since = True
    return found


def _closing_line(block: Block) -> bool:
    """A line that may follow the source: 责任编辑：…, （完）."""
    return isinstance(block, TextBlock) and (
        bool(article_fields(block.text)) or is_end_mark(block.text)
    )


def _regions(
    blocks: Sequence[Block],
    contents: Contents,
    sections: dict[int, str],
    boundaries: set[int],
    titles: Sequence[Title],
) -> Split:
    by_first = {title.first: title for title in titles}
    starts = {_start_of(blocks, title, boundaries, sections, by_first): title for title in titles}
    regions: list[Region] = []
    strays: list[Block] = []
    order: list[str] = []
    new: list[TextBlock] = []
    section = ""
    current: Region | None = None
    index = 0
    while index < len(blocks):
        block = blocks[index]
        if index in sections:
            section, current = sections[index], None
            if section not in order:
                order.append(section)
            if section not in contents.sections and isinstance(block, TextBlock):
                new.append(block)
            index += 1
        elif index in starts:
            title = starts[index]
            span = _without_subtitle(blocks, title)
            lines = blocks[title.first : title.first + span]
            texts = [b.text for b in lines if isinstance(b, TextBlock)]
            entry = title.entry
            current = Region(
                title="".join(texts),
                line=lines[0].line,
                section=section or (contents.lines[entry].section if entry is not None else ""),
                entry=entry,
                kickers=[b for b in blocks[index : title.first] if isinstance(b, TextBlock)],
            )
            regions.append(current)
            index = title.first + span
        else:
            (strays if current is None else current.rest).append(block)
            index += 1
    names = order + [name for name in contents.sections if name not in order]
    return Split(tuple(regions), tuple(names), tuple(new), len(sections), tuple(strays))


def _without_subtitle(blocks: Sequence[Block], title: Title) -> int:
    """How many lines the title has without a subtitle (——…), which the contents may join to it."""
    for line in range(1, title.span):
        block = blocks[title.first + line]
        if isinstance(block, TextBlock) and block.text.startswith(("——", "--")):
            return line
    return title.span


def _start_of(
    blocks: Sequence[Block],
    title: Title,
    boundaries: set[int],
    sections: dict[int, str],
    by_first: dict[int, Title],
) -> int:
    """Where a title's article begins: at a kicker above it, if the place above is a boundary."""
    for back in range(1, HEAD):
        place = title.first - back
        if place < 0 or place in sections or place in by_first or not title_like(blocks[place]):
            break
        if place in boundaries:
            return place
    return title.first
