"""Reading the environment: every helper fails loudly, in words an administrator can act on."""

from __future__ import annotations

import ipaddress
import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def boolean(name: str, default: bool) -> bool:
    value = os.environ.get(name, "")
    if value not in ("", "True", "False"):
        raise ImproperlyConfigured(f"{name} 只能是 True 或 False，现为「{value}」。")
    return default if value == "" else value == "True"


def integer(name: str, default: int, *, least: int = 0) -> int:
    value = os.environ.get(name, "")
    if not value:
        return default
    if not value.isascii() or not value.isdigit() or int(value) < least:
        raise ImproperlyConfigured(f"{name} 应为不小于 {least} 的整数，现为「{value}」。")
    return int(value)


def words(name: str) -> list[str]:
    """A comma-separated list, empty items dropped."""
    return [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]


def networks(name: str) -> list[Network]:
    try:
        return [ipaddress.ip_network(word) for word in words(name)]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} 应为以逗号分隔的网段，如 10.0.0.0/8,127.0.0.1：{error}"
        ) from None


def base_url(default: str) -> tuple[str, str, bool]:
    """`BASE_URL` as (address without trailing slash, host name, served over https)."""
    value = os.environ.get("BASE_URL", default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path:
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
        if len(key) < 50:
            raise ImproperlyConfigured("SECRET_KEY 太短：至少 50 个字符，且应随机生成。")
        return key
    if not embedded:
        raise ImproperlyConfigured("正式网址（https）须设置 SECRET_KEY。")
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
    return keep_in.read_text().strip()


def cache(default: str) -> dict[str, Any]:
    """`CACHE_URL`: `db://` (a table in the database) or `redis://host:port/0`."""
    value = os.environ.get("CACHE_URL", default)
    scheme = urlsplit(value).scheme
    if scheme == "db":
        return {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "portal_cache",
        }
    if scheme in ("redis", "rediss"):
        return {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": value}
    raise ImproperlyConfigured(f"CACHE_URL 应为 db:// 或 redis://…，现为「{value}」。")


def queue(default: Path) -> dict[str, Any]:
    """`QUEUE_URL`: `sqlite:///path` or `redis://host:port/1`, as huey's settings."""
    value = os.environ.get("QUEUE_URL", f"sqlite:///{default}")
    parts = urlsplit(value)
    settings: dict[str, Any] = {"name": "portal", "immediate": False, "results": False}
    if parts.scheme == "sqlite":
        path = unquote(parts.path)
        return settings | {
            "huey_class": "huey.SqliteHuey",
            "filename": path[1:] if path.startswith("//") else path,
        }
    if parts.scheme in ("redis", "rediss"):
        return settings | {"huey_class": "huey.RedisHuey", "url": value}
    raise ImproperlyConfigured(f"QUEUE_URL 应为 sqlite:///… 或 redis://…，现为「{value}」。")


def storage(default: Path) -> dict[str, Any]:
    """`STORAGE_URL`: `file:///path`, or `s3://key:secret@host:port/bucket?secure=False&region=…`."""
    value = os.environ.get("STORAGE_URL", f"file://{default}")
    parts = urlsplit(value)
    if parts.scheme == "file" and parts.path.startswith("/"):
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {
                "location": unquote(parts.path),
                "file_permissions_mode": 0o600,
                "directory_permissions_mode": 0o700,
                # Nothing is ever served from a path: files leave through views.
                "base_url": None,
            },
        }
    bucket = parts.path.strip("/")
    if parts.scheme == "s3" and bucket and parts.hostname:
        query = parse_qs(parts.query)
        secure = query.get("secure", ["True"])[0] == "True"
        port = f":{parts.port}" if parts.port else ""
        return {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": bucket,
                "endpoint_url": f"http{'s' if secure else ''}://{parts.hostname}{port}",
                "access_key": unquote(parts.username or ""),
                "secret_key": unquote(parts.password or ""),
                "region_name": query.get("region", ["us-east-1"])[0],
                "default_acl": "private",
                "querystring_auth": True,
                "file_overwrite": False,
            },
        }
    raise ImproperlyConfigured(
        f"STORAGE_URL 应为 file:///绝对路径，或 s3://钥匙:密钥@主机/桶，现为「{parts.scheme}://…」。"
    )


def email(default: Path) -> dict[str, Any]:
    """`EMAIL_URL`: `file:///folder` or `smtp[s|+tls]://user:password@host:port`, as settings."""
    value = os.environ.get("EMAIL_URL", f"file://{default}")
    parts = urlsplit(value)
    if parts.scheme == "file":
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": unquote(parts.path),
        }
    if parts.scheme in ("smtp", "smtps", "smtp+tls") and parts.hostname:
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
    raise ImproperlyConfigured(
        f"EMAIL_URL 应为 file:///目录、smtp://、smtps:// 或 smtp+tls://，现为「{parts.scheme}://…」。"
    )
