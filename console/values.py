"""What the console is told, as plain values, and how a view reaches it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import current_app

from console.typeahead import Typeahead
from knowledge.answers import Answerer
from knowledge.article import Article
from knowledge.assigning import Assigning
from knowledge.deadlines import Clocks
from models.db import Database
from models.proving import Rules


@dataclass(frozen=True, slots=True)
class ConsoleValues:
    """The settings that the pages need. `answerer` and `articles` give what is published at the moment of the call."""

    county: str
    account_name: str
    hotline: str
    clocks: Clocks
    https: bool
    path_prefix: str
    answerer: Callable[[], Answerer]
    articles: Callable[[], list[Article]]
    public_url: str = ""  # of the public pages, without a slash at the end; empty: printed lists carry no code of theirs
    publicity_days: int = 7
    app_id: str = ""  # of the account, for pages that use WeChat's open tags
    notice_template: str = ""  # the 订阅通知 that residents may agree to; empty: none
    kinds: tuple[str, ...] = ("咨询", "投诉", "举报", "建议", "信访", "信息公开申请")  # that the county takes here
    approval: frozenset[str] = frozenset()  # kinds and departments whose answers a head sees before they go out
    terms: Assigning = field(default_factory=Assigning)  # who gets a case, and by when one says yes or no
    totp: frozenset[str] = frozenset()  # the roles that need a code from the phone besides the password
    idle_days: int = 90  # without a log-in, until an account is listed as idle
    learn_from: int = 20  # moved cases after which the routing proposes what it has learnt; 0: it learns nothing
    texts: bool = False  # whether a case's number can go out by SMS
    duty_texts: bool = False  # whether duty phones of departments are told by SMS
    rules: Rules = field(default_factory=lambda: Rules(("name", "card_tail")))  # of proofs


@dataclass(slots=True)
class Console:
    """The database, the values, and the type-ahead over the articles that were last seen."""

    database: Database
    values: ConsoleValues
    _typeahead: Typeahead = field(default_factory=lambda: Typeahead(()))

    def typeahead(self) -> Typeahead:
        """The type-ahead over what is published now; built anew only when the articles changed."""
        articles = self.values.articles()
        if self._typeahead.articles is not articles:
            self._typeahead = Typeahead(articles)
        return self._typeahead


def console() -> Console:
    """The console of the running application."""
    return current_app.extensions["console"]  # type: ignore[no-any-return]
