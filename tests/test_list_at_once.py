"""A list of 5,000 lines goes in while members read and sign in: nobody is failed by it. And
lists that are accepted at the same moment go in one after the other.
"""

from __future__ import annotations

import http.cookiejar
import re
import secrets
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests import spreadsheets
from tests.browser.server import ROOT, Portal, serving
from tests.processes import own_database, plain_environment, until

LINES = 5000
READERS = 3
STAFF, MEMBER = "S10000001", "M10000001"
A_MINUTE = 60
# Whoever writes waits for SQLite's one writer; after 30 s they would be failed.
PATIENCE = 25


class Visitor:
    """Somebody with a browser, as far as it is cookies and forms."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(cookies)

    def get(self, path: str) -> str:
        with self.opener.open(self.portal.url + path, timeout=A_MINUTE) as answer:
            text: str = answer.read().decode()
        return text

    def post(self, path: str, page: str, **fields: str) -> str:
        """Send a form of the page that is open."""
        values = {"csrfmiddlewaretoken": token_of(page)} | fields
        return self._send(
            path, urllib.parse.urlencode(values).encode(), "application/x-www-form-urlencoded"
        )

    def upload(self, path: str, page: str, name: str, data: bytes) -> str:
        boundary = secrets.token_hex(16)
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n'
            f"{token_of(page)}\r\n--{boundary}\r\n"
            f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        )
        body = head.encode() + data + f"\r\n--{boundary}--\r\n".encode()
        return self._send(path, body, f"multipart/form-data; boundary={boundary}")

    def sign_in(self, who: str) -> str:
        page = self.get("/accounts/login/?next=/me/")
        return self.post(
            "/accounts/login/?next=/me/", page, login=who, password=self.portal.password
        )

    def _send(self, path: str, body: bytes, content_type: str) -> str:
        request = urllib.request.Request(  # noqa: S310  # the portal under test
            self.portal.url + path,
            body,
            {"Content-Type": content_type, "Referer": self.portal.url + path},
        )
        with self.opener.open(request, timeout=A_MINUTE) as answer:
            text: str = answer.read().decode()
        return text


def token_of(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert found
    return found[1]


@dataclass
class Told:
    """What happened to those who read and signed in meanwhile: seconds each, and what failed."""

    reads: list[float] = field(default_factory=list)
    sign_ins: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def _read(visitor: Visitor, article: str, words: str, told: Told, over: threading.Event) -> None:
    while not over.is_set():
        begun = time.monotonic()
        try:
            if words not in visitor.get(article):
                told.failures.append("a page without the article")
        except (urllib.error.URLError, OSError) as error:
            told.failures.append(f"read: {error}")
        told.reads.append(time.monotonic() - begun)
        time.sleep(0.05)


def _come_in(portal: Portal, told: Told, over: threading.Event) -> None:
    while not over.is_set():
        begun = time.monotonic()
        try:
            if "退出" not in Visitor(portal).sign_in(MEMBER):
                told.failures.append("not signed in")
        except (urllib.error.URLError, OSError) as error:
            told.failures.append(f"sign in: {error}")
        told.sign_ins.append(time.monotonic() - begun)
        # Sign-in is limited: so many from one address a minute.
        time.sleep(2.5)


def the_list() -> bytes:
    """1,000 firms with five people each, every column filled."""
    headings = [
        *("单位名称", "统一社会信用代码", "地区", "规模", "行业", "席位数", "会籍开始"),
        *("会籍到期", "姓名", "手机", "邮箱", "是否联系人", "备注"),
    ]
    rows = [
        [
            *(f"样例{n // 5}公司", spreadsheets.code(n // 5), "深圳", "小型", "制造", "8"),
            *("2026年1月5日", "2027-12-31", f"样例人{n}", f"139{n:08d}", f"p{n}@example.org"),
            *("是" if n % 5 == 0 else "否", f"第 {n} 位"),
        ]
        for n in range(LINES)
    ]
    return spreadsheets.workbook([headings, *rows])


def test_the_import_of_a_sheet_with_5000_rows_fails_nobody_who_reads_or_signs_in(
    tmp_path: Path,
) -> None:
    data, told, over = the_list(), Told(), threading.Event()
    with serving(tmp_path) as portal:
        readers = [Visitor(portal) for _ in range(READERS)]
        for reader in readers:
            reader.sign_in(MEMBER)
        article = re.search(r"/articles/\d+/", readers[0].get("/"))
        assert article
        title = re.search(r"<title>([^<·]+)", readers[0].get(article[0]))
        assert title
        staff = Visitor(portal)
        staff.sign_in(STAFF)
        threads = [
            threading.Thread(target=_read, args=(reader, article[0], title[1], told, over))
            for reader in readers
        ]
        threads.append(threading.Thread(target=_come_in, args=(portal, told, over)))
        for thread in threads:
            thread.start()
        try:
            begun = time.monotonic()
            add = "/admin/members/listimport/add/"
            preview = staff.upload(add, staff.get(add), "名单.xlsx", data)
            uploaded = time.monotonic()
            seen = re.search(r'name="seen" value="(\w+)"', preview)
            accept = re.search(r'action="(/admin/members/listimport/\d+/accept/)"', preview)
            assert seen
            assert accept
            done = staff.post(accept[1], preview, seen=seen[1])
            accepted = time.monotonic()
        finally:
            over.set()
            for thread in threads:
                thread.join()
        counted = portal.manage(
            "shell",
            "--verbosity",
            "0",
            "--command",
            "from members.models import *; print(User.objects.filter(remark__endswith='位')"
            ".count(), Seat.objects.filter(person__remark__endswith='位').count())",
        )
    assert not told.failures, told.failures[:5]
    assert "名单已经全部导入" in done
    assert counted.split() == [str(LINES), str(LINES)]
    figures = (
        f"upload and preview {uploaded - begun:.1f} s, acceptance {accepted - uploaded:.1f} s; "
        f"{len(told.reads)} reads, the longest {max(told.reads):.1f} s; "
        f"{len(told.sign_ins)} sign-ins, the longest {max(told.sign_ins):.1f} s"
    )
    assert accepted - begun < A_MINUTE, figures
    assert len(told.reads) > READERS, figures
    assert told.sign_ins, figures
    assert max(told.reads + told.sign_ins) < PATIENCE, figures
    (tmp_path / "figures").write_text(figures, "utf-8")  # for docs/performance.md


PREPARE = """
import io
from members.listing import keeping
from members.models import User
from tests import spreadsheets
by = User.objects.create_superuser("S1")
rows = [["单位名称", "姓名"], ["样例甲公司", "张一"]]
for _ in range({lists}):
    keeping.receive(io.BytesIO(spreadsheets.workbook(rows)), name="a.xlsx", by=by)
"""
REACH = """
import pathlib, time
from members.listing import acceptance, keeping, portal
from members.models import ListImport, User
number, folder = {number}, pathlib.Path({folder!r})
by = User.objects.get(member_number="S1")
kept = ListImport.objects.order_by("pk")[number % {lists}]
seen = keeping.planned(keeping.understood(kept), portal.load(), by=by).digest
(folder / f"ready-{{number}}").touch()
while not (folder / "go").exists():
    time.sleep(0.001)
try:
    acceptance.accept(kept, by=by, seen=seen)
    print("in")
except acceptance.Changed:
    print("changed")
except keeping.Closed:
    print("closed")
"""
TELL = """
from members.models import AuditEntry, Organization, Seat
print(Organization.objects.count(), Seat.objects.count(),
      AuditEntry.objects.filter(action="list.accept").count())
"""


@pytest.mark.parametrize("lists", [1, 2], ids=["one-list", "two-lists-of-one-firm"])
def test_of_many_who_accept_at_the_same_moment_one_does(lists: int, tmp_path: Path) -> None:
    with own_database() as database:
        environment = plain_environment(VAR_DIR=str(tmp_path / "var"), **database)

        def start(*arguments: str) -> subprocess.Popen[str]:
            return subprocess.Popen(
                [sys.executable, "manage.py", *arguments, "--verbosity", "0"],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )

        def run(*arguments: str) -> str:
            said, _ = (started := start(*arguments)).communicate(timeout=180)
            assert started.returncode == 0, said
            return said.strip()

        run("migrate")
        run("shell", "--command", PREPARE.format(lists=lists))
        reaching = [
            start(
                "shell",
                "--command",
                REACH.format(number=number, folder=str(tmp_path), lists=lists),
            )
            for number in range(4)
        ]
        try:
            assert until(lambda: len(list(tmp_path.glob("ready-*"))) == len(reaching), seconds=120)
        finally:
            (tmp_path / "go").touch()
            answers = [one.communicate(timeout=60)[0].strip() for one in reaching]
        assert answers.count("in") == 1, answers
        assert set(answers) <= {"in", "changed", "closed"}, answers
        assert run("shell", "--command", TELL) == "1 1 1"
