"""The long-lived parts of a process, and the settings as the plain values that the others take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cached_property

from sqlalchemy.exc import OperationalError

from config import Settings, stop_without_database
from console import ConsoleValues
from handlers.binding import rules_of
from handlers.turn import Values
from knowledge.assigning import Assigning
from knowledge.deadlines import Clocks
from knowledge.routing_examples import Precedents
from knowledge.suspicion import Limits
from models import schema
from models.crypto import Keyring, keys_of
from models.db import Database
from models.library import Library
from models.precedents import Learnt
from models.start import check_duties, fill_empty

NOTICES = "/notices"


class Parts:
    """The long-lived parts of a process, each made when it is first needed."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def bare_database(self) -> Database:
        """The database as it is, whatever its schema."""
        secrets = self.settings.secrets
        return Database(self.settings.database.url, Keyring(keys_of(secrets.encryption), keys_of(secrets.index)))

    @cached_property
    def migrated_database(self) -> Database:
        """The database at the newest schema, empty or not; ends the process where it cannot be opened."""
        with _opening():
            schema.upgrade(self.bare_database)
        return self.bare_database

    @property
    def standing_database(self) -> Database:
        """The database whatever its schema; ends the process where it cannot be opened."""
        with _opening(), self.bare_database.connect():
            return self.bare_database

    @cached_property
    def database(self) -> Database:
        """The same with departments and articles in it."""
        _ = self.migrated_database
        fill_empty(self.bare_database)
        check_duties(self.bare_database)
        return self.bare_database

    @cached_property
    def library(self) -> Library:
        """The published articles."""
        return Library(self.database)

    @cached_property
    def clocks(self) -> Clocks:
        """The county's clocks."""
        cases = self.settings.cases
        return Clocks(
            inquiry_days=cases.inquiry_days, complaint_days=cases.complaint_days, accept_days=cases.accept_days,
            inquiry_extension_days=cases.inquiry_extension_days, complaint_extension_days=cases.complaint_extension_days,
            correction_days=cases.correction_days, simple_petitions=cases.simple_petitions,
            from_hour=cases.from_hour, until_hour=cases.until_hour,
            extra_holidays=frozenset(map(date.fromisoformat, cases.extra_holidays)),
            extra_workdays=frozenset(map(date.fromisoformat, cases.extra_workdays)),
        )  # fmt: skip

    @cached_property
    def terms(self) -> Assigning:
        """The county's rules for who gets a case."""
        routing = self.settings.routing
        return Assigning(
            triage_below=routing.triage_below / 100, receive_days=routing.receive_days, return_days=routing.return_days,
            triage_days=routing.triage_days, clocks=self.clocks,
            precedents=Learnt(self.database).now if routing.learn_from else Precedents,
        )  # fmt: skip


@contextmanager
def _opening() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        stop_without_database(error.orig)


def console_values(parts: Parts) -> ConsoleValues:
    """What the console and the public pages need of the settings."""
    settings = parts.settings
    return ConsoleValues(
        county=settings.county.name, account_name=settings.county.account_name, hotline=settings.county.hotline,
        clocks=parts.clocks, https=settings.server.https, path_prefix=settings.server.path_prefix,
        answerer=parts.library.answerer, articles=parts.library.articles,
        public_url=settings.server.public_url, publicity_days=settings.publicity.days,
        totp=frozenset(settings.console.totp), idle_days=settings.console.idle_days,
        rules=rules_of(values(parts)), app_id=settings.wechat.app_id, notice_template=settings.wechat.subscribe_template,
        kinds=tuple(settings.cases.kinds), approval=frozenset(settings.cases.approval), terms=parts.terms,
        texts=bool(settings.sms.url and settings.sms.case_template),
        duty_texts=bool(settings.sms.url and settings.sms.duty_template), learn_from=settings.routing.learn_from,
    )  # fmt: skip


def values(parts: Parts) -> Values:
    """What the talk needs of the settings."""
    settings = parts.settings
    return Values(
        county=settings.county.name, account_name=settings.county.account_name, hotline=settings.county.hotline,
        clocks=parts.clocks, proof=tuple(settings.lookup.proof), failures_per_user=settings.lookup.failures_per_user,
        failures_per_id=settings.lookup.failures_per_id, lock_hours=settings.lookup.lock_hours,
        persons_per_user=settings.lookup.persons_per_user, public_url=settings.server.public_url,
        failures_global_per_hour=settings.lookup.failures_global_per_hour, consent_url=consent_url(settings),
        kinds=tuple(settings.cases.kinds), terms=parts.terms,
    )  # fmt: skip


def consent_url(settings: Settings) -> str:
    """Where residents agree to notices: a page of ours; in a demonstration the played platform's own."""
    template, base = settings.wechat.subscribe_template, settings.server.public_url
    if template and settings.simulator.enabled:
        return f"http://127.0.0.1:{settings.simulator.port}/consent?openid={{openid}}&template_id={template}"
    return base + NOTICES if template and base else ""


def limits(settings: Settings) -> Limits:
    """The county's limits of the checks across batches."""
    checks = settings.checks
    return Limits(checks.jump_percent, checks.jump_least_yuan * 100, checks.most_bound, checks.most_binders)
