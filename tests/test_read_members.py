"""`manage.py read_members`: what a list holds, told line by line before anything is taken in."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from openpyxl import Workbook, load_workbook
from PIL import Image

pytestmark = pytest.mark.pure

HEADINGS = [
    "序号",
    "单位名称（必填）",
    "统一社会信用代码",
    "联系人",
    "联系电话",
    "有效期至",
    "车牌",
]
SOUND = [1, "样例甲公司", "914403001922038216", "张三", "13912345678", "2026年12月", "样A"]
WRONG = [2, "样例乙公司", 914403001922038216, "李四", "139", "长期", ""]


def write(path: Path, *rows: list[Any]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["样例协会会员名单（2026年）"])
    for row in (HEADINGS, *rows):
        sheet.append(row)
    book.create_sheet("旧名单").append(["去年的"])
    book.save(path)
    return path


def read(path: Path, *arguments: str) -> tuple[str, str]:
    """What it printed, and what it ended with."""
    out = io.StringIO()
    try:
        call_command("read_members", str(path), *arguments, stdout=out)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), ""


def test_a_sound_list_is_told_in_numbers(tmp_path: Path) -> None:
    said, problem = read(write(tmp_path / "名单.xlsx", SOUND))

    assert "单位名称（必填）→单位名称" in said
    assert "联系电话→手机" in said
    assert "没有认出、不会收入的列：车牌" in said
    assert "没有读的工作表：旧名单" in said
    assert "共 1 行：1 家会员单位，1 人。" in said
    assert not problem


def test_every_error_is_told_at_its_line_and_the_wrong_lines_are_set_aside(tmp_path: Path) -> None:
    aside = tmp_path / "有误.xlsx"

    said, problem = read(write(tmp_path / "名单.xlsx", SOUND, WRONG), "--set-aside", str(aside))

    assert "第4行　统一社会信用代码：" in said
    assert "第4行　手机：" in said
    assert "第4行　会籍到期：「长期」不是日期" in said
    assert "第3行" not in said
    assert problem == "2 行中有 1 行要改。"
    assert aside.stat().st_mode & 0o777 == 0o600
    (heads, row) = load_workbook(aside)["名单"].iter_rows(values_only=True)
    assert row[heads.index("单位名称")] == "样例乙公司"
    assert "「长期」不是日期" in str(row[heads.index("问题")])


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    path = write(tmp_path / "名单.xlsx", WRONG)
    before = path.read_bytes()

    for aside in (path, tmp_path / "有误.csv"):
        _, problem = read(path, "--set-aside", str(aside))
        assert "另起一个名字" in problem
    assert path.read_bytes() == before


def test_what_is_no_list_gets_its_sentence(tmp_path: Path) -> None:
    picture = tmp_path / "名单.xlsx"
    Image.new("RGB", (9, 9)).save(picture, "PNG")

    for path, words in [(tmp_path / "没有.xlsx", "打不开"), (picture, "图片")]:
        said, problem = read(path)
        assert words in problem
        assert not said
