"""What a request must bring to reach a view. A view that declares no level is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, URLResolver

View = TypeVar("View", bound=Callable[..., Any])


class Level(StrEnum):
    OPEN = "open"  # anybody
    ACCOUNT = "account"  # signed in, even lapsed or suspended
    MEMBER = "member"  # may read, by members.access.may_read
    ROLE = "role"  # holds a role: the admin and the desks


def level(of: Level) -> Callable[[View], View]:
    """Declare a view's level."""

    def declare(view: View) -> View:
        view.level = of  # type: ignore[attr-defined]
        return view

    return declare


def level_of(view: Callable[..., Any]) -> Level | None:
    return getattr(view, "level", None)


def levelled(
    patterns: list[URLPattern | URLResolver], of: Level | Mapping[str, Level]
) -> list[URLPattern | URLResolver]:
    """Declare the levels of views that are not ours and declare none themselves.

    Args:
        patterns: a URLconf's patterns.
        of: one level for all, or a level by URL name.

    Raises:
        ImproperlyConfigured: a pattern has no level in `of`: a new release brought a new view.
    """
    for entry in patterns:
        if isinstance(entry, URLResolver):
            levelled(entry.url_patterns, of)
            continue
        if level_of(entry.callback) is not None:
            continue
        chosen = of if isinstance(of, Level) else of.get(entry.name or "")
        if chosen is None:
            raise ImproperlyConfigured(f"no level is declared for the address {entry.name!r}")
        level(chosen)(entry.callback)
    return patterns
