"""The phone's screen and the panels beside it, as plain data for the page."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from bot.simulator.chat import Entry
from bot.simulator.line import Exchange
from bot.simulator.people import Resident
from bot.simulator.platform import Platform

_ENTRIES, _EXCHANGES, _CALLS = 300, 25, 25


def screen(platform: Platform, openid: str) -> dict[str, Any]:
    """Everything that the page shows for one resident."""
    state = platform.state
    with state.lock:
        now = state.now()
        shown: dict[str, Any] = {
            "version": state.version,
            "openid": openid,
            "now": now,
            "residents": [_resident(each, now) for each in state.residents.values()],
            "menu": state.menu or [],
            "templates": [asdict(template) for template in state.templates.values()],
            "switches": switches(platform),
            "entries": [_entry(entry) for entry in platform.transcript(openid)[-_ENTRIES:]],
            "calls": [asdict(call) for call in list(state.calls)[-_CALLS:]],
            "waiting": any(_is_waiting(each, openid) for each in platform.exchanges),
        }
    shown["line"] = [_exchange(each) for each in platform.exchanges[-_EXCHANGES:]]
    return shown


def switches(platform: Platform) -> dict[str, Any]:
    """The switches as they stand."""
    switches = platform.state.switches
    return {
        "mode": platform.mode,
        "api_delay": switches.api_delay,
        "held": not switches.gate.is_set(),
        "duplicate": switches.duplicate,
        "faults": [{"what": fault.what, "left": fault.left} for fault in switches.faults],
    }


def _resident(resident: Resident, now: float) -> dict[str, Any]:
    return {
        "openid": resident.openid,
        "nickname": resident.nickname,
        "subscribed": resident.subscribed,
        "last": resident.last_interaction,
        "left": resident.messages_left(now),
        "consents": {name: asdict(given) for name, given in resident.consents.items()},
    }


def _entry(entry: Entry) -> dict[str, Any]:
    content = {"kind": entry.shown.kind, **entry.shown.content}
    return {
        "number": entry.number,
        "side": entry.side,
        "at": entry.at,
        "exchange": entry.exchange,
        "shown": content,
    }


def _exchange(exchange: Exchange) -> dict[str, Any]:
    return {
        "number": exchange.number,
        "openid": exchange.openid,
        "label": exchange.label,
        "mode": exchange.mode,
        "at": exchange.at,
        "state": exchange.state,
        "note": exchange.note,
        "attempts": [asdict(attempt) for attempt in list(exchange.attempts)],
    }


def _is_waiting(exchange: Exchange, openid: str) -> bool:
    return exchange.openid == openid and not exchange.quiet and exchange.state in ("waiting", "held")
