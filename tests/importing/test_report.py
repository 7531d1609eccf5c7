"""The report names every contents line, every doubt with its place, and what was left out."""

import re

import pytest

from newsletter.doubts import DoubtKind, Severity
from newsletter.importing import read
from newsletter.importing.conservation import compare
from newsletter.importing.outline.model import IssueOutline
from newsletter.importing.report import as_text, report
from tests.importing.issues import LONG, TITLES, small_issue

pytestmark = pytest.mark.pure


def _doubtful() -> tuple[str, IssueOutline]:
    changed = small_issue()
    changed.sections["街坊新闻"][0].body = ("导读：" + LONG, LONG, "图2 灯光", LONG, "（完）")
    changed.sections["街坊新闻"][1].contents = "老铺合建仓库"
    changed.sections["政策问答"][0].closing = ""
    text = changed.text()
    return text, read(text.encode())


def test_rows_pair_contents_lines_with_articles() -> None:
    _, issue = _doubtful()
    rows = report(issue).rows
    assert [row.title for row in rows] == list(TITLES)
    assert [row.page for row in rows] == [2, 5, 9, 14, 18, 23]
    assert [row.difference for row in rows] == ["", "文字不同", "", "", "", ""]
    assert all(row.line and row.contents_line for row in rows)


def test_doubts_are_grouped_by_kind_with_their_lines() -> None:
    text, issue = _doubtful()
    groups = dict(report(issue).doubts)
    assert list(groups) == [
        DoubtKind.TITLE_DIFFERS,
        DoubtKind.NO_SOURCE,
        DoubtKind.FIGURE_IMAGE,
        DoubtKind.FIGURE_ABSENT,
    ]
    figure = groups[DoubtKind.FIGURE_IMAGE][0]
    assert figure.line is not None
    assert text.split("\n")[figure.line - 1] == "图2 灯光"


def test_the_terminal_text_says_everything() -> None:
    text, issue = _doubtful()
    shown = as_text(report(issue), compare(text, issue))
    for wanted in [
        *TITLES,
        "老铺合建仓库",
        "（缺来源）",
        "2031年第2期",
        "总第18期",
        "（完）",
        "无一遗漏",
    ]:
        assert wanted in shown
    for doubt in issue.doubts:
        assert doubt.message in shown
        assert re.search(f"第{doubt.line}行", doubt.message)


def test_a_loss_is_shown() -> None:
    text, issue = _doubtful()
    shown = as_text(report(issue), compare(text + "\n\n多出的一行字。\n", issue))
    assert "未找到：多出的一行字。" in shown


def test_columns_are_aligned_by_width() -> None:
    _, issue = _doubtful()
    lines = as_text(report(issue)).split("\n")
    rows = [line for line in lines if re.match(r"\s+\d+  ", line)]
    assert len(rows) == 6
    widths = {
        sum(2 if ord(ch) > 0x2000 else 1 for ch in row[: row.index("行  ")]) - len("第")
        for row in rows
    }
    assert max(widths) - min(widths) <= 1  # the line numbers have two or three digits


def test_every_kind_has_a_label_and_a_severity() -> None:
    assert all(kind.label and isinstance(kind.severity, Severity) for kind in DoubtKind)
    assert len({kind.label for kind in DoubtKind}) == len(DoubtKind)
