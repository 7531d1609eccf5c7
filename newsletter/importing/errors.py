"""What an editor is told when a file cannot become an issue."""


class ImportRefused(ValueError):
    """A file is not taken in; the message is a Chinese sentence for the editor."""


class NotAnIssue(ImportRefused):
    """The file is no issue of a periodical at all: empty, binary, a book, one article."""
