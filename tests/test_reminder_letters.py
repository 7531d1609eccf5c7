"""Letters that remind of the end of a membership: what they say, and that each leaves once."""

from __future__ import annotations

import re
import smtplib
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.core import mail

from members import reminders
from members.models import AuditEntry, AuditPersonal, Reminder, User
from tests.invited import log
from tests.processes import free_port, programs
from tests.reminded import HOUR, at, firm, states, work, writer
from tests.test_email import Inbox, inbox, use
from tests.test_settings import PRODUCTION, settings_of

__all__ = ["inbox"]  # a fixture
pytestmark = pytest.mark.django_db

MONTH, WEEK, AFTER = 30, 7, -1


# The letter ----------------------------------------------------------------------------------
@pytest.mark.parametrize("left", [MONTH, AFTER])
def test_a_letter_says_what_ends_and_when_in_text_and_html_with_our_address_alone(
    left: int, inbox: Inbox, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(inbox.url, settings, monkeypatch)
    settings.BASE_URL, settings.CONTACT = "https://portal.example.org", "电话 010-12345678"
    firm(name="样例<市>提醒公司", contact=writer())

    with time_machine.travel(at(left)):
        work()

    [letter] = inbox.letters
    assert inbox.recipients == [["contact@example.org"]]
    assert letter["Subject"] == (
        "〔财税动态〕会籍即将届满" if left == MONTH else "〔财税动态〕会籍已经届满"
    )
    plain, rich = (part.get_content() for part in letter.iter_parts())
    assert "样例<市>提醒公司的会籍" in plain
    assert "样例&lt;市&gt;提醒公司的会籍" in rich
    for text in (plain, rich):
        assert "甄联系，您好" in text
        assert "2026年6月30日" in text
        assert "自2026年7月1日起" in text
        assert ("将不能阅读" in text) is (left == MONTH)
        assert "电话 010-12345678" in text
        assert set(re.findall(r"https?://[^\s\"<]+", text)) == {"https://portal.example.org/"}
        assert not re.search("续费|费用|价格|元", text)
    assert not re.search(r"<img|<script|<link|url\(", rich)
    assert "\n\n\n" not in plain


def test_a_letter_leaves_an_entry_of_the_firm_and_no_address() -> None:
    organization = firm(contact=writer())

    with time_machine.travel(at(WEEK)):
        work()

    entry = AuditEntry.objects.get(action="reminder.send")
    assert entry.actor_kind == "system"
    assert entry.detail == {
        "kind": WEEK,
        "membership": organization.memberships.get().pk,
        "of": {"organization": str(organization.pk)},
    }
    assert not AuditPersonal.objects.filter(entry=entry).exists()


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({}, True),
        (PRODUCTION, False),
        (PRODUCTION | {"EMAIL_URL": "smtp://mail.example.org"}, True),
        (PRODUCTION | {"EMAIL_URL": "smtp://mail.example.org", "REMINDER_LETTERS": "off"}, False),
        ({"REMINDER_LETTERS": "off"}, False),
    ],
    ids=["embedded", "files alone", "a mail server", "not wanted", "embedded, not wanted"],
)
def test_letters_are_written_where_somebody_reads_them(env: dict[str, str], expected: bool) -> None:
    assert settings_of("REMINDER_LETTERS", **env) == {"REMINDER_LETTERS": expected}


# What may go wrong ---------------------------------------------------------------------------
class Grumpy:
    """A mail server that answers a recipient, or a letter, with a refusal."""

    def __init__(self, *, recipient: str = "250 OK", letter: str = "250 OK") -> None:
        self.answers = {"RCPT": recipient, "DATA": letter}
        self.asked = 0

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        self.asked += 1
        envelope.rcpt_tos.append(address)
        return self.answers["RCPT"]

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        return self.answers["DATA"]


@pytest.mark.parametrize(
    ("answers", "status", "why"),
    [
        ({"recipient": "550 no such mailbox"}, "refused", "邮件被退回"),
        ({"recipient": "450 come back later"}, "owed", ""),
        ({"letter": "554 not this"}, "refused", "邮件被退回"),
        ({"letter": "451 disk full"}, "owed", ""),
    ],
)
def test_a_refusal_for_good_is_a_call_and_one_for_now_is_tried_again(
    answers: dict[str, str],
    status: str,
    why: str,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = log(monkeypatch)
    server = Grumpy(**answers)
    controller = Controller(server, hostname="127.0.0.1", port=free_port())
    controller.start()
    use(f"smtp://127.0.0.1:{controller.port}", settings, monkeypatch)
    firm(contact=writer())

    with time_machine.travel(at(WEEK)):
        work()
        work()
        calls = list(reminders.with_recipients(Reminder.objects.calls()))
    controller.stop()

    assert states()[WEEK] == status
    assert [reminders.why_call(one) for one in calls] == ([why] if why else [])
    assert server.asked == (1 if why else 2)
    # The server of this test writes to the same log.
    ours = [line for line in said.getvalue().splitlines() if "members.reminders" in line]
    assert len(ours) == server.asked
    assert "contact@" not in "".join(ours)


def test_a_mail_server_that_is_down_is_asked_once_an_hour_and_loses_nothing(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = log(monkeypatch)
    for number in range(3):
        firm(name=f"样例{number}", contact=writer(f"c{number}@example.org"))

    with time_machine.travel(at(WEEK)), monkeypatch.context() as down:
        use("smtp://127.0.0.1:9", settings, down)
        work()
    assert said.getvalue().count("not sent (ConnectionRefusedError)") == 1
    assert set(Reminder.objects.filter(kind=WEEK).values_list("status", flat=True)) == {"owed"}

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with time_machine.travel(at(6)):
        work()
    assert len(mail.outbox) == 3


class PowerCut(BaseException):
    """Nothing of ours catches it."""


def test_a_crash_before_the_letter_was_handed_over_is_made_good(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    firm(contact=writer())
    with time_machine.travel(at(WEEK)):
        with monkeypatch.context() as crash:
            crash.setattr(mail, "get_connection", _cut)
            with pytest.raises(PowerCut):
                work()
        assert states()[WEEK] == "claimed"
        work()
        assert not mail.outbox, "somebody else may be just about to send it"

    with time_machine.travel(at(WEEK) + HOUR):
        work()
        work()
    assert len(mail.outbox) == 1
    assert states()[WEEK] == "sent"


@pytest.mark.parametrize("cut", [PowerCut, smtplib.SMTPServerDisconnected, TimeoutError])
def test_a_letter_that_the_server_may_have_is_not_sent_twice_but_called_after(
    cut: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    firm(contact=writer())
    taken: list[EmailMessage] = []

    def take(backend: Any, letters: Any) -> int:
        taken.extend(letters)
        raise cut("the answer never came")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", take)
    with time_machine.travel(at(WEEK)):
        if cut is PowerCut:
            with pytest.raises(PowerCut):
                work()
        else:
            work()
        assert not Reminder.objects.calls().exists(), "the answer may still come"

    with time_machine.travel(at(WEEK) + HOUR):
        work()
        work()
        [call] = reminders.with_recipients(Reminder.objects.calls())
    assert len(taken) == 1
    assert reminders.why_call(call) == "不知邮件是否送到"


def test_a_letter_that_cannot_be_written_is_a_call_and_holds_up_no_other() -> None:
    broken = writer("first@example.org")
    firm(name="样例一", contact=broken)
    User.objects.filter(pk=broken.pk).update(email="a@b\nBcc: x@y.example")
    firm(name="样例二", contact=writer("second@example.org"))

    with time_machine.travel(at(WEEK)):
        work()
        [call] = reminders.with_recipients(Reminder.objects.calls())

    assert [letter.to for letter in mail.outbox] == [["second@example.org"]]
    assert reminders.why_call(call) == "邮件被退回"


def _cut(*args: Any, **kwargs: Any) -> Any:
    raise PowerCut


def test_of_two_who_send_the_same_letter_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    firm(contact=writer())
    with time_machine.travel(at(WEEK)):
        reminders.make_due()
        [owed] = Reminder.objects.letters()
        connect = mail.get_connection

        def meanwhile() -> Any:
            monkeypatch.setattr(mail, "get_connection", connect)
            reminders.send(owed.pk)
            return connect()

        monkeypatch.setattr(mail, "get_connection", meanwhile)
        reminders.send(owed.pk)

    assert len(mail.outbox) == 1


# Many processes ------------------------------------------------------------------------------
PREPARE = """
import datetime as dt
from django.utils import timezone
from members.models import Membership, Organization, Seat, User
last = timezone.localdate() + dt.timedelta(days=7)
for number in range(12):
    firm = Organization.objects.create(name=f"样例{number}")
    Membership.objects.create(organization=firm, first_day=last.replace(year=2020), last_day=last)
    person = User.objects.create_user(f"M{number:08d}", name="某", email=f"m{number}@example.org")
    Seat.objects.create(organization=firm, person=person, is_contact=True)
"""
BEFORE = "from members import reminders"
ACT = "reminders.make_due(); reminders.send_owed()"
TOLD = """
from members.models import AuditEntry, Reminder
print(sorted(Reminder.objects.values_list("kind", "status").distinct()))
print(Reminder.objects.count(), AuditEntry.objects.filter(action="reminder.send").count())
"""


def test_many_processes_at_once_send_each_letter_once(tmp_path: Path) -> None:
    with programs(tmp_path) as portal:
        portal.shell(PREPARE)
        said = portal.at_once([(BEFORE, ACT)] * 5)
        assert said == [""] * 5
        assert portal.shell(TOLD).splitlines() == [
            "[(7, 'sent'), (15, 'passed'), (30, 'passed')]",
            "36 12",
        ]
    letters = "".join(file.read_text("utf-8") for file in (tmp_path / "var" / "mail").iterdir())
    assert sorted(re.findall(r"^To: (\S+)", letters, re.MULTILINE)) == sorted(
        f"m{number}@example.org" for number in range(12)
    )
