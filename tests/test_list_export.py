"""导出名单: the members in the columns that are imported; it goes in again without a change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.listing import export
from members.models import AuditEntry, ListImport, Organization, Seat, User
from tests import factories, spreadsheets
from tests.factories import content_of

SignIn = Callable[[User], Client]

pytestmark = pytest.mark.django_db

EXPORT = "/admin/members/listimport/export/"


@pytest.fixture
def desk(membership_staff: User, signed_in: SignIn) -> Client:
    return signed_in(membership_staff)


@pytest.fixture
def members(db: None) -> dict[str, Any]:
    """Everything that is hard to write into a spreadsheet and read back."""
    full = factories.create_organization(
        name="样例（深圳）ABC 公司",
        credit_code=spreadsheets.code(7),
        region="=cmd|'/c calc'!A1",
        size="小型",
        industry="制造",
        seat_limit=12,
        remark="+理事单位\n第二行，“引号”",
    )
    empty = factories.create_organization(name="样例空席公司", days_left=-900)
    without = Organization.objects.create(name="样例无会籍公司")
    contact = factories.create_user(
        "0007", name="欧阳·张", phone="+8613900000001", email="a@example.org", remark="@备注"
    )
    plain = factories.create_user("M2", name="李四", phone="+85291234567", remark="'=1+1")
    landline = factories.create_user("M3", name="王五", phone="+861088888888")
    Seat.objects.create(organization=full, person=contact, is_contact=True)
    Seat.objects.create(organization=full, person=plain)
    Seat.objects.create(organization=without, person=landline)
    personal = factories.create_user("M4", name="赵六", remark="-")
    factories.create_membership(person=personal)
    factories.create_membership(person=personal, days_left=600)
    inactive = factories.create_user("M5", name="停用者", is_active=False)
    Seat.objects.create(organization=without, person=inactive)
    left = factories.create_user("M6", name="离开者")
    seat = Seat.objects.create(organization=empty, person=left)
    Seat.objects.filter(pk=seat.pk).update(until=seat.since)
    return {"full": full, "empty": empty, "personal": personal, "contact": contact}


def exported(client: Client, format: str = "xlsx") -> bytes:  # noqa: A002
    answer = client.post(EXPORT, {"format": format})
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "private, no-store"
    return content_of(answer)


@pytest.mark.parametrize("format", ["xlsx", "csv"])
def test_what_is_exported_goes_in_again_without_a_change(
    desk: Client,
    members: dict[str, Any],
    format: str,  # noqa: A002
) -> None:
    data = exported(desk, format)
    desk.post("/admin/members/listimport/add/", {"file": SimpleUploadedFile(f"a.{format}", data)})

    kept = ListImport.objects.get()
    address = reverse("admin:members_listimport_change", args=[kept.pk])
    numbers = desk.get(address).context["numbers"]
    assert numbers == {
        "wrong": 0,
        "new": 0,
        "changed": 0,
        # Four people who sit or sat on, one personal member, a firm's remark, a firm with nobody.
        "same": 7,
        "aside": 0,
        "absent": 0,
    }


def test_who_left_is_in_no_export(desk: Client, members: dict[str, Any]) -> None:
    shown = spreadsheets.shown(spreadsheets.sheet_of(exported(desk)))

    assert "离开者" not in str(shown)
    assert "0007" in str(shown), "leading noughts stay"


def test_nothing_that_a_spreadsheet_would_run_stands_bare_in_the_csv(
    desk: Client, members: dict[str, Any]
) -> None:
    text = exported(desk, "csv").decode("utf-8-sig")

    for cell in ("=cmd", "+理事", "@备注"):
        assert f"'{cell}" in text
        assert f",{cell}" not in text
        assert f'"{cell}' not in text


def test_an_export_is_in_the_audit_trail_with_its_numbers(
    desk: Client, members: dict[str, Any], membership_staff: User
) -> None:
    exported(desk)

    entry = AuditEntry.objects.get(action="list.export")
    assert entry.actor == membership_staff.audit_ref
    assert entry.detail == {"lines": 7, "people": 5, "format": "xlsx"}


def chosen(client: Client, model: str, action: str, *pks: int) -> Any:
    return client.post(
        f"/admin/members/{model}/",
        {"action": action, "_selected_action": [str(pk) for pk in pks]},
    )


def test_some_firms_or_people_are_exported_from_their_lists(
    desk: Client, members: dict[str, Any]
) -> None:
    answer = chosen(desk, "organization", "export_xlsx", members["full"].pk)
    shown = spreadsheets.shown(spreadsheets.sheet_of(content_of(answer)))
    assert [row[8:9] for row in shown[1:]] == [[""], ["欧阳·张"], ["李四"]]

    pks = members["contact"].pk, members["personal"].pk
    answer = chosen(desk, "user", "export_csv", *pks)
    shown = spreadsheets.shown(spreadsheets.sheet_of(content_of(answer), name="a.csv"))
    assert [(row[0], row[8]) for row in shown[1:]] == [
        ("样例（深圳）ABC 公司", "欧阳·张"),
        ("个人会员", "赵六"),
    ]
    assert AuditEntry.objects.filter(action="list.export").count() == 2


@pytest.mark.parametrize("who", ["editor", "auditor", "administrator"])
def test_nobody_else_exports(
    members: dict[str, Any], who: str, signed_in: SignIn, request: pytest.FixtureRequest
) -> None:
    client = signed_in(request.getfixturevalue(who))

    for model, name in (("organization", "full"), ("user", "contact")):
        answer = chosen(client, model, "export_xlsx", members[name].pk)
        assert "Content-Disposition" not in answer.headers
    assert not AuditEntry.objects.filter(action="list.export").exists()


def test_the_lists_lead_to_it(desk: Client, administrator: User, signed_in: SignIn) -> None:
    for model in ("organization", "user"):
        assert EXPORT in desk.get(f"/admin/members/{model}/").content.decode()
    text = signed_in(administrator).get("/admin/members/user/").content.decode()
    assert EXPORT not in text
    assert "导出名单" not in text


def test_more_than_a_list_holds_is_told(
    desk: Client, members: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MAX_ROWS", 7)

    answer = desk.post(EXPORT, {"format": "xlsx"})

    assert "一份名单最多 7 行，这里有 7 行" in answer.content.decode()
    assert not AuditEntry.objects.filter(action="list.export").exists()


def test_an_export_asks_the_database_as_often_for_many_as_for_few(db: None) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            export.of_everybody()
        return len(asked)

    factories.create_member()
    few = queries()
    for _ in range(5):
        factories.create_member()
    assert queries() == few <= 7
