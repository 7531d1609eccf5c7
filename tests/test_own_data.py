"""我的数据: what the portal holds of somebody, for them to see, to take along, to correct."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members import audit, own_data
from members.erasure import private_relations
from members.models import AuditEntry, AuditPersonal, Membership, Seat, User
from newsletter import reading
from newsletter.models import Reading
from tests import factories
from tests.archive import CANARY, make_archive
from tests.factories import PASSWORD, content_of
from tests.forms import form_of

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]

PHONE, OTHER = "+8613900135790", "+8613900135791"
PAGE, FILE, FORM = "/me/data/", "/me/data/download/", "/me/data/correct/"


@pytest.fixture
def person() -> User:
    return factories.create_member(name="甄会员", phone=PHONE, email="old@example.org")


def corrected(client: Client, **values: str) -> Any:
    known = {"name": "甄会员", "phone": "13900135790", "email": "old@example.org"}
    return client.post(FORM, known | {"password": PASSWORD} | values)


def downloaded(client: Client) -> dict[str, Any]:
    answer = client.post(FILE, {"password": PASSWORD})
    assert answer.status_code == 200
    found: dict[str, Any] = json.loads(content_of(answer))
    return found


# Seeing ---------------------------------------------------------------------------------------
def test_a_member_sees_the_whole_of_what_is_held_of_them(person: User, signed_in: SignIn) -> None:
    former = factories.create_organization(name="样例旧单位")
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    Seat.objects.create(organization=former, person=person, since=yesterday, until=yesterday)
    Membership.objects.create(person=person, first_day=yesterday, last_day=yesterday)
    article = factories.create_article(factories.create_issue(), title=f"{CANARY}题")
    Reading.objects.create(reader=person, article=article, bookmarked_at=timezone.now())
    client = Client()
    client.post("/accounts/login/", {"login": "13900135790", "password": "wrong"})
    client.post("/accounts/login/", {"login": "13900135790", "password": PASSWORD})
    audit.record("delivery.table", by=person, subject=article)

    page = client.get(PAGE).content.decode()

    for words in (
        "13900135790",
        "old@example.org",
        person.member_number,
        "样例旧单位",
        "个人会籍",
        "在读、读过与收藏的文章</dt><dd>1 条",
        "批注</dt><dd>0 条",
        "登录未成功",
        "登录，网络地址 127.0.0.1",
        "取走表格",
    ):
        assert words in page, words
    # Whoever has no membership may see this page, and no word of an article.
    assert CANARY not in page


@pytest.mark.parametrize("state", ["lapsed", "suspended", "seatless", "auditor"])
def test_own_data_are_open_to_whoever_has_an_account(
    request: pytest.FixtureRequest, signed_in: SignIn, state: str
) -> None:
    client = signed_in(request.getfixturevalue(state))

    assert client.get(PAGE).status_code == 200
    assert client.get(FORM).status_code == 200
    assert downloaded(client)["format"] == own_data.FORMAT


def test_the_page_is_bounded_and_asks_the_same_however_much_there_is(
    person: User, signed_in: SignIn, django_assert_num_queries: Any
) -> None:
    client = signed_in(person)
    for _ in range(own_data.MOST_SHOWN + 5):
        audit.record("session.sign-in", by=person, subject=person)
        audit.record("delivery.table", by=person, subject=person)

    with django_assert_num_queries(14):
        page = client.get(PAGE).content.decode()

    assert page.count("，登录") == own_data.MOST_SHOWN
    assert page.count("，取走表格") == own_data.MOST_SHOWN
    assert page.count("其余见下载的文件") == 2


def test_what_is_older_than_half_a_year_is_in_the_file_and_not_on_the_page(
    person: User, signed_in: SignIn, time_machine: Any
) -> None:
    audit.record("session.sign-in", by=person, subject=person)
    time_machine.move_to(timezone.now() + own_data.SHOWN_FOR + dt.timedelta(days=1))
    client = signed_in(person)

    page = client.get(PAGE).content.decode()

    assert "<h2>近 180 天的登录</h2>\n    \n      <p>没有记录。</p>" in page
    assert downloaded(client)["audit"][0]["action"] == "session.sign-in"


# Taking along -----------------------------------------------------------------------------------
def test_the_file_holds_all_of_it_and_is_in_the_trail(person: User, signed_in: SignIn) -> None:
    article = factories.create_article(
        factories.create_issue(), title=f"{CANARY}题", body=f'<p id="bnote1">{CANARY}文</p>'
    )
    reading.add_note(article, reader=person, block="bnote1", text="自己的话，“引号”和\n换行")
    Reading.objects.create(reader=person, article=article, share=40, read_at=timezone.now())
    Membership.objects.create(person=person, first_day="2020-01-01", last_day="2020-12-31")
    client = signed_in(person)
    answer = client.post(FILE, {"password": PASSWORD}, HTTP_USER_AGENT="样例浏览器")
    text = content_of(answer).decode()
    found = json.loads(text)

    assert answer["Content-Type"] == "application/json"
    assert "attachment" in answer["Content-Disposition"]
    assert person.member_number in answer["Content-Disposition"]
    assert found["profile"]["phone"] == PHONE
    assert found["profile"]["name"] == "甄会员"
    [seat] = found["seats"]
    assert seat["organization"] == person.seats.get().organization.name
    assert [row["first_day"] for row in found["memberships"]] == ["2020-01-01"]
    [note] = found["notes"]
    assert note["text"] == "自己的话，“引号”和\n换行"
    assert note["article"] == article.pk
    assert [row["share"] for row in found["readings"]] == [40]
    # The download itself is the last of the trail.
    last = found["audit"][-1]
    assert last["action"] == "data.download"
    assert last["personal"]["agent"] == "样例浏览器"
    assert AuditEntry.objects.filter(action="data.download", actor=person.audit_ref).count() == 1
    assert CANARY not in text
    assert person.password not in text
    assert str(person.audit_ref) not in text


def test_every_key_of_the_file_is_described(person: User) -> None:
    found = json.loads("".join(own_data.write(person)))
    described = (settings.BASE_DIR / "docs" / "json.md").read_text("utf-8")

    assert len(found) > 8
    for key, value in found.items():
        assert f"| `{key}{'[]' if isinstance(value, list) else ''}` |" in described, key
    for key in found["profile"]:
        assert f"`{key}`" in described, key


def test_the_file_of_a_lapsed_reader_has_their_notes_and_no_word_of_an_article(
    lapsed: User, editor: User, signed_in: SignIn
) -> None:
    make_archive(received_by=editor)

    text = content_of(signed_in(lapsed).post(FILE, {"password": PASSWORD})).decode()

    assert json.loads(text)["readings"]
    assert CANARY not in text


def test_the_file_is_about_nobody_else(person: User, membership_staff: User) -> None:
    other = factories.create_member(name="旁人", phone=OTHER)
    audit.record("user.change", by=membership_staff, subject=other, person=other, personal={"a": 1})
    audit.record("user.change", by=membership_staff, subject=person, person=person)

    text = "".join(own_data.write(person))

    assert "旁人" not in text
    assert OTHER not in text
    # Who of the staff did it is theirs.
    assert membership_staff.name not in text


def test_the_secretariats_remark_is_not_in_the_file(
    person: User, membership_staff: User, signed_in: SignIn
) -> None:
    client = signed_in(membership_staff)
    address = reverse("admin:members_user_change", args=[person.pk])
    changed = {"name": "甄新名", "remark": "说话不算数"}
    answer = client.post(address, form_of(client.get(address)) | changed)
    assert answer.status_code == 302, answer.context["errors"]
    added = {"name": ["", "甄新名"], "remark": ["", "先前的话"]}
    act = audit.Act(
        "user.add", User, str(person.audit_ref), personal=added, person=person.audit_ref
    )
    audit.record_many([act], by=membership_staff)
    kept = AuditPersonal.objects.filter(person=person.audit_ref).order_by("pk")
    assert ["remark" in row.values for row in kept] == [True, True], "the trail itself has it"

    text = "".join(own_data.write(person))

    assert "说话不算数" not in text
    assert "先前的话" not in text
    assert "remark" not in text
    assert [row["personal"] for row in json.loads(text)["audit"]] == [
        {"name": ["甄会员", "甄新名"]},
        {"name": ["", "甄新名"]},
    ]


def test_every_relation_to_a_person_is_in_the_file_or_thought_about() -> None:
    """A new model that refers to people fails here until somebody has decided."""
    told = {
        f"{relation.related_model._meta.label}.{relation.field.name}"
        for relation in User._meta.get_fields(include_hidden=True)
        if isinstance(relation, models.ManyToOneRel)
        and not relation.related_model._meta.auto_created
        and not getattr(relation.related_model, "own_fields", ())
    }
    offices = {
        # What somebody did for the association, and not about themselves.
        "admin.LogEntry.user",
        "members.Application.decided_by",
        "members.Application.told_by",
        "members.HeadingMapping.changed_by",
        "members.LeakCase.closed_by",
        "members.LeakCase.opened_by",
        "members.ListImport.uploaded_by",
        "members.Proposal.decided_by",
        "members.Proposal.proposed_by",
        "members.Reminder.told_by",
        "newsletter.Doubt.settled_by",
        "newsletter.IncomingFile.received_by",
        # allauth's own note of `User.email`.
        "account.EmailAddress.user",
        # Became the person: the profile says the same.
        "members.Application.person",
        "members.User.merged_into",
    }
    assert told <= offices


def test_the_file_is_asked_for_by_post_alone(person: User, signed_in: SignIn) -> None:
    assert signed_in(person).get(FILE).status_code == 405
    assert not AuditEntry.objects.filter(action="data.download").exists()


@pytest.mark.parametrize(
    ("password", "words"), [("", "请填写当前密码"), ("wrong", "密码不正确，请重填")]
)
def test_without_the_password_nobody_takes_the_file(
    person: User, signed_in: SignIn, password: str, words: str
) -> None:
    answer = signed_in(person).post(FILE, {"password": password})

    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/html")
    assert words in str(answer.context["form"]["password"].errors)
    assert not AuditEntry.objects.filter(action="data.download").exists()


# Correcting -------------------------------------------------------------------------------------
def test_a_correction_is_normalised_recorded_and_told_to_the_address_there_was(
    person: User, signed_in: SignIn
) -> None:
    client = signed_in(person)

    answer = corrected(client, name=" 甄 新名 ", phone="１３９ 0013-5791", email="New@Example.org")

    assert answer.status_code == 302, answer.context["form"].errors
    person.refresh_from_db()
    assert (person.name, person.phone, person.email) == ("甄 新名", OTHER, "new@example.org")
    entry = AuditEntry.objects.get(action="user.change")
    assert entry.actor == person.audit_ref
    assert entry.detail == {"fields": ["name", "phone", "email"]}
    kept = AuditPersonal.objects.get(entry=entry)
    assert kept.person == person.audit_ref
    assert kept.values["changed"]["phone"] == [PHONE, OTHER]
    [letter] = mail.outbox
    assert letter.to == ["old@example.org"]
    assert "手机号码和电子邮箱刚刚更改了" in letter.body
    # Neither the new address nor the new number is told to the old one.
    assert "new@example.org" not in letter.body
    assert "5791" not in letter.body
    # The session goes on, and the new number signs in.
    assert client.get(PAGE).status_code == 200
    assert User.objects.by_identifier("139 0013 5791") == person


def test_a_number_and_an_address_may_be_taken_out(person: User, signed_in: SignIn) -> None:
    assert corrected(signed_in(person), phone="", email="").status_code == 302

    person.refresh_from_db()
    assert (person.phone, person.email) == ("", "")


def test_nothing_changed_leaves_no_trace_and_sends_nothing(person: User, signed_in: SignIn) -> None:
    assert corrected(signed_in(person)).status_code == 302

    assert not AuditEntry.objects.filter(action="user.change").exists()
    assert not mail.outbox


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"password": "wrong"}, "密码不正确"),
        ({"password": ""}, "请填写当前密码"),
        ({"phone": "12345"}, "不是有效的电话号码"),
        ({"phone": "139 0013 5791"}, "这个电话已登记在别处"),
        ({"email": "Taken@example.org"}, "这个电子邮箱已登记在别处"),
        ({"email": "nonsense"}, "电子邮箱不对"),
        ({"name": ""}, "请填写姓名"),
        ({"name": "甄" * 51}, "50"),
    ],
)
def test_a_wrong_correction_is_told_at_its_box_and_changes_nothing(
    person: User, signed_in: SignIn, values: dict[str, str], words: str
) -> None:
    factories.create_user(name="旁人", phone=OTHER, email="taken@example.org")

    answer = corrected(signed_in(person), **values)

    assert answer.status_code == 200
    [field] = values
    assert words in str(answer.context["form"][field].errors)
    assert "旁人" not in answer.content.decode()
    assert User.objects.get(pk=person.pk).phone == PHONE
    assert not AuditEntry.objects.filter(action="user.change").exists()


def test_the_former_address_opens_nothing_any_more(person: User, signed_in: SignIn) -> None:
    """allauth notes an address to which it once sent a link."""
    EmailAddress.objects.create(user=person, email="old@example.org", primary=True, verified=True)
    corrected(signed_in(person), email="new@example.org")

    Client().post("/accounts/password/reset/", {"email": "old@example.org"})

    assert not [letter for letter in mail.outbox if "key" in letter.body]


def test_so_does_it_when_staff_have_changed_it(
    person: User, membership_staff: User, signed_in: SignIn
) -> None:
    EmailAddress.objects.create(user=person, email="old@example.org", primary=True, verified=True)
    client = signed_in(membership_staff)
    address = reverse("admin:members_user_change", args=[person.pk])
    answer = client.post(address, form_of(client.get(address)) | {"email": "new@example.org"})
    assert answer.status_code == 302, answer.context["errors"]

    Client().post("/accounts/password/reset/", {"email": "old@example.org"})

    assert not [letter for letter in mail.outbox if "key" in letter.body]


def test_staff_who_change_an_address_tell_the_one_there_was(
    person: User,
    membership_staff: User,
    signed_in: SignIn,
    django_capture_on_commit_callbacks: Any,
) -> None:
    client = signed_in(membership_staff)
    address = reverse("admin:members_user_change", args=[person.pk])
    for email, told in (
        ("OLD@example.org", []),
        ("new@example.org", ["old@example.org"]),
        ("", ["new@example.org"]),
        ("again@example.org", []),
    ):
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(address, form_of(client.get(address)) | {"email": email})
        assert answer.status_code == 302, answer.context["errors"]
        assert [letter.to[0] for letter in mail.outbox] == told
        # Neither where it goes now, nor from where staff work.
        for secret in ("example.org", "127.0.0.1"):
            assert not [letter for letter in mail.outbox if secret in letter.body]


def test_a_mail_server_that_is_down_hinders_no_change_and_the_log_tells_no_address(
    person: User,
    membership_staff: User,
    signed_in: SignIn,
    settings: Any,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.EMAIL_BACKEND = "nowhere.Backend"
    client = signed_in(membership_staff)
    address = reverse("admin:members_user_change", args=[person.pk])

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(address, form_of(client.get(address)) | {"email": "new@example.org"})

    assert answer.status_code == 302
    assert User.objects.get(pk=person.pk).email == "new@example.org"
    assert "word of a changed address not sent" in caplog.text
    assert "old@example.org" not in caplog.text


def test_passwords_are_not_guessed_here(person: User, signed_in: SignIn) -> None:
    client = signed_in(person)

    answers = [corrected(client, password=f"guess {number}") for number in range(21)]

    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert client.post(FILE).status_code == 429
    # Looking is not trying, and others are not held up.
    assert client.get(PAGE).status_code == 200
    other = signed_in(factories.create_user())
    assert corrected(other, phone="", email="").status_code == 302


def test_what_is_private_to_a_person_is_told_by_its_relation() -> None:
    found = {field.model._meta.label for field in private_relations()}

    assert {"newsletter.Note", "newsletter.Reading", "members.Invitation"} <= found
    assert "admin.LogEntry" not in found
