"""The page of a list that is open: what it shows, and what is changed on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, QueryDict
from django.urls import reverse

from members import bulk
from members.bulk import phones
from members.bulk.cells import MAX_TEXT
from members.bulk.columns import NOT_TAKEN, OF_A_FIRM
from members.listing import keeping, portal
from members.listing.plan import Change, Kind, Outcome, Plan
from members.models import HeadingMapping, ListImport, User

ON_A_PAGE = 50
SAMPLES = 3
MOST_DIGITS = 9
# What a list is looked at by, in this order.
SHOWN = {
    "wrong": "有误",
    "new": "新增",
    "changed": "有变化",
    "same": "没有变化",
    "aside": "已搁置",
    "absent": "名单上没有的",
}
# Fields in which a cell may have several lines.
_LONG = frozenset({"phone", "email", "remark"})


@dataclass(frozen=True)
class LookedAt:
    kept: ListImport
    found: keeping.Understood
    plan: Plan

    @property
    def short_of_seats(self) -> dict[int, int]:
        return self.plan.short_of_seats


def look(kept: ListImport, *, by: User) -> LookedAt:
    found = keeping.understood(kept)
    return LookedAt(kept, found, keeping.planned(found, portal.load(), by=by))


# Columns ------------------------------------------------------------------------------------
class Column(NamedTuple):
    """One heading of hers.

    Args:
        number: its column, from 0.
        word, text: the heading as it is compared, and as written.
        samples: what stands under it.
        field: what it is taken for; "" for nothing.
    """

    number: int
    word: str
    text: str
    samples: list[str]
    field: str

    @property
    def is_strange(self) -> bool:
        return not self.field and self.word not in NOT_TAKEN


def asks_about_columns(kept: ListImport, sheet: bulk.Sheet) -> bool:
    """Whether she has to be asked: a mapping that was saved, by her or before, is an answer."""
    if kept.mapping != bulk.map_columns(sheet):
        return False
    headings = bulk.find_headings(sheet, kept.mapping).texts
    if not (
        bulk.unknown(headings, kept.mapping)
        or bulk.doubled(headings, kept.mapping)
        or not _says_whom(kept.mapping)
    ):
        return False
    known = HeadingMapping.objects.filter(fingerprint=bulk.fingerprint(headings))
    return not known.exists()


class Doubled(NamedTuple):
    """Columns that are taken for one field, which wants one of them only."""

    field: str
    sentence: str


def doubled(kept: ListImport, columns: Iterable[Column]) -> list[Doubled]:
    """What the page says of them, by what was chosen on it."""
    mapping = {column.word: column.field for column in columns}
    headings = bulk.find_headings(keeping.sheet_of(kept), kept.mapping).texts
    return [
        Doubled(
            field,
            f"{'、'.join(f'「{text}」' for text in texts)}都当作{bulk.FIELDS[field]}："
            "几列写得不一样的行会算有误。多出来的列请选“不收”。",
        )
        for field, texts in bulk.doubled(headings, mapping).items()
    ]


def _says_whom(mapping: Mapping[str, str]) -> bool:
    return bool({"organization", "name"} & set(mapping.values()))


def columns_of(kept: ListImport, posted: QueryDict | None) -> list[Column]:
    """Each heading once, in her order, with what was posted for it."""
    sheet = keeping.sheet_of(kept)
    headings = bulk.find_headings(sheet, kept.mapping)
    found: dict[str, Column] = {}
    for number, text in enumerate(headings.texts):
        word = bulk.heading(text)
        if not word or word in found:
            continue
        cells = (row.cell(number) for row in sheet.rows if row.number > headings.last_row)
        samples: dict[str, None] = {}
        for cell in cells:
            if cell is not None and cell.text.strip():
                samples[" ".join(cell.text.split())[:40]] = None
            if len(samples) == SAMPLES:
                break
        field = posted.get(f"column-{number}", "") if posted is not None else ""
        field = field if posted is not None else kept.mapping.get(word, "")
        found[word] = Column(
            number,
            word,
            " ".join(text.split()),
            [*samples],
            field if field in bulk.FIELDS else "",
        )
    return [*found.values()]


# Looking ------------------------------------------------------------------------------------
class Box(NamedTuple):
    """A cell to be mended."""

    name: str
    label: str
    text: str
    error: str
    is_long: bool
    is_carried: bool


class Shown(NamedTuple):
    """One line on the page."""

    number: int
    title: str
    boxes: list[Box]
    changes: list[tuple[str, str, str]]
    notes: list[str]
    errors: list[str]


def boxes(outcome: Outcome, fields: Iterable[str]) -> list[Box]:
    line = outcome.line
    return [
        Box(
            f"cell-{line.number}-{name}",
            bulk.FIELDS[name],
            line.raw.get(name, ""),
            outcome.errors.get(name, ""),
            name in _LONG,
            name in line.carried,
        )
        for name in fields
    ]


def outcome_of(looked_at: LookedAt, number: int) -> Outcome:
    for outcome in looked_at.plan.outcomes:
        if outcome.line.number == number:
            return outcome
    raise Http404


def context(looked_at: LookedAt, request: HttpRequest) -> dict[str, Any]:
    """What the template shows: the numbers, and a page of lines of one kind."""
    plan = looked_at.plan
    outcomes: dict[str, list[Outcome]] = {name: [] for name in ("wrong", *Kind)}
    for outcome in plan.outcomes:
        outcomes["wrong" if outcome.errors else outcome.kind].append(outcome)
    outcomes["aside"] = [Outcome(line, dict(line.errors)) for line in looked_at.found.aside]
    absent: list[Any] = [*plan.absent_firms, *plan.absent_people]
    numbers = {name: len(outcomes.get(name, absent)) for name in SHOWN}
    show = request.GET.get("show", "")
    if not numbers.get(show):
        show = next((name for name in SHOWN if numbers[name]), "same")
    page: Page[Any] = Paginator(outcomes.get(show, absent), ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    return {
        "counts": plan.counts(),
        "tabs": [(name, text, numbers[name]) for name, text in SHOWN.items()],
        "numbers": numbers,
        "show": show,
        "page": page,
        "rows": [_absent(one) for one in page] if show == "absent" else [_shown(o) for o in page],
        "seen": plan.digest,
        "short_of_seats": len(looked_at.short_of_seats),
        "has_mended": bool(looked_at.kept.mended),
    }


def _shown(outcome: Outcome) -> Shown:
    line = outcome.line
    title = "　".join(filter(None, [line.text("organization"), line.text("name")]))
    return Shown(
        line.number,
        title,
        boxes(outcome, outcome.errors) if outcome.errors else [],
        [_readable(change) for change in outcome.changes],
        outcome.notes,
        [*outcome.errors.values()],
    )


def _readable(change: Change) -> tuple[str, str, str]:
    if change.what == bulk.FIELDS["phone"]:
        before, after = (number and phones.as_written(number) for number in change[1:])
        return change.what, before, after
    return change.what, change.before, change.after


def _absent(one: portal.Firm | portal.Person) -> tuple[str, str, str]:
    """Where it is looked at, what it is called, and what is known of it."""
    if isinstance(one, portal.Firm):
        address = reverse("admin:members_organization_change", args=[one.pk])
        return address, one.name, "会员单位"
    address = reverse("admin:members_user_change", args=[one.pk])
    return address, one.name, f"人员　{one.member_number}"


# Changing -----------------------------------------------------------------------------------
def change(looked_at: LookedAt, *, by: User, request: HttpRequest) -> str:
    """What a button of the page does; what was written into its boxes is kept with every one.

    Returns:
        A sentence for her, or "" when there was nothing to do.

    Raises:
        keeping.Closed: the list is open no more.
    """
    told = mend(looked_at, by=by, request=request)
    kept = looked_at.kept
    posted = request.POST
    if "aside" in posted or "aside_all" in posted:
        wanted = {outcome.line.number: outcome for outcome in looked_at.plan.outcomes}
        if "aside_all" in posted:
            numbers = [outcome.line.number for outcome in looked_at.plan.wrong]
        else:
            numbers = [number for number in _numbers(posted, "aside") if number in wanted]
        if numbers:
            errors = {number: wanted[number].errors for number in numbers}
            keeping.set_aside(kept, errors, by=by, request=request)
            return f"已搁置 {len(numbers)} 行，不会导入。导入前请把它们下载下来。"
    elif "back" in posted or "back_all" in posted:
        known = {int(number) for number in kept.set_aside}
        chosen = known if "back_all" in posted else known & set(_numbers(posted, "back"))
        if chosen:
            keeping.take_back(kept, chosen, by=by, request=request)
            return f"已取回 {len(chosen)} 行。"
    elif "raise_seats" in posted and looked_at.short_of_seats:
        cells = {
            (number, "seats"): str(seats) for number, seats in looked_at.short_of_seats.items()
        }
        keeping.mend(kept, _spread(looked_at, cells), by=by, request=request)
        return f"已按人数改好 {len(cells)} 家的席位数，请在“新增”和“有变化”里核对。"
    return told


def mend(looked_at: LookedAt, *, by: User, request: HttpRequest) -> str:
    """Keep what differs from the cells; a sentence, or "" when nothing does."""
    lines = {line.number: line for line in looked_at.found.lines}
    cells: dict[tuple[int, str], str] = {}
    for name, written in request.POST.items():
        what, _, rest = name.partition("-")
        number, _, field = rest.partition("-")
        if what != "cell" or not _is_number(number) or field not in bulk.FIELDS:
            continue
        line = lines.get(int(number))
        if line is None:
            continue
        text = _plain(str(written))[: MAX_TEXT + 1]
        if text != _plain(line.raw.get(field, "")):
            cells[line.number, field] = text
    if not cells:
        return ""
    keeping.mend(looked_at.kept, _spread(looked_at, cells), by=by, request=request)
    return f"已保存 {len(cells)} 处改动，并重新核对。"


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").strip()


def _spread(
    looked_at: LookedAt, cells: Mapping[tuple[int, str], str]
) -> dict[tuple[int, str], str]:
    """What is said of a firm in one line is meant for all of its lines that said the same."""
    lines = {line.number: line for line in looked_at.found.lines}
    found = dict(cells)
    for (number, field), text in cells.items():
        line = lines.get(number)
        if line is None or line.is_personal or field not in OF_A_FIRM or field == "organization":
            continue
        firm, before = bulk.firm_key(line.text("organization")), line.raw.get(field, "")
        for other in lines.values():
            if (
                before
                and other.raw.get(field, "") == before
                and field not in other.carried
                and bulk.firm_key(other.text("organization")) == firm
            ):
                found.setdefault((other.number, field), text)
    return found


def _numbers(posted: QueryDict, name: str) -> list[int]:
    return [int(number) for number in posted.getlist(name) if _is_number(number)]


def _is_number(text: str) -> bool:
    """Of a line; Python itself refuses to read some thousand digits."""
    return text.isdecimal() and len(text) <= MOST_DIGITS


def address_after(request: HttpRequest) -> str:
    """The same page of the same kind of lines; Django's paginator goes back if it is gone."""
    kept = {name: request.GET[name] for name in ("show", "page") if name in request.GET}
    return f"{request.path}?{urlencode(kept)}" if kept else request.path
