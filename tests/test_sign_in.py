"""Signing in, by any of three names, in our own pages."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from members.models import AuditEntry, AuditPersonal, User
from tests import factories
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader() -> User:
    user = factories.create_member(
        member_number="M12345678", phone="+8613912345678", email="reader@example.org"
    )
    User.objects.filter(pk=user.pk).update(last_seen_at=timezone.now())
    return user


def sign_in(client: Client, login: str, password: str = PASSWORD, **extra: str) -> int:
    answer = client.post("/accounts/login/", {"login": login, "password": password, **extra})
    return answer.status_code


@pytest.mark.parametrize(
    "login",
    [
        "M12345678",
        "m12345678",
        " M12345678 ",
        "Ｍ１２３４５６７８",
        "13912345678",
        "139 1234 5678",
        "139-1234-5678",
        "+86 139 1234 5678",
        "0086 13912345678",
        "１３９１２３４５６７８",
        "reader@example.org",
        "READER@Example.ORG",
    ],
)
def test_number_phone_and_address_each_open_the_door(reader: User, login: str) -> None:
    client = Client()

    assert sign_in(client, login) == 302
    assert client.get("/issues/").status_code == 200


def test_a_long_address_opens_the_door_too() -> None:
    address = f"{'a' * 40}@department.example.org"
    factories.create_member(email=address)

    assert sign_in(Client(), address) == 302


def test_who_has_neither_phone_nor_address_signs_in_by_number() -> None:
    user = factories.create_member()

    client = Client()
    assert sign_in(client, user.member_number) == 302
    assert client.get("/issues/").status_code == 200


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("M12345678", "wrong password"),
        ("M99999999", PASSWORD),
        ("13900000000", PASSWORD),
        ("nobody@example.org", PASSWORD),
        ("M12345678", PASSWORD.upper()),
        ("' OR 1=1 --", PASSWORD),
        ("\x00", PASSWORD),
    ],
)
def test_every_wrong_try_gets_the_same_sentence(reader: User, login: str, password: str) -> None:
    answer = Client().post("/accounts/login/", {"login": login, "password": password})

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "账号或密码不正确" in page or login == "\x00"
    assert "_auth_user_id" not in answer.client.session


def test_an_inactive_person_gets_the_answer_of_a_wrong_password(reader: User) -> None:
    User.objects.update(is_active=False)

    answer = Client().post("/accounts/login/", {"login": "M12345678", "password": PASSWORD})

    assert "账号或密码不正确" in answer.content.decode()


def test_empty_fields_are_told_in_chinese() -> None:
    page = Client().post("/accounts/login/", {}).content.decode()

    assert "请填写会员号" in page
    assert "请填写密码" in page


def test_the_page_says_what_this_is_and_shows_no_content(reader: User) -> None:
    issue = factories.create_issue()
    factories.create_article(issue, title="金丝雀")

    page = Client().get("/", follow=True).content.decode()

    assert "内部刊物" in page
    assert "会员" in page
    assert "金丝雀" not in page
    assert str(issue) not in page


def test_who_was_sent_to_sign_in_comes_to_where_they_wanted(reader: User) -> None:
    issue = factories.create_issue(year=2030, number=1, serial=93)
    client = Client()
    sent = client.get(issue.get_absolute_url())
    page = client.get(sent["Location"]).content.decode()
    form = page[page.index('action="/accounts/login/"') :]
    hidden = re.search(r'name="next" value="([^"]+)"', form)
    assert hidden

    answer = client.post(
        "/accounts/login/", {"login": "M12345678", "password": PASSWORD, "next": hidden[1]}
    )

    assert answer["Location"] == issue.get_absolute_url()


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "\\\\e"],
)
def test_nobody_is_sent_away_after_signing_in(reader: User, target: str) -> None:
    answer = Client().post(
        "/accounts/login/", {"login": "M12345678", "password": PASSWORD, "next": target}
    )

    assert answer["Location"] == "/"


def test_the_session_gets_a_new_key(reader: User) -> None:
    client = Client()
    client.get("/accounts/login/")
    session = client.session
    session["before"] = True
    session.save()
    before = session.session_key

    sign_in(client, "M12345678")

    assert client.session.session_key != before


def test_a_lapsed_person_signs_in_and_is_told_why(lapsed: User) -> None:
    client = Client()

    assert sign_in(client, lapsed.member_number) == 302
    answer = client.get("/")
    assert answer.status_code == 403
    assert "会籍" in answer.content.decode()


def test_signing_out_ends_the_session(reader: User) -> None:
    client = Client()
    sign_in(client, "M12345678")
    client.post("/accounts/logout/")

    assert client.get("/issues/").status_code == 302
    # A link, an image or a prefetch signs nobody out.
    sign_in(client, "M12345678")
    client.get("/accounts/logout/")
    assert client.get("/issues/").status_code == 200


def test_tries_are_recorded_and_the_password_never_is(reader: User) -> None:
    client = Client()
    sign_in(client, "M12345678", "not-the-password")
    sign_in(client, "M12345678")

    refused, accepted = AuditEntry.objects.filter(action="session.sign-in").order_by("id")
    assert (refused.succeeded, accepted.succeeded) == (False, True)
    assert accepted.actor == reader.audit_ref
    kept = str(list(AuditPersonal.objects.values_list("values", flat=True)))
    assert "127.0.0.1" in kept
    assert "not-the-password" not in kept
    assert PASSWORD not in kept


def test_nobody_signs_up_alone() -> None:
    answer = Client().post(
        "/accounts/signup/",
        {"username": "M1", "password1": "a long enough one", "password2": "a long enough one"},
    )

    assert not User.objects.exists()
    assert "会员" in answer.content.decode()


def test_many_tries_are_slowed_down(reader: User) -> None:
    client = Client()
    for _ in range(12):
        sign_in(client, "M12345678", "wrong password")

    answer = client.post("/accounts/login/", {"login": "M12345678", "password": "wrong password"})

    assert answer.status_code == 429 or "次数过多" in answer.content.decode()


def test_tries_at_one_person_are_counted_together_however_the_name_is_spelt(reader: User) -> None:
    spellings = ["M12345678", "m12345678", "13912345678", "139 12345678", "+86 13912345678"]
    spellings += ["reader@example.org", "READER@example.org", "139-1234-5678"]
    said = [
        Client(REMOTE_ADDR=f"192.0.2.{number}")
        .post("/accounts/login/", {"login": login, "password": "wrong password"})
        .content.decode()
        for number, login in enumerate(spellings)
    ]

    assert "次数过多" not in said[0]
    assert "次数过多" in said[-1]


def test_a_changed_password_is_recorded(reader: User) -> None:
    client = Client()
    sign_in(client, "M12345678")
    new = "one quite new password"
    client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )

    entry = AuditEntry.objects.get(action="user.password")
    assert entry.actor == reader.audit_ref


def test_a_password_typed_into_the_wrong_box_is_not_kept(reader: User) -> None:
    sign_in(Client(), "my secret password", "M12345678")

    kept = str(list(AuditPersonal.objects.values_list("values", flat=True)))
    assert "my secret" not in kept


def test_a_forgotten_password_is_reset_by_mail_with_a_link_that_works_once(reader: User) -> None:
    client = Client()
    client.post("/accounts/password/reset/", {"email": "reader@example.org"})
    (message,) = mail.outbox
    link = re.search(r"http://localhost:8000(/accounts/password/reset/key/\S+)", str(message.body))
    assert link, message.body

    page = client.get(link[1], follow=True)
    address = page.redirect_chain[-1][0]
    answer = client.post(
        address, {"password1": "one quite new password", "password2": "one quite new password"}
    )

    assert answer.status_code == 302
    assert sign_in(Client(), "M12345678", "one quite new password") == 302
    assert sign_in(Client(), "M12345678", PASSWORD) == 200
    spent = Client().get(link[1], follow=True).content.decode()
    assert "失效" in spent or "无效" in spent


def test_the_reset_answers_alike_for_known_and_unknown(reader: User) -> None:
    known = Client().post("/accounts/password/reset/", {"email": "reader@example.org"})
    unknown = Client().post("/accounts/password/reset/", {"email": "nobody@example.org"})

    assert known.status_code == unknown.status_code == 302
    assert known["Location"] == unknown["Location"]
    assert len(mail.outbox) == 1


def test_a_weak_password_is_refused_in_chinese(reader: User) -> None:
    client = Client()
    sign_in(client, "M12345678")

    for weak, words in (("short1!", "太短"), ("password123", "常见"), ("12345678901", "")):
        page = client.post(
            "/accounts/password/change/",
            {"oldpassword": PASSWORD, "password1": weak, "password2": weak},
        ).content.decode()
        assert words in page
        assert sign_in(Client(), "M12345678", weak) == 200
