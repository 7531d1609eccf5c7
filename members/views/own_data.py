from __future__ import annotations

from typing import Any

from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members import erasure, own_data, seals
from members.levels import Level, level
from members.models import Membership, Seat, User


class OwnPasswordForm(forms.Form):
    """The password once more: whoever finds a browser signed in is not its owner."""

    password = forms.CharField(
        label="当前密码",
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        error_messages={"required": "请填写当前密码。"},
    )

    def __init__(self, person: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_password(self) -> None:
        if not self.person.check_password(self.cleaned_data["password"]):
            raise ValidationError("密码不正确，请重填。")


class CorrectionForm(OwnPasswordForm):
    name = forms.CharField(
        label="姓名",
        max_length=50,
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": "请填写姓名。"},
    )
    phone = forms.CharField(
        label="手机号码",
        help_text="可以用它登录；不登记的，请留空。",
        required=False,
        max_length=40,
        widget=forms.TextInput({"autocomplete": "tel", "inputmode": "tel"}),
    )
    email = forms.EmailField(
        label="电子邮箱",
        help_text="可以用它登录，也用它找回密码；不登记的，请留空。",
        required=False,
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={"invalid": "电子邮箱不对，应当像 name@example.com。"},
    )
    field_order = ("name", "phone", "email", "password")


@level(Level.ACCOUNT)
@require_safe
def my_data(request: HttpRequest) -> HttpResponse:
    """All that the portal holds of oneself; open to the lapsed and suspended too."""
    return _page(request, OwnPasswordForm(_person(request)))


def _page(request: HttpRequest, form: OwnPasswordForm) -> HttpResponse:
    person = form.person
    seats = Seat.objects.filter(person=person).select_related("organization")
    return render(
        request,
        "members/my_data.html",
        {
            "phone": _as_dialled(person),
            "seats": seats.order_by("-since", "-pk"),
            "memberships": Membership.objects.filter(person=person),
            "roles": person.groups.order_by("name").values_list("name", flat=True),
            "invitations": person.invitations.order_by("-created_at")[: own_data.MOST_SHOWN],
            "consents": person.consents.order_by("-at")[: own_data.MOST_SHOWN],
            "counts": own_data.counts(person),
            "sign_ins": own_data.sign_ins(person),
            "deliveries": own_data.deliveries(person),
            "shown_for": own_data.SHOWN_FOR.days,
            "most_shown": own_data.MOST_SHOWN,
            "erasure": erasure.pending_request(person),
            "working_days": erasure.WORKING_DAYS,
            "form": form,
        },
    )


@level(Level.ACCOUNT)
@require_POST
def download(request: HttpRequest) -> HttpResponseBase:
    """The same and more, as JSON, for the password."""
    if limited := _too_many(request):
        return limited
    person = _person(request)
    form = OwnPasswordForm(person, request.POST)
    if not form.is_valid():
        return _page(request, form)
    own_data.record_download(person, request=request)
    name = f"本人数据-{person.member_number}.json"
    return StreamingHttpResponse(
        (piece.encode() for piece in own_data.write(person)),
        content_type="application/json",
        headers={"Content-Disposition": content_disposition_header(True, name)},
    )


@level(Level.ACCOUNT)
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest) -> HttpResponse:
    """Name, phone and e-mail as they should be."""
    if limited := _too_many(request):
        return limited
    person = _person(request)
    known = {name: getattr(person, name) for name in own_data.CORRECTED}
    known["phone"] = _as_dialled(person)
    form = CorrectionForm(person, request.POST if request.method == "POST" else None, initial=known)
    if form.is_valid():
        values = {name: form.cleaned_data[name] for name in own_data.CORRECTED}
        try:
            own_data.correct(person, **values, request=request)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "已保存。")
            return redirect("members:my_data")
    return render(request, "members/my_data_correct.html", {"form": form})


@level(Level.ACCOUNT)
@require_http_methods(["GET", "HEAD", "POST"])
def ask_erasure(request: HttpRequest) -> HttpResponse:
    """What goes, what stays and how long; then the password, and it is asked for."""
    if limited := _too_many(request):
        return limited
    person = _person(request)
    if erasure.pending_request(person) is not None:
        return redirect("members:my_data")
    form = OwnPasswordForm(person, request.POST if request.method == "POST" else None)
    if form.is_valid():
        erasure.ask(person, request=request)
        messages.success(request, "注销申请已收到。")
        return redirect("members:my_data")
    seat = Seat.objects.current().filter(person=person).select_related("organization").first()
    return render(
        request,
        "members/my_data_erase.html",
        {
            "form": form,
            "seat": seat,
            "retention": seals.retention().days,
            "working_days": erasure.WORKING_DAYS,
            "has_role": person.groups.exists(),
        },
    )


@level(Level.ACCOUNT)
@require_POST
def withdraw_erasure(request: HttpRequest) -> HttpResponse:
    try:
        erasure.withdraw(_person(request), request=request)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, "注销申请已撤回，账号照常使用。")
    return redirect("members:my_data")


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _as_dialled(person: User) -> str:
    """A number of mainland China as its owner knows it."""
    return person.phone.removeprefix("+86")


def _too_many(request: HttpRequest) -> HttpResponse | None:
    """A password may be guessed, and a file be asked for, only so often."""
    if request.method != "POST":
        return None
    limited: HttpResponse | None = ratelimit.consume_or_429(
        request, action="own_data", user=request.user
    )
    return limited
