"""The reader's pages. Thin: querysets decide who sees what, templates how it looks."""

from __future__ import annotations

import math
from itertools import groupby

from django.core.paginator import Paginator
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.views.decorators.http import require_safe

from members.levels import Level, level
from newsletter import body, citation, covers, reading
from newsletter.contents import by_section
from newsletter.filters import IssueFilter
from newsletter.host_apps import host_app
from newsletter.models import Article, Issue, Section
from newsletter.models.article import FileViews
from newsletter.models.issue import IssueQuerySet
from newsletter.rendering import TableFiles
from newsletter.rendering import render as render_body

YEARS_A_PAGE = 10
ARTICLES_A_PAGE = 30
LATEST_A_SECTION = 5
PAST_ISSUES = 8
# Policy texts are read slower than news: about 400 characters a minute.
CHARACTERS_A_MINUTE = 400
READERS = FileViews("newsletter:figure", "newsletter:attachment")


@level(Level.MEMBER)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    issues = list(_listed(request)[: PAST_ISSUES + 1])
    issue = issues[0] if issues else None
    return render(
        request,
        "newsletter/home.html",
        {
            "issue": issue,
            "contents": _contents(request, issue) if issue else [],
            "past_issues": covers.drawn(issues[1:]),
        },
    )


@level(Level.MEMBER)
@require_safe
def archive(request: HttpRequest) -> HttpResponse:
    readable = Issue.objects.readable_by(request.user)
    years = list(readable.order_by("-year").values_list("year", flat=True).distinct())
    chosen = IssueFilter(request.GET, queryset=_listed(request), years=years)
    # Cut between years: a year that stands in two pages would seem to lack issues.
    wanted = chosen.form.cleaned_data.get("year") if chosen.form.is_valid() else None
    shown = [year for year in years if not wanted or year == int(wanted)]
    page = Paginator(shown, YEARS_A_PAGE).get_page(request.GET.get("page"))
    found = list(chosen.qs.filter(year__in=list(page)))
    return render(
        request,
        "newsletter/archive.html",
        {
            "filter": chosen,
            "page_obj": page,
            "latest": found[0] if found else None,
            "years": [
                (year, covers.year_row(issues))
                for year, issues in groupby(found, key=lambda issue: issue.year)
            ],
        },
    )


@level(Level.MEMBER)
@require_safe
def issue(request: HttpRequest, slug: str) -> HttpResponse:
    readable = Issue.objects.readable_by(request.user)
    listed = reading.with_unread(readable, reader=request.user)
    found = get_object_or_404(listed.by_slug(slug))
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
        reading.with_read_marks(Article.objects.listed_for(request.user), reader=request.user)
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
        reading.with_read_marks(Article.objects.listed_for(request.user), reader=request.user)
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
        article_context(found, table_files=_files_for(request, found))
        | {
            "previous": found.previous,
            "next": found.next,
            # Tells the scripts whose unsent words these are, and says nothing of the person.
            "reader_mark": salted_hmac("newsletter.reading", str(request.user.pk)).hexdigest()[:12],
        },
    )


def article_context(
    found: Article, *, views: FileViews = READERS, table_files: TableFiles | None = None
) -> dict[str, object]:
    """What `newsletter/article.html` shows; the editors' preview shows the same.

    Args:
        found: the article, its issue and section with it.
        views: the views that its files are asked from.
        table_files: which files its tables are offered as; none without it.
    """
    html = found.body if found.is_full else ""
    placed, attachments = found.files(views) if found.is_full else ({}, [])
    count = body.characters(html)
    return {
        "article": found,
        "body": render_body(html, placed, table_files=table_files),
        "headings": body.headings(html),
        "characters": count,
        "minutes": max(1, math.ceil(count / CHARACTERS_A_MINUTE)),
        "attachments": attachments,
        "citation": citation.of(found),
    }


def _listed(request: HttpRequest) -> IssueQuerySet:
    """Issues with all that a list of covers shows."""
    readable = reading.with_unread(Issue.objects.readable_by(request.user), reader=request.user)
    return covers.with_articles(readable, reader=request.user)


def _files_for(request: HttpRequest, found: Article) -> TableFiles | None:
    """The files of a table; none where the browser of another app would fail without a word."""
    if host_app(request.headers.get("User-Agent", "")):
        return None
    return lambda block: [
        (label, reverse("newsletter:table", args=[found.pk, block, form]))
        for label, form in (("Excel", "xlsx"), ("CSV", "csv"))
        if body.is_block_id(block)
    ]


def _contents(request: HttpRequest, issue: Issue) -> list[tuple[Section, list[Article]]]:
    articles = Article.objects.listed_for(request.user).filter(issue=issue).order_by("order")
    return by_section(reading.with_read_marks(articles, reader=request.user))
