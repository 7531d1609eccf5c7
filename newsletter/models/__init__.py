from newsletter.models.article import Article
from newsletter.models.doubt import Doubt
from newsletter.models.figure import Attachment, Figure
from newsletter.models.incoming import IncomingFile
from newsletter.models.issue import Issue
from newsletter.models.reading import Note, Reading
from newsletter.models.search import SearchEntry, SearchText
from newsletter.models.section import Section

__all__ = [
    "Article",
    "Attachment",
    "Doubt",
    "Figure",
    "IncomingFile",
    "Issue",
    "Note",
    "Reading",
    "SearchEntry",
    "SearchText",
    "Section",
]
