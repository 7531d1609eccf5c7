"""How somebody wants to read: text, light, and 长者模式. Kept with the person, on every device.

A stranger's choice (large type before signing in) is kept in a cookie of the device, and is
taken over by whoever signs in there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from members.models import User

COOKIE_AGE = 365 * 24 * 3600

# What may be chosen, by field: value and what the reader sees; the first is the default.
# Sizes are per cent of the design's own, up to the double of it (WCAG 1.4.4).
CHOICES: Final[dict[str, list[tuple[str, str]]]] = {
    "size": [
        ("100", "标准"),
        ("88", "小"),
        ("115", "大"),
        ("135", "特大"),
        ("165", "超大"),
        ("200", "双倍"),
    ],
    "leading": [("normal", "适中"), ("tight", "紧凑"), ("loose", "疏朗")],
    "face": [("serif", "宋体"), ("sans", "黑体")],
    "theme": [("auto", "随系统"), ("light", "明亮"), ("sepia", "纸黄"), ("dark", "夜间")],
    "elder": [("off", "关"), ("on", "开")],
}


@dataclass(frozen=True)
class Display:
    """One person's choice; every value is one of `CHOICES`."""

    size: str = "100"
    leading: str = "normal"
    face: str = "serif"
    theme: str = "auto"
    elder: str = "off"

    @property
    def is_elder(self) -> bool:
        return self.elder == "on"

    def changed(self, values: Mapping[str, Any]) -> Display:
        """The same with what `values` names; whatever is no choice is passed over."""
        return replace(self, **_known(values))

    def values(self) -> dict[str, str]:
        """What differs from the default."""
        return {
            name: value for name, value in asdict(self).items() if value != getattr(_DEFAULT, name)
        }

    @property
    def attributes(self) -> SafeString:
        """For the `html` element, where the style sheets look: `data-theme="dark" …`."""
        return format_html_join("", ' data-{}="{}"', self.values().items())

    @property
    def controls(self) -> list[tuple[str, str, list[tuple[str, str]]]]:
        """Each thing to choose: its name, what is chosen, and the choices in order of size."""
        return [
            (field.name, getattr(self, field.name), _in_order(field.name)) for field in fields(self)
        ]


_DEFAULT = Display()


def display_of(request: HttpRequest) -> Display:
    """What this reader, or this device before sign-in, has chosen."""
    user = getattr(request, "user", None)
    if isinstance(user, User):
        return _DEFAULT.changed(user.display)
    return _DEFAULT.changed(_of_device(request))


def keep(request: HttpRequest, response: HttpResponse, values: Mapping[str, Any]) -> None:
    """Keep what was chosen now: with the person, or on the device of a stranger.

    A device on which a stranger chose follows the person's later choices, so that the sign-in
    page of somebody who needs large type stays large.
    """
    if isinstance(request.user, User):
        chosen = display_of(request).changed(values)
        User.objects.filter(pk=request.user.pk).update(display=chosen.values())
    if not isinstance(request.user, User) or settings.DISPLAY_COOKIE_NAME in request.COOKIES:
        response.set_cookie(
            settings.DISPLAY_COOKIE_NAME,
            urlencode(_of_device(request) | _known(values)),
            max_age=COOKIE_AGE,
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )


def adopt(request: HttpRequest, user: User) -> None:
    """At sign-in: what was chosen on this device goes with the person."""
    if chosen := _of_device(request):
        display = _DEFAULT.changed(user.display).changed(chosen)
        User.objects.filter(pk=user.pk).update(display=display.values())


def _of_device(request: HttpRequest) -> dict[str, str]:
    return _known(dict(parse_qsl(request.COOKIES.get(settings.DISPLAY_COOKIE_NAME, "")[:200])))


def _known(values: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: values[name]
        for name, choices in CHOICES.items()
        if name in values and values[name] in dict(choices)
    }


def _in_order(name: str) -> list[tuple[str, str]]:
    choices = CHOICES[name]
    if name == "size":
        return sorted(choices, key=lambda choice: int(choice[0]))
    if name == "leading":
        return sorted(choices, key=lambda choice: ("tight", "normal", "loose").index(choice[0]))
    return choices
