"""导出名单: from the lists of firms and people, or everybody at once."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from members import bulk
from members.bulk.writing import Format
from members.listing import export
from members.models import Organization, User

TYPES: dict[Format, str] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@admin.action(description="导出名单（XLSX）", permissions=["export"])
def export_xlsx(
    model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]
) -> HttpResponse | None:
    return _chosen(request, queryset, "xlsx")


@admin.action(description="导出名单（CSV）", permissions=["export"])
def export_csv(
    model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]
) -> HttpResponse | None:
    return _chosen(request, queryset, "csv")


def may_export(request: HttpRequest) -> bool:
    return request.user.has_perm("members.export_people")


def everybody(request: HttpRequest) -> HttpResponse | None:
    """All firms and personal members; None, with a message, if there are too many."""
    found: Format = "csv" if request.POST.get("format") == "csv" else "xlsx"
    return _answer(request, export.of_everybody, found)


def _chosen(
    request: HttpRequest,
    queryset: QuerySet[Any],
    format: Format,  # noqa: A002
) -> HttpResponse | None:
    def lines() -> list[bulk.Line]:
        if queryset.model is Organization:
            return export.of_firms(queryset)
        assert queryset.model is User
        return export.of_people(queryset)

    return _answer(request, lines, format)


def _answer(request: HttpRequest, lines: Any, format: Format) -> HttpResponse | None:  # noqa: A002
    if not may_export(request):
        raise PermissionDenied
    assert isinstance(request.user, User)
    try:
        file = export.as_file(lines(), format=format, by=request.user, request=request)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return None
    return download(file, f"会员名单-{timezone.localdate():%Y%m%d}.{format}", format)


def download(file: bytes, name: str, format: Format) -> HttpResponse:  # noqa: A002
    return HttpResponse(
        file,
        content_type=TYPES[format],
        headers={"Content-Disposition": content_disposition_header(True, name)},
    )
