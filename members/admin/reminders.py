"""会籍延续: whose membership ends, renewing many of them, and the calls that no letter replaces."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from members import audit, reminders
from members.admin import renewal
from members.admin.lookups import OfferedLookups
from members.models import Membership, Reminder, User
from members.models.reminder import unrenewed
from members.phone import as_dialled

Status = Reminder.Status

# How long a lapsed holder stays in the list of those due; afterwards the firm's page serves.
LAPSED_SHOWN = dt.timedelta(days=90)
MOST_ON_A_PAGE = 100
MOST_CALLS_ON_A_PAGE = 50
MOST_PRINTED = 300
MOST_NOTED = 200

STATES = {"": "全部", "soon": "30 天内届满", "lapsed": "已届满"}
CALLS = "admin:members_reminder_calls"
DUE = "admin:members_reminder_changelist"


@admin.register(Reminder)
class ReminderAdmin(OfferedLookups):
    """Desks, and no forms: a reminder is made by the day and settled by an act."""

    def get_urls(self) -> list[Any]:
        def desk(route: str, view: Any, name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=f"members_reminder_{name}")

        return [
            desk("", require_safe(self.changelist_view), "changelist"),
            desk("renew/", require_POST(self.renew), "renew"),
            desk("calls/", require_safe(self.calls), "calls"),
            desk("calls/print/", require_safe(self.printed_calls), "printed_calls"),
            desk("calls/<int:pk>/told/", require_POST(self.told), "told"),
            desk("calls/<int:pk>/reopen/", require_POST(self.reopen), "reopen"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Firms and personal members whose membership ends or has ended, and what they know."""
        self._require(self.has_view_permission(request))
        state = request.GET.get("state", "")
        page = _page(request, reminders.with_contacts(_due(state)), MOST_ON_A_PAGE)
        today = timezone.localdate()
        rows = [
            {
                "membership": membership,
                "contact": reminders.contact(membership),
                "days": abs((membership.last_day - today).days),
                "has_ended": membership.last_day < today,
                "reminders": [
                    one
                    for one in membership.known_reminders
                    if one.last_day == membership.last_day and one.status != Status.PASSED
                ],
            }
            for membership in page
        ]
        return self._render(
            request,
            "due",
            title="会籍延续",
            rows=rows,
            page=page,
            state=state,
            states=STATES,
            all_ticked="all" in request.GET,
            may_renew=self._may_renew(request),
            calls=Reminder.objects.calls().count(),
        )

    def renew(self, request: HttpRequest) -> HttpResponse:
        """The next membership of all that are ticked, after a look at what it will be."""
        self._require(self._may_renew(request))
        chosen = renewal.seen(request)
        if not chosen:
            messages.warning(request, "还没有勾选。请先勾选要延续的单位或个人会员。")
            return redirect(DUE)
        if len(chosen) > renewal.MOST_RENEWED:
            messages.error(request, f"一次最多延续 {renewal.MOST_RENEWED} 份会籍。请分几次选。")
            return redirect(DUE)
        years = request.POST.get("years")
        found = Membership.objects.filter(pk__in=chosen).select_related("organization", "person")
        if years in renewal.LENGTHS:
            renewal.renew(request, found.order_by("pk"), years=int(years))
            return redirect(DUE)
        last = unrenewed().filter(pk__in=chosen).select_related("organization", "person")
        rows = list(last.order_by("last_day", "pk"))
        # Renewed since the list was made.
        gone = found.exclude(pk__in=[one.pk for one in rows])
        return renewal.look(
            request,
            rows,
            context=self.admin_site.each_context(request)
            | {"back": reverse(DUE), "hidden": [], "is_due": True},
            without=[one.organization or one.person for one in gone],
        )

    def calls(self, request: HttpRequest) -> HttpResponse:
        """Who is to be telephoned; or, with `done`, who was."""
        self._require(self.has_view_permission(request))
        done = "done" in request.GET
        page = _page(request, _told() if done else _open_calls(), MOST_CALLS_ON_A_PAGE)
        return self._render(
            request,
            "calls",
            title="电话提醒",
            rows=_call_rows(page),
            page=page,
            done=done,
            may_tell=self.has_change_permission(request),
            most_noted=MOST_NOTED,
        )

    def printed_calls(self, request: HttpRequest) -> HttpResponse:
        """The open calls on paper. It takes telephone numbers out of the portal: audited."""
        self._require(self.has_change_permission(request))
        rows = _call_rows(_open_calls()[:MOST_PRINTED])
        assert isinstance(request.user, User)
        if request.method == "GET":
            audit.record("reminder.print", by=request.user, request=request, count=len(rows))
        return self._render(
            request, "printed_calls", title="打印电话提醒", rows=rows, most=MOST_PRINTED
        )

    def told(self, request: HttpRequest, pk: int) -> HttpResponse:
        self._require(self.has_change_permission(request))
        assert isinstance(request.user, User)
        note = " ".join(request.POST.get("note", "").replace("\0", " ").split())
        if len(note) > MOST_NOTED:
            messages.error(request, f"备注最多 {MOST_NOTED} 个字。请写短一些，再点一次。")
            return self._back_to_calls(request)
        reminder = reminders.with_recipients(Reminder.objects.calls().filter(pk=pk)).first()
        if reminder is None:
            get_object_or_404(Reminder, pk=pk)
        if reminder is not None and reminders.tell(
            reminder, by=request.user, note=note, request=request
        ):
            messages.success(request, f"已记下：{_holder(reminder)}，电话告知。")
        else:
            messages.warning(request, "这一条已经不在待办里：可能刚由别人办过，或会籍已经延续。")
        return self._back_to_calls(request)

    def reopen(self, request: HttpRequest, pk: int) -> HttpResponse:
        self._require(self.has_change_permission(request))
        assert isinstance(request.user, User)
        found = Reminder.objects.select_related("membership__organization", "membership__person")
        reminder = get_object_or_404(found, pk=pk)
        if reminders.reopen(reminder, by=request.user, request=request):
            messages.success(request, f"已撤回：{_holder(reminder)}又在待提醒之列。")
        else:
            messages.warning(request, "这一条没有记作电话告知，可能刚由别人撤回。")
        return redirect(CALLS)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def _may_renew(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("members.add_membership"))

    def _require(self, may: bool) -> None:
        if not may:
            raise PermissionDenied

    def _back_to_calls(self, request: HttpRequest) -> HttpResponse:
        page = request.POST.get("page", "")
        query = f"?page={page}" if page.isdecimal() and len(page) < 6 else ""
        return redirect(f"{reverse(CALLS)}{query}")

    def _render(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        return render(
            request,
            f"admin/members/{template}.html",
            self.admin_site.each_context(request) | context,
        )


def _due(state: str) -> QuerySet[Membership]:
    today = timezone.localdate()
    first, last = today - LAPSED_SHOWN, today + reminders.SOON
    if state == "soon":
        first = today
    elif state == "lapsed":
        last = today - reminders.DAY
    return (
        unrenewed()
        .filter(last_day__range=(first, last))
        .order_by("last_day", "pk")
        .prefetch_related(
            Prefetch("reminders", Reminder.objects.order_by("-kind"), to_attr="known_reminders")
        )
    )


def _open_calls() -> QuerySet[Reminder]:
    return reminders.with_recipients(Reminder.objects.calls()).order_by("last_day", "pk")


def _told() -> QuerySet[Reminder]:
    told = Reminder.objects.filter(status=Status.TOLD)
    return reminders.with_recipients(told).order_by("-changed_at", "-pk")


def _call_rows(found: Any) -> list[dict[str, Any]]:
    today = timezone.localdate()
    return [
        {
            "reminder": reminder,
            "membership": reminder.membership,
            "contact": contact,
            "phone": as_dialled(contact.phone) if contact and contact.phone else "",
            "why": reminders.why_call(reminder),
            "has_ended": reminder.last_day < today,
        }
        for reminder in found
        for contact in [reminders.contact(reminder.membership)]
    ]


def _holder(reminder: Reminder) -> object:
    return reminder.membership.organization or reminder.membership.person


def _page(request: HttpRequest, found: QuerySet[Any], most: int) -> Page[Any]:
    return Paginator(found, most).get_page(request.GET.get("page"))
