"""A phone on the played platform, for the tests of its API."""

from __future__ import annotations

import pytest

from tests.bot.simulator_phone import Phone


@pytest.fixture
def phone() -> Phone:
    return Phone()
