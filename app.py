"""The composition root: the only file that knows everyone. Settings become values here and are handed on."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from flask import Flask, Response

import logs
from bot import webhook
from bot.dispatch import Dispatcher
from bot.menu import create_menu
from bot.sms import Gateway
from bot.token import SharedTokens
from bot.webhook import Door
from bot.wechat import Line, WeChat
from commands.articles import articles_command
from commands.ask import ask_command
from commands.audit import audit_command
from commands.backup import backup_command, restore_command
from commands.batches import batches_command, withdraw_batch_command
from commands.demo_data import demo_data_command
from commands.demo_staff import demo_staff_command
from commands.import_payments import import_payments_command
from commands.init_config import init_config_command
from commands.keys import keys_command
from commands.registers import register_commands
from commands.route import route_command
from commands.serve import Plan, flask_command, serve_command, web_command
from commands.staff import create_staff_command
from commands.work_orders import export_work_orders_command, import_work_orders_command
from config import ConfigFault, Settings, load_settings, stop_on_fault
from console import register_console, register_public
from console.words import ACTIONS
from knowledge.answers import Answerer
from knowledge.article import Article
from knowledge.errors import PlatformFault
from models.db import Database
from models.library import articles_of
from parts import NOTICES, Parts, consent_url, console_values, limits, values

_HERE = Path(__file__).resolve().parent


def create_app(settings: Settings | None = None) -> Flask:
    """The whole service, and the command line on it. Without settings they are read from the file (CONFIG).

    A fault in the configuration ends the process with status 2; only the command that writes one needs none.
    """
    logs.set_up()
    app = Flask(__name__, static_folder=None)
    app.cli.add_command(init_config_command(_HERE / "config.example.toml"))
    if settings is None and sys.argv[1:2] == ["init-config"]:
        return app
    try:
        parts = Parts(settings or load_settings())
    except ConfigFault as fault:
        stop_on_fault(fault)
    for command in _commands(parts):
        app.cli.add_command(command)
    if settings is not None or not _is_our_command(app):
        _serve(app, parts)
    return app


# ---------------------------------------------------------------- the web


def _serve(app: Flask, parts: Parts) -> None:
    settings = parts.settings
    app.secret_key = settings.secrets.session
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 * 1024
    surfaces = settings.server.surfaces
    parts.library.answerer()  # half a second's work, done before the first question comes by whatever way
    parts.terms.precedents()  # so is what the routing has learnt
    if "webhook" in surfaces:
        _open_webhook(app, parts)
    if "console" in surfaces:
        register_console(app, parts.database, console_values(parts))
    if "public" in surfaces:
        register_public(app, parts.database, console_values(parts))
    app.add_url_rule("/health", "health", lambda: Response("ok", content_type="text/plain"))
    if settings.server.path_prefix:
        app.wsgi_app = _under(settings.server.path_prefix, app.wsgi_app)  # type: ignore[method-assign]


def _open_webhook(app: Flask, parts: Parts) -> None:
    wechat = parts.settings.wechat
    dispatcher = Dispatcher(parts.database, values(parts), parts.library.answerer)
    keys = (wechat.encoding_aes_key, wechat.previous_encoding_aes_key)
    app.extensions["wechat"] = Door.of(wechat.token, wechat.app_id, keys, dispatcher)
    app.register_blueprint(webhook.blueprint)


def _under(prefix: str, wsgi: Any) -> Callable[..., Iterable[bytes]]:
    def prefixed(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path != prefix and not path.startswith(prefix + "/"):
            return Response("Not Found", 404)(environ, start_response)
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + prefix
        environ["PATH_INFO"] = path[len(prefix) :] or "/"
        return wsgi(environ, start_response)  # type: ignore[no-any-return]

    return prefixed


# ---------------------------------------------------------------- the command line


def _commands(parts: Parts) -> Iterable[click.Command]:
    def articles() -> list[Article]:
        return articles_of(lambda: parts.bare_database)

    def database() -> Database:
        return parts.database

    def demo() -> Database:
        return _demo_database(parts)

    return (
        ask_command(articles),
        route_command(lambda: Answerer(articles()).guess_item),
        import_payments_command(database),
        *register_commands(database, lambda: limits(parts.settings), ACTIONS),
        batches_command(database),
        withdraw_batch_command(database),
        create_staff_command(database),
        import_work_orders_command(database, lambda: parts.clocks, lambda: parts.terms, lambda: Answerer(articles()).guess_item),
        export_work_orders_command(database),
        audit_command(database),
        articles_command(database),
        keys_command(database),
        backup_command(lambda: parts.standing_database),
        restore_command(lambda: parts.migrated_database),  # what is restored brings its own departments and articles
        demo_data_command(demo),
        demo_staff_command(demo),
        serve_command(lambda: _plan(parts)),
        _worker_command(parts),
        _simulator_command(parts),
        _create_menu_command(parts),
    )


def _demo_database(parts: Parts) -> Database:
    if not parts.settings.simulator.enabled:
        raise click.ClickException("演示数据只装到打开了模拟器的配置里。正式库里不能有编的人。")
    return parts.database


def _plan(parts: Parts) -> Plan:
    server, simulator = parts.settings.server, parts.settings.simulator
    _ = parts.database  # migrated once, before several processes open it
    host = "127.0.0.1" if server.host in ("0.0.0.0", "::") else server.host  # noqa: S104
    base = f"http://{host}:{server.port}{server.path_prefix}"
    processes = {"web": web_command(server.host, server.port, server.workers), "worker": flask_command("worker")}
    ready = f"服务已启动：{base}"
    if "console" in server.surfaces:
        ready += f"\n  工作人员后台  {base}/console"
    if simulator.enabled:
        processes["simulator"] = flask_command("simulator")
        ready += f"\n  居民的手机    http://127.0.0.1:{simulator.port}\n按 Ctrl-C 停止。"
    return Plan(processes, f"{base}/health", ready)


def _is_our_command(app: Flask) -> bool:
    """Whether the command line runs one of our commands, which open only the parts that they need."""
    return click.get_current_context(silent=True) is not None and sys.argv[1:2] != [] and sys.argv[1] in app.cli.commands


def _worker_command(parts: Parts) -> click.Command:
    @click.command("worker")
    def worker() -> None:
        """后台任务：送出答复、取回照片、清理。"""
        # Here and not above: a web process lives on without what draws and fetches pictures.
        from bot.cards import Letterhead
        from bot.deliver import Templates
        from bot.worker import Upkeep, jobs_of, run_worker

        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: stop.set())
        settings = parts.settings
        upkeep = Upkeep(
            templates=Templates(settings.wechat.subscribe_template, settings.wechat.answer_template),
            before_call=timedelta(days=settings.delivery.days_before_call),
            messages_kept=timedelta(days=settings.delivery.message_days),
            gaps_kept=timedelta(days=settings.retention.gap_days),
            calls_kept=timedelta(days=settings.retention.call_days),
            sms=_gateway(settings),
            limits=limits(settings),
            terms=parts.terms,
            clocks=parts.clocks,
            learn_from=settings.routing.learn_from,
            guess=lambda text: parts.library.answerer().guess_item(text),
            pages_of=settings.wechat.app_id if consent_url(settings).endswith(NOTICES) else "",
            told_hours=(settings.delivery.paid_from_hour, settings.delivery.paid_until_hour),
            told_days=timedelta(days=settings.delivery.paid_days),
            letterhead=Letterhead(
                settings.county.account_name, settings.county.hotline, lambda item: parts.library.answerer().document_of(item)
            ),
        )
        if settings.simulator.enabled:
            _publish_menu_in_time(parts, stop)
        run_worker(parts.database, jobs_of(parts.database, _wechat(parts), upkeep, stop), stop)

    return worker


def _simulator_command(parts: Parts) -> click.Command:
    @click.command("simulator")
    def simulator() -> None:
        """微信平台模拟器，只在本机。"""
        from bot.simulator.server import run_simulator

        settings = parts.settings
        if not settings.simulator.enabled:
            raise click.ClickException("配置里没有打开模拟器（[simulator] enabled）。")
        base = f"http://127.0.0.1:{settings.server.port}{settings.server.path_prefix}"
        run_simulator(
            host="127.0.0.1", port=settings.simulator.port, webhook_url=f"{base}/wechat", token=settings.wechat.token,
            encoding_aes_key=settings.wechat.encoding_aes_key, app_id=settings.wechat.app_id,
            app_secret=settings.wechat.app_secret,
        )  # fmt: skip

    return simulator


def _create_menu_command(parts: Parts) -> click.Command:
    @click.command("create-menu")
    def create_account_menu() -> None:
        """把公众号底部菜单发布到平台。"""
        try:
            create_menu(_wechat(parts))
        except PlatformFault as fault:
            raise click.ClickException(f"菜单没有发布成功（平台代码 {fault.code}）。请核对 [wechat] 的设置和IP白名单。") from None
        click.echo("菜单已发布。新关注的人马上看到，老关注的人24小时内看到。")

    return create_account_menu


def _wechat(parts: Parts) -> WeChat:
    wechat = parts.settings.wechat
    line = Line(wechat.api_base_url, wechat.proxy)
    return WeChat(line, SharedTokens(parts.database, line, wechat.app_id, wechat.app_secret))


def _gateway(settings: Settings) -> Gateway | None:
    sms = settings.sms
    return Gateway(Line(sms.url, sms.proxy), sms.key, sms.template, sms.case_template, sms.duty_template) if sms.url else None


def _publish_menu_in_time(parts: Parts, stop: threading.Event) -> None:
    # The played platform forgets its menu when it stops; it may come up a moment after us.
    for _attempt in range(20):
        try:
            return create_menu(_wechat(parts))
        except PlatformFault:
            if stop.wait(0.5):
                return None
    return None
