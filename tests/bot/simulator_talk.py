"""The line: what goes to the service, in which form, how often; and what the resident sees of the answer."""

from __future__ import annotations

from collections.abc import Callable

from bot.simulator.platform import Platform
from tests.bot.simulator_service import (
    Message,
    Service,
    make_platform,
)

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def following(platform: Platform, nickname: str = "秀兰") -> str:
    return platform.add_resident(nickname, subscribed=True)


def seen(platform: Platform, openid: str, side: str = "account") -> list[str]:
    return [entry.shown.text for entry in platform.transcript(openid) if entry.side == side]


def asked(answer: Callable[[Message], str], **changed: object) -> tuple[Platform, str, Service]:
    service = Service(answer)
    platform = make_platform(service, **changed)
    return platform, following(platform), service
