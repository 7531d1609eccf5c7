from __future__ import annotations

import argparse
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from members.models import User
from newsletter.models import Issue
from portal import demo


class Command(BaseCommand):
    help = "在空库中载入样例：两期样刊，十二家会员单位，四十个人，每个角色一个账号。"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="库不是空的就什么也不做，不算出错。"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists() or Issue.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError("库里已有人员或刊物，样例只载入空库。")
        if not settings.EMBEDDED:
            if options["if_empty"]:
                return
            raise CommandError(
                "正式网址（https）上不载入样例账号。请用 manage.py createsuperuser。"
            )
        try:
            path = demo.load()
        except ValidationError as error:
            raise CommandError(f"DEMO_PASSWORD：{''.join(error.messages)}") from None
        if options["verbosity"] > 0:
            self.stdout.write(f"样例已载入，账号与密码写在 {path}。")
