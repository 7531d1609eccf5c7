"""A list goes in whole, as it was looked at, by who may; and nothing of it is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members.listing import keeping
from members.models import (
    AuditEntry,
    AuditPersonal,
    ListImport,
    Organization,
    Seat,
    User,
)
from tests import factories, spreadsheets
from tests.lists import (
    ADD,
    HEADINGS,
    LISTS,
    SOUND,
    WRONG,
    accept,
    looked_at,
    numbers,
    page,
    upload,
    uploaded,
)

SignIn = Callable[[User], Client]

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(membership_staff: User, signed_in: SignIn) -> Client:
    return signed_in(membership_staff)


# Acceptance ---------------------------------------------------------------------------------
def test_what_changed_since_it_was_looked_at_stops_everything(desk: Client) -> None:
    firm = factories.create_organization(name="样例甲公司", region="深圳", seat_limit=9)
    row = ["样例甲公司", "张一", "13900000001", "", "", "广州"]
    kept = uploaded(desk, [[*HEADINGS, "地区"], row])
    seen = desk.get(page("change", kept)).context["seen"]
    Organization.objects.filter(pk=firm.pk).update(region="北京")

    answer = accept(desk, kept, seen)

    assert "一行也没有导入" in answer.content.decode()
    assert "<del>北京</del>" in looked_at(desk, kept)
    assert not User.objects.filter(name="张一").exists()
    accept(desk, kept)
    firm.refresh_from_db()
    assert firm.region == "广州"


def test_what_changes_elsewhere_does_not_stop_it(desk: Client) -> None:
    kept = uploaded(desk, SOUND)
    seen = desk.get(page("change", kept)).context["seen"]
    factories.create_member()

    accept(desk, kept, seen)

    assert User.objects.filter(name="张一").exists()


def test_a_list_that_was_mended_meanwhile_is_looked_at_again(desk: Client) -> None:
    kept = uploaded(desk, SOUND)
    seen = desk.get(page("change", kept)).context["seen"]
    desk.post(page("line", kept, 3), {"cell-3-name": "张三"})

    assert "一行也没有导入" in accept(desk, kept, seen).content.decode()
    assert not Organization.objects.exists()


def test_accepted_twice_it_goes_in_once(desk: Client) -> None:
    kept = uploaded(desk, SOUND)
    seen = desk.get(page("change", kept)).context["seen"]

    accept(desk, kept, seen)
    answer = accept(desk, kept, seen)

    assert "没有再导入一次" in answer.content.decode()
    assert Organization.objects.count() == 1
    assert AuditEntry.objects.filter(action="list.accept").count() == 1


def test_a_failure_in_the_middle_leaves_nothing(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = uploaded(desk, SOUND)

    def fail(*arguments: Any, **options: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("members.listing.acceptance._write_memberships", fail)
    entries = AuditEntry.objects.count()
    with pytest.raises(RuntimeError):
        accept(desk, kept)

    assert not Organization.objects.exists()
    assert not Seat.objects.exists()
    assert AuditEntry.objects.count() == entries
    assert ListImport.objects.get().state == ListImport.State.OPEN


def test_every_change_is_in_the_audit_trail_and_personal_values_beside_it(
    desk: Client, membership_staff: User
) -> None:
    kept = uploaded(desk, SOUND)
    accept(desk, kept)

    counts: dict[str, int] = {}
    for entry in AuditEntry.objects.filter(actor=membership_staff.audit_ref):
        counts[entry.action] = counts.get(entry.action, 0) + 1
        assert "张" not in str(entry.detail)
        assert "1390000" not in str(entry.detail)
    assert counts == {
        "list.upload": 1,
        "list.accept": 1,
        "organization.add": 1,
        "user.add": 2,
        "seat.add": 2,
        "membership.add": 1,
    }
    person = User.objects.get(name="张一")
    kept_values = AuditPersonal.objects.get(person=person.audit_ref).values
    assert kept_values["phone"] == ["", "+8613900000001"]
    assert {entry.detail["list"] for entry in AuditEntry.objects.filter(action="user.add")} == {
        kept.pk
    }


# What is kept, and how long -----------------------------------------------------------------
def contents(kept: ListImport) -> list[Any]:
    kept.refresh_from_db()
    return [
        bytes(kept.sheet),
        bytes(kept.original),
        kept.mapping,
        kept.mended,
        kept.set_aside,
    ]


EMPTY = [b"", b"", {}, {}, {}]


def test_nothing_of_a_list_is_kept_once_it_is_accepted_or_given_up(desk: Client) -> None:
    first = uploaded(desk, spreadsheets.workbook(SOUND, more={"今年": SOUND}))
    assert contents(first)[:2] != [b"", b""]
    accept(desk, first)
    assert contents(first) == EMPTY
    assert "2" in looked_at(desk, first)

    second = uploaded(desk, WRONG)
    desk.post(page("change", second), {"aside": "2", "cell-4-starts": "2026-03-01"})
    assert "不能恢复" in desk.get(page("abandon", second)).content.decode()
    assert contents(second) != EMPTY, "asking is not doing"
    desk.post(page("abandon", second))
    assert contents(second) == EMPTY
    assert second.state == ListImport.State.ABANDONED
    assert AuditEntry.objects.filter(action="list.abandon").count() == 1


def test_a_list_that_nobody_touched_for_seven_days_is_forgotten(desk: Client) -> None:
    assert dt.timedelta(days=7) == keeping.KEPT_FOR
    old, young = uploaded(desk, SOUND), uploaded(desk, SOUND)
    ListImport.objects.filter(pk=old.pk).update(
        touched_at=timezone.now() - keeping.KEPT_FOR - dt.timedelta(minutes=1)
    )

    assert keeping.forget() == 1
    assert keeping.forget() == 0, "a job can run twice"

    assert contents(old) == EMPTY
    assert contents(young) != EMPTY
    assert AuditEntry.objects.get(action="list.forget").actor_kind == "system"


def test_a_list_that_is_mended_is_kept_on(desk: Client) -> None:
    with time_machine.travel(timezone.now() - dt.timedelta(days=8), tick=False):
        kept = uploaded(desk, SOUND)
    desk.cookies.clear()
    User.objects.filter(pk=kept.uploaded_by_id).update(last_seen_at=timezone.now())
    desk.force_login(kept.uploaded_by)
    desk.post(page("line", kept, 3), {"cell-3-name": "张三"})

    assert keeping.forget() == 0


def test_open_lists_are_many_but_not_endless(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST_OPEN", 1)
    kept = uploaded(desk, SOUND)

    assert "已有 1 份名单没有办完" in upload(desk, SOUND).content.decode()
    desk.post(page("abandon", kept))
    assert upload(desk, SOUND).status_code == 302


def test_another_of_the_staff_goes_on_with_it(
    desk: Client, chief_editor: User, signed_in: SignIn, membership_staff: User
) -> None:
    kept = uploaded(desk, SOUND)
    colleague = factories.create_user(name="同事")
    colleague.groups.set(membership_staff.groups.all())
    client = signed_in(colleague)

    assert kept.file_name in client.get(LISTS).content.decode()
    accept(client, kept)
    assert Organization.objects.count() == 1


# Who may ------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["editor", "chief_editor", "auditor", "administrator", "member"])
def test_only_who_keeps_members_comes_near_a_list(
    desk: Client, who: str, signed_in: SignIn, request: pytest.FixtureRequest
) -> None:
    kept = uploaded(desk, SOUND)
    seen = desk.get(page("change", kept)).context["seen"]
    client = signed_in(request.getfixturevalue(who))
    expected = 404 if who == "member" else 403

    answers = [client.get(LISTS), client.get(ADD), upload(client, SOUND)]
    for name in ("change", "columns", "abandon"):
        answers += [client.get(page(name, kept)), client.post(page(name, kept), {"aside": "2"})]
    answers += [client.get(page("line", kept, 2)), client.post(page("line", kept, 2), {})]
    for name in ("sheet", "aside", "accept"):
        answers.append(client.post(page(name, kept), {"seen": seen}))
    export = reverse("admin:members_listimport_export")
    answers += [client.get(export), client.post(export, {"format": "csv"})]

    assert {answer.status_code for answer in answers} == {expected}
    kept.refresh_from_db()
    assert kept.revision == 0
    assert kept.state == ListImport.State.OPEN
    assert not Organization.objects.filter(name="样例甲公司").exists()


@pytest.mark.parametrize("name", ["accept", "aside", "sheet"])
def test_an_act_is_never_done_by_following_a_link(desk: Client, name: str) -> None:
    kept = uploaded(desk, SOUND)

    assert desk.get(page(name, kept)).status_code == 405
    kept.refresh_from_db()
    assert (kept.state, kept.revision) == (ListImport.State.OPEN, 0)


def test_without_the_token_of_the_form_nothing_is_done(
    membership_staff: User, desk: Client
) -> None:
    kept = uploaded(desk, SOUND)
    client = Client(enforce_csrf_checks=True)
    client.force_login(membership_staff)
    User.objects.filter(pk=membership_staff.pk).update(last_seen_at=timezone.now())

    assert client.post(page("accept", kept), {"seen": "x"}).status_code == 403


# Bounds -------------------------------------------------------------------------------------
def test_the_preview_asks_the_database_as_often_for_many_lines_as_for_few(desk: Client) -> None:
    def queries(count: int) -> int:
        rows = [[f"样例{n}公司", f"人{n}", f"139{n:08d}", "", ""] for n in range(count)]
        kept = uploaded(desk, [HEADINGS, *rows])
        with CaptureQueriesContext(connection) as asked:
            answer = desk.get(page("change", kept))
        assert len(answer.context["rows"]) == min(count, 50)
        return len(asked)

    few, many = queries(2), queries(200)
    assert few == many
    assert many <= 12


def test_a_long_list_is_paged_and_a_page_stays_where_it_is(desk: Client) -> None:
    rows = [[f"样例{n}公司", f"人{n}", "坏", "", ""] for n in range(60)]
    kept = uploaded(desk, [HEADINGS, *rows])

    answer = desk.get(page("change", kept), {"page": "2"})
    assert [row.number for row in answer.context["rows"]] == list(range(52, 62))
    answer = desk.post(
        page("change", kept) + "?show=wrong&page=2", {"cell-52-phone": "13900000052"}
    )
    assert answer.headers["Location"].endswith("?show=wrong&page=2")
    assert numbers(desk, kept)["wrong"] == 59


def test_the_list_of_lists_never_reads_what_they_hold(desk: Client) -> None:
    uploaded(desk, SOUND)
    with CaptureQueriesContext(connection) as asked:
        desk.get(LISTS)
    selected = [one["sql"] for one in asked if 'FROM "members_listimport"' in one["sql"]]
    assert selected
    assert not any('"members_listimport"."sheet"' in one for one in selected)
