"""How an article is cited."""

from __future__ import annotations

from newsletter.models import Article

# Within 《 》 stand 〈 〉 (GB/T 15834-2011, section 4.15.3.6).
_INNER = str.maketrans("《》", "〈〉")


def book_title(title: str) -> str:
    """《题》, with the titles in it in 〈 〉."""
    return f"《{title.translate(_INNER)}》"


def of(article: Article) -> str:
    """《题》，《财税动态》2022年第3期，总第62期，第9页: title, periodical, number, serial, page.

    The order is that of GB/T 7714-2015, section 8.1 (a contribution within a periodical), in
    the words in which Chinese offices write it.
    """
    issue = article.issue
    parts = [
        book_title(article.title),
        f"《{issue.periodical}》{issue.year}年第{issue.number}期",
        f"总第{issue.serial}期",
    ]
    if article.printed_page:
        parts.append(f"第{article.printed_page}页")
    return "，".join(parts)
