"""邀请: redeemed once, by the right person, and its token is nowhere but in their hands."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.conf import settings as portal_settings
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from members import audit, invitations
from members.invitations import MOST_ATTEMPTS, Channel, invite
from members.models import AuditEntry, AuditPersonal, Invitation, User
from tests import factories
from tests.invited import NEW, guest, letter_of, log, redeem, slip

__all__ = ["guest"]  # a fixture
pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def latest(verb: str) -> AuditEntry:
    return AuditEntry.objects.filter(action=f"invitation.{verb}").order_by("-pk")[0]


# Making one --------------------------------------------------------------------------------
def test_a_token_has_256_random_bits_and_only_its_hash_is_kept(guest: User) -> None:
    token = slip(guest)

    assert re.fullmatch(r"[a-z2-7]{52}", token)  # 52 × 5 bits ≥ 256
    assert slip(guest) != token
    assert token not in str(list(Invitation.objects.values()))
    assert list(Invitation.objects.for_token(token)) == [Invitation.objects.earliest("pk")]


def test_a_new_invitation_revokes_the_one_before(guest: User, membership_staff: User) -> None:
    first = slip(guest)
    [second] = invite([guest], by=membership_staff, channel=Channel.SLIP)

    assert redeem(first).status_code == 404
    assert latest("revoke").actor == membership_staff.audit_ref
    assert latest("revoke").subject == str(Invitation.objects.for_token(first).get().pk)
    assert redeem(second.token).status_code == 302


def test_several_are_invited_all_or_none(guest: User) -> None:
    without = factories.create_user()
    before = slip(guest)

    with pytest.raises(ValidationError, match="没有登记电子邮箱"):
        invite([guest, without], by=audit.COMMAND_LINE, channel=Channel.EMAIL)

    assert Invitation.objects.count() == 1
    assert invitations.is_open(before)
    assert AuditEntry.objects.filter(action__startswith="invitation.").count() == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"is_active": False}, "停用"), ({"suspended_at": timezone.now()}, "暂停")],
)
def test_nobody_deactivated_or_suspended_is_invited(
    guest: User, fields: dict[str, Any], words: str
) -> None:
    User.objects.filter(pk=guest.pk).update(**fields)

    with pytest.raises(ValidationError, match=words):
        slip(guest)


@pytest.mark.parametrize(("channel", "days"), [(Channel.EMAIL, 7), (Channel.SLIP, 30)])
def test_the_last_day_counts_whole_in_shanghai(guest: User, channel: Channel, days: int) -> None:
    [issued] = invite([guest], by=audit.COMMAND_LINE, channel=channel)

    expires = timezone.localtime(issued.invitation.expires_at)
    assert expires.date() == timezone.localdate() + dt.timedelta(days=days)
    assert (expires.hour, expires.minute) == (23, 59)
    assert str(expires.tzinfo) == "Asia/Shanghai"


# Opening it --------------------------------------------------------------------------------
def test_opening_the_link_spends_nothing(guest: User) -> None:
    token = slip(guest)
    before = list(Invitation.objects.values())

    for headers in ({}, {"Sec-Purpose": "prefetch"}, {"User-Agent": "mail scanner"}):
        for method in ("get", "head", "options"):
            for address in (f"/join/{token}/", f"/join/{token}"):
                assert getattr(Client(), method)(address, headers=headers).status_code in (200, 405)

    assert list(Invitation.objects.values()) == before
    assert AuditEntry.objects.count() == 1
    assert redeem(token).status_code == 302


def test_the_page_says_whose_it_is_and_nothing_about_who_was_invited(guest: User) -> None:
    answer = Client().get(f"/join/{slip(guest)}/")

    page = answer.content.decode()
    assert "《财税动态》会员门户" in page
    assert portal_settings.ASSOCIATION in page
    assert "电话后四位" in page
    for secret in (guest.name, guest.member_number, guest.email, "2468"):
        assert secret not in page
    assert answer["Cache-Control"] == "private, no-store"
    # The address is a secret: no request names it to another, our own pictures' included.
    assert answer["Referrer-Policy"] == "strict-origin"
    assert '<meta name="referrer" content="strict-origin">' in page


def test_a_token_is_typed_from_paper_as_people_type(guest: User) -> None:
    token = slip(guest)
    groups = "-".join(token[at : at + 4] for at in range(0, 52, 4)).upper()

    for typed in (groups, groups.lower(), groups.replace("O", "0").replace("L", "1")):
        assert Client().get(f"/join/{typed}").status_code == 200
    assert Client().get(f"/join/{token[:-1]}").status_code == 404


def test_every_token_that_opens_nothing_gets_one_answer(guest: User) -> None:
    revoked, spent = slip(guest), slip(guest)
    assert redeem(spent).status_code == 302
    expired = slip(guest)
    with time_machine.travel(timezone.now() + dt.timedelta(days=31)):
        tokens = [revoked, spent, expired, "x" * 52, "不是", "%00", "a" * 3000]
        told = set()
        for token in tokens:
            for answer in (Client().get(f"/join/{token}/"), redeem(token), redeem(token, "1")):
                page = re.sub(r'value="[A-Za-z0-9]{64}"', "", answer.content.decode())
                headers = {**answer.headers}
                told.add((answer.status_code, headers["Referrer-Policy"], page))

    [(status, _, page)] = {(status, policy, _said(page)) for status, policy, page in told}
    assert status == 404
    assert "这个链接不能用" in page


def _said(page: str) -> str:
    """What stands in the page: its own address is in a form of the footer."""
    return page[page.index("<main") : page.index("</main>")]


# Redeeming it ------------------------------------------------------------------------------
def test_who_redeems_is_signed_in_and_comes_home_with_the_new_password(guest: User) -> None:
    token = slip(guest)
    client = Client()

    answer = client.post(
        f"/join/{token}", {"proof": "2468", "password1": NEW, "password2": NEW}, follow=True
    )

    assert answer.redirect_chain == [("/", 302)]
    assert client.get("/issues/").status_code == 200
    signs_in = Client().post("/accounts/login/", {"login": guest.phone, "password": NEW})
    assert signs_in["Location"] == "/"
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)[:3])
    assert actions == ["invitation.send", "invitation.redeem", "session.sign-in"]
    assert latest("redeem").actor == guest.audit_ref
    assert redeem(token).status_code == 404


def test_other_sessions_end_when_a_new_password_is_set(guest: User, signed_in: SignIn) -> None:
    elsewhere = signed_in(guest)
    assert elsewhere.get("/").status_code == 200

    redeem(slip(guest))

    assert elsewhere.get("/")["Location"].startswith("/accounts/login/")


def test_whoever_was_signed_in_there_before_is_no_longer(guest: User, editor: User) -> None:
    client = Client()
    client.force_login(editor)
    values = {"proof": "2468", "password1": NEW, "password2": NEW}

    client.post(f"/join/{slip(guest)}/", values)

    assert guest.member_number in client.get("/me/").content.decode()
    assert client.get("/admin/").status_code == 404


@pytest.mark.parametrize("written", ["２４６８", " 2468 "])
def test_the_four_digits_are_taken_as_people_write_them(guest: User, written: str) -> None:
    assert redeem(slip(guest), written).status_code == 302


def test_who_has_no_phone_proves_it_by_the_member_number() -> None:
    user = factories.create_member(member_number="M20000001")

    assert redeem(slip(user), "0001").status_code == 200
    assert redeem(slip(user), "m20000001").status_code == 302


def test_the_number_printed_on_a_slip_proves_nothing_where_a_phone_is_known(guest: User) -> None:
    answer = redeem(slip(guest), guest.member_number)

    assert answer.status_code == 200
    assert "与登记的不一致" in answer.content.decode()


def test_a_letter_takes_the_member_number_too(guest: User) -> None:
    token = letter_of(guest)

    assert redeem(token, guest.member_number.lower()).status_code == 302


def test_the_fifth_wrong_proof_revokes_it(guest: User) -> None:
    token = slip(guest)
    told = [redeem(token, "0000") for _ in range(MOST_ATTEMPTS)]

    for left, answer in zip((4, 3, 2, 1), told, strict=False):
        assert f"还可以试 {left} 次" in answer.content.decode()
    assert told[-1].status_code == 404
    assert redeem(token).status_code == 404
    assert AuditEntry.objects.filter(action="invitation.refuse", succeeded=False).count() == 5
    assert latest("revoke").detail["because"] == "attempts"
    assert not User.objects.get(pk=guest.pk).has_usable_password()


def test_a_bad_password_tells_nothing_about_the_proof_and_spends_no_try(guest: User) -> None:
    token = slip(guest)
    for password, again, words in (
        ("short1!", None, "太短"),
        ("password123", None, "常见"),
        (NEW, "another password", "两次填的新密码不一样"),
        ("", "", "请填写新密码"),
    ):
        page = redeem(token, password=password, again=again).content.decode()
        assert words in page

    assert Invitation.objects.get().attempts == 0
    # With a wrong proof a weak password is no way round the count.
    redeem(token, "0000", password="short1!")
    assert Invitation.objects.get().attempts == 1
    # Unequal passwords are told before anybody looks at the proof: alike for right and wrong.
    wrong = redeem(token, "0000", again="another password").content.decode()
    assert "与登记的不一致" not in wrong
    assert redeem(token).status_code == 302


@pytest.mark.parametrize(
    "fields",
    [{"is_active": False}, {"suspended_at": timezone.now()}],
    ids=["deactivated", "suspended"],
)
def test_nobody_deactivated_or_suspended_comes_in(guest: User, fields: dict[str, Any]) -> None:
    token = slip(guest)
    User.objects.filter(pk=guest.pk).update(**fields)

    answer = redeem(token)

    assert answer.status_code == 403
    assert "已停用或暂停" in answer.content.decode()
    assert "_auth_user_id" not in answer.client.session
    assert not User.objects.get(pk=guest.pk).has_usable_password()
    assert Invitation.objects.get().redeemed_at is None


def test_who_may_not_read_comes_in_and_is_told_why(lapsed: User) -> None:
    client = Client()
    values = {"proof": lapsed.member_number, "password1": NEW, "password2": NEW}

    answer = client.post(f"/join/{slip(lapsed)}/", values, follow=True)

    assert answer.status_code == 403
    assert "会籍" in answer.content.decode()


def test_tries_from_one_address_are_slowed_down(guest: User) -> None:
    token = slip(guest)
    answers = [redeem("x" * 52, REMOTE_ADDR="192.0.2.7") for _ in range(31)]

    assert {answer.status_code for answer in answers[:30]} == {404}
    assert answers[-1].status_code == 429
    assert '<meta name="referrer" content="strict-origin">' in answers[-1].content.decode()
    assert answers[-1]["Referrer-Policy"] == "strict-origin"
    assert redeem(token, REMOTE_ADDR="192.0.2.7").status_code == 429
    assert redeem(token, REMOTE_ADDR="192.0.2.8").status_code == 302


def test_a_form_from_elsewhere_is_refused(guest: User) -> None:
    token = slip(guest)
    client = Client(enforce_csrf_checks=True)
    values = {"proof": "2468", "password1": NEW, "password2": NEW}

    assert client.post(f"/join/{token}/", values).status_code == 403
    assert invitations.is_open(token)


# Where the token is not --------------------------------------------------------------------
def test_the_token_is_in_no_log_and_no_audit_entry(
    guest: User, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = slip(guest)
    handler = log(monkeypatch)
    # Refused by CSRF, failing, wrong, and at last right.
    Client(enforce_csrf_checks=True).post(f"/join/{token}/", {})
    with monkeypatch.context() as broken:
        broken.setattr(invitations, "is_open", lambda token: 1 / 0)
        failed = Client(raise_request_exception=False).get(f"/join/{token}/")
    redeem(token, "0000")
    redeem(token)
    logging.getLogger("django").error("reset %s", "/accounts/password/reset/key/1-abc-def/")

    said = handler.getvalue()
    assert failed.status_code == 500
    assert "Internal Server Error: /join/…/" in said
    assert "Forbidden" in said
    assert "abc-def" not in said
    assert token not in said
    kept = str(list(AuditEntry.objects.values())) + str(list(AuditPersonal.objects.values()))
    assert "invitation.redeem" in kept
    assert token not in kept
    assert NEW not in kept
