"""Tables to take away: none leaves unasked or unrecorded, and each under a name of its own."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from django.db import DatabaseError
from django.http import Http404
from django.test import Client, RequestFactory
from django.utils import timezone
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from members import audit
from members.models import AuditEntry, AuditPersonal, User
from newsletter import publishing, tables
from newsletter.exports.delivery import MAX_NAME_BYTES, Delivery, deliver, file_name
from newsletter.exports.tables import as_csv
from newsletter.models import Article
from newsletter.models.article import Online
from tests import factories
from tests.tables import STATISTICS, sheet_of, values

SignIn = Callable[[User], Client]
FORMS = ["xlsx", "csv"]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


# The gate ----------------------------------------------------------------------------------
@pytest.fixture
def article(db: None) -> Article:
    return factories.create_article(
        factories.create_issue(year=2026, number=3, version=2), title="样例", body=STATISTICS
    )


def path_of(article: Article, form: str = "xlsx", block: str = "b2222") -> str:
    return f"/articles/{article.pk}/tables/{block}.{form}"


def deliveries() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action__startswith="delivery."))


@pytest.mark.parametrize("form", FORMS)
def test_a_member_takes_a_table_and_it_is_on_record_once(
    article: Article, member: User, signed_in: SignIn, form: str
) -> None:
    answer = signed_in(member).get(path_of(article, form), HTTP_USER_AGENT="浏览器")

    found = tables.table_of(article.body, "b2222")
    assert found is not None
    assert answer.status_code == 200
    if form == "csv":
        assert answer.content == as_csv(found)
    else:
        sheet = load_workbook(io.BytesIO(answer.content)).active
        assert isinstance(sheet, Worksheet)
        assert values(sheet) == values(sheet_of(found, article))
    (entry,) = deliveries()
    assert entry.action in audit.ACTIONS
    assert (entry.action, entry.actor, entry.succeeded) == (
        "delivery.table",
        member.audit_ref,
        True,
    )
    assert (entry.subject_type, entry.subject) == ("newsletter.article", str(article.pk))
    assert entry.detail == {
        "kind": form,
        "block": "b2222",
        "issue": article.issue_id,
        "version": 2,
    }
    assert AuditPersonal.objects.get(entry=entry).values["member_number"] == member.member_number


@pytest.mark.parametrize(("form", "type_"), [("xlsx", XLSX), ("csv", "text/csv; charset=utf-8")])
def test_a_table_leaves_under_its_own_name_and_never_runs_here(
    article: Article, member: User, signed_in: SignIn, form: str, type_: str
) -> None:
    answer = signed_in(member).get(path_of(article, form))

    assert answer["Content-Type"] == type_
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "private, no-store"
    kind, _, name = answer["Content-Disposition"].partition("; filename*=utf-8''")
    assert (kind, unquote(name)) == ("attachment", f"样例-表1.{form}")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("who", ["lapsed", "suspended", "seatless", "auditor", "administrator"])
def test_nobody_without_membership_gets_a_table_or_leaves_a_trace_of_one(
    article: Article, signed_in: SignIn, request: pytest.FixtureRequest, form: str, who: str
) -> None:
    answer = signed_in(request.getfixturevalue(who)).get(path_of(article, form))

    assert answer.status_code in (403, 404)
    assert "总产值" not in answer.content.decode(errors="replace")
    assert "Content-Disposition" not in answer
    assert deliveries() == []


@pytest.mark.parametrize("form", FORMS)
def test_a_stranger_is_sent_to_sign_in(article: Article, client: Client, form: str) -> None:
    answer = client.get(path_of(article, form))

    assert (answer.status_code, answer.content) == (302, b"")
    assert deliveries() == []


def _withdraw_article(article: Article, by: User) -> None:
    publishing.withdraw_article(article, by=by, reason="更正")


def _withdraw_issue(article: Article, by: User) -> None:
    publishing.withdraw(article.issue, by=by, reason="更正")


def _list_only(article: Article, by: User) -> None:
    Article.objects.filter(pk=article.pk).update(online=Online.LISTED)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("change", [_withdraw_article, _withdraw_issue, _list_only])
def test_what_may_not_be_read_is_not_taken_away(
    article: Article,
    member: User,
    chief_editor: User,
    signed_in: SignIn,
    form: str,
    change: Callable[[Article, User], None],
) -> None:
    client = signed_in(member)
    assert client.get(path_of(article, form)).status_code == 200
    change(article, chief_editor)

    answer = client.get(path_of(article, form))

    assert answer.status_code == 404
    assert len(deliveries()) == 1


def test_a_draft_is_not_taken_away_by_its_editor(editor: User, signed_in: SignIn) -> None:
    hidden = factories.create_article(factories.create_issue(published=False), body=STATISTICS)

    assert signed_in(editor).get(path_of(hidden)).status_code == 404
    assert deliveries() == []


@pytest.mark.parametrize(
    "path",
    ["{}/tables/b3333.xlsx", "{}/tables/b2222.pdf", "{}/tables/b2222", "9{}/tables/b2222.csv"],
)
def test_what_is_not_there_is_neither_found_nor_recorded(
    article: Article, member: User, signed_in: SignIn, path: str
) -> None:
    answer = signed_in(member).get(f"/articles/{path.format(article.pk)}")

    assert answer.status_code == 404
    assert deliveries() == []


@pytest.mark.parametrize("method", ["head", "post", "put", "delete", "options"])
def test_nothing_is_recorded_by_asking_otherwise(
    article: Article, member: User, signed_in: SignIn, method: str
) -> None:
    answer = getattr(signed_in(member), method)(path_of(article))

    assert answer.status_code == 405
    assert deliveries() == []


def test_a_part_of_a_file_is_the_whole_and_on_record(
    article: Article, member: User, signed_in: SignIn
) -> None:
    client = signed_in(member)
    whole = client.get(path_of(article, "csv")).content

    answer = client.get(path_of(article, "csv"), HTTP_RANGE="bytes=0-9", HTTP_IF_NONE_MATCH="*")

    assert (answer.status_code, answer.content) == (200, whole)
    assert len(deliveries()) == 2


# The one way out ---------------------------------------------------------------------------
def asked_by(user: User) -> Any:
    request = RequestFactory().get("/")
    request.user = User.objects.with_access().get(pk=user.pk)
    return request


def take(article: Article, by: User, **changes: Any) -> Delivery:
    given = {"kind": "csv", "name": "甲.csv", "content": b"1"} | changes
    return deliver(asked_by(by), article, **given)


def test_delivery_asks_the_gate_itself(article: Article, lapsed: User, member: User) -> None:
    with pytest.raises(Http404):
        take(article, lapsed)
    Article.objects.filter(pk=article.pk).update(withdrawn_at=timezone.now())
    with pytest.raises(Http404):
        take(article, member)

    assert deliveries() == []


def test_delivery_to_a_stranger_is_refused(article: Article) -> None:
    from django.contrib.auth.models import AnonymousUser

    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    with pytest.raises(Http404):
        deliver(request, article, kind="csv", name="甲.csv", content=b"1")


def test_an_unrecorded_delivery_cannot_be_made(db: None) -> None:
    content: Any = {"name": "甲.csv", "content_type": "text/csv"}
    with pytest.raises(TypeError):
        Delivery(b"1", **content)
    with pytest.raises(TypeError):
        Delivery(b"1", **content | {"entry": None})
    with pytest.raises(ValueError, match="records no delivery"):
        Delivery(b"1", entry=AuditEntry(action="delivery.table"), **content)
    other = audit.record("article.change", by=audit.SYSTEM)
    with pytest.raises(ValueError, match="records no delivery"):
        Delivery(b"1", entry=other, **content)


def test_a_delivery_that_could_not_be_recorded_is_not_sent(
    article: Article, member: User, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise DatabaseError("disk full")

    # The second half of the record fails: the first must not stay, the file must not go.
    monkeypatch.setattr(AuditPersonal.objects, "bulk_create", full)
    client = signed_in(member)
    client.raise_request_exception = False

    answer = client.get(path_of(article))

    assert answer.status_code == 500
    assert not answer.content.startswith(b"PK")
    assert "Content-Disposition" not in answer
    assert deliveries() == []


def test_a_delivery_is_never_part_of_what_may_still_be_undone(
    article: Article, member: User
) -> None:
    from django.db import transaction

    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        take(article, member)


def test_a_form_that_nobody_has_thought_of_is_an_error(article: Article, member: User) -> None:
    with pytest.raises(KeyError):
        take(article, member, kind="exe")


def test_the_lapse_of_a_day_closes_the_way_at_once(article: Article, signed_in: SignIn) -> None:
    import time_machine

    member = factories.create_member(days_left=0)
    client = signed_in(member)
    assert client.get(path_of(article)).status_code == 200

    with time_machine.travel(timezone.now() + dt.timedelta(days=1), tick=True):
        assert client.get(path_of(article)).status_code in (302, 403)
    assert len(deliveries()) == 1


# Names -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("样例-表1.xlsx", "样例-表1.xlsx"),
        ('甲"乙"\r\nSet-Cookie: x.csv', "甲＂乙＂ Set-Cookie： x.csv"),
        ("../../etc/passwd", "／..／etc／passwd"),
        ("甲\\乙:丙*丁?戊|己<庚>.csv", "甲＼乙：丙＊丁？戊｜己＜庚＞.csv"),
        ("甲\u202exslx.exe", "甲 xslx.exe"),
        ("　 ", "文件"),
        ("...", "文件"),
        ("\x00", "文件"),
    ],
)
def test_any_title_becomes_a_name_that_file_systems_take(name: str, kept: str) -> None:
    assert file_name(name) == kept


@settings(max_examples=200)
@given(st.text(max_size=300))
@example("字" * 300 + "-表1.xlsx")
def test_no_name_is_too_long_or_empty_or_more_than_a_name(name: str) -> None:
    found = file_name(name)

    assert 0 < len(found.encode()) <= MAX_NAME_BYTES
    assert not set(found) & set('\\/:*?"<>|\r\n\t\0')
    assert found == file_name(found)


def test_a_long_title_leaves_the_table_and_its_form_in_the_name(
    article: Article, member: User
) -> None:
    answer = take(article, member, name=f"{'很长的题目' * 60}-表12.csv")

    name = unquote(answer["Content-Disposition"].partition("''")[2])
    assert name.startswith("很长的题目")
    assert name.endswith("-表12.csv")


def test_a_title_with_a_line_end_cannot_add_a_header(article: Article, member: User) -> None:
    answer = take(article, member, name='a"b\r\nX-Evil: 1.csv')

    assert answer["Content-Disposition"].count("\n") == 0
    assert "X-Evil" not in answer.headers
