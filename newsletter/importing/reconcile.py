"""The outline against the printed contents: what is missing, what differs, in which order."""

import itertools
from collections.abc import Iterator

from newsletter.doubts import Doubt, DoubtKind
from newsletter.importing.characters import compact, title_key
from newsletter.importing.outline.model import ArticleOutline, IssueOutline


def title_difference(printed: str, contents: str) -> str:
    """How a title above its article differs from the contents line: a Chinese word, or nothing."""
    if printed == contents:
        return ""
    if compact(printed) == compact(contents):
        return "空格不同"
    if title_key(printed) == title_key(contents):
        return "标点或符号不同"
    return "文字不同"


def contents_difference(article: ArticleOutline, contents: str) -> str:
    """How an article's printed title differs from its contents line.

    The contents may join the subtitle to the title; that is no difference.
    """
    joined = (f"{article.title}{article.subtitle}", f"{article.title} {article.subtitle}")
    if article.subtitle and contents in joined:
        return ""
    return title_difference(article.title, contents)


def reconcile(issue: IssueOutline) -> Iterator[Doubt]:
    """Doubts from comparing the articles with the contents, and about what articles lack."""
    yield from _contents_lines(issue)
    yield from _articles(issue)
    yield from _order(issue)
    yield from _sections(issue)


def _contents_lines(issue: IssueOutline) -> Iterator[Doubt]:
    for line in issue.contents:
        if line.article is None:
            yield Doubt(
                DoubtKind.NO_ARTICLE,
                f"目录第{line.line}行“{line.title}”（第{line.page}页）在正文里没有找到文章。",
                line.line,
                excerpt=line.title,
            )


def _articles(issue: IssueOutline) -> Iterator[Doubt]:
    lines = {line.article: line for line in issue.contents if line.article is not None}
    for number, article in enumerate(issue.articles):
        line = lines.get(number)
        if line is None:
            yield Doubt(
                DoubtKind.NO_CONTENTS_LINE,
                f"第{article.line}行的文章“{article.title}”在目录里没有，页码未知。",
                article.line,
                number,
                article.title,
            )
        else:
            difference = contents_difference(article, line.title)
            if difference:
                yield Doubt(
                    DoubtKind.TITLE_DIFFERS,
                    f"第{article.line}行的标题“{article.title}”与目录第{line.line}行"
                    f"“{line.title}”{difference}，以文章上方的标题为准。",
                    article.line,
                    number,
                    line.title,
                )
            if line.section and article.section and line.section != article.section:
                yield Doubt(
                    DoubtKind.SECTION,
                    f"第{article.line}行的文章“{article.title}”印在“{article.section}”，"
                    f"目录列在“{line.section}”。",
                    article.line,
                    number,
                    line.section,
                )
        if not article.section:
            yield Doubt(
                DoubtKind.SECTION,
                f"第{article.line}行的文章“{article.title}”不知属于哪个栏目。",
                article.line,
                number,
            )
        if not article.source:
            yield Doubt(
                DoubtKind.NO_SOURCE,
                f"第{article.line}行的文章“{article.title}”没有来源，请补上。",
                article.line,
                number,
            )
        if not article.elements:
            yield Doubt(
                DoubtKind.NO_TEXT,
                f"第{article.line}行的文章“{article.title}”没有正文。",
                article.line,
                number,
            )


def _order(issue: IssueOutline) -> Iterator[Doubt]:
    for before, line in itertools.pairwise(issue.contents):
        if line.page <= before.page:
            yield Doubt(
                DoubtKind.PAGE_ORDER,
                f"目录第{line.line}行的页码{line.page}不大于上一行的{before.page}，请核对。",
                line.line,
                line.article,
                line.title,
            )
    placed = [line for line in issue.contents if line.article is not None]
    for before, line in itertools.pairwise(placed):
        if (line.article or 0) < (before.article or 0):
            yield Doubt(
                DoubtKind.ORDER_DIFFERS,
                f"目录第{line.line}行“{line.title}”列在“{before.title}”之后，"
                "正文却印在它之前，以正文次序为准。",
                line.line,
                line.article,
                line.title,
            )


def _sections(issue: IssueOutline) -> Iterator[Doubt]:
    used = {article.section for article in issue.articles}
    for name in issue.sections:
        if name not in used:
            yield Doubt(DoubtKind.SECTION, f"栏目“{name}”下没有文章，请核对。", None, excerpt=name)
