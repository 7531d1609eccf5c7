"""Inviting from the list of people and from a person's page: looked through, then done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header

from members import invitations
from members.invitations import Channel, Issued
from members.models import Invitation, User
from members.slip_picture import draw, face
from members.slips import Slip

if TYPE_CHECKING:
    from members.admin.people import PersonAdmin

MOST_INVITED = 300


@admin.action(description="发邀请（电子邮件）", permissions=["invite"])
def invite_by_email(
    model_admin: PersonAdmin, request: HttpRequest, queryset: QuerySet[User]
) -> HttpResponse | None:
    return _invite(model_admin, request, queryset, Channel.EMAIL)


@admin.action(description="打印登录条", permissions=["invite"])
def print_slips(
    model_admin: PersonAdmin, request: HttpRequest, queryset: QuerySet[User]
) -> HttpResponse | None:
    return _invite(model_admin, request, queryset, Channel.SLIP)


def slip_picture(model_admin: PersonAdmin, request: HttpRequest) -> HttpResponse:
    """A slip as a picture, for whoever has it before them: the form brings its token back."""
    if not model_admin.has_invite_permission(request):
        raise PermissionDenied
    token = request.POST.get("token", "")
    slips = Invitation.objects.open().for_token(token).filter(channel=Channel.SLIP)
    invitation = get_object_or_404(slips.select_related("person"))
    if not model_admin.has_change_permission(request, invitation.person):
        raise PermissionDenied
    picture = draw(Slip(Issued(invitation, token)))
    name = f"登录条-{invitation.person.member_number}.png"
    return HttpResponse(
        picture,
        content_type="image/png",
        headers={"Content-Disposition": content_disposition_header(True, name)},
    )


def _invite(
    model_admin: PersonAdmin, request: HttpRequest, queryset: QuerySet[User], channel: Channel
) -> HttpResponse | None:
    if not model_admin.has_invite_permission(request):
        raise PermissionDenied
    chosen = list(queryset.order_by("member_number").prefetch_related("groups")[: MOST_INVITED + 1])
    if len(chosen) > MOST_INVITED:
        messages.error(request, f"一次最多选 {MOST_INVITED} 人。请分几次选。")
        return None
    rows = [(person, _why_not(model_admin, request, person, channel)) for person in chosen]
    able = [person for person, why in rows if not why]
    # Whoever cannot be invited any more since the page was looked at brings it back.
    if "confirmed" in request.POST and len(able) == len(chosen):
        assert isinstance(request.user, User)
        try:
            issued = invitations.invite(able, by=request.user, channel=channel, request=request)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return None
        if channel is Channel.SLIP:
            # The answer to this one request: no address shows a slip again.
            slips = [Slip(one) for one in issued]
            return render(
                request, "members/slips.html", {"slips": slips, "can_draw": face() is not None}
            )
        messages.success(request, f"{len(issued)} 封邀请正在发出，一般几分钟内送达。")
        return None
    return render(
        request,
        "admin/members/invite.html",
        model_admin.admin_site.each_context(request)
        | {
            "title": "打印登录条" if channel is Channel.SLIP else "发邀请（电子邮件）",
            "able": able,
            "unable": [(person, why) for person, why in rows if why],
            "is_slip": channel is Channel.SLIP,
            "action": request.POST.get("action", ""),
        },
    )


def _why_not(model_admin: PersonAdmin, request: HttpRequest, person: User, channel: Channel) -> str:
    if not model_admin.has_change_permission(request, person):
        return "担任角色，须由可以授予角色的人办理"
    return invitations.obstacle(person, channel)
