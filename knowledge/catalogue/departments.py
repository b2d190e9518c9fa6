"""The departments that answer for items and handle cases, the nine townships among them.

Full names are inferred from the usual order after the 2023–24 reform; the county has to confirm them (待县确认).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from knowledge.catalogue.places import TOWNS

TOWNSHIP = "乡镇人民政府"
"""The label that stands for the township concerned."""
COORDINATOR = "财政局"
"""Who leads where nobody else clearly does (综合协调)."""
DISCIPLINE = "纪委监委"


@dataclass(frozen=True, slots=True)
class Department:
    """One department. `conduct_to` lists who takes complaints about its people's conduct, best first."""

    name: str
    full_name: str
    sort: str
    answers_for: str
    conduct_to: tuple[str, ...]
    called: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    name_confirmed: bool = False

    @property
    def full_name_for_staff(self) -> str:
        """The full name, marked where the county has not confirmed it."""
        return self.full_name if self.name_confirmed else f"{self.full_name}（名称待县确认）"


def _load() -> dict[str, Department]:
    with Path(__file__).with_name("departments.toml").open("rb") as file:
        rows: list[dict[str, Any]] = tomllib.load(file)["department"]
    loaded = {}
    for row in rows:
        row["beside"] = row.pop("with")
        fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}
        loaded[row["name"]] = Department(**fields)
    return loaded


def _township(town: str) -> Department:
    office = "管理委员会" if town.endswith("区") else "人民政府"
    county = "" if town.startswith("永吉") else "永吉县"
    label = DEPARTMENTS[TOWNSHIP]
    return Department(
        name=town,
        full_name=f"{county}{town}{office}",
        sort=label.sort,
        answers_for=label.answers_for,
        conduct_to=label.conduct_to,
        beside=label.beside,
    )


DEPARTMENTS: Mapping[str, Department] = MappingProxyType(_load())
"""Every routing target by its short name; 乡镇人民政府 is the label of all townships."""

TOWNSHIPS: Mapping[str, Department] = MappingProxyType(
    {name: _township(name) for name, town in TOWNS.items() if not town.administered_elsewhere}
)
"""The nine townships as departments, by the township's name."""

DESKS: tuple[Department, ...] = (
    *(one for one in DEPARTMENTS.values() if one.name != TOWNSHIP),
    *TOWNSHIPS.values(),
)
"""Every department with a desk of its own: what a new database is seeded with."""


def desk_for(name: str, town: str | None) -> Department | None:
    """The desk behind a routing target: 乡镇人民政府 becomes the township of `town`, None while that is unknown."""
    if name == TOWNSHIP:
        return TOWNSHIPS.get(town or "")
    return DEPARTMENTS.get(name) or TOWNSHIPS.get(name)
