from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from members import bulk


class Command(BaseCommand):
    help = "读一份会员名单（.xlsx 或 .csv），逐行说出看懂了什么、哪里不对；不改动任何数据。"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="名单文件。")
        parser.add_argument(
            "--set-aside",
            type=Path,
            metavar="FILE",
            help="把有误的行另存为这个 .xlsx 文件，最后一列写着各行的问题。",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        aside: Path | None = options["set_aside"]
        if aside is not None and (aside.exists() or aside.suffix != ".xlsx"):
            raise CommandError(f"“{aside}”已经存在，或不是 .xlsx 文件名。请另起一个名字。")
        try:
            with path.open("rb") as file:
                sheet = bulk.read(file, name=path.name)
            headings = bulk.find_headings(sheet).texts
            mapping = bulk.map_columns(sheet)
            lines = bulk.understand(sheet, mapping)
        except OSError as error:
            raise CommandError(f"打不开“{path}”：{error.strerror}。") from None
        except bulk.SheetRefused as error:
            raise CommandError(str(error)) from None
        wrong = [line for line in lines if line.errors]
        if options["verbosity"] > 0:
            self._tell(sheet, headings, mapping, lines)
        if aside is not None and wrong:
            aside.touch(mode=0o600)
            aside.write_bytes(bulk.write_rows(wrong, [*bulk.FIELDS], format="xlsx"))
            self.stdout.write(f"有误的 {len(wrong)} 行另存为“{aside}”。")
        if wrong:
            raise CommandError(f"{len(lines)} 行中有 {len(wrong)} 行要改。")

    def _tell(
        self,
        sheet: bulk.Sheet,
        headings: tuple[str, ...],
        mapping: dict[str, str],
        lines: list[bulk.Line],
    ) -> None:
        taken = [
            f"{text}→{bulk.FIELDS[field]}"
            for text in headings
            if (field := mapping.get(bulk.heading(text)))
        ]
        self.stdout.write(f"认出的列：{'，'.join(taken)}")
        if strange := bulk.unknown(headings, mapping):
            self.stdout.write(f"没有认出、不会收入的列：{'，'.join(strange)}")
        if sheet.others:
            self.stdout.write(f"没有读的工作表：{'，'.join(sheet.others)}")
        for line in lines:
            for field, error in line.errors.items():
                self.stdout.write(f"第{line.number}行　{bulk.FIELDS.get(field, field)}：{error}")
        firms = {bulk.firm_key(line.text("organization")) for line in lines if not line.is_personal}
        people = sum(line.has_person for line in lines)
        self.stdout.write(f"共 {len(lines)} 行：{len(firms)} 家会员单位，{people} 人。")
