"""电话核对后发登录条: what to ask on the telephone, a note of it, and the slip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from members import invitations, verifying
from members.invitations import Channel
from members.models import Seat, User
from members.slip_picture import face
from members.slips import Slip

if TYPE_CHECKING:
    from members.admin.people import PersonAdmin


class VerifyForm(forms.Form):
    note = forms.CharField(
        label="怎样核对、与谁通话",
        max_length=200,
        help_text="例如：拨回登记的手机号，本人接听，说对了单位和联系人。",
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": "请写明怎样核对的、与谁通的电话。"},
    )
    verified = forms.BooleanField(
        label="已电话核对身份",
        error_messages={"required": "请在核对身份之后勾选。没有核对，不能发登录条。"},
    )


def verify(model_admin: PersonAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    if not model_admin.has_invite_permission(request):
        raise PermissionDenied
    if not model_admin.has_change_permission(request, person):
        raise PermissionDenied
    form = VerifyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        assert isinstance(request.user, User)
        try:
            issued = verifying.verify(
                person, note=form.cleaned_data["note"], by=request.user, request=request
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            # The answer to this one request: no address shows a slip again.
            return render(
                request,
                "members/slips.html",
                {"slips": [Slip(issued)], "can_draw": face() is not None},
            )
    seat = Seat.objects.current().filter(person=person).select_related("organization").first()
    contact = None
    if seat is not None:
        held = seat.organization.seats.current().filter(is_contact=True)
        contact = held.select_related("person").first()
    return render(
        request,
        "admin/members/verify.html",
        model_admin.admin_site.each_context(request)
        | {
            "title": "电话核对后发登录条",
            "person": person,
            "seat": seat,
            "contact": contact,
            "form": form,
            "why_not": invitations.obstacle(person, Channel.SLIP, verified=True),
        },
    )
