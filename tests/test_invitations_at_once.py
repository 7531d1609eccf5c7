"""Many processes with one invitation at the same time: one comes in, every guess counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.processes import programs

PREPARE = """
from members import audit, invitations
from members.models import User
person = User.objects.create_user("M00000001", name="甲")
[issued] = invitations.invite([person], by=audit.COMMAND_LINE, channel=invitations.Channel.SLIP)
print(issued.token)
"""
BEFORE = """
from django.test import RequestFactory
from members import invitations
request = RequestFactory().post("/")
made = invitations.make_password("password of {number}")
invitations.make_password = lambda password: made
{before}
"""
ACT = """
try:
    {act}
    print("in")
except invitations.Refused as refusal:
    print(refusal.reason, refusal.attempts_left)
"""
ACTS = {
    "redeem": (
        "invitation = invitations.prove({token!r}, 'M00000001', request=request)",
        "invitations.redeem(invitation, password='', request=request)",
    ),
    "guess": ("", "invitations.prove({token!r}, '0000', request=request)"),
}
TELL = """
from members.models import AuditEntry, Invitation, User
entries = AuditEntry.objects.filter(action__startswith="invitation.")
print(Invitation.objects.get().attempts, sorted(entries.values_list("action", flat=True)))
print([User.objects.get().check_password("password of %d" % number) for number in range(8)])
"""


@pytest.mark.parametrize("what", ["redeem", "guess"])
def test_of_many_processes_at_the_same_time_one_comes_in_and_every_guess_counts(
    what: str, tmp_path: Path
) -> None:
    with programs(tmp_path) as portal:
        token = portal.shell(PREPARE)
        before, act = (part.format(token=token) for part in ACTS[what])
        answers = portal.at_once(
            (BEFORE.format(number=number, before=before), ACT.format(act=act))
            for number in range(6)
        )
        attempts, _, entries = portal.shell(TELL).partition(" ")
    if what == "redeem":
        assert sorted(answers) == sorted(["in", *["closed 0"] * 5])
        assert entries.count("invitation.redeem") == 1
        assert entries.count("True") == 1, "one password"
        assert answers[entries.split("\n")[1].strip("[]").split(", ").index("True")] == "in"
    else:
        assert sorted(answers) == [
            "closed 0",
            "closed 0",
            *[f"wrong {left}" for left in (1, 2, 3, 4)],
        ]
        assert attempts == "5"
        assert entries.count("invitation.refuse") == 5
        assert entries.count("invitation.revoke") == 1
