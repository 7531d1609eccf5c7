"""What a reader understood → a draft issue in the database, in one transaction.

Both roads end here: an outline of a finished file (`from_outline`) and an exported document
(`read_json`) become a `DraftIssue`, and `save` makes the rows.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.utils import timezone

from members import audit
from members.models import User
from newsletter import body, images, publishing
from newsletter.doubts import Doubt as OutlineDoubt
from newsletter.doubts import DoubtKind
from newsletter.importing.errors import ImportRefused
from newsletter.importing.markup import body_html
from newsletter.importing.matching import matches
from newsletter.importing.outline.model import ArticleOutline, IssueOutline
from newsletter.importing.outline.model import Figure as FigureElement
from newsletter.models import (
    Article,
    Attachment,
    Doubt,
    Figure,
    IncomingFile,
    Issue,
    Section,
)
from newsletter.tokens import new_token


@dataclass
class DraftFigure:
    id: str
    number: str = ""
    caption: str = ""
    alternative: str = ""
    image: bytes = b""


@dataclass
class DraftAttachment:
    name: str
    content: bytes


@dataclass
class DraftDoubt:
    kind: str
    message: str
    excerpt: str = ""
    line: int | None = None
    article: int | None = None  # index in the issue
    state: str = Doubt.State.OPEN
    figure: str = ""  # the number of the figure whose image is missed


@dataclass
class DraftArticle:
    """`fields` are the model's own, by name; a field that is not there keeps what it has."""

    section: str
    fields: dict[str, Any]
    body: str
    figures: list[DraftFigure] = field(default_factory=list)
    attachments: list[DraftAttachment] | None = None


@dataclass
class DraftIssue:
    fields: dict[str, Any]
    articles: list[DraftArticle]
    doubts: list[DraftDoubt]
    sections: dict[str, str] = field(default_factory=dict)  # name → slug, of those not known yet


def from_outline(outline: IssueOutline, *, pictures: Mapping[str, bytes]) -> DraftIssue:
    """An outline as a draft.

    Args:
        outline: what the reader understood.
        pictures: image files by name without suffix, `<printed page>-图<number>`.

    Raises:
        ImportRefused: the masthead lacks what an issue cannot be without.
    """
    if not outline.serial:
        raise ImportRefused("没有读到总期号。请在刊头写明“总第 N 期”，再导入一次。")
    names = [item.name for item in dataclasses.fields(outline)]
    columns = {column.name for column in Issue._meta.concrete_fields}
    values = {name: getattr(outline, name) for name in names if name in columns}
    return DraftIssue(
        # What the file does not say keeps the model's default.
        fields={name: value for name, value in values.items() if value not in ("", None)},
        articles=[_draft_article(article, pictures) for article in outline.articles],
        doubts=[
            DraftDoubt(
                doubt.kind,
                doubt.message,
                doubt.excerpt,
                doubt.line,
                doubt.article,
                figure=_missed_figure(outline, doubt),
            )
            for doubt in outline.doubts
        ],
    )


def _missed_figure(outline: IssueOutline, doubt: OutlineDoubt) -> str:
    if doubt.kind is not DoubtKind.FIGURE_IMAGE or doubt.article is None:
        return ""
    for element in outline.articles[doubt.article].elements:
        if isinstance(element, FigureElement) and element.line == doubt.line:
            return f"图{element.number}"
    return ""


def save(
    draft: DraftIssue,
    *,
    by: User | audit.Actor,
    replace: bool = False,
    received: IncomingFile | None = None,
) -> Issue:
    """Write a draft issue, all of it or nothing.

    Args:
        draft: what to write.
        by: who imports it.
        replace: put it in the place of the issue of the same number, keeping the articles'
            addresses, the blocks' ids and what was decided by hand wherever they match.
        received: the file it came from, if it is kept.

    Raises:
        ImportRefused: the issue is there already, is published, or a value does not hold.
    """
    suffixes = _suffixes(draft)
    stored: list[FieldFile] = []
    try:
        with transaction.atomic():
            issue = _issue_row(draft, by=by, replace=replace)
            _articles(issue, draft, stored, suffixes)
            if received is not None:
                received.issue = issue
                received.save(update_fields=["issue"])
            audit.record(
                "issue.replace" if replace else "issue.import",
                by=by,
                subject=issue,
                slug=issue.slug,
                articles=len(draft.articles),
                doubts=len(draft.doubts),
                file=received.sha256 if received else "",
            )
    except BaseException as error:
        # Files are not part of the transaction: whatever was written goes with the rows.
        for file in stored:
            file.delete(save=False)
        if isinstance(error, ValidationError | publishing.Refused):
            raise _as_refusal(error) from error
        raise
    return issue


def keep_file(data: bytes, *, name: str, by: User | None) -> IncomingFile:
    """Keep a file as it was received."""
    received = IncomingFile(
        name=name[-200:], sha256=hashlib.sha256(data).hexdigest(), received_by=by
    )
    received.file.save(name, ContentFile(data), save=False)
    received.save()
    return received


def _draft_article(article: ArticleOutline, pictures: Mapping[str, bytes]) -> DraftArticle:
    columns = {column.name for column in Article._meta.concrete_fields}
    fields = {
        item.name: getattr(article, item.name)
        for item in dataclasses.fields(article)
        if item.name in columns and item.name != "section"
    }
    # What the file says nothing of may have been filled in by hand: it is left alone.
    for name in ("editor", "proofreader", "author", "original_url", "original_date"):
        if fields.get(name) in ("", None):
            fields.pop(name, None)
    # By number: a number that is printed twice in one article names one picture.
    figures = {
        element.number: DraftFigure(
            id=new_token(),
            number=f"图{element.number}",
            caption=element.caption,
            image=pictures.get(f"{article.printed_page}-图{element.number}", b""),
        )
        for element in reversed(article.elements)
        if isinstance(element, FigureElement)
    }
    ids = {number: figure.id for number, figure in figures.items()}
    return DraftArticle(
        section=article.section,
        fields=fields,
        body=body_html(article, figure_ids=ids),
        figures=list(reversed(figures.values())),
    )


def _issue_row(draft: DraftIssue, *, by: User | audit.Actor, replace: bool) -> Issue:
    year, number = draft.fields["year"], draft.fields["number"]
    found = Issue.objects.filter(year=year, number=number).first()
    if found is None:
        issue = Issue(**draft.fields)
    elif not replace:
        raise ImportRefused(
            f"{found}已在库中（{found.get_status_display()}）。"
            "要用这个文件替换草稿，请选择“替换已有草稿”（命令行用 --replace）。"
        )
    else:
        issue = publishing.reopen_as_draft(found, by=by)
        for name, value in draft.fields.items():
            setattr(issue, name, value)
    issue.full_clean()
    issue.save()
    return issue


def _suffixes(draft: DraftIssue) -> dict[bytes, str]:
    """The kind of every picture, found before the transaction: decoding takes its time.

    Raises:
        ImportRefused: one is no picture that we take.
    """
    found: dict[bytes, str] = {}
    for article in draft.articles:
        for figure in article.figures:
            if figure.image and figure.image not in found:
                try:
                    found[figure.image] = images.suffix_of(figure.image)
                except ValidationError as error:
                    raise ImportRefused(f"{figure.number}：{''.join(error.messages)}") from error
    return found


def _articles(
    issue: Issue, draft: DraftIssue, stored: list[FieldFile], suffixes: Mapping[bytes, str]
) -> None:
    sections = _sections(draft)
    old = list(issue.articles.order_by("order"))
    kept = matches(draft.articles, old)
    gone = [article.pk for article in old if article not in kept.values()]
    issue.articles.filter(pk__in=gone).delete()
    issue.move_articles_aside()
    rows: list[Article] = []
    for index, item in enumerate(draft.articles):
        article = kept.get(index) or Article(issue=issue)
        before = article.body
        article.section = sections[item.section]
        article.order = index + 1
        for name, value in item.fields.items():
            setattr(article, name, value)
        article.full_clean(exclude=["issue", "order", "body"])
        article.body = ""
        article.save()
        article.body = _figures(article, item, stored, suffixes)
        if before:
            article.body = body.keep_ids(body.clean(article.body), before)
        article.save()
        _attachments(article, item, stored)
        rows.append(article)
    _doubts(issue, draft.doubts, rows)


def _sections(draft: DraftIssue) -> dict[str, Section]:
    found = {section.name: section for section in Section.objects.all()}
    by_slug = {section.slug: section for section in found.values()}
    last = max((section.order for section in found.values()), default=0)
    for article in draft.articles:
        name = article.section
        if name and name not in found:
            last += 1
            slug = draft.sections.get(name) or f"section-{new_token()}"
            if slug in by_slug:
                # Renamed since: its address is what it is known by.
                found[name] = by_slug[slug]
                continue
            section = Section(name=name, slug=slug, order=last)
            section.full_clean()
            section.save()
            found[name] = section
        elif not name:
            raise ImportRefused(
                f"《{article.fields['title']}》不在任何栏目之下。请在它前面补上栏目名，再导入一次。"
            )
    return found


def _figures(
    article: Article, item: DraftArticle, stored: list[FieldFile], suffixes: Mapping[bytes, str]
) -> str:
    """Make the figures' rows; the body with the ids that they were given in the end."""
    html = item.body
    by_number = {figure.number: figure for figure in article.figures.all() if figure.number}
    keep: list[str] = []
    for order, wanted in enumerate(item.figures, start=1):
        figure = by_number.get(wanted.number)
        if figure is None:
            taken = Figure.objects.filter(pk=wanted.id).exists()
            figure = Figure(id=new_token() if taken else wanted.id, article=article)
        figure.number, figure.caption, figure.order = wanted.number, wanted.caption, order
        figure.alternative = wanted.alternative or figure.alternative
        if wanted.image:
            name = f"image{suffixes[wanted.image]}"
            # Django reads width and height from a content that has a name, and no other.
            figure.image.save(name, ContentFile(wanted.image, name=name), save=False)
            stored.append(figure.image)
        figure.full_clean(exclude=["id", "article", "image"])
        figure.save()
        keep.append(figure.pk)
        html = html.replace(f'data-figure="{wanted.id}"', f'data-figure="{figure.pk}"')
    article.figures.exclude(pk__in=keep).filter(image="").delete()
    return html


def _attachments(article: Article, item: DraftArticle, stored: list[FieldFile]) -> None:
    if item.attachments is None:
        return
    article.attachments.all().delete()
    for order, wanted in enumerate(item.attachments, start=1):
        attachment = Attachment(article=article, name=wanted.name, order=order)
        attachment.file.save(wanted.name, ContentFile(wanted.content), save=False)
        stored.append(attachment.file)
        attachment.full_clean(exclude=["article", "file"])
        attachment.save()


def _doubts(issue: Issue, doubts: Sequence[DraftDoubt], rows: Sequence[Article]) -> None:
    settled = {
        (doubt.kind, _without_lines(doubt.message)): doubt
        for doubt in issue.doubts.exclude(state=Doubt.State.OPEN)
    }
    issue.doubts.all().delete()
    made: list[Doubt] = []
    for order, wanted in enumerate(doubts, start=1):
        article = rows[wanted.article] if wanted.article is not None else None
        if wanted.figure and article and _has_image(article, wanted.figure):
            continue  # it came by another way: with the file, or by hand before
        before = settled.get((wanted.kind, _without_lines(wanted.message)))
        state = before.state if before else wanted.state
        open_still = state == Doubt.State.OPEN
        doubt = Doubt(
            issue=issue,
            article=article,
            kind=wanted.kind,
            message=wanted.message,
            excerpt=wanted.excerpt,
            line=wanted.line,
            order=order,
            state=state,
            settled_by=before.settled_by if before else None,
            settled_at=None if open_still else (before.settled_at if before else timezone.now()),
        )
        doubt.clean_fields(exclude=["issue", "article", "settled_by"])
        made.append(doubt)
    Doubt.objects.bulk_create(made)


def _without_lines(message: str) -> str:
    """The line numbers move with every other change of the file."""
    return re.sub(r"第\d+行", "", message)


def _has_image(article: Article, number: str) -> bool:
    return article.figures.filter(number=number).exclude(image="").exists()


def _as_refusal(error: ValidationError | publishing.Refused) -> ImportRefused:
    if isinstance(error, ValidationError):
        return ImportRefused("没有导入：" + "".join(error.messages))
    return ImportRefused(str(error))
