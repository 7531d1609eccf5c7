"""Files of articles: pictures in the page, attachments to keep."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_safe

from members.levels import Level, level
from newsletter import files
from newsletter.exports.delivery import Delivery, deliver
from newsletter.exports.tables import as_csv, as_xlsx
from newsletter.models import Article, Attachment, Figure
from newsletter.tables import table_of


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


@level(Level.MEMBER)
@require_GET
def table(request: HttpRequest, pk: str, block: str, form: str) -> Delivery:
    """One table of an article to calculate with."""
    article = get_object_or_404(
        Article.objects.readable_by(request.user).select_related("issue"), pk=int(pk)
    )
    found = table_of(article.body, block)
    if found is None:
        raise Http404
    return deliver(
        request,
        article,
        kind=form,
        part=block,
        name=f"{article.title}-{found.name}.{form}",
        content=as_xlsx(found, article) if form == "xlsx" else as_csv(found),
    )
