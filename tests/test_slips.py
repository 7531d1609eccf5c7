"""登录条 and inviting from the admin: by whom, for whom, and shown this once."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
import segno
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import html
from PIL import Image

from members import audit, invitations
from members.admin.invitations import MOST_INVITED
from members.invitations import Channel
from members.models import AuditEntry, Invitation, User
from members.roles import Role
from members.slip_picture import MODULE, WIDTH, face
from members.slips import QrCode, Slip
from tests import factories
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]

PEOPLE = "/admin/members/user/"
ACTIONS = ["invite_by_email", "print_slips"]


@pytest.fixture
def guest() -> User:
    return factories.create_member(
        name="甄来宾", phone="+8613900002468", email="guest@example.org", member_number="M20000001"
    )


def act(client: Client, action: str, *people: User, confirmed: bool = True, **more: Any) -> Any:
    values = {"action": action, "_selected_action": [person.pk for person in people], **more}
    return client.post(PEOPLE, values | ({"confirmed": "1"} if confirmed else {}))


def tokens_in(answer: Any) -> set[str]:
    return set(re.findall(r"/join/([a-z2-7]{52})", answer.content.decode()))


# Who may -----------------------------------------------------------------------------------
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(
    ("actor", "may"),
    [
        ("membership_staff", True),
        ("administrator", False),
        ("editor", False),
        ("chief_editor", False),
        ("auditor", False),
        ("member", False),
        ("lapsed", False),
    ],
)
def test_only_who_keeps_people_invites(
    request: pytest.FixtureRequest,
    signed_in: SignIn,
    guest: User,
    actor: str,
    action: str,
    may: bool,
) -> None:
    person = request.getfixturevalue(actor)

    answer = act(signed_in(person), action, guest)

    assert (answer.status_code < 400 and Invitation.objects.count() == 1) is may
    entries = AuditEntry.objects.filter(action__startswith="invitation.")
    assert [entry.actor for entry in entries] == ([person.audit_ref] if may else [])
    if not may:
        assert not Invitation.objects.exists()


@pytest.mark.parametrize("action", ACTIONS)
def test_holders_of_a_role_are_invited_by_none_but_those_who_give_roles(
    membership_staff: User, editor: User, guest: User, signed_in: SignIn, action: str
) -> None:
    User.objects.filter(pk=editor.pk).update(email="editor@example.org")
    root = User.objects.create_superuser("ROOT1", password=PASSWORD)

    answer = act(signed_in(membership_staff), action, editor, guest)
    assert "担任角色" in answer.content.decode()
    assert not Invitation.objects.exists(), "nor anybody chosen with them"

    act(signed_in(root), action, editor)
    assert Invitation.objects.get().person == editor


def test_a_strangers_post_reaches_nothing(guest: User) -> None:
    answer = act(Client(), "print_slips", guest)

    assert answer["Location"].startswith("/accounts/login/")
    assert not Invitation.objects.exists()


def test_the_list_and_the_page_offer_it_to_whoever_may(
    membership_staff: User, administrator: User, guest: User, editor: User, signed_in: SignIn
) -> None:
    def offers(user: User, of: User) -> list[str]:
        client = signed_in(user)
        one = html.fromstring(client.get(f"{PEOPLE}{of.pk}/change/").content.decode())
        listed = html.fromstring(client.get(PEOPLE).content.decode())
        return [
            *one.xpath("//button[@name='action']/@value"),
            *(
                value
                for value in listed.xpath("//select[@name='action']/option/@value")
                if value in ACTIONS
            ),
        ]

    assert offers(membership_staff, guest) == ACTIONS * 2
    assert offers(administrator, editor) == []
    User.objects.filter(pk=guest.pk).update(email="")
    assert offers(membership_staff, guest) == ["print_slips", *ACTIONS]


# What is asked before ----------------------------------------------------------------------
def test_the_confirmation_names_who_cannot_be_invited_and_why_and_makes_nothing(
    membership_staff: User, guest: User, signed_in: SignIn
) -> None:
    mute = factories.create_user(name="甲无邮")
    gone = factories.create_user(name="乙停用", is_active=False, email="gone@example.org")
    held = factories.create_user(name="丙暂停", suspended_at=timezone.now(), email="c@example.org")
    client = signed_in(membership_staff)

    answer = act(client, "invite_by_email", guest, mute, gone, held, confirmed=False)

    page = html.fromstring(answer.content.decode())
    told = " ".join(page.xpath("//div[@class='desk']//li//text()"))
    for words in (
        r"甲无邮\s+\S+\s+没有登记电子邮箱",
        r"乙停用\s+\S+\s+账号已停用",
        r"丙暂停\s+\S+\s+账号已暂停",
    ):
        assert re.search(words, told)
    [form] = page.xpath("//form[.//input[@name='confirmed']]")
    assert [int(pk) for pk in form.xpath(".//input[@name='_selected_action']/@value")] == [guest.pk]
    assert not Invitation.objects.exists()

    posted = [(field.get("name"), field.get("value")) for field in form.xpath(".//input[@name]")]
    answer = client.post(PEOPLE, dict(posted), follow=True)
    assert "1 封邀请正在发出" in answer.content.decode()
    assert Invitation.objects.get().person == guest


def test_what_has_changed_since_is_asked_again(
    membership_staff: User, guest: User, signed_in: SignIn
) -> None:
    User.objects.filter(pk=guest.pk).update(is_active=False)

    answer = act(signed_in(membership_staff), "print_slips", guest)

    assert "账号已停用" in answer.content.decode()
    assert not Invitation.objects.exists()


def test_more_than_three_hundred_are_refused_and_three_hundred_are_not(
    membership_staff: User, signed_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    people = User.objects.bulk_create(
        User(member_number=f"M3{number:07d}", name="样例") for number in range(MOST_INVITED + 1)
    )
    client = signed_in(membership_staff)

    answer = act(client, "print_slips", *people, confirmed=False)
    assert answer.status_code == 302
    assert "一次最多选 300 人" in client.get(PEOPLE).content.decode()

    with django_assert_max_num_queries(20):
        answer = act(client, "print_slips", *people[1:], confirmed=False)
    assert "制作 300 张登录条" in answer.content.decode()
    answer = act(client, "print_slips", *people[1:])
    assert len(html.fromstring(answer.content.decode()).xpath("//article")) == 300


# The picture -------------------------------------------------------------------------------
PICTURE = "/admin/members/user/slip.png"


def test_whoever_has_the_slip_before_them_gets_it_as_a_picture(
    membership_staff: User, guest: User, signed_in: SignIn
) -> None:
    client = signed_in(membership_staff)
    page = html.fromstring(act(client, "print_slips", guest).content.decode())
    [form] = page.xpath(f"//form[@action='{PICTURE}']")
    [token] = form.xpath(".//input[@name='token']/@value")

    answer = client.post(PICTURE, {"token": token})

    picture = Image.open(io.BytesIO(answer.content))
    assert (answer["Content-Type"], picture.format, picture.width) == ("image/png", "PNG", 1080)
    assert answer["Cache-Control"] == "private, no-store"
    assert "M20000001.png" in answer["Content-Disposition"]
    assert invitations.is_open(token)
    # The code in it is the code of the very address, square by square.
    address = invitations.address_of(token)
    expected = [list(row) for row in segno.make_qr(address, error="m", boost_error=False).matrix]
    assert _code_in(picture, len(expected)) == expected
    # The name stands in it: with another it is another picture.
    User.objects.filter(pk=guest.pk).update(name="别人")
    assert client.post(PICTURE, {"token": token}).content != answer.content
    assert client.get(PICTURE).status_code == 405


def _code_in(picture: Image.Image, modules: int) -> list[list[int]]:
    """What a reader sees: from the first finder pattern on, a look at the middle of each module."""
    left = (WIDTH - modules * MODULE) // 2
    for top in range(picture.height - modules * MODULE):
        square = [picture.getpixel((left + MODULE // 2 + x * MODULE, top)) for x in range(7)]
        beside = picture.getpixel((left - MODULE // 2, top))
        if beside == (255, 255, 255) and square == [(0, 0, 0)] * 7:
            middle = top + MODULE // 2
            return [
                [
                    int(
                        picture.getpixel((left + MODULE // 2 + x * MODULE, middle + y * MODULE))
                        == (0, 0, 0)
                    )
                    for x in range(modules)
                ]
                for y in range(modules)
            ]
    raise AssertionError("no code in the picture")


@pytest.mark.parametrize("why", ["spent", "letter", "wrong", "auditor", "administrator", "role"])
def test_no_other_picture_is_drawn(
    request: pytest.FixtureRequest,
    membership_staff: User,
    guest: User,
    signed_in: SignIn,
    why: str,
) -> None:
    [issued] = invitations.invite([guest], by=audit.COMMAND_LINE, channel=Channel.SLIP)
    actor, token = membership_staff, issued.token
    if why == "spent":
        Invitation.objects.update(redeemed_at=timezone.now())
    elif why == "letter":
        Invitation.objects.update(channel=Channel.EMAIL)
    elif why == "wrong":
        token = "x" * 52
    elif why == "role":
        guest.groups.add(Group.objects.get(name=Role.EDITOR))
    else:
        actor = request.getfixturevalue(why)

    answer = signed_in(actor).post(PICTURE, {"token": token})

    assert answer.status_code in (403, 404)
    assert answer["Content-Type"].startswith("text/html")


def test_without_a_chinese_face_there_are_words_and_no_boxes(
    membership_staff: User, guest: User, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    face.cache_clear()
    monkeypatch.setenv("PATH", "/nowhere")
    try:
        page = act(signed_in(membership_staff), "print_slips", guest).content.decode()
    finally:
        face.cache_clear()

    assert "没有中文字体" in page
    assert PICTURE not in page


# The slip ----------------------------------------------------------------------------------
def test_a_slip_says_who_how_until_when_and_whom_to_ask(
    membership_staff: User, guest: User, signed_in: SignIn, settings: Any
) -> None:
    settings.BASE_URL = "https://portal.example.org"
    settings.CONTACT = "010-12345678"

    answer = act(signed_in(membership_staff), "print_slips", guest)

    page = html.fromstring(answer.content.decode())
    [slip] = page.xpath("//article")
    text = slip.text_content()
    day = timezone.localtime(Invitation.objects.get().expires_at)
    for words in (
        "甄来宾",
        "M20000001",
        f"{day.year}年{day.month}月{day.day}日",
        settings.ASSOCIATION,
        "010-12345678",
        "填电话后四位",
    ):
        assert words in text
    assert "2468" not in text
    typed = "".join(slip.xpath(".//*[@class='login-slip-address']//text()")).split()
    [address] = typed
    assert re.fullmatch(r"https://portal\.example\.org/join/([a-z2-7]{4}-){12}[a-z2-7]{4}", address)
    [message] = slip.xpath(".//textarea/text()")
    assert address.replace("-", "") in message.replace("-", "")
    assert answer["Cache-Control"] == "private, no-store"
    # It opens the door, typed as it stands there.
    token = address.rpartition("/")[2]
    answer = Client().post(
        f"/join/{token}",
        {"proof": "2468", "password1": "a new one, long", "password2": "a new one, long"},
    )
    assert answer.status_code == 302


def test_a_slip_is_shown_once(membership_staff: User, guest: User, signed_in: SignIn) -> None:
    client = signed_in(membership_staff)
    [token] = tokens_in(act(client, "print_slips", guest))

    for path in (PEOPLE, f"{PEOPLE}{guest.pk}/change/", f"{PEOPLE}{guest.pk}/history/"):
        page = client.get(path)
        assert page.status_code == 200
        assert token not in page.content.decode()
    [another] = tokens_in(act(client, "print_slips", guest))
    assert another != token
    assert [invitations.is_open(one) for one in (token, another)] == [False, True]


def test_who_has_no_phone_is_told_to_give_the_member_number() -> None:
    person = factories.create_user()
    [issued] = invitations.invite([person], by=audit.COMMAND_LINE, channel=Channel.SLIP)

    assert "填会员号" in Slip(issued).message


def test_a_slip_is_no_secret_in_a_traceback(guest: User) -> None:
    [issued] = invitations.invite([guest], by=audit.COMMAND_LINE, channel=Channel.SLIP)

    assert issued.token not in repr(Slip(issued))


def test_the_code_is_drawn_square_by_square_with_its_quiet_zone() -> None:
    address = "https://portal.example.org/join/" + "a2" * 26
    code = QrCode.of(address)
    expected = [bytes(row) for row in segno.make_qr(address, error="m", boost_error=False).matrix]
    drawn = [bytearray(code.size) for _ in range(code.size)]
    for x, y, width, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", code.path):
        assert width == back
        for at in range(int(x), int(x) + int(width)):
            drawn[int(y)][at] = 1

    assert code.size == len(expected) + 8
    assert [bytes(row[4:-4]) for row in drawn[4:-4]] == expected
    assert not any(map(any, [*drawn[:4], *drawn[-4:]]))
    assert not any(any(row[:4]) or any(row[-4:]) for row in drawn)


def test_the_role_of_staff_is_enough_and_a_role_without_it_is_not(
    guest: User, signed_in: SignIn
) -> None:
    both = factories.create_user(name="两职")
    both.groups.set(Group.objects.filter(name__in=[Role.EDITOR, Role.MEMBERSHIP]))

    assert act(signed_in(both), "print_slips", guest).status_code == 200
    assert Invitation.objects.count() == 1
    assert reverse("admin:members_user_changelist") == PEOPLE
