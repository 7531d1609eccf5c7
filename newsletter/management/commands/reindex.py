from __future__ import annotations

import argparse
from typing import Any

from django.core.cache import cache
from django.core.management.base import BaseCommand, CommandError

from newsletter.models import SearchEntry
from newsletter.search import rebuild

_RUNNING = "reindex-running"
_AT_MOST = 3600  # seconds


class Command(BaseCommand):
    help = "重建检索索引；进行中照常可以检索。"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="只核对，不改动；有出入时以状态 1 结束。"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            wrong = rebuild.differences()
            if wrong:
                raise CommandError(f"索引有 {wrong} 处与文章不符，请运行 manage.py reindex。")
            self.say(options, f"索引无误，共 {SearchEntry.objects.count()} 篇。")
            return
        # Two at once would take each other's new tables for their own.
        if not cache.add(_RUNNING, value=True, timeout=_AT_MOST):
            raise CommandError("另一个 reindex 正在运行。请等它结束；若已中断，一小时后再试。")
        try:
            count = rebuild.rebuild(lambda done: self.say(options, f"  已处理 {done} 篇", least=2))
        finally:
            cache.delete(_RUNNING)
        self.say(options, f"检索索引已重建，共 {count} 篇。")

    def say(self, options: dict[str, Any], message: str, *, least: int = 1) -> None:
        if options["verbosity"] >= least:
            self.stdout.write(message)
