"""Many processes with one invitation at the same time: one comes in, every guess counts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import own_database, plain_environment, until

ROOT = Path(__file__).resolve().parent.parent

PREPARE = """
from members import audit, invitations
from members.models import User
person = User.objects.create_user("M00000001", name="甲")
[issued] = invitations.invite([person], by=audit.COMMAND_LINE, channel=invitations.Channel.SLIP)
print(issued.token)
"""
REACH = """
import pathlib, time
from django.test import RequestFactory
from members import invitations
from members.models import Invitation
number, folder = {number}, pathlib.Path({folder!r})
request = RequestFactory().post("/")
made = invitations.make_password("password of %d" % number)
invitations.make_password = lambda password: made
{before}
(folder / f"ready-{{number}}").touch()
while not (folder / "go").exists():
    time.sleep(0.001)
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
    with own_database() as database:
        environment = plain_environment(VAR_DIR=str(tmp_path / "var"), **database)

        def start(*arguments: str) -> subprocess.Popen[str]:
            return subprocess.Popen(
                [sys.executable, "manage.py", *arguments, "--verbosity", "0"],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )

        def run(*arguments: str) -> str:
            said, _ = (started := start(*arguments)).communicate(timeout=120)
            assert started.returncode == 0, said
            return said.strip()

        run("migrate")
        token = run("shell", "--command", PREPARE)
        before, act = (part.format(token=token) for part in ACTS[what])
        reaching = [
            start(
                "shell",
                "--command",
                REACH.format(number=number, folder=str(tmp_path), before=before, act=act),
            )
            for number in range(6)
        ]
        try:
            assert until(lambda: len(list(tmp_path.glob("ready-*"))) == len(reaching), seconds=90)
        finally:
            (tmp_path / "go").touch()
            answers = [one.communicate(timeout=60)[0].strip() for one in reaching]
        attempts, _, entries = run("shell", "--command", TELL).partition(" ")
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
