"""本单位: where a firm's contact manages its seats. Everything here is of their own firm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from allauth.core import ratelimit
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import formats, timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members import contacts, proposals
from members.contacts import Desk
from members.invitations import Channel
from members.levels import Level, level
from members.masking import mask_email, mask_phone
from members.models import Proposal, Seat, User
from members.phone import normalise_phone
from members.slips import Slip

A_PAGE = 50
MOST_DECLINED = 10


class ProposalForm(forms.Form):
    name = forms.CharField(
        label="姓名",
        max_length=50,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": "请填写姓名。"},
    )
    phone = forms.CharField(
        label="手机号",
        max_length=40,
        required=False,
        help_text="手机号和电子邮箱至少填一项，都填更好。",
        widget=forms.TextInput({"type": "tel", "autocomplete": "off"}),
    )
    email = forms.EmailField(
        label="电子邮箱",
        required=False,
        widget=forms.EmailInput({"autocomplete": "off"}),
        error_messages={"invalid": "这个电子邮箱写得不对，请核对。"},
    )
    note = forms.CharField(
        label="说明",
        max_length=200,
        required=False,
        help_text="可以不填；例如职务、接替谁。",
        widget=forms.Textarea({"rows": 3}),
    )

    def clean_phone(self) -> str:
        return normalise_phone(self.cleaned_data["phone"])

    def clean_email(self) -> str:
        written: str = self.cleaned_data["email"]
        return written.strip().lower()

    def clean(self) -> None:
        super().clean()
        if self.errors.keys() & {"phone", "email"}:
            return
        if not (self.cleaned_data.get("phone") or self.cleaned_data.get("email")):
            self.add_error("phone", "请填写手机号或电子邮箱，至少一项：没有它，就无法请本人登录。")


class Ended(Exception):
    """The seat asked about is held no more."""


def contacts_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Only for the contact of a firm, with their desk; nobody else learns that it is there."""

    @level(Level.ACCOUNT)
    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        desk = contacts.desk_of(_person(request))
        if desk is None:
            raise Http404
        if desk.closed:
            return render(request, "members/organization_closed.html", {"desk": desk}, status=403)
        try:
            return view(request, desk, **kwargs)
        except contacts.NoContact:
            raise Http404 from None
        except Ended as ended:
            messages.error(request, f"{ended}的席位已经结束，没有改动什么。")
            return redirect("members:organization")

    return guarded


@contacts_only
@require_safe
def organization(request: HttpRequest, desk: Desk) -> HttpResponse:
    firm = desk.organization
    pages = Paginator(contacts.holders(firm), A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    pending = firm.proposals.pending().select_related("replaces__person")
    declined = firm.proposals.filter(state=Proposal.State.DECLINED).exclude(name="")
    return render(
        request,
        "members/organization.html",
        {
            "desk": desk,
            "page_obj": page,
            "rows": [_row(seat) for seat in page],
            "held": pages.count,
            "free": proposals.free_seats(firm),
            "pending": [(one, _reach(one, has_come_in=False)) for one in pending],
            "declined": declined.order_by("-decided_at")[:MOST_DECLINED],
        },
    )


@contacts_only
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest, desk: Desk, pk: int | None = None) -> HttpResponse:
    """Somebody for a free seat, or in place of who holds the seat `pk`."""
    replaced = None if pk is None else _seat(desk, pk)
    if request.method == "POST" and (
        limited := ratelimit.consume_or_429(request, action="propose")
    ):
        refused: HttpResponse = limited
        return refused
    form = ProposalForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            proposals.propose(
                by=_person(request), **form.cleaned_data, replaces=replaced, request=request
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _what_becomes_of(form.cleaned_data["name"]))
            return redirect("members:organization")
    return render(
        request,
        "members/organization_propose.html",
        {"desk": desk, "form": form, "replaced": replaced},
    )


@contacts_only
@require_POST
def withdraw(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    proposal = get_object_or_404(desk.organization.proposals, pk=pk)
    name = proposal.name
    try:
        proposals.withdraw(proposal, by=_person(request), request=request)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, f"已撤回对{name}的推荐。")
    return redirect("members:organization")


@contacts_only
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """Once more by letter; a slip where there is no e-mail, shown in the answer alone."""
    seat = _seat(desk, pk)
    if request.method != "POST":
        return render(request, "members/organization_invite.html", {"desk": desk, "seat": seat})
    try:
        issued = contacts.invite_again(seat, by=_person(request), request=request)
    except ValidationError as error:
        return _back(request, error)
    if issued.token:
        return render(
            request, "members/organization_slip.html", {"slips": [Slip(issued)], "can_draw": False}
        )
    messages.success(request, f"给{seat.person.name}的邀请正在发出，一般几分钟内送达。")
    return redirect("members:organization")


@contacts_only
@require_http_methods(["GET", "HEAD", "POST"])
def release(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    seat = _seat(desk, pk)
    if request.method != "POST":
        return render(request, "members/organization_release.html", {"desk": desk, "seat": seat})
    try:
        contacts.release(seat, by=_person(request), request=request)
    except ValidationError as error:
        return _back(request, error)
    messages.success(request, f"{seat.person.name}的席位已收回。")
    return redirect("members:organization")


@contacts_only
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """The duty of contact; whoever gave it away has no more to do here."""
    seat = _seat(desk, pk)
    if request.method != "POST":
        return render(request, "members/organization_hand_over.html", {"desk": desk, "seat": seat})
    stays = "stays" in request.POST
    try:
        contacts.hand_over(seat, by=_person(request), stays=stays, request=request)
    except ValidationError as error:
        return _back(request, error)
    messages.success(
        request,
        f"{desk.organization}的联系人现在是{seat.person.name}。"
        + ("您的席位照旧。" if stays else "您的席位已结束。"),
    )
    return redirect("members:me")


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _seat(desk: Desk, pk: int) -> Seat:
    """One of the firm's own that is held now.

    Raises:
        Http404: it is another firm's.
        Ended: it was the firm's, as it may be when a button is pressed twice.
    """
    seat: Seat = get_object_or_404(desk.organization.seats.select_related("person"), pk=pk)
    if seat.until is not None:
        raise Ended(seat.person.name)
    return seat


def _back(request: HttpRequest, error: ValidationError) -> HttpResponse:
    messages.error(request, " ".join(error.messages))
    return redirect("members:organization")


def _what_becomes_of(name: str) -> str:
    """Of the setting only, never of what became of it: that would tell who is known here."""
    if settings.TRUST_CONTACTS:
        return (
            "已收到。信息核对无误的，席位随即安排好；需要秘书处确认的，办妥后在本页显示。"
            "没有电子邮箱的，席位安排好以后，请点“发登录条”。"
        )
    return f"对{name}的推荐已交秘书处办理，结果会出现在这一页。"


@dataclass(frozen=True)
class Row:
    """A seat as the contact sees it.

    Attributes:
        reach: phone and e-mail, masked; of whoever has not come in yet the phone's last four
            digits too: they are what the door asks for (members/invitations.py).
        state: how far its holder is with coming in.
        invited_by: what an invitation would be now; "" for who needs none.
    """

    seat: Seat
    reach: str
    state: str
    invited_by: str


def _row(seat: Any) -> Row:
    person: User = seat.person
    has_come_in = person.last_login is not None or seat.has_redeemed
    reach = _reach(person, has_come_in=has_come_in)
    if not person.is_active:
        state = "账号已停用"
    elif person.suspended_at is not None:
        state = "账号已暂停"
    elif has_come_in:
        state = "已登录过"
    else:
        return Row(seat, reach, _waiting(seat), "邀请" if person.email else "登录条")
    return Row(seat, reach, state, "")


def _waiting(seat: Any) -> str:
    if seat.open_until is None:
        return "尚未登录，没有可用的邀请"
    if seat.open_sent_at is None:
        return "尚未登录，邀请正在发出"
    what = "登录条" if seat.open_channel == Channel.SLIP else "邀请"
    day = formats.date_format(timezone.localdate(seat.open_until))
    return f"尚未登录，{what}{day}（含当日）前有效"


def _reach(person: User | Proposal, *, has_come_in: bool) -> str:
    phone = mask_phone(person.phone)
    if phone and not has_come_in:
        phone = phone.partition("*")[0] + "*" * 8
    return "　".join(filter(None, (phone, mask_email(person.email))))
