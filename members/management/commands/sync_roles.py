from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from members.roles import ROLES, sync_roles


class Command(BaseCommand):
    help = "使角色及其权限与代码中的表一致；可随时重复运行。"

    def handle(self, *args: Any, **options: Any) -> None:
        sync_roles()
        if options["verbosity"] > 0:
            self.stdout.write(f"角色已就绪：{'、'.join(ROLES)}。")
