"""make bench, the pages: Lighthouse, the weight of an article, the price of the reading extras.

    python scripts/bench/pages.py [RUNS]

Starts a portal of its own with the samples, and with the real issue where it is, measures the
longest article of each, prints a table and ends with status 1 when a bound is missed. Nothing but
the loopback is asked: the browser resolves no other name. Method: docs/performance.md.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from lxml import html
from playwright.sync_api import APIRequestContext, sync_playwright

from tests.browser.server import ROOT, Portal, serving

SEED = Path(
    os.environ.get("SEED_FILE", ROOT.parent / "shared" / "seed" / "caishui-2022-3.txt")
)  # as in the tests
READER = "M10000001"
LIGHTHOUSE = ROOT / ".venv/npm/lighthouse/node_modules/lighthouse/cli/index.js"
NODE = ROOT / ".venv/bin/node"
CHROMIUM = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic "
    "--host-resolver-rules='MAP * ~NOTFOUND , EXCLUDE localhost'"
)
# Lighthouse 13 scores in hundredths of these; the first is noisy, the others are not.
SCORES = {"performance": 95, "accessibility": 100, "best-practices": 95}
MOST_BYTES = 60_000  # over the wire, images left out, headers included
TRIES = 3
REQUESTS = 40  # of each address whose time is taken

Row = tuple[str, str, float, str, bool]


@dataclass(frozen=True)
class Subject:
    """The longest article of an issue."""

    name: str
    address: str
    characters: int


def main() -> int:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, serving(Path(folder)) as portal:
        if SEED.is_file():
            portal.manage("import_issue", SEED, "--publish", "--verbosity", "0")
        with signed_in(portal) as request:
            subjects = list(longest(request))
            rows = [row for subject in subjects for row in extras(request, subject)]
            headers = Path(folder) / "headers.json"
            headers.touch(mode=0o600)
            cookies = request.storage_state()["cookies"]
            cookie = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in cookies)
            headers.write_text(json.dumps({"Cookie": cookie}))
        for subject in subjects:
            reports = [report(portal, subject, headers) for _ in range(runs)]
            rows += lighthouse(subject, reports)
    show(rows)
    return 0 if all(met for *_, met in rows) else 1


@contextmanager
def signed_in(portal: Portal) -> Iterator[APIRequestContext]:
    with sync_playwright() as playwright:
        request = playwright.request.new_context(base_url=portal.url)
        page = html.fromstring(request.get("/accounts/login/").text())
        token = page.xpath("//input[@name='csrfmiddlewaretoken']/@value")[0]
        answer = request.post(
            "/accounts/login/",
            form={"login": READER, "password": portal.password, "csrfmiddlewaretoken": token},
        )
        assert answer.ok, f"sign-in: {answer.status}"
        yield request
        request.dispose()


def longest(request: APIRequestContext) -> Iterator[Subject]:
    for name, issue in (("sample", "/issues/2026-3/"), ("real", "/issues/2022-3/")):
        contents = request.get(issue)
        if contents.status == 404:
            continue
        found = []
        for address in sorted(set(re.findall(r"/articles/\d+/", contents.text()))):
            body = html.fromstring(request.get(address).text()).find_class("body")
            if body:
                found.append(Subject(name, address, len(body[0].text_content())))
        yield max(found, key=lambda subject: subject.characters)


def extras(request: APIRequestContext, subject: Subject) -> Iterator[Row]:
    """What the reading extras cost beside the page itself: ratios, since machines differ."""
    marks = f"/me{subject.address}marks/"
    for address in (subject.address, marks):
        request.get(address)  # the first one warms up what both use
    page = milliseconds(lambda: request.get(subject.address))
    asked = milliseconds(lambda: request.get(marks))
    yield (subject.name, "article page, ms", page, "", True)
    yield (subject.name, "marks ÷ article page", asked / page, "≤ 1", asked <= page)


def milliseconds(ask: Callable[[], Any]) -> float:
    """The median of `REQUESTS` answers."""
    taken = []
    for _ in range(REQUESTS):
        start = time.perf_counter()
        assert ask().ok
        taken.append((time.perf_counter() - start) * 1000)
    return median(taken)


def report(portal: Portal, subject: Subject, headers: Path) -> dict[str, Any]:
    """One run of Lighthouse as a phone, with its own slow network and processor."""
    address = portal.url + subject.address
    for _ in range(TRIES):
        run = subprocess.run(
            [
                *(NODE, LIGHTHOUSE, address),
                *("--quiet", "--output=json", "--no-enable-error-reporting"),
                f"--only-categories={','.join(SCORES)}",
                f"--extra-headers={headers}",
                f"--chrome-flags={CHROMIUM}",
                "--max-wait-for-load=30000",
            ],
            env=os.environ | {"CHROME_PATH": "/usr/bin/chromium"},
            stdout=subprocess.PIPE,
            timeout=120,
            check=False,
        )
        if run.returncode == 0:
            result: dict[str, Any] = json.loads(run.stdout)
            assert result["finalDisplayedUrl"] == address, "it was sent elsewhere"
            assert "runtimeError" not in result, result["runtimeError"]
            return result
        # It lost the trace of a busy machine, which says nothing of the page.
    sys.exit(f"Lighthouse failed {TRIES} times at {address}")


def lighthouse(subject: Subject, reports: list[dict[str, Any]]) -> Iterator[Row]:
    for category, least in SCORES.items():
        score = median(100 * result["categories"][category]["score"] for result in reports)
        yield (subject.name, category, score, f"≥ {least}", score >= least)
        if score < least:
            explain(category, reports[-1])
    shift = max(result["audits"]["cumulative-layout-shift"]["numericValue"] for result in reports)
    yield (subject.name, "layout shift", shift, "= 0", shift == 0)
    weight = max(map(bytes_without_images, reports))
    yield (subject.name, "kB without images", weight / 1000, "< 60", weight < MOST_BYTES)


def bytes_without_images(result: dict[str, Any]) -> int:
    requests = result["audits"]["network-requests"]["details"]["items"]
    return sum(
        asked["transferSize"]
        for asked in requests
        if not asked.get("mimeType", "").startswith("image/")
    )


def explain(category: str, result: dict[str, Any]) -> None:
    """Which audits took points, so that a miss can be mended."""
    for counted in result["categories"][category]["auditRefs"]:
        audit = result["audits"][counted["id"]]
        if counted["weight"] and audit["score"] is not None and audit["score"] < 1:
            shown = audit.get("displayValue", "")
            print(f"   {category}: {audit['id']} {audit['score']} {shown} — {audit['title']}")
            for item in audit.get("details", {}).get("items", [])[:5]:
                print(f"      {item.get('node', {}).get('snippet') or item.get('url', '')}"[:160])


def show(rows: list[Row]) -> None:
    for name, what, value, bound, met in rows:
        verdict = "" if not bound else "met" if met else "MISSED"
        print(f"{name:<8}{what:<24}{value:>9.2f}  {bound:<7}{verdict}")


if __name__ == "__main__":
    sys.exit(main())
