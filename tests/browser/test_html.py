"""The Nu HTML checker finds no error in any page as it is served."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from allauth.core.ratelimit import respond_429
from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.test import RequestFactory
from django.views import defaults
from playwright.sync_api import Page

from tests.browser.conftest import SitDown
from tests.browser.places import READERS_PLACES, Place, elder_mode
from tests.browser.server import ROOT

pytestmark = pytest.mark.browser

CHECKER = ROOT / ".venv/npm/vnu-jar/node_modules/vnu-jar/build/dist/vnu.jar"


@pytest.fixture(scope="module")
def checker() -> Path:
    if shutil.which("java") and CHECKER.is_file():
        return CHECKER
    if os.environ.get("CI"):
        pytest.fail("the Nu HTML checker or Java is not there")
    pytest.skip("needs the Nu HTML checker: sh scripts/setup.sh test")


def complaints(checker: Path, folder: Path) -> list[str]:
    """What the checker says of the files in a folder, warnings included, a line each.

    One run for all of them: starting it takes longer than checking a page.
    """
    run = subprocess.run(
        ["java", "-jar", checker, "--format", "json", "--exit-zero-always", folder],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    messages = json.loads(run.stderr)["messages"]
    return [
        f"{Path(unquote(message['url'])).stem}:{message.get('lastLine', '?')}: "
        f"{message.get('subType', message['type'])}: {message['message']} "
        f"| {' '.join(message.get('extract', '').split())}"
        for message in messages
    ]


def save(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.html").write_text(text, encoding="utf-8")


def fetch(page: Page, places: Iterable[Place], folder: Path, *, mode: str) -> Iterator[str]:
    """Keep the pages in the folder; which ones were not answered as they should be."""
    for place in places:
        answer = page.request.get(place.find(page.request))
        if answer.status == place.status:
            save(folder, f"{place.name}{mode}", answer.text())
        else:
            yield f"{place.name}{mode}: {answer.status}"


def test_no_page_has_an_error_or_a_warning(
    sit_down: SitDown, checker: Path, tmp_path: Path, seed: Path
) -> None:
    """Each as it comes and in 长者模式, which leaves things out."""
    found: list[str] = []
    by_reader: dict[str, list[Place]] = {}
    for place in READERS_PLACES:
        by_reader.setdefault(place.who, []).append(place)
    for who, places in by_reader.items():
        page = sit_down(who, may_be_refused=True)
        found += fetch(page, places, tmp_path, mode="")
        with elder_mode(page):
            found += fetch(page, places, tmp_path, mode="-elder")

    found += complaints(checker, tmp_path)
    assert not found, "\n".join(found)


def test_no_page_of_a_failure_has_one(sit_down: SitDown, checker: Path, tmp_path: Path) -> None:
    stranger = sit_down(may_be_refused=True).request
    for status, body in ((403, b"x"), (413, b"x" * (settings.MAX_FORM + 1))):
        answer = stranger.post("/accounts/login/", data=body)
        assert answer.status == status
        save(tmp_path, str(status), answer.text())
    # What a running portal does not do when asked to, by the functions that would answer.
    asked = RequestFactory().get("/")
    for answering in (
        defaults.bad_request(asked, SuspiciousOperation()),
        defaults.permission_denied(asked, PermissionDenied()),
        respond_429(asked),
        defaults.server_error(asked),
    ):
        save(tmp_path, f"{answering.status_code}-plain", answering.content.decode())

    assert len(list(tmp_path.iterdir())) == 6
    found = complaints(checker, tmp_path)
    assert not found, "\n".join(found)


def test_the_checker_sees_what_is_wrong(checker: Path, tmp_path: Path) -> None:
    save(tmp_path, "wrong", "<!doctype html><html lang=zh><title>误</title><p id=a><p id=a>")
    save(tmp_path, "right", "<!doctype html><html lang=zh><title>正</title><p>正文")
    found = [line.partition(":")[0] for line in complaints(checker, tmp_path)]
    assert found
    assert set(found) == {"wrong"}
