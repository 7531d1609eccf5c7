"""我的: one's own marks, as pages and, for the scripts of the article, as data.

All of them work without a script: the article links to `desk`, where the same forms stand.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from members.levels import Level, level
from members.models import User
from members.returning import back, wants_data
from newsletter import body, reading
from newsletter.models import Article, Note, Reading

ENTRIES_A_PAGE = 30
# A paragraph in a list of choices: enough to know it by.
_OPENING = 24


@level(Level.MEMBER)
@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """What one has begun and read, the latest first."""
    begun = _mine(request).filter(read_at__isnull=False).order_by("-read_at")
    return _listed(request, "newsletter/history.html", begun)


@level(Level.MEMBER)
@require_safe
def bookmarks(request: HttpRequest) -> HttpResponse:
    kept = _mine(request).filter(bookmarked_at__isnull=False).order_by("-bookmarked_at")
    return _listed(request, "newsletter/bookmarks.html", kept)


@level(Level.MEMBER)
@require_safe
def notes(request: HttpRequest) -> HttpResponse:
    written = Note.objects.readable_by(request.user).select_related("article__issue")
    return _listed(
        request, "newsletter/notes.html", written.defer("article__body", "article__lead")
    )


@level(Level.MEMBER)
@require_safe
def resume(request: HttpRequest) -> JsonResponse:
    """继续阅读, for the strip on the home page: asked when the page stands already."""
    found = reading.latest_unfinished(_reader(request))
    if found is None:
        return JsonResponse({})
    return JsonResponse(
        {
            "title": found.article.title,
            "url": found.get_absolute_url(),
            "issue": str(found.article.issue),
            "share": found.share,
        }
    )


@level(Level.MEMBER)
@require_safe
def marks(request: HttpRequest, pk: int) -> JsonResponse:
    """One's marks in an article: asked by its script when the text stands already."""
    try:
        return JsonResponse(reading.marks(pk, reader=_reader(request)))
    except Article.DoesNotExist:
        raise Http404 from None


@level(Level.MEMBER)
@require_safe
def desk(request: HttpRequest, pk: int) -> HttpResponse:
    """The same marks as a page with forms."""
    return _desk(request, _article(request, pk))


@level(Level.MEMBER)
@require_POST
def bookmark(request: HttpRequest, pk: int) -> HttpResponse:
    article = _article(request, pk)
    reading.set_bookmark(article, reader=_reader(request), on=request.POST.get("on") == "1")
    return back(request, default=article.get_absolute_url())


@level(Level.MEMBER)
@require_POST
def finished(request: HttpRequest, pk: int) -> HttpResponse:
    article = _article(request, pk)
    reading.set_finished(article, reader=_reader(request), on=request.POST.get("on") == "1")
    return back(request, default=article.get_absolute_url())


@level(Level.MEMBER)
@require_POST
def place(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the reader is; sent by a script while the text is read."""
    article = _article(request, pk)
    share = request.POST.get("share", "")
    try:
        reading.keep_place(
            article,
            reader=_reader(request),
            block=request.POST.get("block", ""),
            share=int(share) if share.isascii() and share.isdigit() and len(share) < 4 else -1,
        )
    except ValidationError as error:
        return JsonResponse({"error": "".join(error.messages)}, status=400)
    return HttpResponse(status=204)


@level(Level.MEMBER)
@require_POST
def add_note(request: HttpRequest, pk: int) -> HttpResponse:
    article = _article(request, pk, with_body=True)
    try:
        note = reading.add_note(
            article,
            reader=_reader(request),
            block=request.POST.get("block", ""),
            text=request.POST.get("text", ""),
        )
    except ValidationError as error:
        return _refused(request, article, error)
    if wants_data(request):
        return JsonResponse(reading.as_data(note), status=201)
    return back(request, default=note.get_absolute_url())


@level(Level.MEMBER)
@require_POST
def change_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Other words, or none: `delete` takes the note away.

    A form is asked once more (`delete` is then `sure`, or `keep` is sent): only the script can
    bring a note back.
    """
    note = get_object_or_404(Note.objects.readable_by(request.user), pk=pk)
    if "keep" in request.POST:
        return back(request, default="/me/notes/")
    if "delete" in request.POST:
        if not wants_data(request):
            if request.POST["delete"] != "sure":
                asked = {"note": note, "next": request.POST.get("next", "")}
                return render(request, "newsletter/note_delete.html", asked)
            messages.success(request, "批注已删除。")
        note.delete()
        return back(request, default="/me/notes/")
    try:
        reading.change_note(note, text=request.POST.get("text", ""))
    except ValidationError as error:
        if wants_data(request):
            return JsonResponse({"error": _sentence(error)}, status=400)
        if note.article is None:
            return render(
                request,
                "newsletter/notes.html",
                {"page_obj": Paginator([note], 1).get_page(1), "problem": _sentence(error)},
                status=400,
            )
        return _refused(request, note.article, error, note=note)
    if wants_data(request):
        return JsonResponse(reading.as_data(note))
    return back(request, default="/me/notes/")


def _reader(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _mine(request: HttpRequest) -> QuerySet[Reading]:
    return Reading.objects.readable_by(request.user).with_article()


def _article(request: HttpRequest, pk: int, *, with_body: bool = False) -> Article:
    found = Article.objects.readable_by(request.user).select_related("issue", "section")
    return get_object_or_404(found if with_body else found.defer("body", "lead"), pk=pk)


def _listed(request: HttpRequest, template: str, rows: QuerySet[Any]) -> HttpResponse:
    page = Paginator(rows, ENTRIES_A_PAGE).get_page(request.GET.get("page"))
    return render(request, template, {"page_obj": page})


def _desk(request: HttpRequest, article: Article, **context: Any) -> HttpResponse:
    found = body.block_texts(article.body)
    written = {
        "marks": reading.marks(article.pk, reader=_reader(request)),
        "article": article,
        # Whoever comes from a paragraph of the text finds it chosen.
        "chosen": request.POST.get("block") or request.GET.get("block", ""),
        "blocks": [(block, words[:_OPENING] or "图（没有图题）") for block, words in found.items()],
    }
    return render(
        request,
        "newsletter/desk.html",
        written | context,
        status=400 if "problem" in context else 200,
    )


def _refused(
    request: HttpRequest, article: Article, error: ValidationError, *, note: Note | None = None
) -> HttpResponse:
    """What was typed is not lost: the page comes again with it."""
    if wants_data(request):
        return JsonResponse({"error": _sentence(error)}, status=400)
    typed = request.POST.get("text", "")
    return _desk(request, article, problem=_sentence(error), typed=typed, changing=note)


def _sentence(error: ValidationError) -> str:
    return "".join(error.messages)
