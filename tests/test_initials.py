"""拼音首字母: people and firms found by them."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import pytest
from django.apps import apps
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from members import seats
from members.initials import initials
from members.models import Organization, User
from tests import factories

SignIn = Callable[[User], Client]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("张小明", "zxm"),
        ("欧阳 修", "oyx"),
        ("曾丽", "cl zl"),
        ("样例市精工机械有限公司", "ylsjgjxyxgs"),
        ("ABC（北京）科技2", "abcbjkj2"),
        ("", ""),
    ],
)
def test_a_name_is_read_by_its_first_letters(name: str, expected: str) -> None:
    assert initials(name) == expected


@given(st.text(max_size=120))
def test_whatever_a_name_is_its_letters_fit_their_field(name: str) -> None:
    assert len(initials(name)) <= 300


@pytest.mark.django_db
def test_letters_follow_the_name(membership_staff: User) -> None:
    person = factories.create_user(name="张三")
    firm = factories.create_organization(name="样例甲公司")

    person.name, firm.name = "李四", "样例乙公司"
    person.save(update_fields=["name"])
    firm.save()

    assert User.objects.get(pk=person.pk).initials == "ls"
    assert Organization.objects.get(pk=firm.pk).initials == "ylygs"


@pytest.mark.django_db
def test_a_database_of_the_version_before_gets_its_letters() -> None:
    person = factories.create_user(name="张三")
    firm = factories.create_organization(name="样例甲公司")
    User.objects.update(initials="")
    Organization.objects.update(initials="")

    import_module("members.migrations.0005_initials").fill(apps, None)

    person.refresh_from_db()
    firm.refresh_from_db()
    assert (person.initials, firm.initials) == ("zs", "yljgs")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed", ["zxm", "张小", "39123456", "139 1234", "甲公司", "yljgs", "zx@", "ZXM"]
)
def test_a_person_is_found_by_any_part_of_who_and_where_they_are(
    typed: str, membership_staff: User, signed_in: SignIn
) -> None:
    person = factories.create_user(name="张小明", phone="+8613912345678", email="zx@example.org")
    seats.give(factories.create_organization(name="样例甲公司"), person, by=membership_staff)
    factories.create_user(name="李四")

    page = signed_in(membership_staff).get("/admin/members/user/", {"q": typed})

    assert [one.pk for one in page.context["cl"].result_list] == [person.pk]


@pytest.mark.django_db
def test_a_firm_is_found_by_its_letters(membership_staff: User, signed_in: SignIn) -> None:
    firm = factories.create_organization(name="样例市精工机械有限公司")
    factories.create_organization(name="另一家")

    page = signed_in(membership_staff).get("/admin/members/organization/", {"q": "jgjx"})

    assert [one.pk for one in page.context["cl"].result_list] == [firm.pk]
