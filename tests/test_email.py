"""Letters: to a real mail server, in Chinese, and telling a stranger nothing."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.test import Client

from members.models import User
from portal import environment
from tests import factories
from tests.processes import free_port

ADDRESS = "reader@example.org"
RESET = "/accounts/password/reset/"


@dataclass
class Inbox:
    """What a mail server of this machine has received."""

    url: str = ""
    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        self.recipients.append(envelope.rcpt_tos)
        return "250 OK"


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    found = Inbox()
    controller = Controller(found, hostname="127.0.0.1", port=free_port())
    controller.start()
    found.url = f"smtp://127.0.0.1:{controller.port}"
    yield found
    controller.stop()


def use(url: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Send as the settings would with this `EMAIL_URL`."""
    monkeypatch.setenv("EMAIL_URL", url)
    for name, value in environment.email(Path("/nowhere")).items():
        setattr(settings, name, value)


@pytest.fixture
def reader(db: None) -> User:
    return factories.create_member(member_number="M12345678", email=ADDRESS, name="甄会员")


def ask(address: str, **headers: Any) -> tuple[int, str, list[tuple[str, str]], str]:
    """What a stranger sees who asks for a new password: all of it."""
    client = Client()
    answer = client.post(RESET, {"email": address}, **headers)
    headers_seen = sorted((name, value) for name, value in answer.items())
    page = client.get(answer["Location"]) if answer.status_code == 302 else answer
    # The token of the form is another on every page.
    said = re.sub(r'value="[A-Za-z0-9]{64}"', "", page.content.decode())
    return answer.status_code, answer.get("Location", ""), headers_seen, said


def test_a_forgotten_password_brings_a_letter_in_chinese_with_a_link_to_our_address(
    inbox: Inbox, reader: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(inbox.url, settings, monkeypatch)

    ask(ADDRESS)

    (letter,) = inbox.letters
    assert inbox.recipients == [[ADDRESS]]
    assert letter["Subject"] == "〔财税动态〕重设密码"
    assert "财税动态" in letter["From"]
    text = letter.get_content()
    assert "申请重设密码" in text
    assert "M12345678" in text
    links = re.findall(r"https?://\S+", text)
    assert len(links) == 1
    assert links[0].startswith(f"{settings.BASE_URL}{RESET}key/")
    assert Client().get(links[0].removeprefix(settings.BASE_URL), follow=True).status_code == 200


def test_the_link_follows_the_address_of_the_portal_and_not_that_of_the_request(
    inbox: Inbox, reader: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(inbox.url, settings, monkeypatch)
    settings.BASE_URL = "https://portal.example.org"

    ask(ADDRESS, HTTP_HOST="localhost:9999")

    assert re.findall(r"https?://[^/]+", inbox.letters[0].get_content()) == [
        "https://portal.example.org"
    ]


def test_a_forged_host_is_refused_and_no_letter_leaves(
    inbox: Inbox, reader: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(inbox.url, settings, monkeypatch)

    answer = Client().post(RESET, {"email": ADDRESS}, headers={"host": "evil.example.org"})

    assert answer.status_code == 400
    assert "这个请求无法处理" in answer.content.decode()
    assert "evil" not in answer.content.decode()
    assert not inbox.letters


def test_known_and_unknown_addresses_get_one_answer_and_only_the_known_a_letter(
    inbox: Inbox, reader: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(inbox.url, settings, monkeypatch)

    known, unknown = ask(ADDRESS), ask("nobody@example.org")

    assert known == unknown
    assert known[0] == 302
    assert inbox.recipients == [[ADDRESS]]


def test_somebody_deactivated_gets_no_letter(
    inbox: Inbox, reader: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(inbox.url, settings, monkeypatch)
    User.objects.update(is_active=False)

    assert ask(ADDRESS) == ask("nobody@example.org")
    assert not inbox.letters


@pytest.mark.parametrize("fault", ["down", "hangs up", "refuses"])
def test_a_mail_server_out_of_order_changes_nothing_that_a_stranger_sees(
    inbox: Inbox, reader: User, settings: Any, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    use(inbox.url, settings, monkeypatch)
    usual = ask("nobody@example.org")
    match fault:
        case "down":
            use(f"smtp://127.0.0.1:{free_port()}", settings, monkeypatch)
            assert ask(ADDRESS) == usual
        case "hangs up":
            with socket.create_server(("127.0.0.1", 0)) as server:
                use(f"smtp://127.0.0.1:{server.getsockname()[1]}", settings, monkeypatch)
                settings.EMAIL_TIMEOUT = 0.3
                assert ask(ADDRESS) == usual
        case "refuses":

            async def refuse(*args: Any) -> str:
                return "550 no such mailbox"

            monkeypatch.setattr(inbox, "handle_DATA", refuse)
            assert ask(ADDRESS) == usual
    assert not inbox.letters


def test_a_failure_is_logged_without_the_address(
    reader: User,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    use(f"smtp://127.0.0.1:{free_port()}", settings, monkeypatch)

    ask(ADDRESS)

    assert "letter not sent: account/email/password_reset_key" in caplog.text
    assert ADDRESS not in caplog.text


def test_a_changed_password_is_told_to_its_owner(
    inbox: Inbox, reader: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(inbox.url, settings, monkeypatch)
    client = Client()
    client.post("/accounts/login/", {"login": ADDRESS, "password": factories.PASSWORD})

    client.post(
        "/accounts/password/change/",
        {
            "oldpassword": factories.PASSWORD,
            "password1": "one quite new password",
            "password2": "one quite new password",
        },
        REMOTE_ADDR="192.0.2.9",
    )

    (letter,) = inbox.letters
    assert letter["Subject"] == "〔财税动态〕密码已修改"
    assert "192.0.2.9" in letter.get_content()
    assert "one quite new password" not in letter.as_string()


def test_without_a_mail_server_letters_are_files(
    reader: User, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use(f"file://{tmp_path}/mail", settings, monkeypatch)

    ask(ADDRESS)

    (kept,) = (tmp_path / "mail").iterdir()
    letter = message_from_bytes(kept.read_bytes().split(b"\n---")[0], policy=policy.default)
    assert letter["To"] == ADDRESS
