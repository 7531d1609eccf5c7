"""Whatever is uploaded as a list gets its sentence, and takes no more than its share."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from members import bulk
from members.models import (
    ListImport,
    User,
)
from tests import spreadsheets
from tests.lists import (
    ADD,
    HEADINGS,
    SOUND,
    accept,
    looked_at,
    numbers,
    upload,
    uploaded,
)

SignIn = Callable[[User], Client]

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(membership_staff: User, signed_in: SignIn) -> Client:
    return signed_in(membership_staff)


# Files of every kind ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "a.xlsx", "是空的"),
        (b"%PDF-1.7 " + b"x" * 100, "名单.xlsx", "是PDF 文件，不是表格"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "名单.xls", "旧版 Excel"),
        (b"PK\x03\x04" + b"broken", "名单.xlsx", "已损坏"),
        ("单位名称,姓名\n样例甲公司\n".encode() + "样例公司名称,张".encode("gbk"), "a.csv", "编码"),
        (b"x" * (bulk.MAX_BYTES + 1), "a.csv", "超过 10 MB"),
        ("只有一句话，不是名单\n".encode(), "a.csv", "没有找到表头"),
    ],
)
def test_a_file_that_is_no_list_is_told_on_the_page(
    desk: Client, data: bytes, name: str, words: str
) -> None:
    answer = upload(desk, data, name=name)

    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert not ListImport.objects.exists()


def a_bomb() -> bytes:
    """A little file that would fill the memory: three hundred million blanks in one cell."""

    def pieces() -> Iterator[bytes]:
        yield b'<sheetData><row><c t="inlineStr"><is><t>'
        for _ in range(300):
            yield b" " * 1_000_000
        yield b"</t></is></c></row></sheetData>"

    return spreadsheets.raw_workbook(pieces())


def test_a_bomb_is_told_on_the_page_and_the_memory_stays_bounded(desk: Client) -> None:
    data = a_bomb()
    assert len(data) < 2_000_000
    tracemalloc.start()
    answer = upload(desk, data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert "为稳妥起见没有读下去" in answer.content.decode()
    assert peak < 60_000_000
    assert not ListImport.objects.exists()


def test_a_million_empty_rows_are_nothing(desk: Client) -> None:
    rows = [["单位名称", "姓名", "手机"], ["样例甲公司", "张一", "13900000001"]]
    data = spreadsheets.with_a_million_empty_rows(*rows, merged="A2:A3")
    tracemalloc.start()
    kept = uploaded(desk, data)
    found = numbers(desk, kept)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found["new"] == 1
    assert peak < 60_000_000
    assert len(bytes(kept.sheet)) < 1000


def test_no_file_is_told_too(desk: Client) -> None:
    assert "请选择名单文件" in desk.post(ADD, {}).content.decode()


def test_a_formula_without_result_is_told_at_its_line(desk: Client) -> None:
    kept = uploaded(desk, [HEADINGS, ["样例甲公司", "=A1&B1", "13900000001", "", ""]])

    assert "这一格是公式" in looked_at(desk, kept)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_of_any_encoding_comes_in(desk: Client, encoding: str) -> None:
    data = spreadsheets.delimited([[str(text) for text in row] for row in SOUND], encoding=encoding)
    accept(desk, uploaded(desk, data, name="名单.csv"))

    assert User.objects.filter(name__in=["张一", "张二"]).count() == 2
