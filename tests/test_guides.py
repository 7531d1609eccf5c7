"""The guides say what is there: pictures, commands, settings, and the words on the pages."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import django
import pytest
from django.core.management import get_commands

pytestmark = pytest.mark.pure

ROOT = Path(__file__).resolve().parent.parent
PAGES = {path.name: path for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))}
# In these, what stands in bold is to be found on a page of the portal.
STAFF = ["staff.md", "staff-lists.md"]
FENCE = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
HAN = re.compile(r"[\u4e00-\u9fff]")
FILLED_IN = "\0"


def text(name: str) -> str:
    return PAGES[name].read_text("utf-8")


def code(name: str) -> str:
    """What stands as code, between marks and in fences."""
    whole = text(name)
    return "\n".join([*FENCE.findall(whole), *re.findall(r"`([^`\n]+)`", FENCE.sub("", whole))])


def slug(heading: str) -> str:
    """The anchor that a heading has where Markdown is shown (GitHub's rule)."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


# Links and pictures --------------------------------------------------------------------------
@pytest.mark.parametrize("name", PAGES)
def test_every_link_of_a_guide_leads_somewhere(name: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)", FENCE.sub("", text(name)))
    for target, anchor in links:
        page = (PAGES[name].parent / target) if target else PAGES[name]
        assert page.exists(), f"{name}: {target}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
            assert anchor in map(slug, headings), f"{name}: {target}#{anchor}"


def test_no_picture_lies_there_that_no_guide_shows() -> None:
    shown = {
        (page.parent / target).resolve()
        for page in PAGES.values()
        for target in re.findall(r"!\[[^\]]+\]\(([^)\s]+)\)", page.read_text("utf-8"))
    }
    assert shown == set((ROOT / "docs" / "images").iterdir())


def test_make_pictures_makes_every_picture_of_the_staffs_guides() -> None:
    taken = re.findall(r'^@shot\("([\w-]+)"\)', read("scripts/pictures.py"), re.MULTILINE)
    there = {path.name: path for path in (ROOT / "docs" / "images").glob("staff-*.png")}

    assert sorted(f"staff-{name}.png" for name in taken) == sorted(there)
    assert max(path.stat().st_size for path in there.values()) < 60_000


# Commands and settings -----------------------------------------------------------------------
def read(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_every_command_that_a_guide_names_is_there(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    asked = set(re.findall(r"(?<![\w./-])make ([a-z]+)", code(name)))
    assert asked <= targets

    commands = set(re.findall(r"manage\.py ([a-z_]+)", text(name)))
    assert commands <= get_commands().keys()


def test_make_help_and_the_readme_name_every_target() -> None:
    makefile = read("Makefile")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    assert targets == set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))
    [phony] = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert targets == set(phony.split())
    assert targets - {"clean"} <= set(re.findall(r"`?make ([a-z]+)", code("README.md")))


def settings_read() -> set[str]:
    """What the portal asks of the environment."""
    asks = r'(?:environment\.\w+|os\.environ\.get)\(\s*"([A-Z_]+)"'
    return {
        name
        for path in (ROOT / "portal").rglob("*.py")
        for name in re.findall(asks, path.read_text("utf-8"))
    }


def settings_listed() -> set[str]:
    table = text("README.md").partition("## 设置")[2].partition("\n## ")[0]
    return {
        name
        for row in re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)
        for name in re.findall(r"`([A-Z_]+)`", row)
    }


def test_the_readme_lists_the_settings_that_the_portal_reads_and_the_tests_two() -> None:
    assert settings_listed() == settings_read() | {"TEST_DATABASE_URL", "SEED_FILE"}


@pytest.mark.parametrize("name", PAGES)
def test_a_guide_names_no_setting_that_the_readme_does_not_list(name: str) -> None:
    asked = set(re.findall(r"(?:^|(?<=[\s`]))([A-Z]+(?:_[A-Z]+)+)(?==|`|\s|$)", code(name)))
    assert asked - settings_listed() == set()


# Words ---------------------------------------------------------------------------------------
@cache
def words() -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """Whole texts of the pages: those that stand, and those with something filled in."""
    found: set[str] = set()
    for path in (ROOT / "templates").rglob("*.html"):
        found |= texts_of_a_template(path.read_text("utf-8"))
    for path in (ROOT / "static" / "js").glob("*.js"):
        found |= set(re.findall(r'"([^"\n]*)"', path.read_text("utf-8")))
    for folder in ("members", "newsletter", "portal"):
        for path in (ROOT / folder).rglob("*.py"):
            found |= texts_of_a_program(path.read_text("utf-8"))
    admin = Path(django.__file__).parent / "contrib/admin/locale/zh_Hans/LC_MESSAGES/django.po"
    for translated in re.findall(r'^msgstr "(.+)"$', admin.read_text("utf-8"), re.MULTILINE):
        found.add(re.sub(r"%\(\w+\)s", FILLED_IN, translated))

    found = {one.strip() for one in found if HAN.search(one)}
    patterns = [
        re.compile("(.+)".join(map(re.escape, one.split(FILLED_IN))))
        for one in found
        if FILLED_IN in one
    ]
    return frozenset(one for one in found if FILLED_IN not in one), tuple(patterns)


def texts_of_a_template(source: str) -> set[str]:
    """What stands between tags, and in attributes."""
    source = re.sub(r"\{#.*?#\}", "", source)
    source = re.sub(r"\{\{.*?\}\}", FILLED_IN, source)
    source = re.sub(r"\{%.*?%\}", "\n", source, flags=re.DOTALL)
    return set(re.split(r'[<>"\n]', source))


def texts_of_a_program(source: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            parts = [
                str(part.value) if isinstance(part, ast.Constant) else FILLED_IN
                for part in node.values
            ]
            found.add("".join(parts))
    return found


def stands_on_a_page(word: str) -> bool:
    """Whether it is the whole of a text, with n or another such text filled in."""
    plain, patterns = words()
    return word in plain or any(
        all(filled == "n" or filled in plain for filled in match.groups())
        for pattern in patterns
        if (match := pattern.fullmatch(word))
    )


@pytest.mark.parametrize("name", STAFF)
def test_what_the_staffs_guides_print_in_bold_stands_on_a_page(name: str) -> None:
    bold = re.findall(r"\*\*(.+?)\*\*", text(name))
    assert len(bold) > 20
    assert [word for word in bold if not stands_on_a_page(word)] == []


@pytest.mark.parametrize("word", ["会籍续费", "导入 三 行", "增加 会费", "发红包", "上传名"])
def test_a_word_that_no_page_has_is_noticed(word: str) -> None:
    assert not stands_on_a_page(word)


@pytest.mark.parametrize("name", STAFF)
def test_what_the_portal_answers_is_quoted_as_it_says_it(name: str) -> None:
    """In the tables of 页面说, up to what differs from case to case."""
    plain, patterns = words()
    said = "\n".join([*plain, *(pattern.pattern for pattern in patterns)]).replace("\\", "")
    for table in re.findall(r"^\| 页面说 .*\n\|[-|]+\n((?:\|.*\n)+)", text(name), re.MULTILINE):
        for row in table.splitlines():
            told = row.split("|")[1]
            for part in re.split(r"……|（|）|，|；| \d+ |某单位", told):
                assert part.strip() in said, f"{name}: {told.strip()}"
