"""`flask serve`: web processes, worker and, for demonstration, the simulator, as one; stopped as one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import click

_GRACE = 10.0  # seconds for a process to end by itself
_RESTARTS = 5  # within a minute; a process that dies more often ends the service


@dataclass(frozen=True, slots=True)
class Plan:
    """What runs: each process by name with its command line, and the address that answers when all is well."""

    processes: Mapping[str, Sequence[str]]
    health_url: str
    ready: str = ""


def web_command(host: str, port: int, workers: int) -> list[str]:
    """granian over the WSGI application. Its access log stays off: queries hold the platform's OpenIDs."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--host", host, "--port", str(port),
        "--workers", str(workers), "--blocking-threads", "4", "--backpressure", "256", "--no-ws",
        "--log-level", "warning", "--respawn-failed-workers", "app:create_app",
    ]  # fmt: skip


def flask_command(name: str, *arguments: str) -> list[str]:
    """One of our own commands as a process."""
    return [sys.executable, "-m", "flask", name, *arguments]


class Service:
    """The running processes of a plan."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._died: list[float] = []
        self._stopping = False

    def run(self) -> int:
        """Start everything, keep it running until a signal, stop everything. Gives the exit status."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        try:
            for name in self._plan.processes:
                self._start(name)
            if self._is_up() and self._plan.ready:
                click.echo(self._plan.ready)
            return self._watch()
        finally:
            self._end_all()

    def _start(self, name: str) -> None:
        # A session of its own: Ctrl-C reaches us alone, and we end the others in order.
        self._running[name] = subprocess.Popen(self._plan.processes[name], start_new_session=True, env=os.environ)

    def _stop(self, _signal: int, _frame: object) -> None:
        self._stopping = True

    def _is_up(self) -> bool:
        deadline = time.monotonic() + 30
        while not self._stopping and time.monotonic() < deadline:
            if any(process.poll() is not None for process in self._running.values()):
                return False
            try:
                with urllib.request.urlopen(self._plan.health_url, timeout=2):  # noqa: S310  (our own address)
                    return True
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        return False

    def _watch(self) -> int:
        while not self._stopping:
            for name, process in list(self._running.items()):
                status = process.poll()
                if status is None:
                    continue
                if status == 2 or self._dies_too_often():
                    click.echo(f"{name} 停了（状态 {status}），服务一起停下。请看上面的提示。", err=True)
                    return status or 1
                click.echo(f"{name} 意外停了，正在重新启动。", err=True)
                self._start(name)
            time.sleep(0.2)
        return 0

    def _dies_too_often(self) -> bool:
        self._died = [moment for moment in self._died if moment > time.monotonic() - 60] + [time.monotonic()]
        return len(self._died) > _RESTARTS

    def _end_all(self) -> None:
        for process in self._running.values():
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + _GRACE
        for process in self._running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def serve_command(plan: Callable[[], Plan]) -> click.Command:
    """The command; `plan` is called once the settings are known to be right."""

    @click.command("serve")
    def serve() -> None:
        """启动服务:网页进程、后台任务;打开了模拟器时连同模拟器。"""
        raise SystemExit(Service(plan()).run())

    return serve
