"""Every act there is, and who of the cast may do it: one row each.

An act is something that a request does and that leaves the database otherwise than it was, or
takes something out of the portal. `test_roles_and_acts.py` compares the rows with the resolver.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from members.models import User

# Of the cast in conftest.py; `contact` is a firm's, `anonymous` nobody.
CAST = (
    "anonymous",
    "member",
    "contact",
    "lapsed",
    "editor",
    "chief_editor",
    "membership_staff",
    "auditor",
    "administrator",
)
EVERYBODY = frozenset(CAST)
SIGNED_IN = EVERYBODY - {"anonymous"}
READERS = frozenset({"member", "contact", "editor", "chief_editor", "membership_staff"})
EDITORS = frozenset({"editor", "chief_editor"})
CHIEF = frozenset({"chief_editor"})
STAFF = frozenset({"membership_staff"})
AUDITOR = frozenset({"auditor"})
ADMINISTRATOR = frozenset({"administrator"})
CONTACT = frozenset({"contact"})


@dataclass(frozen=True)
class Sent:
    """A request that does the act."""

    path: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class World:
    """What an act is done in.

    Attributes:
        who: the one who asks; None for nobody.
        root: a browser of somebody who holds every permission, to fetch forms with.
        cast: everybody, by name.
    """

    who: User | None
    root: Client
    cast: dict[str, User]


@dataclass(frozen=True)
class Act:
    """A row.

    Attributes:
        name: the address by its name; behind "#" what is done there, if there is more than one.
        may: who may.
        ready: makes what it is about, and says what is sent.
        entry: the action in the audit trail; "" for what only its owner sees (`why`).
        why: why there is no entry.
        beside: who may send something else to the same address: it opens, this act is not done.
        method: "get" for what is taken away by following a link.
        taken: only takes something out of the portal: the entry comes first.
    """

    name: str
    may: frozenset[str]
    ready: Callable[[World], Sent]
    entry: str = ""
    why: str = ""
    beside: frozenset[str] = frozenset()
    method: str = "post"
    taken: bool = False

    @property
    def address(self) -> str:
        return self.name.partition("#")[0]


def all_acts() -> list[Act]:
    from tests.acts import newsletter, own, people, queues

    return [*people.ACTS, *queues.ACTS, *own.ACTS, *newsletter.ACTS]
