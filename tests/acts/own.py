"""What people do with what is theirs, and a contact with the seats of the firm."""

from __future__ import annotations

from django.urls import reverse

from members.models import ErasureRequest, Seat, User
from newsletter import reading
from newsletter.body import block_texts
from newsletter.models import Article
from tests import factories
from tests.acts import CONTACT, EVERYBODY, READERS, SIGNED_IN, Act, Sent, World
from tests.factories import PASSWORD

OWN = "seen by its owner alone"


def article() -> Article:
    return factories.create_article(factories.create_issue())


def mark(name: str, **data: str) -> Sent:
    return Sent(reverse(f"newsletter:{name}", args=[article().pk]), data)


def words(name: str, found: Article) -> Sent:
    [block] = block_texts(found.body)
    path = reverse(f"newsletter:{name}", args=[found.pk])
    return Sent(path, {"block": block, "text": "样例批注", "share": "40"})


def change_note(world: World) -> Sent:
    found = article()
    [block] = block_texts(found.body)
    note = reading.add_note(found, reader=world.who or person(), block=block, text="样例")
    return Sent(reverse("newsletter:change_note", args=[note.pk]), {"text": "改过"})


def person() -> User:
    return factories.create_user()


def table(world: World) -> Sent:
    body = '<table id="btable1"><tbody><tr><td>1</td></tr></tbody></table>'
    found = factories.create_article(factories.create_issue(), body=body)
    return Sent(reverse("newsletter:table", args=[found.pk, "btable1", "csv"]))


def withdraw_erasure(world: World) -> Sent:
    if world.who is not None:
        ErasureRequest.objects.create(person=world.who)
    return Sent(reverse("members:withdraw_erasure"))


def agree(world: World) -> Sent:
    notice = factories.create_notice()
    return Sent(reverse("members:privacy_agree"), {"notice": str(notice.version)})


def application(world: World) -> Sent:
    notice = factories.create_notice()
    return Sent(
        reverse("members:apply"),
        {
            "organization_name": "样例新单位",
            "region": "样例市",
            "name": "甄申请",
            "phone": "13911112222",
            "consent": str(notice.version),
        },
    )


def colleague(world: World) -> Seat:
    """Somebody who holds a seat in the firm of the contact, and has never signed in."""
    firm = world.cast["contact"].seats.get().organization
    holder = factories.create_user(name="甄同事", email="colleague@example.org")
    return Seat.objects.create(organization=firm, person=holder)


PROPOSED = {"name": "甄推荐", "phone": "13911113333"}


def seat(act: str, world: World, /, **data: str) -> Sent:
    return Sent(reverse(f"members:{act}", args=[colleague(world).pk]), data)


def withdraw_proposal(world: World) -> Sent:
    made = factories.create_proposal(world.cast["contact"])
    return Sent(reverse("members:proposal_withdraw", args=[made.pk]))


ACTS = [
    Act(
        "members:download_data",
        SIGNED_IN,
        lambda world: Sent(reverse("members:download_data"), {"password": PASSWORD}),
        "data.download",
        taken=True,
    ),
    Act(
        "members:correct",
        SIGNED_IN,
        lambda world: Sent(reverse("members:correct"), {"name": "改名", "password": PASSWORD}),
        "user.change",
    ),
    Act(
        "members:ask_erasure",
        SIGNED_IN,
        lambda world: Sent(reverse("members:ask_erasure"), {"password": PASSWORD}),
        "erasure.ask",
    ),
    Act("members:withdraw_erasure", SIGNED_IN, withdraw_erasure, "erasure.withdraw"),
    Act("members:privacy_agree", SIGNED_IN, agree, "privacy.agree"),
    Act("members:apply", EVERYBODY, application, "application.add"),
    Act(
        "account_change_password",
        SIGNED_IN,
        lambda world: Sent(
            reverse("account_change_password"),
            {"oldpassword": PASSWORD} | dict.fromkeys(("password1", "password2"), "quite another"),
        ),
        "user.password",
    ),
    Act(
        "members:propose",
        CONTACT,
        lambda world: Sent(reverse("members:propose"), PROPOSED),
        "proposal.add",
    ),
    Act(
        "members:seat_replace",
        CONTACT,
        lambda world: seat("seat_replace", world, **PROPOSED),
        "proposal.add",
    ),
    Act(
        "members:seat_invite",
        CONTACT,
        lambda world: seat("seat_invite", world),
        "invitation.send",
    ),
    Act(
        "members:seat_release",
        CONTACT,
        lambda world: seat("seat_release", world),
        "seat.change",
    ),
    Act(
        "members:seat_hand_over",
        CONTACT,
        lambda world: seat("seat_hand_over", world, stays="on"),
        "seat.change",
    ),
    Act("members:proposal_withdraw", CONTACT, withdraw_proposal, "proposal.withdraw"),
    Act("newsletter:bookmark", READERS, lambda world: mark("bookmark", on="1"), why=OWN),
    Act("newsletter:finished", READERS, lambda world: mark("finished", on="1"), why=OWN),
    Act("newsletter:place", READERS, lambda world: words("place", article()), why=OWN),
    Act("newsletter:add_note", READERS, lambda world: words("add_note", article()), why=OWN),
    Act("newsletter:change_note", READERS, change_note, why=OWN),
    Act("newsletter:table", READERS, table, "delivery.table", method="get"),
]
