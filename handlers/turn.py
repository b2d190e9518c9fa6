"""A turn of the talk: the message in, the reply out, and ask(), with which a flow is written as a plain function.

A flow is replayed from its top at every message with the answers so far; the first question without an answer
suspends it. Nothing before the last ask writes: checks, counts and guesses go through `once` and are kept like answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from handlers.validators import Unfit, Validator, bare
from knowledge.answers import Answer, Answerer, Topic
from knowledge.assigning import Assigning
from knowledge.deadlines import Clocks
from knowledge.kinds import KINDS
from models.follower import Follower
from models.gap import Asked
from models.resident import Binding, Bound


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message of a resident, as the door hands it on. `text` is what was typed, spoken or tapped."""

    key: str
    openid: str
    kind: str  # text, voice, image, video, location, link, event
    text: str = ""
    tap: str = ""  # key of a menu entry or tap link
    event: str = ""
    media_id: str = ""
    accepted: tuple[tuple[str, bool], ...] = ()  # answers in the consent pop-up: template, agreed
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What the resident reads. `choices` become tap links and also work typed; `rest` comes with 更多."""

    text: str = ""
    choices: tuple[str, ...] = ()
    rest: str = ""
    topic: Topic | None = None


SILENCE = Reply()


@dataclass(frozen=True, slots=True)
class Values:
    """The settings that the talk needs, as plain values."""

    county: str
    account_name: str
    hotline: str
    clocks: Clocks
    proof: tuple[str, ...]
    failures_per_user: int
    failures_per_id: int
    lock_hours: int
    persons_per_user: int
    public_url: str = ""  # of the public pages, without a slash at the end; empty: the chat gives no links
    failures_global_per_hour: int = 200
    consent_url: str = ""  # where one agrees to notices (订阅通知); empty: the account has none
    kinds: tuple[str, ...] = KINDS  # of cases that the county takes here
    terms: Assigning = field(default_factory=Assigning)  # who gets a case


class Suspended(BaseException):
    """The flow waits for an answer. Derives from BaseException so that no handler's `except Exception` eats it."""

    def __init__(self, asked: Reply, question: str, unfit: Reply | None = None) -> None:
        self.asked, self.question = asked, question
        self.reply = unfit or asked


class Flow(Protocol):
    """A flow: a plain function over a turn."""

    def __call__(self, turn: Turn) -> Reply: ...


@dataclass(slots=True)
class Talk:
    """The answers of an open flow, in the order in which they came."""

    flow: str | None = None
    answers: dict[str, Any] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)  # names of the answers that the resident gave, not guesses
    open: str | None = None  # the question last asked
    changed: list[str] = field(default_factory=list)  # asked anew by 改一下: no guess for these

    def to_dict(self) -> dict[str, Any]:
        """As it is kept in the conversation's row."""
        return {"answers": self.answers, "said": self.said, "open": self.open, "changed": self.changed}

    @classmethod
    def from_dict(cls, flow: str | None, kept: dict[str, Any] | None) -> Talk:
        """As it was kept."""
        kept = kept or {}
        return cls(
            flow, dict(kept.get("answers", {})), list(kept.get("said", [])), kept.get("open"),
            list(kept.get("changed", [])),
        )  # fmt: skip

    def change(self, *names: str) -> None:
        """改一下: take answers back; the flow asks for them again, without a guess."""
        for name in names:
            self.answers.pop(name, None)
            if name in self.said:
                self.said.remove(name)
            self.changed.append(name)
        self.open = None

    def back(self) -> bool:
        """Take back the last answer that the resident gave, and every guess made since; False if there is none."""
        if not self.said:
            return False
        last = self.said.pop()
        names = list(self.answers)
        for name in names[names.index(last) :] if last in names else [last]:
            self.answers.pop(name, None)
        return True


@dataclass(slots=True)
class Later:
    """What a turn wants kept but may lose: written behind the reply."""

    story: str | None = None  # a complaint, so that 我要投诉 need not ask for it again
    gap: Asked | None = None  # a question that the knowledge could not answer, or whose answer did not help
    forgotten: bool = False  # everything was just deleted: of the talk nothing is kept


@dataclass(slots=True)
class Turn:
    """One message and everything a handler may use to answer it."""

    message: Incoming
    session: Session
    follower_id: int
    values: Values
    answerer: Answerer
    now: datetime
    talk: Talk = field(default_factory=Talk)
    parked: Talk | None = None  # the flow that a menu tap has interrupted
    topic: Topic | None = None
    rest: str = ""  # what did not fit into the last reply
    said_before: str = ""  # the complaint that was answered with an article, told a moment ago
    later: Later = field(default_factory=lambda: Later())
    unread: bool = True  # the message has not been taken as an answer yet
    _understood: Answer | None = None
    _bindings: list[Bound] | None = None
    _word: str | None = None

    @property
    def text(self) -> str:
        """What was said, without the blanks around it."""
        return self.message.text.strip()

    @property
    def word(self) -> str:
        """What was said, as a word of ours may be said: without marks at its end."""
        if self._word is None:
            self._word = bare(self.message.text)
        return self._word

    @property
    def follower(self) -> Follower:
        """The WeChat user's row, for verbs that change something."""
        return self.session.get_one(Follower, self.follower_id)

    @property
    def understood(self) -> Answer:
        """What the knowledge makes of the message; worked out once."""
        if self._understood is None:
            self._understood = self.answerer.answer(self.text, self.topic)
        return self._understood

    @property
    def bindings(self) -> list[Bound]:
        """The persons for whom this WeChat user may look; read once."""
        if self._bindings is None:
            self._bindings = Binding.of(self.session, self.follower_id)
        return self._bindings

    @property
    def unbound(self) -> bool:
        """Whether it is known without another look that this WeChat user may look for nobody."""
        return self._bindings == []

    def is_bound_to_nobody(self) -> None:
        """What a look at the sender has told already."""
        self._bindings = []

    def forget_bindings(self) -> None:
        """Read the bindings anew: they have just changed."""
        self._bindings = None

    def remember_story(self) -> None:
        """Keep the message for a 我要投诉 that may follow."""
        self.later.story = self.text

    def note_gap(self, asked: Asked | None = None) -> None:
        """Note that the knowledge had no answer to the message, or what else is asked; numbers are taken out."""
        self.later.gap = asked or Asked(self.text, asker=self.follower_id)

    def ask(
        self, name: str, question: str | Reply, validator: Validator, guess: Callable[[], Any] | None = None
    ) -> Any:
        """The answer with this name: kept, guessed, just given; or the flow suspends with the question.

        A guess is kept like an answer, but 返回 passes over it. `guess` gives None for no guess.
        """
        answers = self.talk.answers
        if name in answers:
            return answers[name]
        if guess is not None and name not in self.talk.changed and (guessed := guess()) is not None:
            answers[name] = guessed
            return guessed
        asked = question if isinstance(question, Reply) else Reply(question)
        asked = replace(asked, choices=asked.choices or validator.choices)
        if self.unread and self.talk.open == name:
            return self._take(name, asked, validator)
        self.talk.open = name
        raise Suspended(asked, name)

    def _take(self, name: str, asked: Reply, validator: Validator) -> Any:
        try:
            value = validator(self.message)
        except Unfit as unfit:
            raise Suspended(asked, name, Reply(unfit.said, unfit.choices or asked.choices)) from None
        self.unread = False
        self.talk.open = None
        self.talk.answers[name] = value
        self.talk.said.append(name)
        return value

    def once(self, name: str, work: Callable[[], Any]) -> Any:
        """Do a piece of work once in the life of the flow and keep its result (plain JSON)."""
        key = f"once:{name}"
        if key not in self.talk.answers:
            self.talk.answers[key] = work()
        return self.talk.answers[key]
