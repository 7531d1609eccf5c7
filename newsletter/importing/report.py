"""The report of an import: contents lines with their articles, doubts, what was left out."""

from dataclasses import dataclass

from newsletter.doubts import Doubt, DoubtKind, excerpt
from newsletter.importing.characters import columns
from newsletter.importing.conservation import Conservation
from newsletter.importing.outline.model import IssueOutline, Omitted
from newsletter.importing.reconcile import contents_difference

_FREQUENCIES = {
    "quarterly": "季刊",
    "bimonthly": "双月刊",
    "monthly": "月刊",
    "irregular": "不定期",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A contents line beside its article; either side may be missing."""

    section: str
    page: int | None
    contents_title: str
    contents_line: int | None
    article: int | None
    title: str
    line: int | None
    source: str
    difference: str
    """How the two titles differ, a Chinese phrase; empty when they agree."""


@dataclass(frozen=True, slots=True)
class Report:
    """What an editor sees before an import is kept."""

    heading: str
    rows: tuple[Row, ...]
    doubts: tuple[tuple[DoubtKind, tuple[Doubt, ...]], ...]
    """Grouped by kind, in the order of `DoubtKind`; within a kind by line."""
    omitted: tuple[Omitted, ...]


def report(issue: IssueOutline) -> Report:
    """The report of an outline."""
    rows = [
        Row(
            section=line.section,
            page=line.page,
            contents_title=line.title,
            contents_line=line.line,
            article=line.article,
            title=issue.articles[line.article].title if line.article is not None else "",
            line=issue.articles[line.article].line if line.article is not None else None,
            source=issue.articles[line.article].source if line.article is not None else "",
            difference=contents_difference(issue.articles[line.article], line.title)
            if line.article is not None
            else "正文无此文",
        )
        for line in issue.contents
    ]
    listed = {line.article for line in issue.contents}
    rows += [
        Row(a.section, None, "", None, number, a.title, a.line, a.source, "目录无此文")
        for number, a in enumerate(issue.articles)
        if number not in listed
    ]
    groups = tuple(
        (kind, tuple(sorted(found, key=lambda doubt: doubt.line or 0)))
        for kind in DoubtKind
        if (found := [doubt for doubt in issue.doubts if doubt.kind is kind])
    )
    return Report(_heading(issue), tuple(rows), groups, issue.omitted)


def _heading(issue: IssueOutline) -> str:
    parts = [issue.periodical and f"《{issue.periodical}》", f"{issue.year}年第{issue.number}期"]
    if issue.serial is not None:
        parts.append(f"总第{issue.serial}期")
    if issue.frequency:
        parts.append(_FREQUENCIES[issue.frequency])
    return " ".join(part for part in parts if part)


def as_text(given: Report, conservation: Conservation | None = None) -> str:
    """The report for a terminal, columns aligned by display width.

    With `conservation` it ends with the count of characters and whatever was lost.
    """
    lines = [given.heading, ""]
    lines.append(f"目录与文章（{len(given.rows)}条）")
    section = None
    table = []
    for row in given.rows:
        table.append(
            (
                str(row.page) if row.page is not None else "—",
                excerpt(row.contents_title or "（目录无）", 26),
                f"第{row.line}行" if row.line else "—",
                excerpt(row.title, 26) if row.difference else "同",
                row.source or "（缺来源）",
                row.difference,
            )
        )
    widths = [max(map(columns, column)) for column in zip(*table, strict=True)] if table else []
    for row, cells in zip(given.rows, table, strict=True):
        if row.section != section:
            section = row.section
            lines.append(f"  ☆ {section or '（无栏目）'}")
        first, *others = (_padded(cell, width) for cell, width in zip(cells, widths, strict=True))
        lines.append(
            "    "
            + "  ".join(
                [" " * (widths[0] - columns(first.strip())) + first.strip(), *others]
            ).rstrip()
        )
    count = sum(len(found) for _, found in given.doubts)
    lines += ["", f"存疑（{count}处）" if count else "存疑：没有。"]
    for kind, found in given.doubts:
        lines.append(f"  {kind.label}（{len(found)}，{kind.severity.label}）")
        lines += [f"    {doubt.message}" for doubt in found]
    lines += [
        "",
        f"未收入的文字（{len(given.omitted)}处）" if given.omitted else "未收入的文字：没有。",
    ]
    lines += [
        f"  第{item.line}行  {item.reason}：{excerpt(item.text, 30)}" for item in given.omitted
    ]
    if conservation is not None:
        lines += ["", *_conservation_lines(conservation)]
    return "\n".join(lines) + "\n"


def _conservation_lines(found: Conservation) -> list[str]:
    lines = [
        f"逐字核对：{found.placed}字在刊中，{found.listed}字列在上面，"
        + ("无一遗漏。" if found.complete else f"{sum(len(p.text) for p in found.lost)}字未找到。")
    ]
    lines += [f"  第{piece.line}行未找到：{excerpt(piece.text, 30)}" for piece in found.lost]
    lines += [f"  文件此处没有的文字：{excerpt(piece.text, 30)}" for piece in found.added]
    return lines


def _padded(text: str, width: int) -> str:
    return text + " " * (width - columns(text))
