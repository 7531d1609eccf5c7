"""Styles are served without comments and indents: what the browser reads is the same."""

from __future__ import annotations

import pytest

from tests.browser.conftest import SitDown
from tests.browser.server import ROOT

pytestmark = pytest.mark.browser

SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))

# Values with variables in them are kept as they were typed: their spaces do not count.
RULES = """
(text) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  const variable = /(--[\\w-]+:)([^;}]*)/g;
  return [...sheet.cssRules].map((rule) =>
    rule.cssText
      .replace(variable, (_, name, value) => name + value.replace(/\\s/g, ""))
      .replace(/,\\s+/g, ","),
  );
}
"""
SERVED = "(address) => fetch(address).then((answer) => answer.text())"


def test_a_style_sheet_says_the_same_as_it_is_served(sit_down: SitDown) -> None:
    page = sit_down()
    page.goto("/accounts/login/")
    for path in SHEETS:
        written = path.read_text("utf-8")
        served = page.evaluate(SERVED, f"/static/css/{path.name}")
        assert len(served) < len(written) * 0.95, path.name
        rules = page.evaluate(RULES, written)
        assert len("".join(rules)) > 1000, path.name
        assert page.evaluate(RULES, served) == rules, path.name
