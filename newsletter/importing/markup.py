"""An article's elements as the body's HTML (the closed vocabulary of `newsletter.body`).

Block ids are not given here: the body's sanitiser does that on save. Only note texts have ids,
because their marks point at them.
"""

from collections.abc import Mapping, Sequence
from html import escape

from newsletter.importing.outline.model import (
    ArticleOutline,
    BulletList,
    Element,
    Figure,
    Heading,
    NoteMark,
    Notes,
    Paragraph,
    Run,
    Strong,
    Table,
)


def body_html(article: ArticleOutline, *, figure_ids: Mapping[str, str]) -> str:
    """The body of an article, one block a line.

    `figure_ids` gives the id of the Figure row for each figure number printed in the article;
    a number that is not in it raises KeyError.
    """
    noted = frozenset(
        note.number
        for element in article.elements
        if isinstance(element, Notes)
        for note in element.items
    )
    return "\n".join(_element(element, figure_ids, noted) for element in article.elements)


def _element(element: Element, figure_ids: Mapping[str, str], noted: frozenset[int]) -> str:
    if isinstance(element, Heading):
        role = f' class="{element.role}"' if element.role else ""
        return f"<h{element.level}{role}>{escape(element.text)}</h{element.level}>"
    if isinstance(element, Paragraph):
        return _paragraph(element, noted)
    if isinstance(element, BulletList):
        items = "".join(f"<li>{_runs(item, noted)}</li>" for item in element.items)
        return f"<ul>{items}</ul>"
    if isinstance(element, Table):
        return _table(element, noted)
    if isinstance(element, Figure):
        figure_id = escape(figure_ids[element.number])
        return (
            f'<figure data-figure="{figure_id}"><figcaption>{escape(element.caption)}'
            "</figcaption></figure>"
        )
    return _notes(element)


def _paragraph(paragraph: Paragraph, noted: frozenset[int]) -> str:
    role = f' class="{paragraph.role}"' if paragraph.role else ""
    return f"<p{role}>{_runs(paragraph.runs, noted)}</p>"


def _runs(runs: Sequence[Run], noted: frozenset[int]) -> str:
    return "".join(_run(run, noted) for run in runs)


def _run(run: Run, noted: frozenset[int]) -> str:
    text = escape(run.text)
    if isinstance(run, Strong):
        return f"<strong>{text}</strong>"
    if isinstance(run, NoteMark):
        linked = run.number in noted
        return (
            f'<sup><a href="#note-{run.number}">{text}</a></sup>'
            if linked
            else (f"<sup>{text}</sup>")
        )
    return text


def _table(table: Table, noted: frozenset[int]) -> str:
    parts = ["<table>"]
    if table.caption:
        parts.append(f"<caption>{escape(table.caption)}</caption>")
    if table.header:
        cells = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in table.header)
        parts.append(f"<thead><tr>{cells}</tr></thead>")
    parts.append("<tbody>")
    for first, *others in table.rows:
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in others)
        parts.append(f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>')
    parts.append("</tbody></table>")
    return "\n".join(["".join(parts), *(_paragraph(note, noted) for note in table.notes)])


def _notes(notes: Notes) -> str:
    # A list counts for itself: only notes numbered 1, 2, 3 … may leave their marks to it.
    counted = [note.number for note in notes.items] == list(range(1, len(notes.items) + 1))
    items = "".join(
        f'<li id="note-{note.number}">{escape(note.text)}</li>'
        if counted
        else f'<li id="note-{note.number}">{escape(note.mark)} {escape(note.text)}</li>'
        for note in notes.items
    )
    tag = "ol" if counted else "ul"
    return f'<section class="notes"><{tag}>{items}</{tag}></section>'
