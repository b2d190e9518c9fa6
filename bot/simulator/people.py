"""The residents on the platform: what each may still be sent, and what each has agreed to."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field

from bot.simulator.errors import ApiRefusal

MINUTE, HOUR = 60, 3600

# What an interaction allows: messages, and for how many seconds (发送客服消息, "各场景的客服消息下发规则").
ALLOWANCES = {
    "message": (5, 48 * HOUR),
    "click": (3, MINUTE),
    "subscribe": (3, MINUTE),
    "scan": (3, MINUTE),
}


@dataclass(slots=True)
class Allowance:
    """How many customer messages may still be sent, and until when (epoch seconds)."""

    left: int
    until: float


@dataclass(slots=True)
class Consent:
    """What a resident agreed to for one template: `once` messages still to be had, or `always`."""

    once: int = 0
    always: bool = False


@dataclass(slots=True)
class Resident:
    """A WeChat user as the platform knows them. Times are epoch seconds of the platform's own record."""

    openid: str
    nickname: str
    subscribed: bool = False
    subscribed_at: float = 0.0
    last_interaction: float | None = None
    allowances: dict[str, Allowance] = field(default_factory=dict)
    consents: dict[str, Consent] = field(default_factory=dict)

    def interacted(self, how: str, now: float) -> None:
        """An interaction of a kind of ALLOWANCES: the count of that kind starts afresh."""
        count, seconds = ALLOWANCES[how]
        self.last_interaction = now
        self.allowances[how] = Allowance(count, now + seconds)

    def age(self, hours: float) -> None:
        """Make the platform's record of this resident's interactions older."""
        if self.last_interaction is not None:
            self.last_interaction -= hours * HOUR
        for allowance in self.allowances.values():
            allowance.until -= hours * HOUR

    def spend_message(self, now: float) -> None:
        """Take one customer message; 45015 outside every window, 45047 when the open windows are used up."""
        open_ones = [each for each in self.allowances.values() if each.until > now]
        if not self.subscribed or not open_ones:
            raise ApiRefusal(45015)
        usable = [each for each in open_ones if each.left > 0]
        if not usable:
            raise ApiRefusal(45047)
        min(usable, key=lambda each: each.until).left -= 1

    def messages_left(self, now: float) -> int:
        """How many customer messages may be sent at this moment."""
        return sum(each.left for each in self.allowances.values() if each.until > now) if self.subscribed else 0

    def spend_consent(self, template_id: str) -> None:
        """Use the consent for one notice of a template; 43101 when there is none left."""
        consent = self.consents.get(template_id, Consent())
        if consent.always:
            return
        if consent.once < 1:
            raise ApiRefusal(43101)
        consent.once -= 1


def openid_for(app_id: str, nickname: str) -> str:
    """An OpenID (28 characters) that stays the same for a nickname, so that a restart keeps everyone's binding."""
    digest = hashlib.sha256(f"{app_id}/{nickname}".encode()).digest()
    return "o" + base64.urlsafe_b64encode(digest).decode()[:27]
