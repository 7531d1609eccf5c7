"""What is no issue is refused with a sentence that says what was looked for and found."""

import pytest

from newsletter.importing import ImportRefused, NotAnIssue, read
from newsletter.importing.read_txt import MAX_BYTES
from tests.importing.issues import LONG, SECOND, small_issue

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("data", [b"", b"   \n\n\t ", "\ufeff".encode(), "　\n　".encode()])
def test_an_empty_file_is_refused(data: bytes) -> None:
    with pytest.raises(NotAnIssue, match=r"文件是空的|只有空白"):
        read(data)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.7\n" + b"x" * 500, "PDF"),
        (b"PK\x03\x04" + bytes(500), "Word"),
        (b"\xd0\xcf\x11\xe0" + bytes(500), "旧版 Word"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "图片"),
        (b"\xff\xd8\xff\xe0" + bytes(500), "图片"),
        (bytes(range(256)) * 20, "文本文件"),
        (b"\x00\x01\x02\x03" * 200, "文本文件"),
    ],
)
def test_a_binary_file_is_refused_by_its_content(data: bytes, what: str) -> None:
    with pytest.raises(ImportRefused, match=what):
        read(data, name="一期.txt")


def test_a_file_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(ImportRefused, match="超过 20 MB"):
        read(b"a" * (MAX_BYTES + 1))


def test_bytes_of_no_encoding_are_refused_with_their_line() -> None:
    data = small_issue().text().encode() + b"\n\xff\xff\xff\n"
    with pytest.raises(ImportRefused, match=r"第\d+行有无法识别的字符"):
        read(data)


def test_a_novel_is_refused_and_told_what_was_looked_for() -> None:
    novel = "灯下集\n\n" + "\n\n".join(
        f"第{n}章　夜路\n\n{LONG}\n\n{SECOND}" for n in "一二三四五六七八九十"
    )
    with pytest.raises(NotAnIssue) as refused:
        read(novel.encode())
    for word in ("刊名", "年份期号", "目录", "栏目", "没有找到", "段"):
        assert word in str(refused.value)


def test_a_novel_with_a_table_of_contents_is_refused() -> None:
    contents = "\n".join(f"第{n}章 夜路…………{page}" for page, n in enumerate("一二三四五", 3))
    body = "\n".join(f"第{n}章 夜路\n{LONG}" for n in "一二三四五")
    with pytest.raises(NotAnIssue, match=r"没有找到.*年份期号"):
        read(f"灯下集\n目录\n{contents}\n{body}".encode())


def test_a_single_article_is_refused() -> None:
    with pytest.raises(NotAnIssue, match="没有找到"):
        read(f"小镇集市亮灯\n\n{LONG}\n\n{SECOND}\n\n来源：小镇晚报\n".encode())


def test_a_cover_and_contents_without_their_articles_are_refused() -> None:
    text = small_issue().text()
    with pytest.raises(NotAnIssue, match="与目录相符的文章标题"):
        read((text[: text.index("☆ 街坊新闻")] + f"\n\n{LONG}\n\n{SECOND}").encode())


def test_what_was_found_is_said_too() -> None:
    text = small_issue().text().replace("2031 年 第 2 期", "").replace("总第 18 期", "")
    with pytest.raises(NotAnIssue) as refused:
        read(text.encode())
    assert "没有找到年份期号" in str(refused.value)
    assert "目录：6行" in str(refused.value)
    assert "街坊新闻" in str(refused.value)


def test_the_files_name_is_in_the_message() -> None:
    with pytest.raises(ImportRefused, match=r"《一期\.txt》："):
        read(b"", name="一期.txt")
