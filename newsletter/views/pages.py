"""The reader's pages. Thin: querysets decide who sees what, templates how it looks."""

from __future__ import annotations

import math
from itertools import groupby

from django.core.paginator import Paginator
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from members.levels import Level, level
from newsletter import body, files
from newsletter.contents import by_section
from newsletter.filters import IssueFilter
from newsletter.models import Article, Attachment, Figure, Issue, Section
from newsletter.models.article import FileViews

ISSUES_A_PAGE = 40
ARTICLES_A_PAGE = 30
LATEST_A_SECTION = 5
PAST_ISSUES = 8
# Policy texts are read slower than news: about 400 characters a minute.
CHARACTERS_A_MINUTE = 400
READERS = FileViews("newsletter:figure", "newsletter:attachment")


@level(Level.MEMBER)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    issues = list(Issue.objects.readable_by(request.user)[: PAST_ISSUES + 1])
    issue = issues[0] if issues else None
    return render(
        request,
        "newsletter/home.html",
        {
            "issue": issue,
            "contents": _contents(request, issue) if issue else [],
            "past_issues": issues[1:],
        },
    )


@level(Level.MEMBER)
@require_safe
def archive(request: HttpRequest) -> HttpResponse:
    issues = Issue.objects.readable_by(request.user)
    years = list(issues.order_by("-year").values_list("year", flat=True).distinct())
    chosen = IssueFilter(request.GET, queryset=issues, years=years)
    page = Paginator(chosen.qs, ISSUES_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "newsletter/archive.html",
        {
            "filter": chosen,
            "page_obj": page,
            "years": [
                (year, list(found)) for year, found in groupby(page, key=lambda found: found.year)
            ],
        },
    )


@level(Level.MEMBER)
@require_safe
def issue(request: HttpRequest, slug: str) -> HttpResponse:
    readable = Issue.objects.readable_by(request.user)
    found = get_object_or_404(readable.by_slug(slug))
    return render(
        request,
        "newsletter/issue.html",
        {
            "issue": found,
            "contents": _contents(request, found),
            "previous_issue": readable.before(found),
            "next_issue": readable.after(found),
        },
    )


@level(Level.MEMBER)
@require_safe
def sections(request: HttpRequest) -> HttpResponse:
    # The latest few of every section in one query, however large the archive.
    latest = (
        Article.objects.listed_for(request.user)
        .select_related("issue")
        .annotate(
            rank=Window(
                RowNumber(),
                partition_by=F("section_id"),
                order_by=[F("issue__year").desc(), F("issue__number").desc(), F("order")],
            )
        )
        .filter(rank__lte=LATEST_A_SECTION)
        .order_by("section__order", "rank")
    )
    by_id: dict[int, list[Article]] = {}
    for article in latest:
        by_id.setdefault(article.section_id, []).append(article)
    shown = Section.objects.filter(pk__in=by_id)
    return render(
        request,
        "newsletter/sections.html",
        {"sections": [(found, by_id[found.pk]) for found in shown]},
    )


@level(Level.MEMBER)
@require_safe
def section(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Section.objects.listed_for(request.user), slug=slug)
    articles = (
        Article.objects.listed_for(request.user)
        .filter(section=found)
        .select_related("issue")
        .order_by("-issue__year", "-issue__number", "order")
    )
    page = Paginator(articles, ARTICLES_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "newsletter/section.html", {"section": found, "page_obj": page})


@level(Level.MEMBER)
@require_safe
def article(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        found = Article.objects.page_for(request.user, pk)
    except Article.DoesNotExist:
        raise Http404 from None
    return render(
        request,
        "newsletter/article.html",
        article_context(found) | {"previous": found.previous, "next": found.next},
    )


@level(Level.MEMBER)
@require_safe
def figure(request: HttpRequest, pk: str) -> FileResponse:
    found = get_object_or_404(Figure.objects.readable_by(request.user), pk=pk)
    if not found.image:
        raise Http404
    return files.inline_image(found.image)


@level(Level.MEMBER)
@require_safe
def attachment(request: HttpRequest, pk: int) -> FileResponse:
    found = get_object_or_404(Attachment.objects.readable_by(request.user), pk=pk)
    return files.download(found.file, name=found.name)


def article_context(found: Article, *, views: FileViews = READERS) -> dict[str, object]:
    """What `newsletter/article.html` shows; the editors' preview shows the same.

    Args:
        found: the article, its issue and section with it.
        views: the views that its files are asked from.
    """
    html = found.body if found.is_full else ""
    placed, attachments = found.files(views) if found.is_full else ({}, [])
    count = body.characters(html)
    return {
        "article": found,
        "body": body.render(html, placed),
        "headings": body.headings(html),
        "characters": count,
        "minutes": max(1, math.ceil(count / CHARACTERS_A_MINUTE)),
        "attachments": attachments,
    }


def _contents(request: HttpRequest, issue: Issue) -> list[tuple[Section, list[Article]]]:
    articles = Article.objects.listed_for(request.user).filter(issue=issue).order_by("order")
    return by_section(articles)
