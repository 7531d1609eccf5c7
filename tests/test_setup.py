"""What `make` prepares: packages, pins, and the database that tests run on."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from tests.processes import descendants, plain_environment, processes, until

ROOT = Path(__file__).resolve().parent.parent
HAS_POSTGRES = bool(shutil.which("initdb")) or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))

# The database of the tests ---------------------------------------------------------------------
needs_postgres = pytest.mark.skipif(
    not HAS_POSTGRES and bool(os.environ.get("TEST_DATABASE_URL")) and not os.environ.get("CI"),
    reason="another PostgreSQL was named, and none is installed to start",
)
CONNECT = """
import os, sys, time
import environ, psycopg2
address = environ.Env().db_url("TEST_DATABASE_URL")
connection = psycopg2.connect(user=address["USER"], dbname=address["NAME"], **address["OPTIONS"])
cursor = connection.cursor()
cursor.execute("SELECT current_setting('data_directory'), current_setting('listen_addresses')")
print(*cursor.fetchone(), sep="|", flush=True)
"""


def with_postgres(script: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, ROOT / "scripts" / "with_postgres.py", sys.executable, "-c", script],
        env=plain_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )


@needs_postgres
def test_the_private_cluster_lives_as_long_as_its_command_and_hands_on_its_status() -> None:
    running = with_postgres(f"{CONNECT}\nsys.exit(7)")
    output, _ = running.communicate(timeout=60)
    assert running.returncode == 7
    data, listening = output.strip().split("|")
    assert listening == "", "nobody else on the machine may reach it"
    assert not Path(data).parent.exists()


@needs_postgres
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL])
def test_an_ended_test_run_takes_its_cluster_along(sent: signal.Signals) -> None:
    running = with_postgres(f"{CONNECT}\ntime.sleep(60)")
    assert running.stdout
    folder = Path(running.stdout.readline().split("|")[0]).parent
    try:
        family = descendants(running.pid)
        assert len(family) > 2, "the command, the server and what the server starts"
        running.send_signal(sent)
        running.wait(30)
        assert until(lambda: not family & processes().keys(), seconds=30)
        assert folder.exists() == (sent == signal.SIGKILL), "only a killed one cannot tidy up"
    finally:
        running.stdout.close()
        shutil.rmtree(folder, ignore_errors=True)


def test_a_named_database_is_used_as_it_is() -> None:
    named = "postgres://db.example.org/tests"
    printed = ["printenv", "TEST_DATABASE_URL"]
    result = subprocess.run(
        [sys.executable, ROOT / "scripts" / "with_postgres.py", *printed],
        env=plain_environment(TEST_DATABASE_URL=named),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.returncode, result.stdout) == (0, f"{named}\n")


# Making the checkout ready ---------------------------------------------------------------------
def set_up(checkout: Path, *, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "scripts/setup.sh", "check"],
        cwd=checkout,
        env=plain_environment(PYTHON=python),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The set-up script beside a list of packages that needs no network."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "setup.sh", tmp_path / "scripts")
    (tmp_path / "requirements-dev.txt").write_text("# none\n")
    return tmp_path


def test_packages_are_installed_once_and_again_only_when_the_list_changed(checkout: Path) -> None:
    first = set_up(checkout)
    assert first.returncode == 0, first.stderr
    stamp = checkout / ".venv" / ".requirements-dev"
    written = stamp.stat().st_mtime_ns

    second = set_up(checkout)
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert stamp.stat().st_mtime_ns == written

    (checkout / "requirements-dev.txt").write_text("# none, but otherwise\n")
    assert "requirements-dev.txt" in set_up(checkout).stdout
    assert stamp.stat().st_mtime_ns > written

    # What an upgrade of the system, or a cut-off first run, leaves: an interpreter without pip.
    for package in checkout.glob(".venv/lib/*/site-packages/pip"):
        shutil.rmtree(package)
    stamp.unlink()
    assert "建立 .venv" in set_up(checkout).stdout
    assert stamp.exists()


def test_packages_that_do_not_match_their_hash_are_not_taken(checkout: Path) -> None:
    (checkout / "requirements-dev.txt").write_text("./scripts\n")
    result = set_up(checkout)
    assert result.returncode == 1
    assert "软件包没有装全" in result.stderr
    assert not (checkout / ".venv" / ".requirements-dev").exists()


def test_an_older_python_is_refused_by_its_version(checkout: Path) -> None:
    older = checkout / "python3.9"
    older.write_text(
        f'#!/bin/sh\nexec {sys.executable} -c "import sys; sys.version_info = (3, 9, 2); '
        'exec(sys.argv[2])" "$@"\n'
    )
    older.chmod(0o755)
    result = set_up(checkout, python=str(older))
    assert result.returncode == 1
    assert "需要 Python 3.11 或更新的版本" in result.stderr
    assert "3.9.2" in result.stderr
    assert not (checkout / ".venv").exists()


# The pinned packages ---------------------------------------------------------------------------
PIN = re.compile(r"^([a-z0-9._-]+)==(\S+) \\\n((?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.M)


def pins(name: str) -> dict[str, str]:
    return {package: version for package, version, _ in PIN.findall((ROOT / name).read_text())}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_pinned_package_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    named = re.findall(r"^[^\s#]\S*", text, re.M)
    assert named
    assert [f"{package}=={version}" for package, version in pins(name).items()] == named
    assert "://" not in text
    assert not re.search(
        r"^\s*#?.*--(index-url|extra-index-url|find-links|trusted-host)", text, re.M
    )


def test_the_packages_of_development_hold_those_of_the_running_portal() -> None:
    running, development = pins("requirements.txt"), pins("requirements-dev.txt")
    assert running.items() <= development.items()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for wanted, pinned in (
        (project["dependencies"], running),
        (project["optional-dependencies"]["dev"], development),
    ):
        names = {re.split(r"[\[<>=~!; ]", line)[0].lower() for line in wanted}
        assert names <= pinned.keys(), "make lock"
    assert "psycopg" not in development, "Django would silently switch to psycopg 3"


def test_the_tests_run_on_the_pinned_packages_and_debian_12_can_install_each() -> None:
    for package, version in pins("requirements-dev.txt").items():
        installed = metadata.metadata(package)
        assert installed["Version"] == version, package
        # The release's own interpreter, older than most that a lock file is made on.
        assert Version("3.11.2") in SpecifierSet(installed["Requires-Python"] or ""), package
