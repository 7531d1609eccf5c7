"""Somebody who leaves, and what is left of them: shared by the tests of erasure."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps

from members import audit, erasure
from members.models import SealedLink, User
from tests import factories

NAME, PHONE, EMAIL = "甄要走", "+8613900246810", "leaving@example.org"


@pytest.fixture
def person() -> User:
    return factories.create_member(member_number="M24681357", name=NAME, phone=PHONE, email=EMAIL)


def erase(person: User, **more: Any) -> SealedLink:
    given: dict[str, Any] = {"by": audit.COMMAND_LINE, "basis": "书面申请"} | more
    return erasure.erase(person, **given)


def everything() -> str:
    """Every row of every table, as text."""
    return "\n".join(
        "｜".join(map(str, row.values()))
        for model in apps.get_models(include_auto_created=True)
        for row in model._default_manager.order_by("pk").values()
    )
