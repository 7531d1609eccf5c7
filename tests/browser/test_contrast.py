"""The contrast of every pair of colours, in every theme, as the browser reads the style sheet.

axe measures the text that is there; this measures what any page may put together.
"""

from __future__ import annotations

import re
from itertools import product
from typing import Literal

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import SitDown

pytestmark = pytest.mark.browser

Colour = tuple[float, float, float]

# Text on its grounds (WCAG 1.4.3; in 长者模式 1.4.6), and what a control is known by (1.4.11).
TEXT = [
    *((ink, ground) for ink in ("ink", "soft", "seal") for ground in ("paper", "sheet")),
    ("ink", "seal-soft"),
    ("seal", "seal-soft"),
    ("on-seal", "seal"),
]
EDGES = [("edge", "paper"), ("edge", "sheet"), ("seal", "paper"), ("seal", "sheet")]

# Painted, so that whatever way a colour is written it is read as the screen shows it.
PAINTED = """
([attributes, names]) => {
  const root = document.documentElement;
  for (const name of ["theme", "elder"]) delete root.dataset[name];
  Object.assign(root.dataset, attributes);
  const probe = document.createElement("p");
  document.body.append(probe);
  const colours = names.map((name) => {
    probe.style.color = "";
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  });
  probe.remove();
  return colours;
}
"""
NAMES = ["paper", "sheet", "ink", "soft", "rule", "edge", "seal", "seal-soft", "on-seal"]

THEMES = ["", "light", "sepia", "dark"]


def colours(page: Page, theme: str, *, elder: bool = False) -> dict[str, Colour]:
    attributes = {"theme": theme} if theme else {}
    if elder:
        attributes["elder"] = "on"
    painted = page.evaluate(PAINTED, [attributes, NAMES])
    found: dict[str, Colour] = {}
    for name, text in zip(NAMES, painted, strict=True):
        channels = re.fullmatch(r"rgb\((\d+), (\d+), (\d+)\)", text)
        assert channels, f"--{name}: {text} is not an opaque colour"
        red, green, blue = (int(channel) / 255 for channel in channels.groups())
        found[name] = (red, green, blue)
    return found


def contrast(one: Colour, other: Colour) -> float:
    """The ratio of WCAG 2.2, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_contrast_is_what_the_guidelines_say_it_is() -> None:
    grey: Colour = (0x77 / 255, 0x77 / 255, 0x77 / 255)
    assert contrast((0, 0, 0), (1, 1, 1)) == pytest.approx(21)
    assert contrast((1, 1, 1), (1, 1, 1)) == pytest.approx(1)
    assert contrast(grey, (1, 1, 1)) == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_pair_of_colours_can_be_told_apart(
    sit_down: SitDown, scheme: Literal["light", "dark"]
) -> None:
    page = sit_down(scheme=scheme)
    page.goto("/join/")
    wrong = []
    for theme, elder in product(THEMES, (False, True)):
        has = colours(page, theme, elder=elder)
        wrong += [
            f"{theme}{' elder' * elder}: {front} on {ground}: {ratio:.2f} < {least}"
            for pairs, least in ((TEXT, 7.0 if elder else 4.5), (EDGES, 3.0))
            for front, ground in pairs
            if (ratio := contrast(has[front], has[ground])) < least
        ]
    assert wrong == []


@pytest.mark.parametrize("elder", [False, True], ids=["standard", "elder"])
def test_a_dark_system_and_a_chosen_dark_are_one(sit_down: SitDown, elder: bool) -> None:
    dark, light = sit_down(scheme="dark"), sit_down(scheme="light")
    for page in (dark, light):
        page.goto("/join/")
    assert colours(dark, "", elder=elder) == colours(light, "dark", elder=elder)
    assert colours(light, "", elder=elder) == colours(dark, "light", elder=elder)
    assert colours(dark, "light", elder=elder) != colours(dark, "dark", elder=elder)
    assert colours(dark, "sepia", elder=elder) == colours(light, "sepia", elder=elder)
