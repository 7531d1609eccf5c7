"""Every address declares who may reach it, and the table of them is frozen."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404
from django.test import RequestFactory
from django.urls import path
from django.views.generic import TemplateView

from members.levels import Level, level_of, levelled
from members.middleware import AccessMiddleware
from members.models import User
from tests.addresses import LEVELS, all_addresses


def test_every_address_has_the_level_that_is_written_down() -> None:
    found = {address.name: level_of(address.view) for address in all_addresses()}

    assert found == LEVELS


def test_a_view_without_a_level_is_refused_even_to_a_superuser(
    db: None, rf: RequestFactory
) -> None:
    def forgotten(request: object) -> None: ...

    request = rf.get("/forgotten/")
    request.user = User.objects.create_superuser("ROOT1", password="x" * 12)
    gate = AccessMiddleware(lambda request: pytest.fail("the view was reached"))

    with pytest.raises(Http404):
        gate.process_view(request, forgotten, (), {})


def test_a_new_view_of_a_library_cannot_slip_in_without_a_level() -> None:
    patterns = [path("new/", TemplateView.as_view(), name="library_new")]

    with pytest.raises(ImproperlyConfigured, match="library_new"):
        levelled(list(patterns), {"library_old": Level.OPEN})
