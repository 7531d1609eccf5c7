"""Acts on what waits for somebody's decision: applications, proposals, erasure, leak cases."""

from __future__ import annotations

from django.urls import reverse

from members import applications, audit, erasure, privacy_notices
from members.models import ErasureRequest, LeakCase
from tests import factories
from tests.acts import ADMINISTRATOR, AUDITOR, STAFF, Act, Sent, World
from tests.acts.people import action, form_at, person


def approve_application(world: World) -> Sent:
    path = reverse("admin:members_application_approve", args=[factories.create_application().pk])
    first, last = applications.usual_days()
    return Sent(
        path,
        {
            "organization": "new",
            "person": "new",
            "seat_limit": "3",
            "first_day": str(first),
            "last_day": str(last),
            "is_contact": "on",
        },
    )


def note_told(world: World) -> Sent:
    application = factories.create_application()
    applications.decline(application, by=world.cast["membership_staff"], reason="样例")
    return Sent(reverse("admin:members_application_told", args=[application.pk]))


def proposal(world: World) -> str:
    made = factories.create_proposal(world.cast["contact"])
    return reverse("admin:members_proposal_change", args=[made.pk])


def erase(world: World) -> Sent:
    target = person()
    ErasureRequest.objects.create(person=target)
    path = reverse("admin:members_erasurerequest_erase", args=[target.pk])
    return Sent(path, {"checked": "on", "basis": ""})


def open_seal(world: World) -> Sent:
    link = erasure.erase(person(), by=audit.COMMAND_LINE, basis="书面申请")
    return Sent(reverse("admin:members_sealedlink_open"), {"code": str(link.ref), "reason": "样例"})


def case(world: World) -> LeakCase:
    return LeakCase.objects.create(title="样例追查", opened_by=world.cast["auditor"])


def publish_notice(world: World) -> Sent:
    before = privacy_notices.in_force() or factories.create_notice()
    return Sent(
        reverse("admin:members_privacynotice_new"),
        {"after": before.version, "text": "一、新的\n样例说明。", "step": "publish"},
    )


ACTS = [
    Act("admin:members_application_approve", STAFF, approve_application, "application.approve"),
    Act(
        "admin:members_application_decline",
        STAFF,
        lambda world: Sent(
            reverse("admin:members_application_decline", args=[factories.create_application().pk]),
            {"tell": "tell", "reason": "样例"},
        ),
        "application.decline",
    ),
    Act(
        "admin:members_application_changelist#decline_silently",
        STAFF,
        lambda world: action(
            "admin:members_application_changelist",
            "decline_silently",
            factories.create_application(),
            confirmed="1",
        ),
        "application.decline",
    ),
    Act("admin:members_application_told", STAFF, note_told, "application.tell"),
    Act(
        "admin:members_proposal_change#approve",
        STAFF,
        lambda world: Sent(proposal(world), {"act": "approve", "approve-whose": "new"}),
        "proposal.approve",
    ),
    Act(
        "admin:members_proposal_change#decline",
        STAFF,
        lambda world: Sent(proposal(world), {"act": "decline", "decline-reason": "样例"}),
        "proposal.decline",
    ),
    Act("admin:members_erasurerequest_erase", STAFF, erase, "user.erase"),
    Act("admin:members_sealedlink_open", AUDITOR, open_seal, "seal.open"),
    Act(
        "admin:members_leakcase_add",
        AUDITOR,
        lambda world: form_at(world, "admin:members_leakcase_add", title="样例追查"),
        "leakcase.add",
    ),
    Act(
        "admin:members_leakcase_change",
        AUDITOR,
        lambda world: form_at(world, "admin:members_leakcase_change", case(world).pk, note="样例"),
        "leakcase.change",
    ),
    Act(
        "admin:members_leakcase_close",
        AUDITOR,
        lambda world: Sent(reverse("admin:members_leakcase_close", args=[case(world).pk])),
        "leakcase.close",
    ),
    Act("admin:members_privacynotice_new", ADMINISTRATOR, publish_notice, "privacy.publish"),
]
