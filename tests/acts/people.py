"""Acts on people, firms, seats and memberships."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from members import merging
from members.listing import keeping
from members.models import ListImport, Reminder, Seat, User
from tests import factories, spreadsheets
from tests.acts import ADMINISTRATOR, STAFF, Act, Sent, World
from tests.forms import form_of

PEOPLE, FIRMS, LISTS = (
    f"admin:members_{model}_changelist" for model in ("user", "organization", "listimport")
)
DAY = dt.timedelta(days=1)


def form_at(world: World, address: str, /, *arguments: object, **changed: Any) -> Sent:
    """The form that stands there, with something else in it."""
    path = reverse(address, args=arguments)
    return Sent(path, form_of(world.root.get(path)) | changed)


def action(name: str, action: str, *rows: Any, **more: Any) -> Sent:
    chosen = {"action": action, "_selected_action": [row.pk for row in rows]}
    return Sent(reverse(name), chosen | more)


def person(**fields: Any) -> User:
    return factories.create_member(**{"email": "target@example.org", "name": "甄对象"} | fields)


def on_person(world: World, *, do: str, **more: str) -> Sent:
    return action(PEOPLE, do, person(), **more)


def on_firm(world: World, *, do: str) -> Sent:
    return action(FIRMS, do, factories.create_organization())


# People ----------------------------------------------------------------------------------------
def change_role(world: World) -> Sent:
    group = Group.objects.get(name="编辑")
    return form_at(world, "admin:members_user_change", person().pk, groups=[str(group.pk)])


def change_password(world: World) -> Sent:
    path = reverse("admin:auth_user_password_change", args=[person().pk])
    new = "another quite good one"
    return Sent(path, {"usable_password": "true", "password1": new, "password2": new})


def merge(world: World) -> Sent:
    one, other = person(), person(email="", name="甄对像")
    keys = dict.fromkeys(("stays", "name", "email", "seat"), str(one.pk))
    seen = merging.fingerprint(one, other)
    path = reverse("admin:members_user_merge", args=[one.pk])
    return Sent(path, keys | {"other": other.pk, "confirmed": "1", "seen": seen})


def verify(world: World) -> Sent:
    path = reverse("admin:members_user_verify", args=[person().pk])
    return Sent(path, {"note": "本人接听", "verified": "on"})


# Lists -------------------------------------------------------------------------------------------
HEADINGS = ["单位名称", "姓名", "手机", "会籍开始", "会籍到期"]
LINE = ["样例甲公司", "张一", "13900000001", "2026-01-01", "2026-12-31"]
WRONG = ["样例乙公司", "李一", "139", "2026-01-01", "2026-12-31"]


def file_of(*lines: list[str], **more: Any) -> SimpleUploadedFile:
    data = spreadsheets.workbook([HEADINGS, *lines], **more)
    return SimpleUploadedFile("名单.xlsx", data)


def a_list(world: World, *lines: list[str], **more: Any) -> ListImport:
    file = file_of(*(lines or [LINE]), **more)
    return keeping.receive(file, name="名单.xlsx", by=world.cast["membership_staff"])


def at_list(name: str, kept: ListImport, *more: object, **data: Any) -> Sent:
    return Sent(reverse(f"admin:members_listimport_{name}", args=[kept.pk, *more]), data)


def columns(world: World) -> Sent:
    kept = a_list(world)
    path = reverse("admin:members_listimport_columns", args=[kept.pk])
    found = world.root.get(path).context["columns"]
    chosen = {f"column-{one.number}": one.field for one in found}
    # Another meaning for one of them: what is the same is no change.
    [ends] = [name for name, value in chosen.items() if value == "ends"]
    return Sent(path, chosen | {ends: ""})


def sheet(world: World) -> Sent:
    kept = a_list(world, more={"今年": [HEADINGS, LINE]})
    return at_list("sheet", kept, sheet="今年")


def aside(world: World) -> Sent:
    kept = a_list(world, LINE, WRONG)
    path = reverse("admin:members_listimport_change", args=[kept.pk])
    world.root.post(path, {"aside_all": "1"})
    return at_list("aside", kept)


def accept(world: World) -> Sent:
    kept = a_list(world)
    page = world.root.get(reverse("admin:members_listimport_change", args=[kept.pk]))
    return at_list("accept", kept, seen=page.context["seen"])


# Memberships ---------------------------------------------------------------------------------
def renewed(world: World) -> Sent:
    firm = factories.create_organization()
    return action(FIRMS, "renew", firm, seen=[firm.memberships.get().pk], years="1")


def call() -> Reminder:
    """Somebody who is to be telephoned."""
    today = timezone.localdate()
    firm = factories.create_organization(days_left=20)
    Seat.objects.create(
        organization=firm, person=factories.create_user(phone="13700001234"), is_contact=True
    )
    return Reminder.objects.create(
        membership=firm.memberships.get(), last_day=today + 20 * DAY, kind=Reminder.Kind.MONTH
    )


def reopen(world: World) -> Sent:
    made = call()
    path = reverse("admin:members_reminder_told", args=[made.pk])
    world.root.post(path, {"note": "样例"})
    return Sent(reverse("admin:members_reminder_reopen", args=[made.pk]))


def print_calls(world: World) -> Sent:
    call()
    return Sent(reverse("admin:members_reminder_printed_calls"))


ACTS = [
    Act(
        "admin:members_user_add",
        STAFF,
        lambda world: form_at(
            world, "admin:members_user_add", name="甄新", usable_password="false"
        ),
        "user.add",
    ),
    Act(
        "admin:members_user_change#name",
        STAFF,
        lambda world: form_at(world, "admin:members_user_change", person().pk, name="改名"),
        "user.change",
        beside=ADMINISTRATOR,
    ),
    Act(
        "admin:members_user_change#role",
        ADMINISTRATOR,
        change_role,
        "role.grant",
        beside=STAFF,
    ),
    Act("admin:auth_user_password_change", STAFF, change_password, "user.change"),
    Act("admin:members_user_merge", STAFF, merge, "user.merge"),
    Act("admin:members_user_verify", STAFF, verify, "user.verify"),
    *(
        Act(
            f"{PEOPLE}#{name}",
            STAFF,
            partial(on_person, do=name, confirmed="1"),
            "invitation.send",
            beside=ADMINISTRATOR,
        )
        for name in ("invite_by_email", "print_slips")
    ),
    *(
        Act(
            f"{PEOPLE}#export_{form}",
            STAFF,
            partial(on_person, do=f"export_{form}"),
            "list.export",
            beside=ADMINISTRATOR,
        )
        for form in ("xlsx", "csv")
    ),
    *(
        Act(
            f"{FIRMS}#export_{form}",
            STAFF,
            partial(on_firm, do=f"export_{form}"),
            "list.export",
        )
        for form in ("xlsx", "csv")
    ),
    Act(
        "admin:members_organization_add",
        STAFF,
        lambda world: form_at(world, "admin:members_organization_add", name="样例新公司"),
        "organization.add",
    ),
    Act(
        "admin:members_organization_change",
        STAFF,
        lambda world: form_at(
            world,
            "admin:members_organization_change",
            factories.create_organization().pk,
            name="样例改名公司",
        ),
        "organization.change",
    ),
    Act(
        "admin:members_organization_contact",
        STAFF,
        lambda world: Sent(
            reverse(
                "admin:members_organization_contact", args=[factories.create_organization().pk]
            ),
            {"who": factories.create_user().member_number},
        ),
        "seat.add",
    ),
    Act(f"{FIRMS}#renew", STAFF, renewed, "membership.add"),
    Act(
        "admin:members_membership_add",
        STAFF,
        lambda world: form_at(
            world,
            "admin:members_membership_add",
            person=str(person().pk),
            first_day="2026-01-01",
            last_day="2026-12-31",
        ),
        "membership.add",
    ),
    Act(
        "admin:members_membership_change",
        STAFF,
        lambda world: form_at(
            world,
            "admin:members_membership_change",
            factories.create_membership(person=person()).pk,
            remark="样例",
        ),
        "membership.change",
    ),
    Act(
        "admin:members_reminder_renew",
        STAFF,
        lambda world: Sent(
            reverse("admin:members_reminder_renew"),
            {"seen": [factories.create_organization().memberships.get().pk], "years": "1"},
        ),
        "membership.add",
    ),
    Act(
        "admin:members_reminder_told",
        STAFF,
        lambda world: Sent(reverse("admin:members_reminder_told", args=[call().pk])),
        "reminder.tell",
    ),
    Act("admin:members_reminder_reopen", STAFF, reopen, "reminder.reopen"),
    Act(
        "admin:members_reminder_printed_calls",
        STAFF,
        print_calls,
        "reminder.print",
        method="get",
        taken=True,
    ),
    Act(
        "admin:members_listimport_add",
        STAFF,
        lambda world: Sent(reverse("admin:members_listimport_add"), {"file": file_of(LINE)}),
        "list.upload",
    ),
    Act(
        "admin:members_listimport_change",
        STAFF,
        lambda world: at_list(
            "change", a_list(world, LINE, WRONG), **{"cell-3-phone": "13900000002", "save": "1"}
        ),
        "list.change",
    ),
    Act("admin:members_listimport_columns", STAFF, columns, "list.change"),
    Act("admin:members_listimport_sheet", STAFF, sheet, "list.change"),
    Act(
        "admin:members_listimport_line",
        STAFF,
        lambda world: at_list("line", a_list(world), 2, **{"cell-2-name": "张二", "save": "1"}),
        "list.change",
    ),
    Act("admin:members_listimport_aside", STAFF, aside, "list.aside"),
    Act("admin:members_listimport_accept", STAFF, accept, "list.accept"),
    Act(
        "admin:members_listimport_abandon",
        STAFF,
        lambda world: at_list("abandon", a_list(world)),
        "list.abandon",
    ),
    Act(
        "admin:members_listimport_export",
        STAFF,
        lambda world: Sent(reverse("admin:members_listimport_export"), {"format": "csv"}),
        "list.export",
    ),
]
