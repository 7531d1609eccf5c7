"""Import in the admin: read, shown, and only then kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from members.models import AuditEntry, User
from newsletter.models import Article, IncomingFile, Issue
from newsletter.models.issue import Status
from portal.demo import SAMPLES

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
SAMPLE = SAMPLES / "2026-3.txt"
IMPORT = "/admin/newsletter/issue/import/"


def upload(client: Client, data: bytes = b"", name: str = "成稿.txt") -> Any:
    file = SimpleUploadedFile(name, data or SAMPLE.read_bytes())
    return client.post(IMPORT, {"file": file})


def test_a_file_is_read_and_shown_before_anything_is_kept(editor: User, signed_in: SignIn) -> None:
    client = signed_in(editor)

    answer = upload(client)
    page = client.get(answer["Location"]).content.decode()

    assert not Issue.objects.exists()
    assert "2026年第3期" in page
    assert "☆ 政策解读" in page
    assert "样例市财政局" in page or "样例" in page
    assert "存疑" in page
    assert "字丢失" in page


def test_what_was_shown_is_kept_as_a_draft_with_its_file(editor: User, signed_in: SignIn) -> None:
    client = signed_in(editor)
    report = upload(client)["Location"]

    answer = client.post(report, {"keep": "1"})

    issue = Issue.objects.get()
    assert answer["Location"] == reverse("admin:newsletter_issue_change", args=[issue.pk])
    assert issue.status == Status.DRAFT
    assert issue.articles.count() == 10
    assert IncomingFile.objects.get().issue == issue
    assert AuditEntry.objects.get(action="issue.import").actor == editor.audit_ref
    # Once is enough: the same button again changes nothing.
    client.post(report, {"keep": "1"})
    assert Issue.objects.count() == 1


def test_what_is_not_wanted_leaves_nothing(editor: User, signed_in: SignIn) -> None:
    client = signed_in(editor)
    report = upload(client)["Location"]
    stored = IncomingFile.objects.get().file

    client.post(report, {"discard": "1"})

    assert not IncomingFile.objects.exists()
    assert not stored.storage.exists(str(stored))
    assert not Issue.objects.exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 500, "文本"),
        ("只有一段话。".encode(), "目录"),
        (b'{"format": "other"}', "导出"),
        (b"{", "JSON"),
    ],
    ids=["picture", "one paragraph", "another json", "half a json"],
)
def test_a_file_that_is_no_issue_gets_a_sentence_on_the_page(
    editor: User, signed_in: SignIn, data: bytes, words: str
) -> None:
    answer = upload(signed_in(editor), data)

    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert not IncomingFile.objects.exists()


def test_no_file_and_an_empty_file_are_told_so(editor: User, signed_in: SignIn) -> None:
    client = signed_in(editor)

    assert "请选择成稿文件" in client.post(IMPORT, {}).content.decode()
    empty = client.post(IMPORT, {"file": SimpleUploadedFile("x.txt", b"")})
    assert "空的" in empty.content.decode()


def test_an_issue_that_is_there_is_replaced_only_when_asked(
    editor: User, signed_in: SignIn
) -> None:
    client = signed_in(editor)
    client.post(upload(client)["Location"], {"keep": "1"})
    issue = Issue.objects.get()
    article = issue.articles.order_by("order")[0]
    Article.objects.filter(pk=article.pk).update(title="改过")
    report = upload(client)["Location"]

    refused = client.post(report, {"keep": "1"})
    assert "已在库中" in refused.content.decode()
    assert Article.objects.get(pk=article.pk).title == "改过"

    client.post(report, {"keep": "1", "replace": "on"})
    assert Article.objects.get(pk=article.pk).title == article.title


def test_a_published_issue_is_not_replaced(editor: User, signed_in: SignIn) -> None:
    client = signed_in(editor)
    client.post(upload(client)["Location"], {"keep": "1"})
    Issue.objects.update(status=Status.PUBLISHED, published_at="2026-01-01T00:00Z", version=1)
    report = upload(client)["Location"]

    assert "请先撤回" in client.get(report).content.decode()
    answer = client.post(report, {"keep": "1", "replace": "on"})

    assert "已发布" in answer.content.decode()
    assert Issue.objects.get().is_published
