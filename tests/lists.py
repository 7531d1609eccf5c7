"""A list at the desk, by the pages of the admin, as a browser would go through them."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from members.models import ListImport
from tests import spreadsheets

ADD = "/admin/members/listimport/add/"
LISTS = "/admin/members/listimport/"
HEADINGS = ["单位名称", "姓名", "手机", "会籍开始", "会籍到期"]
SOUND = [
    HEADINGS,
    ["样例甲公司", "张一", "13900000001", "2026-01-01", "2026-12-31"],
    ["样例甲公司", "张二", "13900000002", "2026-01-01", "2026-12-31"],
]
WRONG = [
    HEADINGS,
    ["样例甲公司", "张一", "139", "2026-01-01", "2026-12-31"],
    ["样例甲公司", "张二", "13900000002", "2026-01-01", "2026-12-31"],
    ["样例乙公司", "李一", "13900000011", "2026-02-30", "2026-12-31"],
]


def page(name: str, kept: ListImport, *more: object) -> str:
    return reverse(f"admin:members_listimport_{name}", args=[kept.pk, *more])


def upload(client: Client, rows: list[list[Any]] | bytes, name: str = "名单.xlsx") -> Any:
    data = rows if isinstance(rows, bytes) else spreadsheets.workbook(rows)
    return client.post(ADD, {"file": SimpleUploadedFile(name, data)})


def uploaded(client: Client, rows: list[list[Any]] | bytes, **options: Any) -> ListImport:
    answer = upload(client, rows, **options)
    assert answer.status_code == 302, answer.content.decode()
    return ListImport.objects.latest("pk")


def looked_at(client: Client, kept: ListImport, show: str = "") -> str:
    answer = client.get(page("change", kept), {"show": show} if show else {})
    assert answer.status_code == 200
    text: str = answer.content.decode()
    return text


def accept(client: Client, kept: ListImport, seen: str = "") -> Any:
    """Press the button of the page that is open now, or of one that was."""
    if not seen:
        seen = client.get(page("change", kept)).context["seen"]
    return client.post(page("accept", kept), {"seen": seen}, follow=True)


def numbers(client: Client, kept: ListImport) -> dict[str, int]:
    found: dict[str, int] = client.get(page("change", kept)).context["numbers"]
    return found
