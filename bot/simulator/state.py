"""Everything that the platform knows of one official account, in memory, behind one lock."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from bot.simulator.chat import Entry, Shown
from bot.simulator.errors import ApiRefusal, SimulatorError
from bot.simulator.media import MediaStore
from bot.simulator.menu import Button
from bot.simulator.notices import Template
from bot.simulator.people import Resident, openid_for
from bot.simulator.switches import Switches
from bot.simulator.tokens import Tokens

Clock = Callable[[], float]
KEPT_ENTRIES, KEPT_CALLS = 4000, 2000


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One call of the service to the API. `code` is None when no answer was given."""

    number: int
    at: float
    milliseconds: int
    path: str
    openid: str
    code: int | None
    note: str = ""


@dataclass(slots=True)
class State:
    """Hold `lock` while reading or changing anything here. `clock` gives epoch seconds."""

    app_id: str
    app_secret: str
    clock: Clock = time.time
    known_templates: bool = False
    lock: threading.RLock = field(default_factory=threading.RLock)
    residents: dict[str, Resident] = field(default_factory=dict)
    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=KEPT_ENTRIES))
    calls: deque[ApiCall] = field(default_factory=lambda: deque(maxlen=KEPT_CALLS))
    counts: Counter[str] = field(default_factory=Counter)
    templates: dict[str, Template] = field(default_factory=dict)
    tokens: Tokens = field(default_factory=Tokens)
    media: MediaStore = field(default_factory=MediaStore)
    switches: Switches = field(default_factory=Switches)
    menu: list[Button] | None = None
    # (OpenID, client_msg_id) of a template message → when it was sent, and its id
    reentry: dict[tuple[str, str], tuple[float, int]] = field(default_factory=dict)
    version: int = 0
    _numbers: count[int] = field(default_factory=lambda: count(1))

    @property
    def account(self) -> str:
        """The account's original id, as it stands in ToUserName."""
        return "gh_" + hashlib.sha256(self.app_id.encode()).hexdigest()[:12]

    def now(self) -> float:
        """Epoch seconds."""
        return self.clock()

    def number(self) -> int:
        """A number that grows: for entries, exchanges and calls."""
        with self.lock:
            return next(self._numbers)

    def touch(self) -> None:
        """Something on the screen has changed."""
        with self.lock:
            self.version += 1

    def show(self, openid: str, side: str, shown: Shown, exchange: int | None = None) -> Entry:
        """Put something on a resident's screen."""
        with self.lock:
            entry = Entry(self.number(), openid, side, self.now(), shown, exchange)
            self.entries.append(entry)
            self.version += 1
            return entry

    def add_resident(self, nickname: str) -> Resident:
        """The resident of that nickname, new if there was none."""
        name = " ".join(nickname.split())[:20]
        if not name:
            raise SimulatorError("请给这位居民起个名字。")
        with self.lock:
            openid = openid_for(self.app_id, name)
            self.version += 1
            return self.residents.setdefault(openid, Resident(openid, name))

    def resident(self, openid: str) -> Resident:
        """A resident of this phone; SimulatorError when there is none."""
        try:
            return self.residents[openid]
        except KeyError:
            raise SimulatorError("没有这位居民。") from None

    def addressee(self, openid: object) -> Resident:
        """Whom the service writes to; 40003 when the OpenID is not one of this account."""
        if not isinstance(openid, str) or openid not in self.residents:
            raise ApiRefusal(40003)
        return self.residents[openid]

    def template(self, template_id: object) -> Template:
        """A template of the account; 40037 when it has not been added.

        Without a list of templates every id counts as added, so that a demonstration needs no second configuration.
        """
        if not isinstance(template_id, str) or not template_id:
            raise ApiRefusal(40037)
        if template_id not in self.templates:
            if self.known_templates:
                raise ApiRefusal(40037)
            self.templates[template_id] = Template(template_id)
        return self.templates[template_id]
