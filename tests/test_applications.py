"""申请入会: a stranger's form, the secretariat's queue, and what is kept of it."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from huey.contrib.djhuey import HUEY
from lxml import html

from members import application_letters, applications, audit, credit_code, privacy_notices
from members.admin import declining
from members.applications import EXPIRED_AFTER, FORGOTTEN_AFTER
from members.models import (
    Application,
    AuditEntry,
    AuditPersonal,
    Consent,
    Invitation,
    Membership,
    Organization,
    Seat,
    User,
)
from members.tasks import forget_applications, send_owed_application_letters
from tests import factories
from tests.invited import log
from tests.test_email import use

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]

CODE = "91110000MA00000001"[:17]
CODE += credit_code.check_character(CODE)
SENT = {
    "organization_name": "样例市新芽科技有限公司",
    "credit_code": f"{CODE[:9]} {CODE[9:].lower()}",
    "region": "样例省样例市",
    "industry": "软件",
    "size": "小型",
    "name": "甄申请",
    "phone": "139 1111 2222",
    "email": "",
    "remark": "想让三位同事阅读。",
    "consent": "1",
}


@pytest.fixture
def is_open(settings: Any) -> None:
    settings.APPLICATIONS_OPEN = True
    factories.create_notice()


def send(client: Client | None = None, /, **changed: str) -> Any:
    address = changed.pop("REMOTE_ADDR", "192.0.2.9")
    return (client or Client()).post("/apply/", SENT | changed, REMOTE_ADDR=address)


def errors(answer: Any) -> list[str]:
    assert answer.status_code == 200
    found = html.fromstring(answer.content.decode()).xpath("//*[@class='summary']//li")
    return [one.text_content() for one in found]


def digest() -> list[Any]:
    """Every row that an approval may make or change."""
    models = (Application, Organization, Membership, User, Seat, Invitation, Consent, AuditEntry)
    return [list(model.objects.order_by("pk").values()) for model in models]


# What strangers send -----------------------------------------------------------------------
def test_the_form_is_closed_unless_the_setting_opens_it(settings: Any) -> None:
    factories.create_notice()
    for method in ("get", "post"):
        answer = getattr(Client(), method)("/apply/", SENT)
        assert answer["Location"] == "/join/"
    assert "/apply/" not in Client().get("/join/").content.decode()
    assert not Application.objects.exists()

    settings.APPLICATIONS_OPEN = True

    assert Client().get("/apply/").status_code == 200
    assert "/apply/" in Client().get("/join/").content.decode()


def test_a_firm_applies_and_is_given_a_number_and_what_comes_next(is_open: None) -> None:
    client = Client()
    answer = send(client)

    assert answer.status_code == 302, errors(answer)
    application = Application.objects.get()
    assert (application.credit_code, application.phone) == (CODE, "+8613911112222")
    assert (application.state, application.notice_id) == ("pending", 1)
    assert abs(application.created_at - timezone.now()) < dt.timedelta(minutes=1)
    page = client.get(answer["Location"]).content.decode()
    assert application.reference in page
    assert "接下来" in page
    for private in (SENT["organization_name"], SENT["name"], "2222"):
        assert private not in page
    entry = AuditEntry.objects.get(action="application.add")
    assert (entry.actor_kind, entry.subject) == ("stranger", str(application.pk))
    kept = str(AuditPersonal.objects.values_list("values", flat=True))
    assert "192.0.2.9" in kept
    assert "2222" not in kept + str(entry.detail)


def test_the_page_with_the_number_shows_none_that_we_have_not_given(is_open: None) -> None:
    address = send()["Location"]

    assert Client().get(address).status_code == 200
    for wrong in ("/apply/sent/", "/apply/sent/?number=SQ00000000", f"{address}x"):
        assert Client().get(wrong)["Location"] == "/join/"
    with time_machine.travel(timezone.now() + dt.timedelta(days=2)):
        assert Client().get(address)["Location"] == "/join/"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"organization_name": " "}, "请填写单位名称。"),
        ({"credit_code": CODE[:17] + "X"}, "校验位不符"),
        ({"credit_code": "1234"}, "18 位"),
        ({"region": ""}, "请填写所在地区。"),
        ({"size": "巨型"}, "规模请从列出的里面选"),
        ({"name": ""}, "请填写您的姓名。"),
        ({"name": "长" * 51}, "您的姓名太长了"),
        ({"phone": "12"}, "不是有效的电话号码"),
        ({"phone": "", "email": ""}, "至少填一样"),
        ({"email": "nobody"}, "电子邮箱看来不对"),
        ({"remark": "长" * 501}, "附言太长了"),
        ({"remark": "a\0b"}, "不能保存的字符"),
        ({"consent": ""}, "同意的请勾选"),
        ({"consent": "2"}, "刚刚更新到第 1 版"),
    ],
)
def test_what_is_wrong_is_said_at_its_box_and_nothing_is_kept(
    is_open: None, changed: dict[str, str], words: str
) -> None:
    told = errors(send(**changed))

    assert len(told) == 1
    assert words in told[0]
    assert not Application.objects.exists()


@pytest.mark.parametrize("changed", [{"credit_code": ""}, {"phone": "", "email": "A@Example.org"}])
def test_a_code_may_follow_and_one_way_to_answer_is_enough(
    is_open: None, changed: dict[str, str]
) -> None:
    assert send(**changed).status_code == 302
    application = Application.objects.get()
    assert application.email in ("", "a@example.org")
    assert application.credit_code == ("" if "credit_code" in changed else CODE)


def test_the_answer_is_the_same_whether_firm_and_person_are_known_or_not(is_open: None) -> None:
    def answered(**changed: str) -> tuple[int, list[str], str]:
        client = Client()
        answer = send(client, **changed)
        page = client.get(answer["Location"]).content.decode()
        main = page[page.index("<main") : page.index("</main>")]
        reference = Application.objects.latest("pk").reference
        return answer.status_code, sorted(answer.headers), main.replace(reference, "…")

    unknown = answered()
    factories.create_member(phone="+8613911112222", email="known@example.org")
    factories.create_organization(name=SENT["organization_name"], credit_code=CODE)

    assert answered() == unknown
    assert answered(email="known@example.org") == unknown


def test_so_many_from_one_address_are_enough_and_mending_a_mistake_costs_nothing(
    is_open: None,
) -> None:
    for _ in range(8):
        assert errors(send(name=""))
    answers = [send() for _ in range(6)]

    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
    assert Application.objects.count() == 5
    assert send(REMOTE_ADDR="192.0.2.10").status_code == 302


def test_the_queue_is_bounded_and_says_whom_to_ask_instead(
    is_open: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applications, "MOST_PENDING", 2)
    for _ in range(2):
        assert send().status_code == 302

    for answer in (send(), Client().get("/apply/")):
        assert answer.status_code == 503
        assert "暂时不收新的申请" in answer.content.decode()
    assert Application.objects.count() == 2
    Application.objects.filter(pk=Application.objects.earliest("pk").pk).update(
        state="declined", decided_at=timezone.now()
    )
    assert send().status_code == 302


def test_so_many_from_everywhere_are_enough_for_an_hour(
    is_open: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applications, "MOST_AN_HOUR", 2)
    for number in range(2):
        assert send(REMOTE_ADDR=f"2001:db8:{number}::1").status_code == 302
    # Deciding makes no room: it would be filled at once.
    Application.objects.update(state="declined", decided_at=timezone.now())

    answer = send(REMOTE_ADDR="2001:db8:9::1")

    assert answer.status_code == 503
    assert "请打电话" in answer.content.decode()
    assert Application.objects.count() == 2
    with time_machine.travel(timezone.now() + dt.timedelta(hours=1, minutes=1)):
        assert send(REMOTE_ADDR="2001:db8:9::1").status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("are_open", [True, False])
def test_that_nobody_registers_online_is_said_only_while_applications_are_closed(
    settings: Any, are_open: bool
) -> None:
    settings.APPLICATIONS_OPEN = are_open
    page = Client().get("/join/").content.decode()
    assert ("不接受在线注册" in page) is not are_open
    assert "在“本单位”里推荐您" in page


def test_a_form_from_elsewhere_is_refused(is_open: None) -> None:
    assert send(Client(enforce_csrf_checks=True)).status_code == 403
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "", "phone": "+8613911112222"},
        {"phone": "", "email": ""},
        {"state": "declined"},
        {"is_silent": True},
        {"state": "approved", "decided_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)},
        {"emptied_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)},
    ],
)
def test_the_database_refuses_what_no_application_can_be(fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.create_application(**fields)


# The queue ---------------------------------------------------------------------------------
QUEUE = "/admin/members/application/"


def test_the_queue_shows_what_waits_first_and_the_oldest_first(
    membership_staff: User, signed_in: SignIn
) -> None:
    now = timezone.now()
    for name, state, age in (
        ("早办", "declined", 9),
        ("后到", "pending", 1),
        ("晚办", "declined", 8),
        ("先到", "pending", 5),
    ):
        at = now - dt.timedelta(days=age)
        decided = {"decided_at": at} if state != "pending" else {}
        factories.create_application(organization_name=name, state=state, created_at=at, **decided)

    page = signed_in(membership_staff).get(QUEUE).content.decode()

    places = [page.index(name) for name in ("先到", "后到", "晚办", "早办")]
    assert places == sorted(places)
    assert "13911112222" not in page, "a list shows no number"


def test_the_queue_and_an_application_take_a_constant_few_queries(
    membership_staff: User, signed_in: SignIn
) -> None:
    client = signed_in(membership_staff)
    one = factories.create_application(email="same@example.org")
    factories.create_application(organization_name=one.organization_name)
    factories.create_organization(name=one.organization_name)
    factories.create_user(phone=one.phone)

    def asked() -> list[int]:
        counts = []
        for path in (QUEUE, f"{QUEUE}{one.pk}/change/"):
            with CaptureQueriesContext(connection) as captured:
                assert client.get(path).status_code == 200
            counts.append(len(captured))
        return counts

    asked()
    few = asked()
    for _ in range(60):
        factories.create_application(organization_name=one.organization_name)
        factories.create_organization(name=one.organization_name)
    factories.create_member(name="甄同邮箱", email=one.email)

    assert asked() == few


@pytest.mark.parametrize("known", ["firm", "person"])
def test_whoever_of_the_two_is_known_neither_is_chosen_beforehand(
    membership_staff: User, signed_in: SignIn, known: str
) -> None:
    application = factories.create_application()
    client = signed_in(membership_staff)
    page = f"{QUEUE}{application.pk}/change/"
    chosen = "//input[@name='organization' or @name='person'][@checked]"
    assert len(html.fromstring(client.get(page).content).xpath(chosen)) == 2

    if known == "firm":
        factories.create_organization(name=application.organization_name)
    else:
        factories.create_user(phone=application.phone)

    assert html.fromstring(client.get(page).content).xpath(chosen) == []


def test_the_firm_where_a_known_person_sits_now_is_a_candidate_and_a_former_one_is_none(
    membership_staff: User, signed_in: SignIn
) -> None:
    application = factories.create_application()
    former = factories.create_organization(name="样例市从前有限公司")
    person = factories.create_member(name="甄老会员", phone=application.phone)
    now = person.seats.get().organization
    Seat.objects.create(
        organization=former, person=person, since=dt.date(2020, 1, 1), until=dt.date(2020, 2, 1)
    )

    answer = signed_in(membership_staff).get(f"{QUEUE}{application.pk}/change/")

    offered = html.fromstring(answer.content).xpath("//input[@name='organization']/@value")
    assert offered == ["new", str(now.pk)]


def test_a_firm_named_by_hand_needs_no_other_choice(
    membership_staff: User, signed_in: SignIn
) -> None:
    application = factories.create_application()
    factories.create_organization(name=application.organization_name)
    firm = factories.create_organization(name="样例市另一家有限公司")

    answer = approve(
        signed_in(membership_staff),
        application,
        organization="",
        other=firm.name,
        first_day="",
        last_day="",
    )

    assert answer.status_code in (200, 302)
    application.refresh_from_db()
    assert application.organization == firm


# Approving ---------------------------------------------------------------------------------
def approval(application: Application, **changed: Any) -> dict[str, Any]:
    first, last = applications.usual_days()
    return {
        "organization": "new",
        "person": "new",
        "seat_limit": 5,
        "first_day": first.isoformat(),
        "last_day": last.isoformat(),
        "is_contact": "on",
    } | changed


def approve(client: Client, application: Application, **changed: Any) -> Any:
    return client.post(f"{QUEUE}{application.pk}/approve/", approval(application, **changed))


def refusals(answer: Any) -> str:
    assert answer.status_code == 200
    found = html.fromstring(answer.content.decode()).xpath("//*[@role='alert']")
    assert found
    return " ".join(one.text_content() for one in found)


def test_one_approval_makes_firm_membership_person_seat_and_invitation(
    membership_staff: User, signed_in: SignIn, django_capture_on_commit_callbacks: Any
) -> None:
    HUEY.flush()
    application = factories.create_application(
        email="new@example.org", credit_code=CODE, region="样例市", industry="软件", size="小型"
    )
    client = signed_in(membership_staff)

    with django_capture_on_commit_callbacks(execute=True):
        answer = approve(client, application)

    application.refresh_from_db()
    firm, person = application.organization, application.person
    assert firm
    assert person
    assert answer["Location"] == f"/admin/members/organization/{firm.pk}/change/"
    assert (firm.name, firm.credit_code) == (application.organization_name, CODE)
    assert (firm.region, firm.industry, firm.size, firm.seat_limit) == ("样例市", "软件", "小型", 5)
    membership = firm.memberships.get()
    assert (membership.first_day, membership.last_day) == applications.usual_days()
    assert (person.name, person.email) == ("甄申请", "new@example.org")
    assert not person.has_usable_password()
    seat = Seat.objects.current().get(person=person)
    assert seat.organization == firm
    assert seat.is_contact
    invitation = Invitation.objects.get()
    assert (invitation.person, invitation.channel) == (person, "email")
    assert invitation.created_by == membership_staff
    consent = Consent.objects.get(person=person)
    assert (consent.notice_id, consent.occasion) == (application.notice_id, "application")
    assert consent.at == application.created_at
    assert (application.state, application.decided_by) == ("approved", membership_staff)
    actions = AuditEntry.objects.order_by("pk").filter(actor=membership_staff.audit_ref)
    assert list(actions.values_list("action", flat=True)) == [
        "organization.add",
        "membership.add",
        "user.add",
        "seat.add",
        "privacy.agree",
        "invitation.send",
        "application.approve",
    ]
    [task] = HUEY.pending()
    assert task.name == "send_invitation"
    HUEY.flush()
    assert "13911112222" not in str(list(AuditEntry.objects.values()))


def test_who_left_no_email_is_given_a_slip_at_once(
    membership_staff: User, signed_in: SignIn
) -> None:
    application = factories.create_application()

    answer = approve(signed_in(membership_staff), application)

    page = answer.content.decode()
    assert "登录条（1 张）" in page
    invitation = Invitation.objects.get()
    assert invitation.channel == "slip"
    [message] = html.fromstring(page).xpath("//textarea")
    token = message.text.split("/join/")[1].split()[0]
    assert Invitation.hash_token(token) == invitation.token_hash


def test_a_known_firm_and_person_are_found_and_chosen_and_stay_as_they_are(
    membership_staff: User, signed_in: SignIn
) -> None:
    firm = factories.create_organization(name="样例 新芽（旧称）", credit_code=CODE)
    alike = factories.create_organization(name="ＡＢＣ 新芽公司")
    person = factories.create_user(phone="+8613911112222", name="旧名")
    User.objects.filter(pk=person.pk).update(last_login=timezone.now())
    other = factories.create_application(organization_name="别家", credit_code=CODE)
    application = factories.create_application(
        organization_name="abc新芽公司", credit_code=CODE, email="new@example.org"
    )
    Application.objects.filter(pk=application.pk).update(phone=person.phone)
    client = signed_in(membership_staff)
    page = client.get(f"{QUEUE}{application.pk}/change/").content.decode()
    for found in (firm.name, alike.name, person.member_number, other.reference):
        assert found in page
    chosen = html.fromstring(page).xpath("//input[@type='radio'][@checked][@name!='tell']")
    assert chosen == [], "where somebody is like it, staff decide"

    answer = approve(
        client,
        application,
        organization=str(firm.pk),
        person=str(person.pk),
        first_day="",
        last_day="",
    )

    assert answer.status_code == 302, refusals(answer)
    application.refresh_from_db()
    assert (application.organization, application.person) == (firm, person)
    assert Organization.objects.count() == 2
    assert firm.memberships.count() == 1
    person.refresh_from_db()
    assert (person.name, person.email) == ("旧名", "")
    assert not Invitation.objects.exists(), "they sign in already"
    assert Seat.objects.current().get(person=person).organization == firm
    assert not Consent.objects.filter(person=person).exists(), "a stranger agreed, not they"
    assert signed_in(person).get("/").status_code == 403


def test_a_firm_that_goes_by_another_name_is_named(
    membership_staff: User, signed_in: SignIn
) -> None:
    firm = factories.create_organization(name="样例市精工机械有限公司", credit_code=CODE)
    client = signed_in(membership_staff)
    for written in ("样例市 精工机械有限公司", CODE.lower()):
        application = factories.create_application(
            organization_name="精工", phone="", email=f"{len(written)}@example.org"
        )
        answer = approve(
            client, application, other=written, first_day="", last_day="", is_contact=""
        )
        assert answer.status_code == 302, refusals(answer)
        application.refresh_from_db()
        assert application.organization == firm

    application = factories.create_application()
    assert "没有这家会员单位" in refusals(approve(client, application, other="子虚乌有"))


def test_every_refusal_says_why_and_changes_nothing(
    membership_staff: User, signed_in: SignIn
) -> None:
    today = timezone.localdate()
    full = factories.create_organization(name="满员公司", seat_limit=1)
    Seat.objects.create(organization=full, person=factories.create_user(), is_contact=True)
    idle = factories.create_organization(name="过期公司", days_left=-1)
    halted = factories.create_organization(name="暂停公司", suspended_at=timezone.now())
    seated = factories.create_member(phone="+8613911112222")
    free = factories.create_user(email="free@example.org")
    known = factories.create_organization(name="同码公司", credit_code=CODE)
    application = factories.create_application(
        credit_code=CODE, phone=seated.phone, email=free.email
    )
    client = signed_in(membership_staff)
    no_days = {"first_day": "", "last_day": ""}
    before = digest()
    for changed, words in (
        ({}, "已有会员单位使用这个统一社会信用代码"),
        ({"other": full.name, **no_days, "person": str(free.pk), "is_contact": ""}, "席位都有人了"),
        ({"other": full.name, **no_days, "person": str(free.pk)}, "已有联系人"),
        ({"other": known.name, **no_days}, "已有人使用这个电话"),
        ({"other": known.name, **no_days, "person": str(seated.pk)}, "已有现任席位"),
        ({"other": known.name, "person": str(seated.pk)}, "重叠"),
        ({"other": idle.name, **no_days}, "没有有效的会籍"),
        ({"other": halted.name, **no_days}, "已暂停"),
        ({"organization": ""}, "请选"),
        ({"person": "999999"}, "选"),
        ({"seat_limit": "0"}, "席位数请填 1 到"),
        ({"last_day": ""}, "要么都填"),
        ({"last_day": (today - dt.timedelta(days=1)).isoformat()}, "不能晚于末日"),
        ({"first_day": "何时"}, "请填日期"),
    ):
        assert words in refusals(approve(client, application, **changed)), changed
        assert digest() == before, changed


@pytest.mark.parametrize("fields", [{"is_active": False}, {"suspended_at": timezone.now()}])
def test_nobody_deactivated_or_suspended_is_given_a_seat(
    membership_staff: User, signed_in: SignIn, fields: dict[str, Any]
) -> None:
    person = factories.create_user(phone="+8613911112222", **fields)
    application = factories.create_application()
    client = signed_in(membership_staff)
    before = digest()

    answer = approve(client, application, person=str(person.pk))

    assert "不能安排席位" in refusals(answer)
    assert digest() == before


def test_who_holds_a_role_is_not_invited_by_who_may_not_change_them(
    membership_staff: User, auditor: User, signed_in: SignIn
) -> None:
    User.objects.filter(pk=auditor.pk).update(phone="+8613911112222", last_login=None)
    application = factories.create_application()
    client = signed_in(membership_staff)
    before = digest()

    answer = approve(client, application, person=str(auditor.pk))

    assert "担任角色" in refusals(answer)
    assert digest() == before


def test_nothing_is_left_of_an_approval_that_fails_at_its_last_step(
    membership_staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = factories.create_application()
    record = audit.record

    def fail(action: str, **more: Any) -> Any:
        if action == "application.approve":
            raise OSError
        return record(action, **more)

    monkeypatch.setattr(audit, "record", fail)
    before = digest()
    with pytest.raises(OSError):  # noqa: PT011
        applications.approve(
            application,
            by=membership_staff,
            days=applications.usual_days(),
            seat_limit=3,
            is_contact=True,
        )

    assert digest() == before


def test_of_two_who_decide_one_does_and_the_other_is_told(
    membership_staff: User, signed_in: SignIn
) -> None:
    application = factories.create_application(email="new@example.org")
    client = signed_in(membership_staff)
    assert approve(client, application).status_code == 302
    before = digest()

    for answer in (
        approve(client, application),
        decline(client, application, "不合"),
    ):
        assert "刚刚由别人办过了" in refusals(answer)
    assert digest() == before
    with pytest.raises(ValidationError, match="办过了"):
        applications.decline(application, by=membership_staff, reason="迟了")


# Declining ---------------------------------------------------------------------------------
def decline(
    client: Client, application: Application, reason: str = "暂不在服务范围。", tell: str = "tell"
) -> Any:
    path = f"{QUEUE}{application.pk}/decline/"
    return client.post(path, {"tell": tell, "reason": reason})


def test_who_is_declined_has_a_letter_once_with_the_reason(
    membership_staff: User, signed_in: SignIn
) -> None:
    application = factories.create_application(
        email="new@example.org", organization_name="甲公司\r\n\r\n您的账号 <b>已停用</b>"
    )

    assert decline(signed_in(membership_staff), application, "<b>不在</b>范围").status_code == 302
    for _ in range(3):
        send_owed_application_letters.call_local()

    [letter] = mail.outbox
    assert letter.to == ["new@example.org"]
    assert letter.subject == f"〔财税动态〕入会申请的答复（{application.reference}）"
    rich = str(letter.alternatives[0][0])  # type: ignore[attr-defined]
    for text in (str(letter.body), rich):
        assert application.reference in text
        assert application.name not in text
        assert f"{timezone.localdate():%Y年}" in text
        assert "http" not in text.replace("http-equiv", "")
    assert "“甲公司 您的账号 <b>已停用</b>”" in str(letter.body)
    assert "“甲公司 您的账号 &lt;b&gt;已停用&lt;/b&gt;”" in rich
    assert "<b>不在</b>范围" in str(letter.body)
    assert "&lt;b&gt;不在" in rich
    application.refresh_from_db()
    assert application.told_at
    assert application.told_by is None
    entry = AuditEntry.objects.get(action="application.decline")
    assert entry.actor == membership_staff.audit_ref
    told = AuditEntry.objects.get(action="application.tell")
    assert (told.actor_kind, told.subject) == ("system", str(application.pk))


def test_who_is_to_have_no_word_has_none(membership_staff: User, signed_in: SignIn) -> None:
    client = signed_in(membership_staff)
    for email in ("new@example.org", ""):
        application = factories.create_application(email=email, phone="+8613911112222")

        answer = decline(client, application, reason="", tell="silent")

        page = client.get(answer["Location"]).content.decode()
        assert "没有告知申请人，也不用再告知" in page
        assert "/told/" not in page
        send_owed_application_letters.call_local()
        assert not mail.outbox
        assert (
            "已经告知过了，或者不需要告知"
            in client.post(f"{QUEUE}{application.pk}/told/", follow=True).content.decode()
        )
        application.refresh_from_db()
        assert (application.state, application.told_at) == ("declined", None)
    assert client.get(QUEUE).content.decode().count("不告知") == 2
    details = AuditEntry.objects.filter(action="application.decline").values_list("detail")
    assert [detail for (detail,) in details] == [{"is_silent": True}] * 2


def test_an_address_has_one_letter_a_day_however_many_applied_with_it(
    membership_staff: User, signed_in: SignIn
) -> None:
    def declined() -> str:
        application = factories.create_application(email="victim@example.org")
        client = signed_in(membership_staff)
        page: str = client.get(decline(client, application)["Location"]).content.decode()
        return page

    assert "答复的信正在发出" in declined()
    assert "一天最多一封" in declined(), "the first is still owed"
    send_owed_application_letters.call_local()
    assert "一天最多一封" in declined(), "the first has just been sent"
    factories.create_application(email="other@example.org")
    applications.decline(Application.objects.latest("pk"), by=membership_staff, reason="不合")
    send_owed_application_letters.call_local()

    assert [letter.to for letter in mail.outbox] == [["victim@example.org"], ["other@example.org"]]
    with time_machine.travel(timezone.now() + application_letters.EVERY):
        assert "答复的信正在发出" in declined()
        send_owed_application_letters.call_local()
    assert len(mail.outbox) == 3


def decline_all(client: Client, *chosen: Application, **more: str) -> Any:
    keys = [one.pk for one in chosen]
    sent = {"action": "decline_silently", "_selected_action": keys}
    return client.post(QUEUE, sent | more, follow=True)


def test_many_are_declined_together_without_a_word_and_each_leaves_an_entry(
    membership_staff: User, signed_in: SignIn
) -> None:
    client = signed_in(membership_staff)
    junk = [factories.create_application(email=f"{n}@example.org") for n in range(3)]
    left = factories.create_application()
    before = digest()

    page = decline_all(client, *junk).content.decode()

    assert "3 份都不受理" in page
    assert left.reference not in page
    assert digest() == before, "looked at, not done"
    assert "3 份申请不受理" in decline_all(client, *junk, confirmed="1").content.decode()
    assert list(Application.objects.pending()) == [left]
    for one in junk:
        one.refresh_from_db()
        assert (one.state, one.decided_by, one.is_silent) == ("declined", membership_staff, True)
    entries = AuditEntry.objects.filter(action="application.decline")
    assert {entry.subject for entry in entries} == {str(one.pk) for one in junk}
    send_owed_application_letters.call_local()
    assert not mail.outbox


def test_of_many_none_is_declined_if_one_was_decided_or_they_are_too_many(
    membership_staff: User,
    signed_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = signed_in(membership_staff)
    waiting, decided = factories.create_application(), factories.create_application()
    stale = Application.objects.get(pk=decided.pk)
    applications.decline(decided, by=membership_staff, reason="不合")
    before = digest()

    page = decline_all(client, waiting, decided, confirmed="1").content.decode()

    assert "这几份已经办过了" in page
    assert "1 份都不受理" in page
    with pytest.raises(ValidationError, match="办过了"):
        applications.decline_silently([waiting, stale], by=membership_staff)
    monkeypatch.setattr(declining, "MOST_DECLINED", 1)
    page = decline_all(client, waiting, decided, confirmed="1").content.decode()
    assert "一次最多选 1 份" in page
    assert digest() == before


@pytest.mark.parametrize("person", ["editor", "chief_editor", "auditor", "administrator"])
def test_nobody_else_declines_many(
    request: pytest.FixtureRequest, signed_in: SignIn, person: str
) -> None:
    application = factories.create_application()
    client = signed_in(request.getfixturevalue(person))
    before = digest()

    answer = decline_all(client, application, confirmed="1")

    assert answer.status_code == 403
    assert digest() == before


def test_a_letter_that_was_not_taken_is_owed_again_and_the_log_tells_no_address(
    membership_staff: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = log(monkeypatch)
    application = factories.create_application(email="new@example.org")
    applications.decline(application, by=membership_staff, reason="不合")
    with monkeypatch.context() as down:
        use("smtp://127.0.0.1:9", settings, down)
        send_owed_application_letters.call_local()
    logging.getLogger("members.application_letters").warning("…")
    assert "not sent (ConnectionRefusedError)" in said.getvalue()
    assert "new@" not in said.getvalue()
    assert list(Application.objects.owed()) == [application]

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    send_owed_application_letters.call_local()

    assert len(mail.outbox) == 1
    assert AuditEntry.objects.filter(action="application.tell").count() == 1


def test_who_left_no_email_is_called_and_that_is_noted(
    membership_staff: User, signed_in: SignIn
) -> None:
    application = factories.create_application()
    client = signed_in(membership_staff)
    page = client.get(decline(client, application)["Location"]).content.decode()
    assert "请打 +8613911112222 告诉甄申请" in page
    assert "请电话告知" in client.get(QUEUE).content.decode()

    for status in ("已记下", "已经告知过了"):
        answer = client.post(f"{QUEUE}{application.pk}/told/", follow=True)
        assert status in answer.content.decode()

    application.refresh_from_db()
    assert application.told_by == membership_staff
    assert AuditEntry.objects.filter(action="application.tell").count() == 1
    send_owed_application_letters.call_local()
    assert not mail.outbox


def test_a_decline_says_why_to_whom_it_tells(membership_staff: User, signed_in: SignIn) -> None:
    application = factories.create_application()
    client = signed_in(membership_staff)
    before = digest()

    for reason, tell, words in (
        (" ", "tell", "请填写原因"),
        ("长" * 201, "tell", "最多 200"),
        ("不合", "", "请选"),
    ):
        assert words in refusals(decline(client, application, reason, tell))
    assert digest() == before


# Who may -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("member", 404),
        ("editor", 403),
        ("chief_editor", 403),
        ("auditor", 403),
        ("administrator", 403),
    ],
)
def test_nobody_but_who_keeps_members_sees_or_decides(
    request: pytest.FixtureRequest, signed_in: SignIn, person: str, status: int
) -> None:
    application = factories.create_application()
    client = signed_in(request.getfixturevalue(person))
    before = digest()

    answers = [client.get(QUEUE), client.get(f"{QUEUE}{application.pk}/change/")]
    answers += [
        approve(client, application),
        decline(client, application),
        client.post(f"{QUEUE}{application.pk}/told/"),
    ]

    assert [answer.status_code for answer in answers] == [status] * 5
    assert digest() == before


@pytest.mark.parametrize("act", ["approve", "decline", "told"])
def test_acts_are_posts_and_of_an_application_that_is_there(
    membership_staff: User, signed_in: SignIn, act: str
) -> None:
    application = factories.create_application()
    client = signed_in(membership_staff)

    assert client.get(f"{QUEUE}{application.pk}/{act}/").status_code == 405
    assert client.post(f"{QUEUE}999999/{act}/").status_code == 404
    assert client.get(f"{QUEUE}999999/change/").status_code == 404
    for stock in (f"{application.pk}/delete/", "add/"):
        assert client.post(QUEUE + stock, {"post": "yes"}).status_code == 403
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(membership_staff)
    assert strict.post(f"{QUEUE}{application.pk}/{act}/").status_code == 403


# What is kept ------------------------------------------------------------------------------
def test_who_was_decided_upon_long_ago_is_forgotten_and_the_decision_stays(
    membership_staff: User,
) -> None:
    waiting, declined, approved = (
        factories.create_application(phone="", email=f"{name}@example.org", remark="附言")
        for name in "abc"
    )
    applications.decline(declined, by=membership_staff, reason="原因")
    made = applications.approve(
        approved,
        by=membership_staff,
        days=applications.usual_days(),
        seat_limit=3,
        is_contact=True,
    )
    hour = dt.timedelta(hours=1)
    with time_machine.travel(timezone.now() + FORGOTTEN_AFTER - hour):
        forget_applications.call_local()
        assert not Application.objects.filter(name="").exists()
    with time_machine.travel(timezone.now() + FORGOTTEN_AFTER + hour):
        for _ in range(2):  # a job can run twice
            forget_applications.call_local()

    for one in (declined, approved):
        one.refresh_from_db()
        assert [one.name, one.phone, one.email, one.remark, one.reason] == [""] * 5
        assert one.organization_name
        assert one.decided_by == membership_staff
    waiting.refresh_from_db()
    assert waiting.name == "甄申请"
    assert made.person.email == "c@example.org", "they are a member now"
    entry = AuditEntry.objects.get(action="application.forget")
    assert (entry.actor_kind, entry.detail) == ("system", {"count": 2})
    assert not Application.objects.owed().exists(), "nobody is left to write to"


def test_what_nobody_decided_on_for_a_year_is_closed_and_emptied_without_a_word(
    membership_staff: User, signed_in: SignIn
) -> None:
    old = factories.create_application(email="old@example.org", remark="附言")
    hour = dt.timedelta(hours=1)
    new = factories.create_application(created_at=timezone.now() + 2 * hour)
    with time_machine.travel(timezone.now() + EXPIRED_AFTER - hour):
        forget_applications.call_local()
        assert Application.objects.pending().count() == 2
    with time_machine.travel(timezone.now() + EXPIRED_AFTER + hour):
        for _ in range(2):  # a job can run twice
            forget_applications.call_local()
            send_owed_application_letters.call_local()
        page = signed_in(membership_staff).get(f"{QUEUE}{old.pk}/change/").content.decode()

    assert list(Application.objects.pending()) == [new]
    old.refresh_from_db()
    assert (old.state, old.is_silent, old.decided_by) == ("declined", True, None)
    assert [old.name, old.phone, old.email, old.remark] == [""] * 4
    assert old.emptied_at
    assert "逾期未办，自动关闭" in page
    assert not mail.outbox
    entry = AuditEntry.objects.get(action="application.expire")
    assert (entry.actor_kind, entry.subject) == ("system", str(old.pk))


def test_a_person_who_applied_has_agreed_and_reads_when_they_come_in(
    membership_staff: User, signed_in: SignIn
) -> None:
    application = factories.create_application(email="new@example.org")
    made = applications.approve(
        application,
        by=membership_staff,
        days=applications.usual_days(),
        seat_limit=3,
        is_contact=True,
    )

    assert signed_in(made.person).get("/").status_code == 200
    notice = factories.create_notice("新的一版。")
    assert signed_in(made.person).get("/").status_code == 403
    privacy_notices.agree(made.person, notice, occasion=Consent.Occasion.READING)
    assert signed_in(made.person).get("/").status_code == 200
