"""Where files lie: under made-up names that nobody else can read, and without an address."""

from __future__ import annotations

import logging
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.test import Client
from moto.server import ThreadedMotoServer

from members.models import User
from newsletter.models import Figure, IncomingFile
from portal import environment
from tests import factories

BUCKET = "portal-media"


@pytest.fixture(scope="session")
def objects() -> Iterator[str]:
    """A real server of objects on this machine, as `STORAGE_URL`."""
    # Its log of requests is of no use here.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{host}:{port}",
        aws_access_key_id="key",
        aws_secret_access_key="secret/with+signs",
        region_name="us-east-1",
    )
    client.create_bucket(Bucket=BUCKET)
    yield f"s3://key:secret%2Fwith%2Bsigns@{host}:{port}/{BUCKET}?secure=False"
    client.close()
    server.stop()


def _stored_at(url: str, settings: object, monkeypatch: pytest.MonkeyPatch) -> Storage:
    """The storage that the settings would make of `STORAGE_URL`."""
    monkeypatch.setenv("STORAGE_URL", url)
    chosen = environment.storage(Path("/nowhere"))
    settings.STORAGES = {**settings.STORAGES, "default": chosen}  # type: ignore[attr-defined]
    return storages["default"]


@pytest.fixture(params=["folder", "bucket"])
def storage(
    request: pytest.FixtureRequest,
    settings: object,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Storage:
    if request.param == "folder":
        return _stored_at(f"file://{tmp_path}/media", settings, monkeypatch)
    return _stored_at(request.getfixturevalue("objects"), settings, monkeypatch)


@pytest.fixture
def reader(member: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(member)


def test_a_figure_is_kept_shown_and_deleted(storage: Storage, reader: Client) -> None:
    data = factories.png(30, 20, text="a picture of our own")
    figure = Figure(article=factories.create_article(factories.create_issue()))
    figure.image.save("image.png", ContentFile(data, name="image.png"))
    name = figure.image.name or ""
    assert storage.exists(name)
    assert (figure.width, figure.height) == (30, 20)

    answer = reader.get(figure.get_absolute_url())

    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Length"] == str(len(data))
    assert answer["Cache-Control"] == "private, no-store"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer.getvalue() == data

    figure.image.delete(save=False)

    assert not storage.exists(name)
    assert reader.get(figure.get_absolute_url()).status_code == 404


def test_an_attachment_is_downloaded_under_its_own_name(storage: Storage, reader: Client) -> None:
    content = bytes(range(256)) * 3000
    attachment = factories.create_attachment(
        factories.create_article(factories.create_issue()), name="附表 1.xlsx", content=content
    )

    answer = reader.get(attachment.get_absolute_url())

    assert answer["Content-Type"] == "application/octet-stream"
    # RFC 6266, 4.3, with the encoding of RFC 8187.
    assert answer["Content-Disposition"] == (
        "attachment; filename*=utf-8''%E9%99%84%E8%A1%A8%201.xlsx"
    )
    assert answer.getvalue() == content
    assert attachment.size == len(content)


def test_a_stranger_gets_nothing_of_a_stored_file(storage: Storage, db: None) -> None:
    figure = factories.create_figure(factories.create_article(factories.create_issue()))

    answer = Client().get(figure.get_absolute_url())

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_no_page_names_where_a_file_lies(
    storage: Storage, reader: Client, editor: User, signed_in: Callable[[User], Client]
) -> None:
    article = factories.create_article(factories.create_issue())
    figure = factories.create_figure(article)
    attachment = factories.create_attachment(article)
    article.body += f'<figure data-figure="{figure.pk}"></figure>'
    article.save()
    at_the_desk = signed_in(editor)
    pages = [
        reader.get(article.get_absolute_url()),
        # Of what is published an editor may look at everything and change nothing.
        at_the_desk.get(f"/admin/newsletter/article/{article.pk}/change/"),
        at_the_desk.get(f"/admin/newsletter/article/{article.pk}/preview/"),
    ]

    assert f"/figures/{figure.pk}/" in pages[0].content.decode()
    for page in pages:
        assert page.status_code == 200
        said = page.content.decode()
        assert "X-Amz" not in said
        assert BUCKET not in said
        for stored in (figure.image.name, attachment.file.name):
            assert f'href="/{stored}' not in said
            assert f'src="/{stored}' not in said
            assert f"/{stored}?" not in said


def test_a_stored_file_has_no_address_of_its_own(storage: Storage, db: None) -> None:
    figure = factories.create_figure(factories.create_article(factories.create_issue()))

    assert figure.image.url == ""


@pytest.mark.parametrize(
    "called", ["../../etc/passwd.png", "a/b\\c.PNG", "照片 1.png", "x.png\0.html", "a.b.c.html"]
)
def test_the_name_in_the_storage_is_made_up(storage: Storage, db: None, called: str) -> None:
    article = factories.create_article(factories.create_issue())
    figure = Figure(article=article)
    received = IncomingFile(name=called, sha256="0" * 64)

    figure.image.save("image.png", ContentFile(factories.png()), save=False)
    received.file.save(called.replace("/", "_"), ContentFile(b"x"), save=False)

    assert re.fullmatch(r"figures/[0-9a-z]{20}\.png", figure.image.name or "")
    assert re.fullmatch(r"incoming/[0-9a-z]{20}", received.file.name or "")


def test_two_files_of_one_name_never_meet(storage: Storage) -> None:
    first = storage.save("attachments/same", ContentFile(b"first"))
    second = storage.save("attachments/same", ContentFile(b"second"))

    assert first != second
    with storage.open(first) as file:
        assert file.read() == b"first"


def test_files_of_this_machine_are_for_the_portal_alone(
    settings: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, db: None
) -> None:
    _stored_at(f"file://{tmp_path}/media", settings, monkeypatch)
    article = factories.create_article(factories.create_issue())
    figure = factories.create_figure(article)
    # More than is held in memory on upload, so that it passes through a temporary file.
    large = factories.create_attachment(article, content=b"x" * 3_000_000)

    for name in (figure.image.name, large.file.name):
        file = tmp_path / "media" / (name or "")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_objects_are_private(
    objects: str, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = _stored_at(objects, settings, monkeypatch)
    name = storage.save("attachments/private", ContentFile(b"x"))
    grants = storage.bucket.Object(name).Acl().grants  # type: ignore[attr-defined]

    assert [grant["Permission"] for grant in grants] == ["FULL_CONTROL"]
    assert "AllUsers" not in str(grants)
