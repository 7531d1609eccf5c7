from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from members import audit
from members.models import User
from newsletter import publishing
from newsletter.importing import receive
from newsletter.importing.errors import ImportRefused


class Command(BaseCommand):
    help = "导入一期成稿（文本，或本门户导出的 JSON），打印对账报告。"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="成稿文件；同名文件夹中的图片一并导入。")
        parser.add_argument("--publish", action="store_true", help="导入后随即发布。")
        parser.add_argument("--replace", action="store_true", help="替换同一期的草稿。")
        parser.add_argument(
            "--by", default="", help="经手人的会员号、手机号或邮箱；不填记为命令行。"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        by = _actor(options["by"])
        path: Path = options["file"]
        try:
            found = receive.from_path(path)
            issue = receive.keep(found, by=by, replace=options["replace"])
        except ImportRefused as error:
            raise CommandError(str(error)) from None
        if options["verbosity"] > 0:
            self.stdout.write(found.report_text())
            self.stdout.write(f"已导入：{issue.citation}，{issue.articles.count()} 篇，草稿。")
        if options["publish"]:
            try:
                publishing.publish(issue, by=by)
            except publishing.Refused as error:
                raise CommandError(f"已存为草稿，但没有发布：{error}") from None
            if options["verbosity"] > 0:
                self.stdout.write("已发布。")


def _actor(identifier: str) -> User | audit.Actor:
    if not identifier:
        return audit.COMMAND_LINE
    user = User.objects.by_identifier(identifier)
    if user is None:
        raise CommandError(f"没有会员号、手机号或邮箱为「{identifier}」的人。")
    return user
