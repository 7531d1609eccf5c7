"""Reading the environment: every helper fails loudly, in words an administrator can act on."""

from __future__ import annotations

import ipaddress
import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
KEY_LENGTH = 50  # characters; what `check --deploy` asks for


def integer(name: str, default: int, *, least: int = 0, most: int = 10**6) -> int:
    value = os.environ.get(name, "")
    if not value:
        return default
    if not (value.isascii() and value.isdigit() and least <= int(value[:9]) <= most):
        raise ImproperlyConfigured(f"{name} 应为 {least} 到 {most} 的整数，现为「{value}」。")
    return int(value)


def switch(name: str, *, default: bool) -> bool:
    """On or off: `on`, `true`, `yes`, `1`, or `off`, `false`, `no`, `0`, capitals or not."""
    value = os.environ.get(name, "").strip().lower()
    if value in ("on", "true", "yes", "1"):
        return True
    if value in ("off", "false", "no", "0"):
        return False
    if value:
        raise ImproperlyConfigured(f"{name} 应为 on 或 off，现为「{value}」。")
    return default


def words(name: str) -> list[str]:
    """A comma-separated list, empty items dropped."""
    return [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]


def networks(name: str) -> list[Network]:
    found: list[Network] = []
    for word in words(name):
        try:
            found.append(ipaddress.ip_network(word))
        except ValueError:
            raise ImproperlyConfigured(
                f"{name} 应为以逗号分隔的网段，如 10.0.0.0/8,127.0.0.1；「{word}」不是网段"
                "（掩码之外的位须为零）。"
            ) from None
    return found


def base_url(default: str) -> tuple[str, str, bool]:
    """`BASE_URL` as (address without trailing slash, host name, served over https)."""
    value = (os.environ.get("BASE_URL") or default).rstrip("/")
    parts = _split(value)
    if (
        parts is None
        or parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.username is not None
        or parts.path
        or parts.query
        or parts.fragment
    ):
        raise ImproperlyConfigured(
            f"BASE_URL 应为完整的网址，如 https://portal.example.org，现为「{value}」。"
        )
    return value, parts.hostname, parts.scheme == "https"


def secret_key(keep_in: Path, *, embedded: bool) -> str:
    """`SECRET_KEY`, or in the embedded set-up one made on first use and kept in `keep_in`.

    Raises:
        ImproperlyConfigured: it is absent, or shorter than 50 characters, on a real address.
    """
    key = os.environ.get("SECRET_KEY", "")
    if key:
        if len(key) < KEY_LENGTH:
            raise ImproperlyConfigured(f"SECRET_KEY 太短：至少 {KEY_LENGTH} 个字符，且应随机生成。")
        return key
    if not embedded:
        raise ImproperlyConfigured("正式网址（不是 localhost）须设置 SECRET_KEY。")
    if not keep_in.exists():
        keep_in.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = keep_in.with_name(f".{keep_in.name}.{os.getpid()}")
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(64))
        try:
            # Two processes may start at once: the first link wins, both read the same key.
            os.link(made, keep_in)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    key = keep_in.read_text().strip()
    if len(key) < KEY_LENGTH:
        raise ImproperlyConfigured(f"{keep_in} 里的密钥已损坏。请删去这个文件，再启动一次。")
    return key


def database(default: Path) -> dict[str, Any]:
    """`DATABASE_URL`: `sqlite:////absolute/path` or `postgres://user:password@host:port/name`."""
    value = os.environ.get("DATABASE_URL")
    if not value:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(default.absolute())}
    parts = _split(value)
    if parts and parts.scheme in ("sqlite", "postgres", "postgresql") and parts.path.strip("/"):
        found: dict[str, Any] = environ.Env.db_url_config(value)
        return found
    scheme = parts.scheme if parts else ""
    raise ImproperlyConfigured(
        "DATABASE_URL 应为 sqlite:////绝对路径 或 postgres://用户:密码@主机/库，"
        f"现为「{scheme}://…」。"
    )


def cache(default: str) -> dict[str, Any]:
    """`CACHE_URL`: `db://` (a table in the database) or `redis://host:port/0`."""
    value = os.environ.get("CACHE_URL") or default
    parts = _split(value)
    scheme = parts.scheme if parts else ""
    if scheme == "db":
        return {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "portal_cache",
            # Limits of tries are kept here: at Django's 300 rows a flood would push them out.
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        }
    if scheme in ("redis", "rediss") and parts and parts.hostname:
        return {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": value}
    raise ImproperlyConfigured(f"CACHE_URL 应为 db:// 或 redis://主机…，现为「{scheme}://…」。")


def queue(default: Path) -> dict[str, Any]:
    """`QUEUE_URL`: `sqlite:////absolute/path` or `redis://host:port/1`, as huey's settings."""
    value = os.environ.get("QUEUE_URL") or f"sqlite:///{quote(str(default.absolute()))}"
    parts = _split(value)
    settings: dict[str, Any] = {
        "name": "portal",
        "immediate": False,
        "results": False,
        "utc": False,
    }
    if parts and parts.scheme == "sqlite" and not parts.netloc and parts.path.strip("/"):
        return settings | {
            "huey_class": "huey.SqliteHuey",
            "filename": f"/{unquote(parts.path).lstrip('/')}",
        }
    if parts and parts.scheme in ("redis", "rediss") and parts.hostname:
        return settings | {"huey_class": "huey.RedisHuey", "url": value}
    scheme = parts.scheme if parts else ""
    raise ImproperlyConfigured(
        f"QUEUE_URL 应为 sqlite:///绝对路径 或 redis://主机…，现为「{scheme}://…」。"
    )


def storage(default: Path) -> dict[str, Any]:
    """`STORAGE_URL`: `file:///path`, or `s3://key:secret@host:port/bucket?secure=False&region=…`."""
    parts = _split(os.environ.get("STORAGE_URL") or default.absolute().as_uri())
    if parts and parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return {
            "BACKEND": "portal.storage.LocalStorage",
            "OPTIONS": {
                "location": unquote(parts.path),
                "file_permissions_mode": 0o600,
                "directory_permissions_mode": 0o700,
            },
        }
    query = parse_qs(parts.query) if parts else {}
    # A word that is neither must not quietly mean "without encryption".
    secure = {"True": True, "False": False}.get(query.get("secure", ["True"])[0])
    bucket = parts.path.strip("/") if parts else ""
    if parts and parts.scheme == "s3" and bucket and parts.hostname and secure is not None:
        port = f":{parts.port}" if parts.port else ""
        return {
            "BACKEND": "portal.storage.ObjectStorage",
            "OPTIONS": {
                "bucket_name": bucket,
                "endpoint_url": f"http{'s' if secure else ''}://{parts.hostname}{port}",
                "access_key": unquote(parts.username or ""),
                "secret_key": unquote(parts.password or ""),
                "region_name": query.get("region", ["us-east-1"])[0],
                "default_acl": "private",
                "file_overwrite": False,
            },
        }
    scheme = parts.scheme if parts else ""
    raise ImproperlyConfigured(
        "STORAGE_URL 应为 file:///绝对路径，或 s3://钥匙:密钥@主机/桶?secure=True（或 False），"
        f"现为「{scheme}://…」。"
    )


def email(default: Path) -> dict[str, Any]:
    """`EMAIL_URL`: `file:///folder` or `smtp[s|+tls]://user:password@host:port`, as settings."""
    parts = _split(os.environ.get("EMAIL_URL") or default.absolute().as_uri())
    if parts and parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": unquote(parts.path),
        }
    if parts and parts.scheme in ("smtp", "smtps", "smtp+tls") and parts.hostname:
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": parts.hostname,
            "EMAIL_PORT": parts.port or {"smtps": 465, "smtp+tls": 587}.get(parts.scheme, 25),
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
            "EMAIL_USE_SSL": parts.scheme == "smtps",
            "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
            "EMAIL_TIMEOUT": 20,
        }
    scheme = parts.scheme if parts else ""
    raise ImproperlyConfigured(
        f"EMAIL_URL 应为 file:///目录、smtp://、smtps:// 或 smtp+tls://，现为「{scheme}://…」。"
    )


def _split(address: str) -> SplitResult | None:
    """An address in its parts; None when it is malformed, its port included."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return parts
