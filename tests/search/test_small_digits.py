"""Digits set small or raised: how they are found, and how an older index learns it."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from members.models import User
from newsletter.models import SearchEntry
from newsletter.search import rebuild, search, segment
from tests.search.texts import found, publish

pytestmark = pytest.mark.django_db
SMALL = "PM₂.₅与CO₂，占地5m²，约10³个"


@pytest.mark.parametrize("query", ["PM2.5", "pm₂.₅", "CO2", "CO₂", "5m2", "5m²", "10³", "10³个"])
def test_small_digits_are_found_as_digits(query: str, member: User) -> None:
    held, _ = publish(SMALL, "PM25与CO，5m，102个")

    assert found(query, member) == [held]


def test_a_power_is_not_another_number(member: User) -> None:
    power, number = publish("10³", "103")

    assert found("10³", member) == [power]
    assert found("103", member) == [number]


def test_what_was_found_is_marked_as_it_is_written(member: User) -> None:
    publish(SMALL)

    (hit,) = search("PM2.5", user=member).hits

    assert "<mark>PM₂.₅</mark>与CO₂" in hit.passages[0].html


def test_the_migration_writes_the_terms_of_an_older_index_anew(
    member: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = set("₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹")
    now = segment.fold

    def before(text: str) -> str:
        pairs = zip(text, now(text), strict=True)
        return "".join(old if old in small else new for old, new in pairs)

    with monkeypatch.context() as earlier:
        earlier.setattr(segment, "fold", before)
        article, other = publish(SMALL, "财政")
    assert found("CO2", member) == []
    assert rebuild.differences() == 1

    migration = import_module("newsletter.migrations.0006_search_subscripts")
    migration.write_terms(apps, SimpleNamespace(connection=connection))

    assert rebuild.differences() == 0
    assert found("CO2", member) == [article]
    assert found("财政", member) == [other]
    article.body = "<p>财政</p>"
    article.save()
    assert found("CO2", member) == []
    assert SearchEntry.objects.count() == 2
