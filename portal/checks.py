"""System checks of what the settings file put together."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning


@register(Tags.security)
def address_is_a_name(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Passkeys refuse an address in digits (WebAuthn: an RP ID is a domain name)."""
    if settings.HOST.replace(".", "").isdigit() or ":" in settings.HOST:
        return [
            Error(
                f"BASE_URL 的主机「{settings.HOST}」是数字地址，应为域名（本机用 localhost）。",
                id="portal.E001",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def proxies_are_named(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Behind https there is a proxy; unless it is trusted every request looks like plain http."""
    if settings.HTTPS and not settings.TRUSTED_PROXIES:
        return [
            CheckWarning(
                "BASE_URL 是 https，却没有设置 TRUSTED_PROXIES：来自反向代理的请求会被当作 http。",
                hint="填反向代理的地址，如 TRUSTED_PROXIES=127.0.0.1/32。",
                id="portal.W001",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def a_proxy_stands_in_front(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """A few slow connections occupy every thread; a buffering proxy waits in their place."""
    if settings.WEB_BIND not in ("127.0.0.1", "::1", "localhost"):
        return [
            CheckWarning(
                f"WEB_BIND={settings.WEB_BIND}：网站直接面对外面，几个慢连接就能占满它。",
                hint="让它只听本机，前面放 nginx（见 docs/operations.md）。",
                id="portal.W002",
            )
        ]
    return []


@register(Tags.database)
def sqlite_is_new_enough(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """`JSON` functions and window functions are used on every page."""
    if sqlite3.sqlite_version_info < (3, 38):
        return [Error(f"SQLite {sqlite3.sqlite_version} 太旧，需要 3.38 以上。", id="portal.E002")]
    return []
