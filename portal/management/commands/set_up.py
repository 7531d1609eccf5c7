from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from members import privacy_notices


class Command(BaseCommand):
    help = "使数据库、缓存表和角色符合当前代码；可随时重复运行，升级后必须运行。"

    def handle(self, *args: Any, **options: Any) -> None:
        quiet = min(options["verbosity"], 1)
        call_command("migrate", interactive=False, verbosity=quiet)
        call_command("createcachetable", verbosity=quiet)
        call_command("sync_roles", verbosity=quiet)
        privacy_notices.publish_first()
