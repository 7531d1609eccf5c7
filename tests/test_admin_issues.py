"""Issues and articles in the admin: editing, publishing, preview, doubts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import AuditEntry, User
from newsletter import body
from newsletter.models import Article, Doubt, Issue, Section
from newsletter.models.issue import Status
from tests import factories
from tests.forms import form_of

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def article(db: None) -> Article:
    issue = factories.create_issue(published=False, year=2030, number=1, serial=93)
    return factories.create_article(
        issue, title="可改", body="<h2>一、甲</h2><p>乙</p><p class='docno'>丙</p>"
    )


def test_one_character_typed_is_the_only_thing_that_changes(
    editor: User, signed_in: SignIn, article: Article
) -> None:
    client = signed_in(editor)
    address = reverse("admin:newsletter_article_change", args=[article.pk])
    values = form_of(client.get(address))
    before = {field.attname: getattr(article, field.attname) for field in Article._meta.fields}

    answer = client.post(address, values | {"body": values["body"].replace("乙", "乙！")})

    assert answer.status_code == 302, answer.context["errors"]
    after = Article.objects.get(pk=article.pk)
    assert after.body == article.body.replace("乙", "乙！")
    for name, value in before.items():
        assert name == "body" or getattr(after, name) == value, name
    entry = AuditEntry.objects.get(action="article.change")
    assert entry.actor == editor.audit_ref
    assert entry.detail["fields"] == ["正文"] or entry.detail["fields"] == ["body"]


def test_whatever_is_posted_as_a_body_is_cleaned(
    editor: User, signed_in: SignIn, article: Article
) -> None:
    client = signed_in(editor)
    address = reverse("admin:newsletter_article_change", args=[article.pk])
    values = form_of(client.get(address))
    evil = '<p onclick="x()">甲<script>y()</script><img src=x onerror=z()></p>'

    client.post(address, values | {"body": evil})

    saved = Article.objects.get(pk=article.pk).body
    assert saved == body.clean(saved)
    assert "script" not in saved
    assert "onclick" not in saved
    assert "img" not in saved


def test_a_picture_is_taken_by_what_it_is_and_not_by_its_name(
    editor: User, signed_in: SignIn, article: Article
) -> None:
    client = signed_in(editor)
    address = reverse("admin:newsletter_article_change", args=[article.pk])
    values = form_of(client.get(address)) | {
        "figures-TOTAL_FORMS": "1",
        "figures-0-number": "图1",
        "figures-0-order": "1",
    }

    for name, data, words in [
        ("x.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "图片"),
        ("x.png", b"<html><script>x()</script>", "图片"),
    ]:
        file = SimpleUploadedFile(name, data, content_type="image/png")
        answer = client.post(address, values | {"figures-0-image": file})
        assert answer.status_code == 200
        assert words in answer.content.decode()
    file = SimpleUploadedFile("../../evil.html", factories.png(), content_type="text/html")
    answer = client.post(address, values | {"figures-0-image": file})

    assert answer.status_code == 302, answer.context["errors"]
    stored = str(article.figures.get().image)
    assert stored.startswith("figures/")
    assert stored.endswith(".png")
    assert "evil" not in stored


def test_an_editor_changes_no_published_article_and_the_chief_editor_does(
    editor: User, chief_editor: User, signed_in: SignIn, article: Article
) -> None:
    Issue.objects.update(status=Status.PUBLISHED, published_at="2026-01-01T00:00Z", version=1)
    address = reverse("admin:newsletter_article_change", args=[article.pk])
    values = form_of(signed_in(chief_editor).get(address)) | {"title": "已改"}

    assert signed_in(editor).post(address, values).status_code == 403
    assert signed_in(editor).get(address).status_code == 200
    assert Article.objects.get().title == "可改"
    assert signed_in(chief_editor).post(address, values).status_code == 302
    assert Article.objects.get().title == "已改"


def test_the_contents_inline_of_a_published_issue_is_closed_to_editors(
    editor: User, chief_editor: User, signed_in: SignIn, article: Article
) -> None:
    Issue.objects.update(status=Status.PUBLISHED, published_at="2026-01-01T00:00Z", version=1)
    address = reverse("admin:newsletter_issue_change", args=[article.issue.pk])
    values = form_of(signed_in(chief_editor).get(address)) | {"articles-0-printed_page": "55"}

    assert signed_in(editor).post(address, values).status_code == 403
    assert Article.objects.get().printed_page is None


def test_an_editor_publishes_by_no_side_door(
    editor: User, signed_in: SignIn, article: Article
) -> None:
    out = factories.create_issue()
    client = signed_in(editor)
    change = reverse("admin:newsletter_article_change", args=[article.pk])
    add = reverse("admin:newsletter_article_add")
    values = form_of(client.get(change)) | {"issue": str(out.pk)}

    client.post(change, values)
    assert Article.objects.get(pk=article.pk).issue == article.issue

    fresh = form_of(client.get(add)) | {
        "issue": str(out.pk),
        "section": str(article.section_id),
        "order": "9",
        "title": "夹带",
    }
    assert client.post(add, fresh).status_code == 200
    assert not out.articles.exists()
    assert client.post(add, fresh | {"issue": str(article.issue_id)}).status_code == 302


def test_a_form_without_all_the_articles_moves_none(
    editor: User, signed_in: SignIn, article: Article
) -> None:
    factories.create_article(article.issue)
    client = signed_in(editor)
    address = reverse("admin:newsletter_issue_change", args=[article.issue.pk])
    values = form_of(client.get(address)) | {
        "articles-TOTAL_FORMS": "1",
        "articles-INITIAL_FORMS": "1",
        "articles-0-order": "5",
    }

    answer = client.post(address, values)

    assert "请重新打开再改" in answer.content.decode()
    assert list(Article.objects.order_by("order").values_list("order", flat=True)) == [1, 2]


def test_two_articles_change_places_in_one_save(
    editor: User, signed_in: SignIn, article: Article
) -> None:
    other = factories.create_article(article.issue, title="第二篇")
    third = factories.create_article(article.issue, title="第三篇")
    client = signed_in(editor)
    address = reverse("admin:newsletter_issue_change", args=[article.issue.pk])
    values = form_of(client.get(address))

    swapped = values | {"articles-0-order": "2", "articles-1-order": "1"}
    assert client.post(address, swapped).status_code == 302
    orders = dict(Article.objects.order_by("order").values_list("pk", "order"))
    assert orders == {other.pk: 1, article.pk: 2, third.pk: 3}

    taken = form_of(client.get(address)) | {"articles-0-order": "3"}
    assert "另一篇文章也排在这个次序" in client.post(address, taken).content.decode()
    assert dict(Article.objects.order_by("order").values_list("pk", "order")) == orders


def test_a_figures_place_in_the_body_is_told_ready_to_paste(
    editor: User, signed_in: SignIn, article: Article
) -> None:
    figure = factories.create_figure(article, caption="走势")

    page = (
        signed_in(editor)
        .get(reverse("admin:newsletter_article_change", args=[article.pk]))
        .content.decode()
    )

    assert f"data-figure=&quot;{figure.pk}&quot;" in page


def test_a_forged_row_in_the_contents_inline_changes_no_other_issue(
    editor: User, signed_in: SignIn, article: Article
) -> None:
    other = factories.create_article(factories.create_issue(), title="别期", printed_page=3)
    client = signed_in(editor)
    address = reverse("admin:newsletter_issue_change", args=[article.issue.pk])
    values = form_of(client.get(address)) | {
        "articles-0-id": str(other.pk),
        "articles-0-printed_page": "99",
    }

    client.post(address, values)

    other.refresh_from_db()
    assert other.printed_page == 3


def test_publishing_asks_first_and_is_done_by_post_alone(
    chief_editor: User, signed_in: SignIn, article: Article
) -> None:
    client = signed_in(chief_editor)
    address = reverse("admin:newsletter_issue_publish", args=[article.issue.pk])

    page = client.get(address).content.decode()
    assert "可改" in page
    assert "准印证号" in page
    assert Issue.objects.get().status == Status.DRAFT

    client.post(address)
    assert Issue.objects.get().is_published


def test_an_obstacle_is_named_and_the_button_is_not_there(
    chief_editor: User, signed_in: SignIn, article: Article
) -> None:
    Article.objects.update(body="")
    client = signed_in(chief_editor)
    address = reverse("admin:newsletter_issue_publish", args=[article.issue.pk])

    page = client.get(address).content.decode()
    assert "没有正文" in page
    assert "确认发布" not in page
    assert "没有正文" in client.post(address).content.decode()
    assert Issue.objects.get().status == Status.DRAFT


def test_withdrawing_wants_a_reason(
    chief_editor: User, signed_in: SignIn, article: Article
) -> None:
    Issue.objects.update(status=Status.PUBLISHED, published_at="2026-01-01T00:00Z", version=1)
    client = signed_in(chief_editor)
    address = reverse("admin:newsletter_issue_withdraw", args=[article.issue.pk])

    assert "请写明" in client.post(address, {"reason": "  "}).content.decode()
    assert Issue.objects.get().is_published

    client.post(address, {"reason": "印错"})
    assert Issue.objects.get().withdrawal_reason == "印错"


@pytest.mark.parametrize("page", ["publish", "withdraw"])
def test_an_editor_may_not_publish_or_withdraw(
    editor: User, signed_in: SignIn, article: Article, page: str
) -> None:
    client = signed_in(editor)
    address = reverse(f"admin:newsletter_issue_{page}", args=[article.issue.pk])

    assert client.get(address).status_code == 403
    assert client.post(address, {"reason": "x"}).status_code == 403
    assert Issue.objects.get().status == Status.DRAFT


def test_what_members_have_read_is_not_deleted(
    chief_editor: User, signed_in: SignIn, article: Article
) -> None:
    Issue.objects.update(version=1)
    client = signed_in(chief_editor)
    address = reverse("admin:newsletter_issue_delete", args=[article.issue.pk])

    assert client.post(address, {"post": "yes"}).status_code == 403
    assert Issue.objects.exists()


def test_the_preview_shows_a_draft_and_its_figures_to_editors_alone(
    editor: User, membership_staff: User, signed_in: SignIn, article: Article
) -> None:
    figure = factories.create_figure(article)
    article.body += f'<figure data-figure="{figure.pk}"><figcaption>甲</figcaption></figure>'
    article.save()
    address = reverse("admin:newsletter_article_preview", args=[article.pk])
    picture = reverse("admin:newsletter_figure_preview", args=[figure.pk])

    page = signed_in(editor).get(address).content.decode()

    assert "预览" in page
    assert picture in page
    answer = signed_in(editor).get(picture)
    assert answer["Content-Type"] == "image/png"
    factories.content_of(answer)
    assert signed_in(membership_staff).get(address).status_code == 403
    assert signed_in(membership_staff).get(picture).status_code == 403


def test_doubts_are_ticked_off_by_name(editor: User, signed_in: SignIn, article: Article) -> None:
    doubt = factories.create_doubt(article.issue, article=article, message="此处存疑")
    other = factories.create_doubt(factories.create_issue())
    client = signed_in(editor)
    address = reverse("admin:newsletter_issue_doubts", args=[article.issue.pk])

    assert "此处存疑" in client.get(address).content.decode()
    client.post(address, {"doubt": doubt.pk, "state": "waived"})
    client.post(address, {"doubt": doubt.pk, "state": "nonsense"})

    doubt.refresh_from_db()
    assert doubt.state == Doubt.State.WAIVED
    assert doubt.settled_by == editor
    assert editor.name in client.get(address).content.decode()
    assert client.post(address, {"doubt": other.pk, "state": "waived"}).status_code == 404
    assert client.post(address, {"doubt": "x", "state": "waived"}).status_code in (400, 404)


def test_the_auditor_looks_and_changes_nothing(
    auditor: User, chief_editor: User, signed_in: SignIn, article: Article
) -> None:
    signed_in(chief_editor).post(reverse("admin:newsletter_issue_publish", args=[article.issue.pk]))
    entry = AuditEntry.objects.get(action="issue.publish")
    client = signed_in(auditor)
    address = reverse("admin:members_auditentry_change", args=[entry.pk])

    assert chief_editor.name in client.get(address).content.decode()
    assert client.post(address, {"action": "x"}).status_code == 403
    assert client.get(reverse("admin:members_auditentry_add")).status_code == 403
    delete = reverse("admin:members_auditentry_delete", args=[entry.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403
    assert client.get("/admin/newsletter/issue/").status_code == 403


@pytest.mark.parametrize("model", ["issue", "article", "section"])
def test_lists_in_the_admin_take_a_constant_few_queries(
    chief_editor: User, signed_in: SignIn, model: str
) -> None:
    client = signed_in(chief_editor)
    counts = []
    for more in (2, 30):
        for _ in range(more):
            issue = factories.create_issue()
            factories.create_article(issue)
            factories.create_doubt(issue)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/admin/newsletter/{model}/").status_code == 200
        counts.append(len(captured))
        assert not [
            query["sql"] for query in captured if '"newsletter_article"."body"' in query["sql"]
        ]

    assert counts[0] == counts[1]
    assert Section.objects.count() == 4


def test_the_issue_page_loads_no_body(
    chief_editor: User, signed_in: SignIn, article: Article
) -> None:
    client = signed_in(chief_editor)
    with CaptureQueriesContext(connection) as captured:
        client.get(reverse("admin:newsletter_issue_change", args=[article.issue.pk]))

    assert not [query["sql"] for query in captured if '"newsletter_article"."body"' in query["sql"]]


def test_the_admins_own_doors_lead_to_ours(editor: User, signed_in: SignIn) -> None:
    client = signed_in(editor)

    assert client.get("/admin/login/")["Location"] == "/admin/"
    assert client.get("/admin/logout/")["Location"] == "/accounts/logout/"
    assert client.get("/admin/password_change/")["Location"] == "/accounts/password/change/"
    stranger = Client().get("/admin/login/")
    assert stranger["Location"].startswith("/accounts/login/")
    assert Client().post("/admin/login/", {"username": "x"}).status_code == 302
