from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from members import audit
from newsletter.exports.json import issue_document
from newsletter.models import Issue


class Command(BaseCommand):
    help = "把一期完整写成一个文件（含未上线的内容，请妥善保管）。"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("issue", help="期的网址名，如 2022-3。")
        parser.add_argument("--format", choices=["json"], default="json")
        parser.add_argument("-o", "--output", type=Path, required=True, help="写到哪个文件。")

    def handle(self, *args: Any, **options: Any) -> None:
        issue = Issue.objects.by_slug(options["issue"]).first()
        if issue is None:
            raise CommandError(f"没有「{options['issue']}」这一期。应写作 年-期号，如 2022-3。")
        text = json.dumps(issue_document(issue), ensure_ascii=False, indent=1)
        target: Path = options["output"]
        part = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            part.touch(mode=0o600)
            part.write_text(text + "\n", encoding="utf-8")
            # Whole or not at all: a half-written file never stands under the name.
            part.replace(target)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise CommandError(f"写不了 {target}：{error.strerror}。") from None
        audit.record("issue.export", by=audit.COMMAND_LINE, subject=issue, format="json")
        if options["verbosity"] > 0:
            self.stdout.write(f"已写出 {issue.citation}：{target}")
