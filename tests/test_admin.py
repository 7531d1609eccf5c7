"""The admin: what each role may do there, and that it leaves a trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import AuditEntry, AuditPersonal, Organization, User
from newsletter import body
from newsletter.models import Article, Doubt, IncomingFile, Issue, Section
from newsletter.models.issue import Status
from portal.demo import SAMPLES
from tests import factories

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
SAMPLE = SAMPLES / "2026-3.txt"
IMPORT = "/admin/newsletter/issue/import/"


def upload(client: Client, data: bytes = b"", name: str = "成稿.txt") -> Any:
    file = SimpleUploadedFile(name, data or SAMPLE.read_bytes())
    return client.post(IMPORT, {"file": file})


def form_of(answer: Any) -> dict[str, Any]:
    """What a browser would post from an admin form that nobody touched."""
    admin_form = answer.context["adminform"].form
    forms = [admin_form] + [
        form
        for formset in answer.context["inline_admin_formsets"]
        for form in [formset.formset.management_form, *formset.formset.forms]
    ]
    values: dict[str, Any] = {}
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is not None and value is not False and not hasattr(value, "read"):
                values[bound.html_name] = value
    return {name: value for name, value in values.items() if not hasattr(value, "storage")}


# Import ----------------------------------------------------------------------------------------


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


# Editing ---------------------------------------------------------------------------------------


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


# Publishing ------------------------------------------------------------------------------------


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


# People ----------------------------------------------------------------------------------------


def test_staff_keep_people_and_the_trace_keeps_the_values_where_they_can_be_erased(
    membership_staff: User, signed_in: SignIn, member: User
) -> None:
    client = signed_in(membership_staff)
    address = reverse("admin:members_user_change", args=[member.pk])
    values = form_of(client.get(address))

    answer = client.post(address, values | {"name": "新名字", "phone": "139 0000 0001"})

    assert answer.status_code == 302, answer.context["errors"]
    member.refresh_from_db()
    assert (member.name, member.phone) == ("新名字", "+8613900000001")
    entry = AuditEntry.objects.get(action="user.change")
    assert "新名字" not in str(entry.detail)
    kept = AuditPersonal.objects.get(entry=entry, person=member.audit_ref)
    assert kept.values["name"] == ["现任会员", "新名字"]


def test_staff_do_not_touch_those_who_hold_a_role(
    membership_staff: User, administrator: User, signed_in: SignIn
) -> None:
    client = signed_in(membership_staff)
    address = reverse("admin:members_user_change", args=[administrator.pk])
    password = reverse("admin:auth_user_password_change", args=[administrator.pk])

    assert client.post(address, {"name": "x"}).status_code == 403
    assert client.get(password).status_code == 403
    assert client.post(password, {"password1": "x", "password2": "x"}).status_code == 403


def test_staff_give_no_roles_and_make_no_superusers(
    membership_staff: User, member: User, signed_in: SignIn
) -> None:
    client = signed_in(membership_staff)
    address = reverse("admin:members_user_change", args=[member.pk])
    values = form_of(client.get(address))

    client.post(address, values | {"groups": ["1"], "is_superuser": "on", "is_staff": "on"})

    member.refresh_from_db()
    assert not member.groups.exists()
    assert not member.is_superuser


def test_the_administrator_gives_roles_and_changes_nothing_else_of_a_person(
    administrator: User, member: User, signed_in: SignIn
) -> None:
    from django.contrib.auth.models import Group

    client = signed_in(administrator)
    address = reverse("admin:members_user_change", args=[member.pk])
    password = reverse("admin:auth_user_password_change", args=[member.pk])
    values = form_of(client.get(address))
    group = Group.objects.get(name="编辑")

    answer = client.post(address, values | {"groups": [group.pk], "name": "偷改"})

    assert answer.status_code == 302, answer.context["errors"]
    member.refresh_from_db()
    assert member.name == "现任会员"
    assert member.groups.get() == group
    assert client.get(password).status_code == 403


def test_no_page_shows_a_password_hash(
    membership_staff: User, administrator: User, member: User, signed_in: SignIn
) -> None:
    hashed = member.password.split("$")[-1]
    for who in (membership_staff, administrator):
        client = signed_in(who)
        for name in ("change", "history"):
            address = reverse(f"admin:members_user_{name}", args=[member.pk])
            assert hashed not in client.get(address).content.decode()


def test_an_organisation_with_its_seats_and_memberships_is_kept_on_one_page(
    membership_staff: User, seatless: User, signed_in: SignIn
) -> None:
    client = signed_in(membership_staff)
    address = reverse("admin:members_organization_add")
    values = form_of(client.get(address)) | {
        "name": "样例新会员单位",
        "seat_limit": "3",
        "memberships-TOTAL_FORMS": "1",
        "memberships-0-first_day": "2020-01-01",
        "memberships-0-last_day": "2099-12-31",
        "seats-TOTAL_FORMS": "1",
        "seats-0-person": str(seatless.pk),
        "seats-0-since": "2020-01-01",
    }

    answer = client.post(address, values)

    assert answer.status_code == 302, answer.context["errors"]
    organization = Organization.objects.get(name="样例新会员单位")
    assert organization.seats.get().person == seatless
    assert AuditEntry.objects.filter(action="organization.add").count() == 1


def test_a_membership_that_ends_before_it_begins_is_refused_in_chinese(
    membership_staff: User, signed_in: SignIn, member: User
) -> None:
    client = signed_in(membership_staff)
    answer = client.post(
        reverse("admin:members_membership_add"),
        {"person": member.pk, "first_day": "2030-01-02", "last_day": "2030-01-01"},
    )

    assert "首日不能晚于末日" in answer.content.decode()


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
