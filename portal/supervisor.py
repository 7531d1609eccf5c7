"""One process over the web server and the task worker: both run, or neither does.

    python -m portal.supervisor          serve until SIGINT, SIGTERM or SIGHUP
    python -m portal.supervisor check    only see that the address is free to listen on

It exits with 0 when it was told to stop, with 1 when something stopped by itself.
"""

from __future__ import annotations

import ctypes
import errno
import http.client
import os
import signal
import socket
import subprocess  # nosec B404
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

READY_WITHIN = 120.0  # seconds from start to the first healthy answer
FINISH_WITHIN = 15  # seconds that requests and tasks under way get to end by themselves
STOP_WITHIN = FINISH_WITHIN + 5.0  # seconds until whoever still runs is killed

STOPPING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
PR_SET_PDEATHSIG = 1  # prctl(2), Linux
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Child:
    title: str
    stop_with: signal.Signals
    process: subprocess.Popen[bytes]


def say(message: str) -> None:
    """Tell the person; a terminal that is gone must not keep anything from being stopped."""
    with suppress(OSError):
        print(message, flush=True)


def address() -> str:
    """Where the web server listens, as `host:port` with IPv6 in brackets."""
    host = settings.WEB_BIND
    return f"[{host}]:{settings.PORT}" if ":" in host else f"{host}:{settings.PORT}"


def obstacle() -> str:
    """Why the web server could not listen at its address, in a sentence; empty when it could."""
    try:
        family, kind, protocol, _, target = socket.getaddrinfo(
            settings.WEB_BIND, settings.PORT, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            # As the web server does: connections of an earlier run may still be closing.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(target)
            probe.listen()
    except OverflowError:
        return f"PORT 应在 1 到 65535 之间，现为 {settings.PORT}。"
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return (
                f"端口 {settings.PORT} 已被占用，没有启动。"
                "请先停掉占用它的程序，或换一个端口，例如：make run PORT=8080"
            )
        if error.errno == errno.EACCES:
            return f"没有权限使用端口 {settings.PORT}。请换用 1024 以上的端口。"
        return f"不能在 {address()} 上提供服务：{error.strerror}。请检查 WEB_BIND 和 PORT。"
    return ""


def _before_exec(parent: int, on_death: signal.Signals) -> None:
    """In the new process: undo what it inherits, and tie it to its parent's life."""
    # SIGINT is held back until portal.worker can take it without a word.
    signal.pthread_sigmask(signal.SIG_SETMASK, {on_death} & {signal.SIGINT})
    # A shell ignores SIGINT in what it starts in the background; the task worker needs it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if _libc:
        _libc.prctl(PR_SET_PDEATHSIG, on_death)
    if os.getppid() != parent:  # it died before the line above
        os._exit(1)


def start(title: str, stop_with: signal.Signals, *arguments: str) -> Child:
    """Start Python with `arguments` in a session of its own.

    A terminal sends Ctrl-C to all its foreground processes: out of its reach, the child gets
    only the signal meant for it, once, and its own children can be found by their group.
    """
    process = subprocess.Popen(  # nosec B603
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=partial(_before_exec, os.getpid(), stop_with),
    )
    return Child(title, stop_with, process)


def start_web() -> Child:
    return start(
        "网站",
        signal.SIGTERM,
        *("-m", "gunicorn", "portal.wsgi", "--bind", address(), "--no-control-socket"),
        *("--worker-class", "gthread", "--workers", str(settings.WEB_WORKERS)),
        *("--threads", str(settings.WEB_THREADS), "--keep-alive", "5"),
        *("--graceful-timeout", str(FINISH_WITHIN), "--log-level", "warning"),
        # Whose forwarded headers count is for TRUSTED_PROXIES alone to say.
        *("--forwarded-allow-ips", ""),
    )


def start_worker() -> Child:
    # SIGINT lets the task under way finish; SIGTERM would lose it.
    return start(
        "后台任务",
        signal.SIGINT,
        *("-m", "portal.worker", "--quiet", "--workers", "1"),
        *("--shutdown-timeout", str(FINISH_WITHIN)),
    )


def stop(children: Sequence[Child]) -> None:
    """Ask all to finish, wait at most STOP_WITHIN seconds, and leave no process behind."""
    for child in children:
        if child.process.poll() is None:
            child.process.send_signal(child.stop_with)
    deadline = time.monotonic() + STOP_WITHIN
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.process.wait(max(deadline - time.monotonic(), 0))
        with suppress(ProcessLookupError):
            os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()


def healthy() -> bool:
    """Whether the web server answers `/healthz`, asked where it listens and by its own name.

    (Asked at 0.0.0.0 or ::, the system asks itself.)
    """
    connection = http.client.HTTPConnection(settings.WEB_BIND, settings.PORT, timeout=2)
    try:
        connection.request("GET", "/healthz", headers={"Host": urlsplit(settings.BASE_URL).netloc})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def announce() -> None:
    say(f"\n《财税动态》会员门户已启动：{settings.BASE_URL}")
    if not settings.BASE_URL.endswith(f"//localhost:{settings.PORT}"):
        say(f"监听地址：{address()}")
    accounts = settings.VAR_DIR / "demo-accounts.txt"
    if accounts.exists():
        say(f"\n样例账号（保存在 {accounts}）：\n{accounts.read_text(encoding='utf-8').rstrip()}")
    say("\n按 Ctrl-C 停止。")


def ended(child: Child) -> str:
    code = child.process.returncode
    how = f"被信号 {signal.Signals(-code).name} 终止" if code < 0 else f"退出码 {code}"
    return f"{child.title}意外停止（{how}），门户已全部停下。原因见上面的输出。"


def watch(children: Sequence[Child]) -> str:
    """Wait until told to stop, or until something fails; return what failed, or nothing."""
    deadline = time.monotonic() + READY_WITHIN
    ready = False
    while True:
        # The end of a child is a signal too, so the long wait delays nothing.
        event = signal.sigtimedwait({*STOPPING, signal.SIGCHLD}, 60 if ready else 0.2)
        if event and event.si_signo in STOPPING:
            say("\n正在停止，等待进行中的请求和任务结束……")
            return ""
        for child in children:
            if child.process.poll() is not None:
                return ended(child)
        if not ready:
            ready = healthy()
            if ready:
                announce()
            elif time.monotonic() > deadline:
                return f"网站在 {READY_WITHIN:.0f} 秒内没有就绪，门户已全部停下。"


def serve() -> int:
    """Run both until stopped; the exit status."""
    # Signals wait in line for watch(); repeated ones, while stopping, change nothing.
    signal.pthread_sigmask(signal.SIG_BLOCK, {*STOPPING, signal.SIGCHLD})
    children: list[Child] = []
    try:
        children.append(start_web())
        children.append(start_worker())
        failure = watch(children)
    finally:
        stop(children)
    say(failure or "已停止。")
    return 1 if failure else 0


def main(arguments: Sequence[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    try:
        failure = obstacle()
    except ImproperlyConfigured as error:
        failure = f"设置有误：{error}"
    if failure:
        say(failure)
        return 1
    return 0 if "check" in arguments else serve()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
