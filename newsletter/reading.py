"""The reader's own marks: place, read, bookmark, note. Nobody else sees them, staff neither.

Every verb takes the reader, who must be allowed to read the article: callers pass one that
`Article.objects.readable_by` gave.
"""

from __future__ import annotations

import difflib
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Exists, F, FilteredRelation, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.dateformat import format as date_format

from members.models import User
from newsletter import body
from newsletter.models import Article, Note, Reading
from newsletter.models.article import ArticleQuerySet
from newsletter.models.issue import IssueQuerySet
from newsletter.models.reading import EXCERPT_LENGTH, NOTE_LENGTH

# More than anybody writes by hand, few enough for one page and one answer.
NOTES_AN_ARTICLE: Final = 200
# From here on an article counts as read: what follows is the signature and the notes.
READ_SHARE: Final = 95
# A paragraph that shares less with the one a note was written to is another one.
_LIKENESS: Final = 0.5


def marks(pk: int, *, reader: User) -> dict[str, Any]:
    """What an article's page adds for this reader, in two queries.

    Returns:
        `bookmarked` and `finished` as booleans; `block` and `share` (per cent) of the place;
        `notes`, each with `id`, `block`, `excerpt`, `text` and `written` (the day, as it is shown).

    Raises:
        Article.DoesNotExist: there is none that this person may read.
    """
    own = FilteredRelation("readings", condition=Q(readings__reader=reader))
    mine = (
        Article.objects.readable_by(reader)
        .annotate(own=own)
        .values("own__bookmarked_at", "own__finished_at", "own__block", "own__share")
        .get(pk=pk)
    )
    notes = Note.objects.filter(reader=reader, article=pk).order_by("created_at")
    return {
        "bookmarked": mine["own__bookmarked_at"] is not None,
        "finished": mine["own__finished_at"] is not None,
        "block": mine["own__block"] or "",
        "share": mine["own__share"] or 0,
        "notes": [as_data(note) for note in notes[:NOTES_AN_ARTICLE]],
    }


def as_data(note: Note) -> dict[str, Any]:
    return {
        "id": note.pk,
        "block": note.block,
        "excerpt": note.excerpt,
        "text": note.text,
        "written": date_format(timezone.localdate(note.created_at), "Y年n月j日"),
    }


def with_read_marks(articles: ArticleQuerySet, *, reader: Any) -> ArticleQuerySet:
    """Each article of a list with `is_read`, by the query that lists them."""
    read = Reading.objects.filter(
        reader=reader.pk, article=OuterRef("pk"), finished_at__isnull=False
    )
    return articles.annotate(is_read=Exists(read))


def with_unread(issues: IssueQuerySet, *, reader: Any) -> IssueQuerySet:
    """Each issue of a list with `article_count` and `unread_count`, by the same query."""
    articles = (
        Article.objects.readable_by(reader).filter(issue=OuterRef("pk")).order_by().values("issue")
    )
    read = articles.filter(readings__reader=reader.pk, readings__finished_at__isnull=False)
    return issues.annotate(
        article_count=Coalesce(Subquery(articles.values(n=Count("pk"))), 0),
        unread_count=F("article_count") - Coalesce(Subquery(read.values(n=Count("pk"))), 0),
    )


def keep_place(article: Article, *, reader: User, block: str, share: int) -> None:
    """Where somebody is; near the end the article is marked as read.

    Args:
        block: the block at the top of the window; empty for the head of the article.
        share: how much of the text has passed, in per cent.

    Raises:
        ValidationError: it is no place.
    """
    if not 0 <= share <= 100 or not (block == "" or body.is_block_id(block)):
        raise ValidationError("阅读位置不对，没有记下。")
    now = timezone.now()
    found: dict[str, Any] = {"block": block, "share": share, "read_at": now}
    if share >= READ_SHARE:
        found["finished_at"] = now
    _write(article, reader, **found)


def set_bookmark(article: Article, *, reader: User, on: bool) -> None:
    _write(article, reader, bookmarked_at=timezone.now() if on else None)


def set_finished(article: Article, *, reader: User, on: bool) -> None:
    """Mark an article as read, or as one to come back to from its beginning."""
    if on:
        _write(article, reader, finished_at=timezone.now(), read_at=timezone.now(), share=100)
    else:
        _write(article, reader, finished_at=None, share=0, block="")


@transaction.atomic
def add_note(article: Article, *, reader: User, block: str, text: str) -> Note:
    """A note beside a paragraph.

    Raises:
        ValidationError: no words, too many, or no such paragraph.
    """
    words = body.block_texts(article.body).get(block)
    if words is None:
        raise ValidationError("文中找不到这一段，可能刚刚订正过。请刷新页面，再写一次。")
    # So that two devices at once do not pass the bound together.
    User.objects.select_for_update().get(pk=reader.pk)
    if Note.objects.filter(reader=reader, article=article).count() >= NOTES_AN_ARTICLE:
        raise ValidationError(f"一篇文章最多写{NOTES_AN_ARTICLE}条批注。请先删除几条。")
    return Note.objects.create(
        reader=reader,
        article=article,
        article_title=article.title,
        block=block,
        excerpt=words[:EXCERPT_LENGTH],
        text=_words(text),
    )


def change_note(note: Note, *, text: str) -> None:
    """Raises: ValidationError: no words, or too many."""
    note.text = _words(text)
    note.save(update_fields=["text", "changed_at"])


def hang_notes(article: Article) -> None:
    """After the text changed: notes and places go to the paragraph nearest to their own.

    A note whose paragraph is gone keeps its words and stands at the end of the article.
    """
    lost_notes = Note.objects.filter(article=article)
    lost_places = Reading.objects.filter(article=article).exclude(block="")
    if not article.body or not (lost_notes.exists() or lost_places.exists()):
        return
    texts = body.block_texts(article.body)
    for note in lost_notes.exclude(block__in=texts).iterator():
        nearest = _nearest(note.excerpt, texts)
        if nearest:
            Note.objects.filter(pk=note.pk).update(
                block=nearest, excerpt=texts[nearest][:EXCERPT_LENGTH]
            )
    # A place is only a convenience: without its paragraph it is the article's beginning.
    lost_places.exclude(block__in=texts).update(block="")


def latest_unfinished(reader: User) -> Reading | None:
    """What 继续阅读 offers: the article left last, not yet read to its end."""
    mine = Reading.objects.readable_by(reader).with_article()
    begun = mine.filter(read_at__isnull=False, finished_at__isnull=True, share__gt=0)
    return begun.order_by("-read_at").first()


def _write(article: Article, reader: User, **values: Any) -> None:
    """One statement, so that two devices at once neither fail nor make two rows."""
    Reading.objects.bulk_create(
        [Reading(reader=reader, article=article, **values)],
        update_conflicts=True,
        unique_fields=["reader", "article"],
        update_fields=list(values),
    )


def _words(text: str) -> str:
    # A form sends each line end as two characters, and counts it as one; PostgreSQL keeps no NUL.
    words = text.replace("\r\n", "\n").replace("\0", "").strip()
    if not words:
        raise ValidationError("请先写下批注，再保存。")
    if len(words) > NOTE_LENGTH:
        raise ValidationError(f"批注最多{NOTE_LENGTH}字，现有{len(words)}字。请分成几条。")
    return words


def _nearest(excerpt: str, texts: dict[str, str]) -> str:
    if not excerpt:
        return ""  # a figure without a caption is like every other one, and tells nothing
    best, likeness = "", _LIKENESS
    matcher = difflib.SequenceMatcher(None, "", excerpt, autojunk=False)
    for block, words in texts.items():
        matcher.set_seq1(words[:EXCERPT_LENGTH])
        if matcher.real_quick_ratio() > likeness and matcher.quick_ratio() > likeness:
            found = matcher.ratio()
            if found > likeness:
                best, likeness = block, found
    return best
