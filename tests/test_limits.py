"""What is too large is refused before it is read, and what can be is compressed."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest
from django.core.checks import run_checks
from django.test import Client, RequestFactory

from members.models import User
from portal.requests import Request
from tests import factories

SignIn = Callable[[User], Client]


@pytest.mark.parametrize("path", ["/accounts/login/", "/nonsense/", "/articles/1/"])
def test_a_stranger_cannot_send_a_large_body(db: None, path: str) -> None:
    answer = Client().generic(
        "POST", path, b"x", content_type="multipart/form-data", CONTENT_LENGTH=str(2**21)
    )

    assert answer.status_code == 413
    assert "内容太大" in answer.content.decode()


def test_an_editor_sends_files_up_to_a_bound(editor: User, signed_in: SignIn) -> None:
    client = signed_in(editor)
    path = "/admin/newsletter/issue/import/"

    for length, status in ((2**21, 200), (2**27, 413)):
        answer = client.generic(
            "POST",
            path,
            b"",
            content_type="application/x-www-form-urlencoded",
            CONTENT_LENGTH=str(length),
        )
        assert answer.status_code == status, length


@pytest.mark.parametrize("length", ["-1", "many", "1e3", "٣"])
def test_a_length_that_is_no_number_is_refused(db: None, length: str) -> None:
    answer = Client().generic("POST", "/accounts/login/", b"", CONTENT_LENGTH=length)

    assert answer.status_code in (413, 403)


def test_pages_are_compressed_with_padding_and_pictures_are_left_alone(
    member: User, signed_in: SignIn
) -> None:
    article = factories.create_article(factories.create_issue(), body="<p>甲乙丙</p>" * 500)
    figure = factories.create_figure(article)
    client = signed_in(member)
    path = f"/articles/{article.pk}/"

    packed = [client.get(path, HTTP_ACCEPT_ENCODING="gzip") for _ in range(6)]
    picture = client.get(f"/figures/{figure.pk}/", HTTP_ACCEPT_ENCODING="gzip")

    assert all(answer["Content-Encoding"] == "gzip" for answer in packed)
    assert "甲乙丙" in gzip.decompress(packed[0].content).decode()
    # BREACH measures lengths: the same page is not twice the same length.
    assert len({len(answer.content) for answer in packed}) > 1
    assert not picture.has_header("Content-Encoding")
    factories.content_of(picture)


def test_no_answer_is_kept_even_where_the_gate_was_not_reached(
    member: User, signed_in: SignIn
) -> None:
    client = signed_in(member)

    assert client.get("/issues")["Cache-Control"] == "private, no-store"
    answer = client.get("/issues/", HTTP_HOST="evil.example")
    assert answer.status_code == 400
    assert answer["Cache-Control"] == "private, no-store"


def test_production_warns_of_superusers(db: None) -> None:
    def warned() -> bool:
        found = run_checks(tags=["database"], include_deployment_checks=True, databases=["default"])
        return any(message.id == "members.W001" for message in found)

    assert not warned()
    user = User.objects.create_superuser("ROOT1", password="x" * 12)
    assert warned()
    user.is_active = False
    user.save()
    assert not warned()


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data; boundary=b; charset=punycode",
        "application/x-www-form-urlencoded; charset=undefined",
        "text/plain; charset=rot13",
        "text/plain; a*=nope''b",
    ],
)
def test_no_request_chooses_by_which_codec_it_is_read(content_type: str) -> None:
    """Some of Python's take the square of the length in time, some know nothing of text."""
    environ = RequestFactory().generic("POST", "/display/?q=x", b"x=y").environ

    request = Request(environ | {"CONTENT_TYPE": content_type})

    assert request.encoding is None
    assert request.GET["q"] == "x"


def test_what_a_client_accepts_may_be_nonsense(client: Client) -> None:
    answer = client.post("/display/", {"size": "115"}, headers={"Accept": "text/html;a*=nope''b"})

    assert answer.status_code == 302
