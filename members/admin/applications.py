"""The queue of 入会申请: looked at one by one, approved or declined."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any, Protocol

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from members import applications, credit_code
from members.admin.declining import DeclineForm, decline_silently
from members.admin.lookups import OfferedLookups
from members.applications import Matches
from members.bulk import firm_key
from members.models import Application, Organization, User
from members.slip_picture import face
from members.slips import Slip

NEW = "new"
MOST_SEATS = 1000
SEATS_WRONG = f"席位数请填 1 到 {MOST_SEATS} 的整数。"


class MayChange(Protocol):
    """Whether the one at the desk may change a person."""

    def __call__(self, person: User) -> bool: ...


class ApprovalForm(forms.Form):
    """What is made of the application, or to which of those we know it belongs."""

    organization = forms.ChoiceField(
        label="会员单位",
        widget=forms.RadioSelect,
        error_messages={"required": "请选：新登记，还是归入已有的一家。"},
    )
    other = forms.CharField(
        label="另一家已有的会员单位",
        required=False,
        max_length=120,
        help_text="上面没有列出而已经登记的，填全称或统一社会信用代码。",
    )
    seat_limit = forms.IntegerField(
        label="席位数",
        initial=3,
        min_value=1,
        max_value=MOST_SEATS,
        help_text="新登记的单位用；已有的单位不变。",
        error_messages={
            "required": "请填写席位数。",
            **dict.fromkeys(("invalid", "min_value", "max_value"), SEATS_WRONG),
        },
    )
    first_day = forms.DateField(
        label="会籍首日",
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "会籍首日请填日期，例如 2026-01-05。"},
    )
    last_day = forms.DateField(
        label="会籍末日",
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text="首日和末日都包括在内。归入已有的单位而它的会籍不必动，两格都空着。",
        error_messages={"invalid": "会籍末日请填日期，例如 2026-12-31。"},
    )
    person = forms.ChoiceField(
        label="申请人",
        widget=forms.RadioSelect,
        error_messages={"required": "请选：新登记，还是已有的一位。"},
    )
    is_contact = forms.BooleanField(label="作为本单位联系人", required=False, initial=True)

    def __init__(self, data: Any = None, *, found: Matches, may_change: MayChange) -> None:
        super().__init__(data, label_suffix="")
        self.found, self.may_change = found, may_change
        self.firms = {str(one.pk): one for one in found.organizations}
        self.people = {str(one.pk): one for one in found.people}
        for name, known, words in (
            ("organization", self.firms, "新登记一家会员单位"),
            ("person", self.people, "新登记一位人员"),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [
                (NEW, words),
                *((pk, f"已有的：{_described(one)}") for pk, one in known.items()),
            ]
            # With nobody like it there is nothing to decide. A known person may well belong to a
            # known firm under another name, and the reverse: then both are to be looked at.
            field.initial = None if self.firms or self.people else NEW
        self.initial["first_day"], self.initial["last_day"] = applications.usual_days()

    def clean_organization(self) -> Organization | None:
        return self.firms.get(self.cleaned_data["organization"])

    def clean_other(self) -> Organization | None:
        written = self.cleaned_data["other"]
        if not written:
            return None
        try:
            code = credit_code.normalise(written)
        except ValidationError:
            code = ""
        found = Organization.objects.filter(credit_code=code).first() if code else None
        if found is None:
            named = Organization.objects.values_list("pk", "name").iterator()
            keys = [pk for pk, name in named if firm_key(name) == firm_key(written)]
            if len(keys) > 1:
                raise ValidationError("有几家单位叫这个名字，请填统一社会信用代码。")
            found = Organization.objects.filter(pk__in=keys).first()
        if found is None:
            raise ValidationError("没有这家会员单位。请核对全称或代码。")
        return found

    def clean_person(self) -> User | None:
        person = self.people.get(self.cleaned_data["person"])
        # Who never signed in is invited, and an invitation sets a password.
        if person is not None and person.last_login is None and not self.may_change(person):
            raise ValidationError("此人担任角色，须由可以授予角色的人办理。")
        return person

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.cleaned_data.get("other") and self.has_error("organization", "required"):
            # Named by hand it is chosen as well.
            del self.errors["organization"]
            self.cleaned_data["organization"] = None
        first, last = self.cleaned_data.get("first_day"), self.cleaned_data.get("last_day")
        written = [name for name in ("first_day", "last_day") if not self.has_error(name)]
        if len(written) == 2 and (first is None) != (last is None):
            empty = "first_day" if first is None else "last_day"
            self.add_error(empty, "会籍的首日和末日要么都填，要么都空着。")
        if first and last and first > last:
            self.add_error("last_day", "会籍的首日不能晚于末日。")
        return cleaned

    @property
    def firm(self) -> Organization | None:
        found: Organization | None = self.cleaned_data["other"] or self.cleaned_data["organization"]
        return found

    @property
    def days(self) -> tuple[dt.date, dt.date] | None:
        first, last = self.cleaned_data["first_day"], self.cleaned_data["last_day"]
        return (first, last) if first and last else None


@admin.register(Application)
class ApplicationAdmin(OfferedLookups):
    list_display = ["organization_name", "reference", "name", "created_at", "state", "told"]
    list_filter = ["state"]
    search_fields = ["organization_name", "reference", "credit_code", "name"]
    search_help_text = "单位名称、申请编号、信用代码或申请人姓名"
    list_per_page = 50
    show_full_result_count = False
    actions = [decline_silently]
    view_on_site = False

    @admin.display(description="告知")
    def told(self, application: Application) -> str:
        if application.state != Application.State.DECLINED:
            return "—"
        if application.told_at is not None:
            return "已告知"
        if application.is_silent:
            return "不告知"
        if application.emptied_at is not None:
            return "未告知，已清空"
        return "信正在发出" if application.email else "请电话告知"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("members.decide_application"))

    def get_urls(self) -> list[Any]:
        acts = [("approve", self.approve), ("decline", self.decline), ("told", self.note_told)]
        return [
            *(
                path(
                    f"<int:pk>/{name}/",
                    self.admin_site.admin_view(require_POST(view)),
                    name=f"members_application_{name}",
                )
                for name, view in acts
            ),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> Any:
        if not self.has_view_permission(request):
            raise PermissionDenied
        application = self.get_object(request, object_id)
        if application is None:
            raise Http404
        return self._page(request, application)

    def approve(self, request: HttpRequest, pk: int) -> HttpResponse:
        """All that the application asks for, in one step."""
        application = self._to_decide(request, pk)
        form = self._approval_form(request, application, request.POST)
        if not form.is_valid():
            return self._page(request, application, approval=form)
        assert isinstance(request.user, User)
        try:
            made = applications.approve(
                application,
                by=request.user,
                organization=form.firm,
                person=form.cleaned_data["person"],
                days=form.days,
                seat_limit=form.cleaned_data["seat_limit"],
                is_contact=form.cleaned_data["is_contact"],
                request=request,
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self._page(request, application, approval=form)
        if made.issued is not None and made.issued.token:
            # The answer to this one request: no address shows a slip again.
            slips = [Slip(made.issued)]
            return render(
                request, "members/slips.html", {"slips": slips, "can_draw": face() is not None}
            )
        how = "邀请正在发出，一般几分钟内送达" if made.issued else "此人用原有的账号就能登录"
        messages.success(request, f"已批准：{made.organization}，{made.person.name}。{how}。")
        return redirect("admin:members_organization_change", made.organization.pk)

    def decline(self, request: HttpRequest, pk: int) -> HttpResponse:
        application = self._to_decide(request, pk)
        form = DeclineForm(request.POST, application=application)
        if not form.is_valid():
            return self._page(request, application, declining=form)
        assert isinstance(request.user, User)
        try:
            declined = applications.decline(
                application,
                by=request.user,
                reason=form.cleaned_data["reason"],
                is_silent=form.is_silent,
                request=request,
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self._page(request, application, declining=form)
        if form.is_silent:
            messages.success(request, "已办理，没有告知申请人。")
        elif declined.is_silent:
            messages.warning(
                request, "已办理。给这个邮箱的信一天最多一封，已有一封，这一份就不再发信。"
            )
        elif application.email:
            messages.success(request, "已办理，答复的信正在发出。")
        else:
            messages.warning(request, "已办理。申请人没有留电子邮箱，请电话告知，再在本页记下。")
        return redirect("admin:members_application_change", pk)

    def note_told(self, request: HttpRequest, pk: int) -> HttpResponse:
        application = self._to_decide(request, pk)
        assert isinstance(request.user, User)
        try:
            applications.note_told(application, by=request.user, request=request)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, "已记下：电话告知了申请人。")
        return redirect("admin:members_application_change", pk)

    def _to_decide(self, request: HttpRequest, pk: int) -> Application:
        if not self.has_decide_permission(request):
            raise PermissionDenied
        return get_object_or_404(Application, pk=pk)

    def _approval_form(
        self, request: HttpRequest, application: Application, data: Any = None
    ) -> ApprovalForm:
        people = self.admin_site.get_model_admin(User)
        return ApprovalForm(
            data,
            found=applications.matches(application),
            may_change=partial(people.has_change_permission, request),
        )

    def _page(
        self,
        request: HttpRequest,
        application: Application,
        *,
        approval: ApprovalForm | None = None,
        declining: DeclineForm | None = None,
    ) -> HttpResponse:
        # As it is now, whoever has decided meanwhile.
        application = Application.objects.select_related(
            "organization", "person", "decided_by", "told_by"
        ).get(pk=application.pk)
        is_open = application.state == Application.State.PENDING
        context = self.admin_site.each_context(request) | {
            "title": "办理入会申请",
            "opts": self.opts,
            "application": application,
            "may_decide": self.has_decide_permission(request),
            "approval": approval,
            "declining": declining,
        }
        if is_open:
            context |= {
                "approval": approval or self._approval_form(request, application),
                "declining": declining or DeclineForm(application=application),
            }
        return render(request, "admin/members/application.html", context)


def _described(known: Organization | User) -> str:
    if isinstance(known, User):
        return f"{known.name}　{known.member_number}　{known.phone or known.email}"
    return f"{known.name}　{known.credit_code or '代码待补'}"
