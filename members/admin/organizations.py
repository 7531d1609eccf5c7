from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone

from members import credit_code, seats
from members.admin import exports, renewal
from members.admin.audited import AuditedAdmin
from members.admin.inlines import MembershipFormSet, SeatFormSet
from members.admin.searching import SearchedByAnyPart
from members.models import Membership, Organization, Seat, User

SOON = dt.timedelta(days=30)


class SeatInline(admin.TabularInline[Seat, Organization]):
    model = Seat
    formset = SeatFormSet
    extra = 0
    autocomplete_fields = ["person"]
    # Seats are ended, never deleted: the history stays.
    can_delete = False


class OrganizationMembershipInline(admin.TabularInline[Membership, Organization]):
    model = Membership
    formset = MembershipFormSet
    extra = 0
    fields = ["first_day", "last_day", "remark"]
    can_delete = False


class MembershipState(admin.SimpleListFilter):
    title = "会籍"
    parameter_name = "membership"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("current", "有效"),
            ("soon", "30 天内到期"),
            ("lapsed", "已到期"),
            ("none", "没有会籍"),
        ]

    def queryset(self, request: Any, queryset: QuerySet[Any]) -> QuerySet[Any]:
        today = timezone.localdate()
        return {
            "current": queryset.filter(member_until__gte=today),
            "soon": queryset.filter(member_until__gte=today, member_until__lt=today + SOON),
            "lapsed": queryset.filter(member_until__lt=today),
            "none": queryset.filter(member_until__isnull=True),
        }.get(self.value() or "", queryset)


class ContactForm(forms.Form):
    """The new contact: somebody with a seat there, or anybody by what they sign in with."""

    who = forms.CharField(
        label="新联系人",
        max_length=254,
        help_text="填会员号、手机号或电子邮箱。没有席位的人会得到一个席位。",
    )
    former_stays = forms.BooleanField(
        label="原联系人保留席位",
        required=False,
        help_text="不勾选，原联系人在本单位的席位当即结束。",
    )

    def clean_who(self) -> User:
        person = User.objects.by_identifier(self.cleaned_data["who"])
        if person is None or not person.is_active:
            raise ValidationError("没有找到这个人。请核对，或先在“人员”里增加。")
        return person


class OrganizationForm(forms.ModelForm[Organization]):
    class Meta:
        model = Organization
        fields = [
            "name",
            "credit_code",
            "region",
            "size",
            "industry",
            "seat_limit",
            "suspended_at",
            "suspension_reason",
            "remark",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "credit_code" in self.fields:
            # As people write it, in groups; the model keeps it as it is printed.
            field = self.fields["credit_code"]
            field.max_length = None  # type: ignore[attr-defined]
            field.validators = []
            field.widget.attrs.pop("maxlength", None)

    def clean_credit_code(self) -> str:
        return credit_code.normalise(self.cleaned_data["credit_code"])


@admin.register(Organization)
class OrganizationAdmin(SearchedByAnyPart, AuditedAdmin):
    form = OrganizationForm
    list_display = ["name", "contact", "held", "member_until", "region", "suspended_at"]
    list_filter = [MembershipState, "region", "size", ("suspended_at", admin.EmptyFieldListFilter)]
    search_fields = [
        "name",
        "initials",
        "credit_code",
        "seats__person__name",
        "seats__person__initials",
        "seats__person__member_number",
        "seats__person__phone",
    ]
    search_help_text = "单位名称、信用代码，或席位上的人：姓名、会员号、电话；名字可以写拼音首字母"
    inlines = [OrganizationMembershipInline, SeatInline]
    actions = ["renew", exports.export_xlsx, exports.export_csv]
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        contact = Seat.objects.current().filter(organization=OuterRef("pk"), is_contact=True)
        last = Membership.objects.filter(organization=OuterRef("pk")).order_by("-last_day")
        found: QuerySet[Any] = (
            super()
            .get_queryset(request)
            .annotate(
                contact_name=Subquery(contact.values("person__name")[:1]),
                member_until=Subquery(last.values("last_day")[:1]),
                seats_held=Subquery(
                    Seat.objects.current()
                    .filter(organization=OuterRef("pk"))
                    .order_by()
                    .values("organization")
                    .annotate(count=Count("pk"))
                    .values("count")
                ),
            )
        )
        return found

    @admin.display(description="联系人", ordering="contact_name")
    def contact(self, organization: Any) -> str:
        return organization.contact_name or "—"

    @admin.display(description="席位", ordering="seats_held")
    def held(self, organization: Any) -> str:
        return f"{organization.seats_held or 0} / {organization.seat_limit}"

    @admin.display(description="会籍至", ordering="member_until", empty_value="—")
    def member_until(self, organization: Any) -> dt.date | None:
        found: dt.date | None = organization.member_until
        return found

    def get_urls(self) -> list[Any]:
        return [
            path(
                "<int:pk>/contact/",
                self.admin_site.admin_view(self.replace_contact),
                name="members_organization_contact",
            ),
            *super().get_urls(),
        ]

    def replace_contact(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Another contact in one step: a seat if needed, the flag, the former one's seat."""
        self._require_change(request)
        organization = get_object_or_404(Organization, pk=pk)
        form = ContactForm(request.POST or None)
        if form.is_valid():
            assert isinstance(request.user, User)
            person = form.cleaned_data["who"]
            current = organization.seats.current().filter(is_contact=True)
            former = current.exclude(person=person).select_related("person").first()
            try:
                seats.name_contact(
                    organization,
                    person,
                    by=request.user,
                    former_stays=form.cleaned_data["former_stays"],
                    request=request,
                )
            except ValidationError as error:
                form.add_error("who", error.messages)
            else:
                told = f"{organization}的联系人现在是{person.name}。"
                if former is not None:
                    how = "保留" if form.cleaned_data["former_stays"] else "已结束"
                    told += f"原联系人{former.person.name}的席位{how}。"
                messages.success(request, told)
                return redirect("admin:members_organization_change", pk)
        return render(
            request,
            "admin/members/contact.html",
            self.admin_site.each_context(request)
            | {
                "title": "更换联系人",
                "organization": organization,
                "form": form,
                "holders": organization.seats.current().select_related("person"),
            },
        )

    @admin.action(description="延续会籍", permissions=["change"])
    def renew(self, request: HttpRequest, queryset: QuerySet[Organization]) -> HttpResponse | None:
        """The next membership of all that are chosen, after a look at what it will be."""
        self._require_change(request)
        chosen = list(queryset.order_by("name")[: renewal.MOST_RENEWED + 1])
        if len(chosen) > renewal.MOST_RENEWED:
            messages.error(request, f"一次最多延续 {renewal.MOST_RENEWED} 家。请分几次选。")
            return None
        years = request.POST.get("years")
        if years in renewal.LENGTHS:
            # What was looked at is renewed, and nothing that has come about since.
            looked_at = Membership.objects.filter(
                pk__in=renewal.seen(request), organization__in=chosen
            )
            renewal.renew(request, looked_at.select_related("organization"), years=int(years))
            return None
        last = _last_memberships(chosen)
        having = {one.organization_id for one in last}
        return renewal.look(
            request,
            last,
            context=self.admin_site.each_context(request)
            | {
                "back": reverse("admin:members_organization_changelist"),
                "hidden": [
                    ("action", "renew"),
                    *(("_selected_action", one.organization_id) for one in last),
                ],
            },
            without=[one for one in chosen if one.pk not in having],
        )

    def _require_change(self, request: HttpRequest) -> None:
        if not self.has_change_permission(request):
            raise PermissionDenied

    def has_export_permission(self, request: HttpRequest) -> bool:
        return exports.may_export(request)

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False


def _last_memberships(organizations: Iterable[Organization]) -> list[Membership]:
    """The last one of each that has one, in the order of names."""
    found = (
        Membership.objects.filter(organization__in=organizations)
        .select_related("organization", "person")
        .order_by("organization__name", "organization", "last_day")
    )
    return list({one.organization_id: one for one in found}.values())


class MembershipForm(forms.ModelForm[Membership]):
    class Meta:
        model = Membership
        fields = ["organization", "person", "first_day", "last_day", "remark"]

    def full_clean(self) -> None:
        """The overlap is told on the page; `Membership.save` would refuse it too."""
        super().full_clean()
        if self.is_bound and not self.errors:
            try:
                self.instance.refuse_overlap()
            except ValidationError as error:
                self.add_error(None, error)


@admin.register(Membership)
class MembershipAdmin(SearchedByAnyPart, AuditedAdmin):
    form = MembershipForm
    list_display = ["__str__", "first_day", "last_day"]
    list_select_related = ["organization", "person"]
    list_filter = ["last_day"]
    search_fields = ["organization__name", "person__name", "person__member_number"]
    autocomplete_fields = ["organization", "person"]
    list_per_page = 50

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False
