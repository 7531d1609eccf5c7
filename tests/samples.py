"""The sample issues, brought in as the command line does it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management import call_command

from newsletter.models import Issue
from portal.demo import SAMPLES

SAMPLE = SAMPLES / "2026-3.txt"


def import_sample(path: Path = SAMPLE, **options: Any) -> Issue:
    call_command("import_issue", str(path), verbosity=0, **options)
    return Issue.objects.get(year=2026, number=int(path.stem[-1]))
