from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from members import audit, audit_triggers


class Command(BaseCommand):
    help = "重建保护审计记录的数据库触发器（重建本身也会记入审计）。"

    def handle(self, *args: Any, **options: Any) -> None:
        with connection.schema_editor() as editor:
            audit_triggers.create(None, editor)
        audit.record("audit.triggers-restored", by=audit.COMMAND_LINE)
        self.stdout.write("触发器已重建。")
