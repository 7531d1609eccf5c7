"""Browsers inside other apps, where files, printing and speech fail without a word."""

from __future__ import annotations

from typing import Final

# What their user agents carry, the narrower first: 企业微信 names 微信 too.
_HOST_APPS: Final = [
    ("wxwork/", "企业微信"),
    ("MicroMessenger/", "微信"),
    ("DingTalk/", "钉钉"),
    ("Lark/", "飞书"),
    ("AlipayClient/", "支付宝"),
    ("Weibo", "微博"),
    (" QQ/", "QQ"),
]


def host_app(agent: str) -> str:
    """The app in whose browser a page is shown, as its users call it; empty for a browser."""
    return next((name for token, name in _HOST_APPS if token in agent), "")
