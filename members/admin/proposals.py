"""推荐: the queue in which staff decide whom the firms' contacts propose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Case, Prefetch, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from members import contacts, proposals
from members.admin.lookups import OfferedLookups
from members.models import Organization, Proposal, Seat, User

State = Proposal.State

NEW, OTHER = "new", "other"
MOST_ALIKE = 20


class StateFilter(admin.SimpleListFilter):
    """What is to be done is shown unless something else is asked for."""

    title = "状态"
    parameter_name = "state"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        decided = [(str(value), label) for value, label in State.choices if value != State.PENDING]
        return [*decided, ("all", "全部")]

    def choices(self, changelist: Any) -> Iterator[Any]:
        yield {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": State.PENDING.label,
        }
        yield from list(super().choices(changelist))[1:]

    def queryset(self, request: Any, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = self.value() or State.PENDING
        return queryset if wanted == "all" else queryset.filter(state=wanted)


class ApprovalForm(forms.Form):
    """Whether the one proposed is somebody known: decided by a person, never guessed."""

    whose = forms.ChoiceField(
        label="这个人是",
        widget=forms.RadioSelect,
        error_messages={"required": "请选择是新人员，还是已经登记的哪一位。"},
    )
    who = forms.CharField(
        label="会员号、手机号或电子邮箱",
        max_length=254,
        required=False,
        help_text="选“另一位已经登记的人”时填写。",
    )

    def __init__(self, *args: Any, alike: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.alike = {str(person.pk): person for person in alike}
        taken = any(person.same_phone or person.same_email for person in alike)
        self.fields["whose"].choices = [  # type: ignore[attr-defined]
            *((pk, _described(person)) for pk, person in self.alike.items()),
            *([] if taken else [(NEW, "新人员")]),
            (OTHER, "另一位已经登记的人"),
        ]
        if not alike:
            self.fields["whose"].initial = NEW

    def candidates(self) -> list[tuple[Any, Any]]:
        """Each choice with the person that it means, or None."""
        return [(radio, self.alike.get(radio.data["value"])) for radio in self["whose"]]

    def clean(self) -> None:
        super().clean()
        whose = self.cleaned_data.get("whose")
        self.person = self.alike.get(whose or "")
        if whose != OTHER:
            return
        self.person = User.objects.by_identifier(self.cleaned_data.get("who", ""))
        if self.person is None or not self.person.is_active:
            self.add_error("who", "没有找到这个人。请核对会员号、手机号或电子邮箱。")


class DeclineForm(forms.Form):
    reason = forms.CharField(
        label="原因",
        max_length=200,
        help_text="推荐人会在“本单位”页上看到。",
        error_messages={"required": "请写明原因，推荐人会看到。"},
    )


@admin.register(Proposal)
class ProposalAdmin(OfferedLookups):
    list_display = ["who", "organization", "proposed_by", "proposed_at", "replaced", "state"]
    list_display_links = ["who"]
    list_filter = [StateFilter]
    search_fields = ["organization__name", "organization__initials", "name"]
    search_help_text = "单位名称，或被推荐的人的姓名"
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = None
    view_on_site = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Proposal]:
        """What is to be done first, and of that what has waited longest."""
        found: QuerySet[Proposal] = (
            super()
            .get_queryset(request)
            .select_related("organization", "proposed_by", "replaces__person", "seat__person")
            .annotate(rank=Case(When(state=State.PENDING, then=Value(0)), default=Value(1)))
            .order_by("rank", "proposed_at", "pk")
        )
        return found

    @admin.display(description="推荐的人")
    def who(self, proposal: Proposal) -> str:
        return proposal.seat.person.name if proposal.seat else str(proposal)

    @admin.display(description="接替")
    def replaced(self, proposal: Proposal) -> str:
        return proposal.replaces.person.name if proposal.replaces else "—"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("members.decide_proposal"))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """One proposal: who it is, whom they resemble, yes or no."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        proposal = self.get_object(request, object_id)
        if proposal is None:
            raise Http404
        alike = _alike(proposal) if _is_open(proposal) else []
        act = request.POST.get("act") if request.method == "POST" else None
        if request.method == "POST" and not self.has_change_permission(request, proposal):
            raise PermissionDenied
        approval = ApprovalForm(
            request.POST if act == "approve" else None, alike=alike[:MOST_ALIKE], prefix="approve"
        )
        refusal = DeclineForm(request.POST if act == "decline" else None, prefix="decline")
        if act and not _is_open(proposal):
            messages.error(request, "这条推荐刚刚已经办结；这一次没有改动什么。")
            return redirect(request.path)
        if (
            act == "approve" and approval.is_valid() and self._approve(request, proposal, approval)
        ) or (
            act == "decline" and refusal.is_valid() and self._decline(request, proposal, refusal)
        ):
            return redirect(request.path)
        return render(
            request,
            "admin/members/proposal.html",
            self.admin_site.each_context(request)
            | {
                "title": f"推荐：{self.who(proposal)}",
                "proposal": proposal,
                "firm": proposal.organization,
                "standing": _standing(proposal.organization),
                "held": proposal.organization.seats.current().count(),
                "alike": alike[:MOST_ALIKE],
                "has_more_alike": len(alike) > MOST_ALIKE,
                "approval": approval,
                "refusal": refusal,
                "may_decide": _is_open(proposal) and self.has_change_permission(request, proposal),
                "needs_slip": self._needs_slip(request, proposal),
            },
        )

    def _approve(self, request: HttpRequest, proposal: Proposal, form: ApprovalForm) -> bool:
        assert isinstance(request.user, User)
        try:
            seat = proposals.approve(
                proposal,
                by=request.user,
                person=form.person,
                may_invite=self._may_invite(request, form.person),
                request=request,
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
            return False
        messages.success(request, f"已为{seat.person}安排席位。")
        return True

    def _decline(self, request: HttpRequest, proposal: Proposal, form: DeclineForm) -> bool:
        assert isinstance(request.user, User)
        try:
            proposals.decline(
                proposal, by=request.user, reason=form.cleaned_data["reason"], request=request
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
            return False
        messages.success(request, "已婉拒，推荐人会看到原因。")
        return True

    def _may_invite(self, request: HttpRequest, person: User | None) -> bool:
        """An invitation sets a password: a holder of a role is not for everybody to invite."""
        people = self.admin_site.get_model_admin(User)
        return request.user.has_perm("members.change_user") and (
            person is None or people.has_change_permission(request, person)
        )

    def _needs_slip(self, request: HttpRequest, proposal: Proposal) -> bool:
        """Approved, and nothing can come to them by mail: a slip is the way in."""
        seat: Seat | None = proposal.seat
        return (
            seat is not None
            and seat.until is None
            and not seat.person.email
            and not contacts.has_come_in(seat.person)
            and self._may_invite(request, seat.person)
        )


def _is_open(proposal: Proposal) -> bool:
    return proposal.state == State.PENDING


def _alike(proposal: Proposal) -> list[Any]:
    """With `current_seats`, of which one person has one at most."""
    seats = Seat.objects.current().select_related("organization")
    found = proposals.matching(proposal).prefetch_related(
        Prefetch("seats", queryset=seats, to_attr="current_seats")
    )
    return list(found[: MOST_ALIKE + 1])


def _described(person: Any) -> str:
    """Somebody whom the one proposed resembles, and in what."""
    same = [
        word
        for word, is_same in (("电话相同", person.same_phone), ("电子邮箱相同", person.same_email))
        if is_same
    ] or ["姓名相同"]
    if not person.is_active:
        same.append("已停用")
    elif person.suspended_at is not None:
        same.append("已暂停")
    return f"{person}：{'、'.join(same)}"


def _standing(organization: Organization) -> str:
    """What is to be known of a firm before one decides; "" if nothing is."""
    if organization.suspended_at is not None:
        return "该单位已暂停"
    return "" if organization.memberships.current().exists() else "该单位现在没有有效的会籍"
