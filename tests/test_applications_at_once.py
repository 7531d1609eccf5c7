"""Several of the secretariat decide on one application at the same time: one does."""

from __future__ import annotations

from pathlib import Path

from tests.processes import programs

PREPARE = """
from members import audit, privacy_notices
from members.models import Application, User
notice = privacy_notices.publish("样例说明。", by=audit.COMMAND_LINE, after=0)
Application.objects.create(
    organization_name="样例新单位", name="甲", phone="+8613911112222", notice=notice
)
for number in range(4):
    User.objects.create_user(f"S0000000{number}", name="秘书")
"""
BEFORE = """
from django.core.exceptions import ValidationError
from members import applications
from members.models import Application, User
by, application = User.objects.get(member_number="S0000000{number}"), Application.objects.get()
days = applications.usual_days()
"""
ACT = """
try:
    {act}
    print("done")
except ValidationError as error:
    print(error.code)
"""
APPROVE = "applications.approve(application, by=by, days=days, seat_limit=3, is_contact=True)"
DECLINE = "applications.decline(application, by=by, reason='不合')"
TELL = """
from members.models import *
models = [Organization, Membership, Seat, Invitation, Consent]
application = Application.objects.get()
acts = AuditEntry.objects.filter(action__in=["application.approve", "application.decline"])
people = User.objects.filter(phone="+8613911112222").count()
counts = [*(model.objects.count() for model in models), people]
print(acts.count(), application.state, *counts)
"""


def test_of_several_who_decide_at_once_one_does_whole_and_the_others_change_nothing(
    tmp_path: Path,
) -> None:
    with programs(tmp_path) as portal:
        portal.shell(PREPARE)
        answers = portal.at_once(
            (BEFORE.format(number=number), ACT.format(act=act))
            for number, act in enumerate([APPROVE, DECLINE, APPROVE, DECLINE])
        )
        told = portal.shell(TELL)

    assert sorted(answers) == ["decided", "decided", "decided", "done"]
    rows = "1 1 1 1 1 1" if "approved" in told else "0 0 0 0 0 0"
    assert told in (f"1 approved {rows}", f"1 declined {rows}")


OF_ONE_ADDRESS = """
for number in range(4):
    Application.objects.create(
        organization_name=f"样例{number}", name="甲", email="victim@example.org", notice=notice
    )
"""
DECLINE_OWN = """
own = Application.objects.get(organization_name="样例{number}")
applications.decline(own, by=by, reason="不合")
"""
SILENT = """
from members.models import Application
declined = Application.objects.filter(state="declined")
print(declined.count(), declined.filter(is_silent=True).count())
"""


def test_of_several_declined_at_once_with_one_address_one_is_owed_a_letter(tmp_path: Path) -> None:
    before = BEFORE.replace("Application.objects.get()", "Application.objects.first()")
    with programs(tmp_path) as portal:
        portal.shell(PREPARE + OF_ONE_ADDRESS)
        portal.at_once(
            (before.format(number=number), DECLINE_OWN.format(number=number)) for number in range(4)
        )
        told = portal.shell(SILENT)

    assert told == "4 3"
