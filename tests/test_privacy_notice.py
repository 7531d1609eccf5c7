"""个人信息处理说明: published once and for all, asked about before anything is read."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import html

from members import audit, privacy_notices
from members.models import AuditEntry, Consent, PrivacyNotice, User
from members.privacy_notices import blocks
from tests import factories
from tests.invited import NEW, guest, slip
from tests.marks import SCRIPT, create_article, mark

__all__ = ["guest"]  # a fixture
pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]

OLD = "开头。\n\n一、处理什么\n- 姓名\n- 电话\n照旧的一段。"
REVISED = "开头。\n\n一、处理什么\n- 姓名\n- 电子邮箱\n照旧的一段。\n二、新的一节\n新的一段。"


def said(answer: Any) -> str:
    return "".join(html.fromstring(answer.content).xpath("//main")[0].itertext())


# The text ----------------------------------------------------------------------------------
def test_a_text_is_shown_in_headings_paragraphs_and_lists() -> None:
    found = [(one.kind, [line.text for line in one.lines]) for one in blocks(OLD)]

    assert found == [
        ("paragraph", ["开头。"]),
        ("heading", ["一、处理什么"]),
        ("list", ["姓名", "电话"]),
        ("paragraph", ["照旧的一段。"]),
    ]
    assert blocks("一、这样一整句话是正文。")[0].kind == "paragraph"


def test_what_is_new_since_a_text_one_knows_is_marked() -> None:
    new = [line.text for one in blocks(REVISED, since=OLD) for line in one.lines if line.is_new]

    assert new == ["电子邮箱", "二、新的一节", "新的一段。"]
    assert not any(line.is_new for one in blocks(REVISED) for line in one.lines)


def test_nothing_in_a_text_is_ever_markup() -> None:
    factories.create_notice("<script>alert(1)</script><b>粗</b>")

    page = Client().get("/privacy/").content.decode()

    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_every_installation_comes_with_a_first_version_that_says_what_the_law_asks(
    settings: Any,
) -> None:
    """PIPL art. 17: who, why and what, how long, which rights and how."""
    settings.ASSOCIATION, settings.CONTACT = "样例协会秘书处", "电话 010-12345678"
    for _ in range(2):  # it can be run at any time
        call_command("set_up", verbosity=0)

    notice = PrivacyNotice.objects.get()
    assert notice.version == 1
    for words in (
        "样例协会秘书处",
        "电话 010-12345678",
        "处理哪些信息，为了什么",
        "保存多久",
        "六个月",
        "您的权利，怎样行使",
        "撤回同意",
        "投诉",
        "只用三种 Cookie",
    ):
        assert words in notice.text, words
    kinds = [one.kind for one in blocks(notice.text)]
    assert kinds.count("heading") == 7
    assert not re.search(r"[{}<>]|&\w+;", notice.text)
    entry = AuditEntry.objects.get(action="privacy.publish")
    assert entry.detail["sha256"] == hashlib.sha256(notice.text.encode()).hexdigest()
    assert entry.actor_kind == "command"


# Versions ----------------------------------------------------------------------------------
def test_what_is_published_is_neither_changed_nor_deleted() -> None:
    notice = factories.create_notice(OLD)

    notice.text = REVISED
    with pytest.raises(IntegrityError), transaction.atomic():
        notice.save()
    for act in (
        notice.delete,
        PrivacyNotice.objects.all().delete,
        lambda: PrivacyNotice.objects.update(text=REVISED),
    ):
        with pytest.raises(TypeError):
            act()

    assert PrivacyNotice.objects.get().text == OLD


def test_versions_rise_and_each_stays_to_be_seen() -> None:
    for text in (OLD, REVISED):
        factories.create_notice(text)

    assert [one.version for one in PrivacyNotice.objects.all()] == [2, 1]
    now, then = said(Client().get("/privacy/")), said(Client().get("/privacy/1/"))
    assert "新的一段。" in now
    assert "第 2 版" in now
    assert "新的一段。" not in then
    assert "现在施行的是第 2 版" in then
    assert html.fromstring(Client().get("/privacy/").content).xpath("//a[@href='/privacy/1/']")
    for address in ("/privacy/3/", "/privacy/0/", f"/privacy/{10**30}/"):
        assert Client().get(address).status_code == 404


@pytest.mark.parametrize(
    ("text", "words"),
    [("  \n ", "请填写"), ("长" * 20_001, "20000"), (f"\r\n{OLD}\r\n ", "完全一样")],
)
def test_a_text_that_is_none_or_says_nothing_new_is_refused(text: str, words: str) -> None:
    factories.create_notice(OLD)

    with pytest.raises(ValidationError, match=words):
        factories.create_notice(text)


def test_of_two_who_publish_at_once_one_does() -> None:
    factories.create_notice(OLD)
    privacy_notices.publish(REVISED, by=audit.COMMAND_LINE, after=1)

    with pytest.raises(ValidationError, match="刚刚有人发布"):
        privacy_notices.publish("另一版。", by=audit.COMMAND_LINE, after=1)

    assert PrivacyNotice.objects.count() == 2


def test_the_page_of_all_versions_takes_a_constant_few_queries() -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert Client().get("/privacy/").status_code == 200
        return len(captured)

    factories.create_notice()
    few = asked()
    for number in range(60):
        factories.create_notice(f"第 {number} 次改。")

    assert asked() == few <= 2


# At the gate -------------------------------------------------------------------------------
def test_whoever_has_not_agreed_gets_the_notice_in_place_of_every_page_of_a_member(
    member: User, signed_in: SignIn
) -> None:
    article = factories.create_article(factories.create_issue(), body="<p>金丝雀</p>")
    factories.create_notice(OLD)
    client = signed_in(member)

    for path in ("/", "/issues/", f"/articles/{article.pk}/", "/search/?q=金丝雀", "/me/notes/"):
        answer = client.get(path)
        assert answer.status_code == 403
        assert "照旧的一段。" in said(answer)
        assert "金丝雀" not in said(answer)
    # What is one's own stays open, and so does every open page.
    for path in ("/me/", "/accounts/password/change/", "/privacy/", "/display/"):
        assert client.get(path).status_code == 200


def test_after_agreeing_one_is_where_one_wanted_to_be(member: User, signed_in: SignIn) -> None:
    factories.create_notice(OLD)
    client = signed_in(member)
    asked = html.fromstring(client.get("/issues/?year=2026").content)
    [form] = asked.xpath("//form[@action='/privacy/agree/']")

    answer = client.post("/privacy/agree/", dict(form.form_values()))

    assert answer["Location"] == "/issues/?year=2026"
    assert client.get("/issues/").status_code == 200
    consent = Consent.objects.get()
    assert (consent.person, consent.notice_id, consent.occasion) == (member, 1, "reading")
    entry = AuditEntry.objects.get(action="privacy.agree")
    assert entry.actor == member.audit_ref
    assert entry.detail == {"version": 1, "occasion": "reading"}
    client.post("/privacy/agree/", dict(form.form_values()))
    assert Consent.objects.count() == 1, "once a version"
    assert AuditEntry.objects.filter(action="privacy.agree").count() == 1


def test_a_new_version_asks_again_and_shows_what_changed(member: User, signed_in: SignIn) -> None:
    notice = factories.create_notice(OLD)
    privacy_notices.agree(member, notice, occasion=Consent.Occasion.READING)
    client = signed_in(member)
    assert client.get("/").status_code == 200

    factories.create_notice(REVISED)

    answer = client.get("/")
    assert answer.status_code == 403
    marked = html.fromstring(answer.content).xpath("//*[@class='privacy-new']/..")
    assert [one.text_content() for one in marked] == [
        "有改动电子邮箱",
        "有改动二、新的一节",
        "有改动新的一段。",
    ]
    # To agree to the version before is not to agree to this one.
    client.post("/privacy/agree/", {"notice": "1", "next": "/"})
    assert client.get("/").status_code == 403
    client.post("/privacy/agree/", {"notice": "2", "next": "/"})
    assert client.get("/").status_code == 200


def test_what_is_sent_while_asked_changes_nothing_and_is_refused_without_a_redirect(
    member: User, signed_in: SignIn
) -> None:
    article = create_article()
    client = signed_in(member)
    factories.create_notice()

    for answer in (
        mark(client, article, "bookmark", on="1"),
        mark(client, article, "place", block="bfirst", share="40"),
        client.post(f"/me/articles/{article.pk}/notes/", {"block": "bfirst", "text": "一条"}),
        client.get(f"/me/articles/{article.pk}/marks/", headers=SCRIPT),
    ):
        assert answer.status_code == 403
    form = html.fromstring(client.post("/me/notes/").content).xpath(
        "//form[@action='/privacy/agree/']"
    )[0]
    assert dict(form.form_values())["next"] == "", "what was sent is not asked for as a page"
    from newsletter.models import Note, Reading

    assert not Note.objects.exists()
    assert not Reading.objects.exists()


@pytest.mark.parametrize("person", ["lapsed", "suspended", "seatless"])
def test_who_may_not_read_is_told_that_and_not_asked(
    request: pytest.FixtureRequest, signed_in: SignIn, person: str
) -> None:
    user = request.getfixturevalue(person)
    factories.create_notice(OLD)

    answer = signed_in(user).get("/")

    assert answer.status_code == 403
    assert "照旧的一段。" not in said(answer)


def test_staff_work_on_in_the_admin_and_are_asked_at_the_readers_pages(
    editor: User, signed_in: SignIn
) -> None:
    factories.create_notice()
    client = signed_in(editor)

    assert client.get("/admin/newsletter/issue/").status_code == 200
    assert client.get("/").status_code == 403


def test_to_ask_costs_no_query_more(member: User, signed_in: SignIn) -> None:
    article = factories.create_article(factories.create_issue())
    client = signed_in(member)

    def asked(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200, path
        return len(captured)

    paths = ("/me/", "/", f"/articles/{article.pk}/")
    for path in paths:
        client.get(path)  # a new connection asks SQLite once whether it knows JSON
    before = [asked(path) for path in paths]
    for number in range(5):
        notice = factories.create_notice(f"第 {number} 次改。")
        privacy_notices.agree(member, notice, occasion=Consent.Occasion.READING)

    assert [asked(path) for path in paths] == before
    assert before[1:] == [4, 4]


@pytest.mark.parametrize("method", ["get", "head", "put", "delete"])
def test_agreeing_is_a_post_of_somebody_signed_in(
    member: User, signed_in: SignIn, method: str
) -> None:
    factories.create_notice()
    client = signed_in(member)

    assert getattr(client, method)("/privacy/agree/").status_code == 405
    assert Client().post("/privacy/agree/", {"notice": "1"})["Location"].startswith("/accounts/")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(member)
    assert strict.post("/privacy/agree/", {"notice": "1"}).status_code == 403
    assert not Consent.objects.exists()


def test_after_agreeing_nobody_is_sent_elsewhere(member: User, signed_in: SignIn) -> None:
    factories.create_notice()
    client = signed_in(member)

    for wanted in ("https://evil.example/", "//evil.example/", "javascript:alert(1)", ""):
        answer = client.post("/privacy/agree/", {"notice": "1", "next": wanted})
        assert answer["Location"] == "/"


def test_the_foot_of_every_page_leads_to_the_notice() -> None:
    factories.create_notice()

    for path in ("/accounts/login/", "/join/", "/privacy/"):
        page = html.fromstring(Client().get(path).content)
        assert page.xpath("//footer//a[@href='/privacy/']"), path


# Joining -----------------------------------------------------------------------------------
def test_who_joins_agrees_by_a_box_that_is_not_ticked_beforehand(guest: User) -> None:
    factories.create_notice()
    token = slip(guest)
    page = html.fromstring(Client().get(f"/join/{token}/").content)
    [box] = page.xpath("//input[@name='consent']")
    assert (box.get("type"), box.get("value"), box.get("checked")) == ("checkbox", "1", None)
    assert page.xpath("//label[@for='id_consent']/a[@href='/privacy/1/']")
    values = {"proof": "2468", "password1": NEW, "password2": NEW}

    for missing in ({}, {"consent": ""}):
        answer = Client().post(f"/join/{token}/", values | missing)
        assert answer.status_code == 200
        assert "同意的请勾选" in said(answer)
    assert not Consent.objects.exists()
    client = Client()
    assert client.post(f"/join/{token}/", values | {"consent": "1"}).status_code == 302

    consent = Consent.objects.get()
    assert (consent.person, consent.notice_id, consent.occasion) == (guest, 1, "joining")
    assert client.get("/").status_code == 200


def test_a_version_published_while_somebody_fills_in_the_form_is_shown_first(guest: User) -> None:
    factories.create_notice(OLD)
    token = slip(guest)
    factories.create_notice(REVISED)
    values = {"proof": "2468", "password1": NEW, "password2": NEW, "consent": "1"}

    answer = Client().post(f"/join/{token}/", values)

    assert "刚刚更新到第 2 版" in said(answer)
    [box] = html.fromstring(answer.content).xpath("//input[@name='consent']")
    assert (box.get("value"), box.get("checked")) == ("2", None)
    assert Client().post(f"/join/{token}/", values | {"consent": "2"}).status_code == 302


def test_a_consent_and_the_redeeming_are_one(guest: User, monkeypatch: pytest.MonkeyPatch) -> None:
    factories.create_notice()
    token = slip(guest)
    monkeypatch.setattr(privacy_notices, "agree", lambda *a, **k: 1 / 0)
    client = Client(raise_request_exception=False)

    answer = client.post(
        f"/join/{token}/", {"proof": "2468", "password1": NEW, "password2": NEW, "consent": "1"}
    )

    assert answer.status_code == 500
    assert not AuditEntry.objects.filter(action="invitation.redeem").exists()
    assert Client().get(f"/join/{token}/").status_code == 200


# Publishing in the admin -------------------------------------------------------------------
NEW_VERSION = "/admin/members/privacynotice/new/"


def test_a_new_version_is_written_looked_at_and_published(
    administrator: User, member: User, signed_in: SignIn
) -> None:
    factories.create_notice(OLD)
    client = signed_in(administrator)
    [area] = html.fromstring(client.get(NEW_VERSION).content.decode()).xpath(
        "//textarea[@name='text']"
    )
    assert area.text.strip() == OLD

    values = {"after": "1", "text": REVISED}
    look = client.post(NEW_VERSION, values | {"step": "look"})
    assert "新的一段。" in said_in_admin(look)
    assert f"{User.objects.filter(is_active=True).count()} 人" in said_in_admin(look)
    assert PrivacyNotice.objects.count() == 1
    again = client.post(NEW_VERSION, values | {"step": "write"})
    assert REVISED.splitlines()[-1] in again.content.decode()
    assert PrivacyNotice.objects.count() == 1

    answer = client.post(NEW_VERSION, values | {"step": "publish"})

    assert answer["Location"] == "/admin/members/privacynotice/"
    assert PrivacyNotice.objects.get(pk=2).text == REVISED
    entry = AuditEntry.objects.filter(action="privacy.publish").latest("pk")
    assert entry.actor == administrator.audit_ref
    assert client.post(NEW_VERSION, values | {"step": "publish"}).status_code == 200
    assert PrivacyNotice.objects.count() == 2
    assert signed_in(member).get("/").status_code == 403
    assert "新的一段" in client.get("/admin/members/privacynotice/2/change/").content.decode()


def said_in_admin(answer: Any) -> str:
    return "".join(
        html.fromstring(answer.content.decode()).xpath("//*[@id='content']")[0].itertext()
    )


@pytest.mark.parametrize("values", [{}, {"after": "x"}, {"after": "1", "text": " "}])
def test_what_is_no_version_is_refused_with_a_sentence(
    administrator: User, signed_in: SignIn, values: dict[str, str]
) -> None:
    factories.create_notice(OLD)

    answer = signed_in(administrator).post(NEW_VERSION, values | {"step": "publish"})

    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    assert PrivacyNotice.objects.count() == 1


@pytest.mark.parametrize("person", ["membership_staff", "editor", "chief_editor", "auditor"])
def test_nobody_but_an_administrator_publishes(
    request: pytest.FixtureRequest, signed_in: SignIn, person: str
) -> None:
    factories.create_notice(OLD)
    client = signed_in(request.getfixturevalue(person))
    values = {"after": "1", "text": REVISED, "step": "publish"}

    assert client.get(NEW_VERSION).status_code == 403
    assert client.post(NEW_VERSION, values).status_code == 403
    assert client.post("/admin/members/privacynotice/1/change/", values).status_code == 403
    assert PrivacyNotice.objects.count() == 1


@pytest.mark.parametrize("act", ["1/change", "1/delete", "add"])
def test_not_even_an_administrator_changes_one(
    administrator: User, signed_in: SignIn, act: str
) -> None:
    factories.create_notice(OLD)

    answer = signed_in(administrator).post(
        f"/admin/members/privacynotice/{act}/", {"version": 1, "text": REVISED, "post": "yes"}
    )

    assert answer.status_code == 403
    assert PrivacyNotice.objects.get().text == OLD


def test_publishing_is_undone_when_it_cannot_be_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "record", lambda *a, **k: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        factories.create_notice(OLD)

    assert not PrivacyNotice.objects.exists()
