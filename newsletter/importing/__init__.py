"""From a finished file to an issue: reader → blocks → outline → reconciliation → body HTML.

Everything here is pure, save `draft`, which writes the draft issue.
"""

from newsletter.importing.errors import ImportRefused, NotAnIssue
from newsletter.importing.outline import outline
from newsletter.importing.outline.model import IssueOutline
from newsletter.importing.read_txt import read_txt

__all__ = ["ImportRefused", "IssueOutline", "NotAnIssue", "read"]


def read(data: bytes, *, name: str = "") -> IssueOutline:
    """The issue in a file's bytes; the type is told by content, `name` only serves messages.

    Raises `ImportRefused` with a Chinese sentence for the editor.
    """
    try:
        return outline(read_txt(data))
    except ImportRefused as refused:
        raise type(refused)(f"《{name}》：{refused}" if name else str(refused)) from None
