"""推荐: declined with a reason, forgotten in time, and decided once whoever is quicker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from members import proposals
from members.models import AuditEntry, Proposal, User
from members.tasks import forget_declined_proposals
from tests import factories
from tests.firm import PAGE, page_of, said
from tests.processes import programs

SignIn = Callable[[User], Client]
State = Proposal.State

pytestmark = pytest.mark.django_db


@pytest.fixture
def contact() -> User:
    return factories.create_contact(name="甲联系人")


# To decline -------------------------------------------------------------------------------------
def test_declining_asks_for_a_reason_which_the_contact_reads(
    contact: User, membership_staff: User, signed_in: SignIn
) -> None:
    made = factories.create_proposal(contact, name="乙婉拒")
    client = signed_in(membership_staff)
    for reason, words in (("", "请写明原因"), (" 　", "请写明原因"), ("长" * 201, "200")):
        answer = client.post(page_of(made), {"act": "decline", "decline-reason": reason})
        assert words in said(answer)
    assert Proposal.objects.get().state == State.PENDING

    client.post(page_of(made), {"act": "decline", "decline-reason": "请先补交名单"})

    made.refresh_from_db()
    assert (made.state, made.reason) == (State.DECLINED, "请先补交名单")
    assert "没有办成的推荐 乙婉拒" in said(signed_in(contact).get(PAGE))
    assert "请先补交名单" in said(signed_in(contact).get(PAGE))
    assert AuditEntry.objects.get(action="proposal.decline").actor == membership_staff.audit_ref
    assert not User.objects.filter(name="乙婉拒").exists()


def test_the_verb_asks_for_a_reason_too(contact: User, membership_staff: User) -> None:
    made = factories.create_proposal(contact)

    for reason in ("", "  ", "长" * 201):
        with pytest.raises(ValidationError):
            proposals.decline(made, by=membership_staff, reason=reason)
    made.refresh_from_db()
    assert made.state == State.PENDING


def test_of_who_was_declined_nothing_stays_after_180_days(
    contact: User, membership_staff: User, signed_in: SignIn
) -> None:
    made = factories.create_proposal(contact, name="乙婉拒", email="yi@example.org", note="说明")
    pending = factories.create_proposal(contact, name="丙待办")
    proposals.decline(made, by=membership_staff, reason="因为乙")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        clock.shift(proposals.KEPT_FOR - dt.timedelta(hours=1))
        forget_declined_proposals.call_local()
        made.refresh_from_db()
        assert made.name == "乙婉拒"

        clock.shift(dt.timedelta(hours=2))
        forget_declined_proposals.call_local()
        forget_declined_proposals.call_local()  # a job can run twice

    made.refresh_from_db()
    assert (made.name, made.phone, made.email, made.note, made.reason) == ("",) * 5
    pending.refresh_from_db()
    assert pending.name == "丙待办"
    entry = AuditEntry.objects.get(action="proposal.forget")
    assert (entry.actor_kind, entry.detail) == ("system", {"proposals": 1})
    assert "没有办成的推荐" not in said(signed_in(contact).get(PAGE))
    assert "个人信息已清除" in said(signed_in(membership_staff).get(page_of(made)))


# Many at once -----------------------------------------------------------------------------------
PREPARE = """
import datetime as dt
from django.utils import timezone
from members import proposals
from members.models import Membership, Organization, Seat, User
firm = Organization.objects.create(name="样例市丁公司")
today = timezone.localdate()
Membership.objects.create(organization=firm, first_day=today, last_day=today)
contact = User.objects.create_user("C1", name="联系人")
User.objects.create_user("S1", name="会员管理")
Seat.objects.create(organization=firm, person=contact, is_contact=True)
proposals.propose(by=contact, name="乙新人", phone="13812345678")
"""
BEFORE = """
from django.core.exceptions import ValidationError
from members import proposals
from members.models import Proposal, User
proposal = Proposal.objects.get()
contact, staff = User.objects.get(member_number="C1"), User.objects.get(member_number="S1")
"""
ACT = """
try:
    {act}
    print("done")
except ValidationError as error:
    print(error.code)
"""
DECIDE = [
    *["proposals.approve(proposal, by=staff)"] * 3,
    *["proposals.decline(proposal, by=staff, reason='样例')"] * 2,
    "proposals.withdraw(proposal, by=contact)",
]
TELL = """
from members.models import AuditEntry, Proposal, Seat, User
decided = AuditEntry.objects.filter(action__startswith="proposal.").exclude(action="proposal.add")
made = User.objects.filter(name="乙新人").count()
seats = Seat.objects.count() - 1
state = Proposal.objects.get().state
print(decided.count(), made == seats == (1 if state == "approved" else 0))
"""


def test_of_many_processes_that_decide_at_once_one_decides(tmp_path: Path) -> None:
    with programs(tmp_path) as portal:
        portal.shell(PREPARE)
        answers = portal.at_once((BEFORE, ACT.format(act=act)) for act in DECIDE)
        told = portal.shell(TELL)

    assert sorted(answers) == ["decided"] * 5 + ["done"]
    assert told == "1 True"
