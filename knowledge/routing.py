"""To whom a case goes: departments best first, its kind, and whether it is urgent or to be kept confidential.

谁主管、谁审核、谁负责: the department in charge answers a complaint about a decision. 回避: whoever is complained about
for conduct never receives it; its superior, 纪委监委 or the coordinator does. The rules are data: routing_rules.toml
over the words of routing_words.toml.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from knowledge.catalogue.departments import COORDINATOR, DEPARTMENTS, DISCIPLINE, TOWNSHIP
from knowledge.catalogue.items import ITEMS, TOPICS
from knowledge.catalogue.places import TOWNS, Place, find_place, village_in_town
from knowledge.routing_accused import DOUBT, Charge, bodies_in, charges_in
from knowledge.routing_confidence import confidences
from knowledge.routing_learnt import Leaning
from knowledge.routing_reading import ACTORS, SIGNS, items_in, matters_in, signs_in, tidy

KINDS: Final = ("咨询", "投诉", "举报", "信访", "信息公开申请", "建议")
_RECEIVERS = 3
_READ, _READ_LAST = 4000, 1000
_CLEAR = 2.0
_GUESSED = 1.9
_MANY = 3
_LEANING: Final = Leaning.load()
# From these log odds on, what was learnt counts beside the rules: at most five in a hundred others are marked by it.
_SOUNDS: Final = {"urgent": -0.9, "confidential": -0.9, "举报": 0.4, "咨询": 1.0, "建议": 0.3, "信息公开申请": -0.3, "accuses": 1.0}
_HEARD_FROM = 10  # characters; of less nothing is learnt
# Sounding less like an accusation, a doubt about an office is dropped; sounding more, it is left out of the three.
_NO_DOUBT: Final = -1.5
_DOUBT_SHOWN: Final = 2.5
_PEOPLE = {actor.name: actor for actor in ACTORS}
_SAID = {sign.name: sign.said for sign in SIGNS}
_URGENT: Final = (
    *("hunger", "dying", "medicine", "schooling", "house", "violence", "alone"),
    *("revenge", "menaced", "march", "leak", "spread", "crossed", "exposed"),
)
_SUGGESTS: Final = (
    *(me + word for me in ("", "我", "我想", "我要") for word in ("建议", "提个", "提一", "提议", "提条")),
    *("希望", "盼", "能不能", "可不可以", "可否", "能否", "要是", "何不", "不如", "最好", "倡议"),
)
_PROPOSES: Final = re.compile(r"[,。;!?]我?们?(?:觉得|看)?(?:建议|提议|最好|不妨)|^可以考虑")
_RULES: Final[Mapping[str, Any]] = tomllib.loads(
    Path(__file__).with_name("routing_rules.toml").read_text(encoding="utf-8")
)


@dataclass(frozen=True, slots=True)
class Route:
    """Where a case goes.

    `departments`: short names, best first, at most three; a township is 乡镇人民政府, its name in `town`.
    `accused`: departments complained about for conduct, never among `departments` (回避); `village_accused` says that
    the village's people are. `why` is for staff, in Chinese, and quotes nothing from the text. `confidence` stands beside
    each of `departments`, between 0 and 1.
    """

    departments: tuple[str, ...]
    kind: str
    town: str | None
    village: str | None
    urgent: bool
    confidential: bool
    accused: tuple[str, ...]
    why: str
    village_accused: bool = False
    confidence: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class _Case:
    """What was recognised, ready for the rules."""

    flags: frozenset[str]
    matters: tuple[str, ...]
    weights: Mapping[str, float]
    charges: tuple[Charge, ...]
    accused: tuple[str, ...]
    doubted: tuple[str, ...]
    accuses: float


def route(
    text: str,
    *,
    item: str | None = None,
    town: str | None = None,
    guess: Callable[[str], str | None] | None = None,
) -> Route:
    """Route a case by what was written; `item` and `town` where the person has named them.

    `guess` names the item of a text that names none by itself; it is called at most once. Of a text over 4,000
    characters the beginning and the end are read: wishes for confidence often stand last.
    """
    text = text if len(text) <= _READ else f"{text[: _READ - _READ_LAST]},{text[-_READ_LAST:]}"
    clean = tidy(text)
    case = _recognise(clean, item, guess)
    rule = next(rule for rule in _RULES["rule"] if _fits(rule, case.flags))
    kind = next(kind["is"] for kind in _RULES["kind"] if _fits(kind, case.flags))
    place = find_place(clean) or Place()
    named = town if town in TOWNS else place.town
    receivers = _receivers(rule["to"], case)
    doubted = bool(case.doubted) and receivers[0] in (COORDINATOR, DISCIPLINE)
    sure = confidences(receivers, case.weights, unseen=rule is _RULES["rule"][-1], doubted=doubted)
    return Route(
        departments=receivers,
        kind=kind,
        town=named,
        village=place.village if named is None or village_in_town(place.village or "", named) else None,
        urgent="urgent" in case.flags,
        confidential="confidential" in case.flags,
        accused=case.accused,
        why=_why(rule["why"], case, named),
        village_accused="accused_village" in case.flags,
        confidence=sure,
    )


def _recognise(text: str, item: str | None, guess: Callable[[str], str | None] | None) -> _Case:
    matters = matters_in(text)
    named = item or (guess(text) if guess and max(matters.values(), default=0) < _CLEAR else None)
    if named in ITEMS or (item and item in TOPICS):
        department = (ITEMS.get(named or "") or TOPICS[named or ""]).department
        matters[department] = matters.get(department, 0) + (10 if item else _GUESSED)
    signs = signs_in(text)
    charges = charges_in(text, signs)
    leaning = _LEANING.of(text)
    ranked = tuple(sorted(matters, key=lambda name: -matters[name]))
    return _Case(
        flags=frozenset(_flags(text, signs, matters, charges, leaning)),
        matters=ranked,
        weights=matters,
        charges=charges,
        accused=_accused(charges, ranked),
        doubted=_doubted(text, charges, leaning["accuses"]),
        accuses=leaning["accuses"],
    )


def _flags(
    text: str,
    signs: frozenset[str],
    matters: Mapping[str, float],
    charges: tuple[Charge, ...],
    leaning: Mapping[str, float],
) -> Iterator[str]:
    yield from signs - {"confidential"}
    for charge in charges:
        if charge.act.grade == DOUBT:
            continue
        yield from (charge.act.grade, f"{charge.act.grade}_{charge.actor.kind}")
        yield from (f"accused_{charge.actor.kind}", f"act_{charge.act.name}")
    if matters:
        yield "matter"
    if matters.keys() - {"代发金融机构"}:
        yield "matter_of_ours"
    if any(weight >= _CLEAR for name, weight in matters.items() if name != "代发金融机构"):
        yield "clear_matter"
    clear = sum(weight >= _CLEAR for weight in matters.values())
    if clear >= _MANY or (clear > 1 and len(items_in(text)) >= _MANY):
        yield "many"
    if "suggestion" in signs and (text.startswith(_SUGGESTS) or _PROPOSES.search(text)) and "disclosure" not in signs:
        yield "suggestion_first"
    sounds = {name for name, least in _SOUNDS.items() if leaning[name] > least and len(text) >= _HEARD_FROM}
    yield from (f"sounds_{name}" for name in sounds)
    yield from _pressing(signs, charges, sounds)


def _pressing(signs: frozenset[str], charges: tuple[Charge, ...], sounds: set[str]) -> Iterator[str]:
    """Whether it cannot wait, and whether it is to be kept from others."""
    by_bank = any(charge.actor.kind == "bank" for charge in charges)
    crowd = signs.issuperset(("together", "climbs"))
    if signs.intersection(_URGENT) or crowd or ("lifeline" in signs and by_bank) or "urgent" in sounds:
        yield "urgent"
    accuses = any(charge.act.grade != DOUBT for charge in charges) or signs & {"rich", "reports"}
    wishes = "confidential" in signs or ("begged" in signs and accuses and "suggestion" not in signs)
    open_to_all = "not_confidential" in signs
    if signs & {"revenge", "menaced", "exposed"} or (wishes and not open_to_all):
        yield from ("confidential", "asked_for_confidence")
    elif "confidential" in sounds and not open_to_all:
        yield "confidential"


def _fits(rule: Mapping[str, Any], flags: frozenset[str]) -> bool:
    return (
        flags.issuperset(rule.get("when", ()))
        and flags.isdisjoint(rule.get("unless", ()))
        and ("any" not in rule or not flags.isdisjoint(rule["any"]))
    )


def _accused(charges: tuple[Charge, ...], matters: tuple[str, ...]) -> tuple[str, ...]:
    """The departments complained about; unnamed staff belong to the department of the matter."""
    names: dict[str, None] = {}
    for charge in charges:
        if charge.actor.name in DEPARTMENTS and charge.act.grade != DOUBT:
            names[charge.actor.name] = None
    if not names and any(charge.actor.kind == "staff" for charge in charges):
        names = dict.fromkeys(one for one in matters if DEPARTMENTS[one].sort != "bank")
        names = dict.fromkeys(tuple(names)[:1])
    return tuple(names)


def _doubted(text: str, charges: tuple[Charge, ...], accuses: float) -> tuple[str, ...]:
    """The departments that may be complained about: told so by a charge, or only by how the text sounds."""
    if accuses > _SOUNDS["accuses"] and not any(charge.actor.name in DEPARTMENTS for charge in charges):
        names = tuple(dict.fromkeys(bodies_in(text)))
    elif accuses < _NO_DOUBT:
        return ()
    else:
        names = tuple(charge.actor.name for charge in charges if charge.act.grade == DOUBT)
    if len(names) > 1 and "推" in text:  # sent from one to the other: the coordinator sorts it out
        return tuple(name for name in names if name != COORDINATOR)
    return names


def _receivers(to: Iterable[str], case: _Case) -> tuple[str, ...]:
    """The first three of a rule's list, filled up with those beside the matter; never one of the accused."""
    filling = ("@beside", COORDINATOR, DISCIPLINE)
    names = dict.fromkeys(name for token in (*to, *filling) for name in _expand(token, case))
    open_to = [name for name in names if name not in case.accused]
    if open_to[0] in case.doubted:  # perhaps about manners: the coordinator looks first
        first = next(name for name in (COORDINATOR, DISCIPLINE) if name not in case.doubted)
        shown = case.accuses < _DOUBT_SHOWN
        open_to = [first, *(name for name in open_to if name != first and (shown or name not in case.doubted))]
    return tuple(open_to[:_RECEIVERS])


def _expand(token: str, case: _Case) -> tuple[str, ...]:
    match token:
        case "@matter":
            return case.matters[:2]
        case "@beside":
            return DEPARTMENTS[case.matters[0]].beside if case.matters else (TOWNSHIP,)
        case "@superior":
            return tuple(one for name in case.accused for one in DEPARTMENTS[name].conduct_to)
        case "@office":
            offices = (_PEOPLE[c.actor.name].department for c in case.charges if c.actor.name in _PEOPLE)
            return tuple(filter(None, offices))
    return (token,)


def _why(reason: str, case: _Case, town: str | None) -> str:
    parts = []
    if case.matters:
        parts.append(f"说的事归{'、'.join(case.matters[:2])}管")
    if case.charges:
        acts = "、".join(dict.fromkeys(charge.act.said for charge in case.charges))
        parts.append(f"反映的问题：{acts}")
    parts.append(reason)
    if case.doubted:
        parts.append("话里说到经办的人，先看是不是作风问题")
    if case.accused:
        parts.append(f"回避：{'、'.join(case.accused)}")
    if "urgent" in case.flags:
        seen = [_SAID[name] for name in (*_URGENT, "lifeline") if name in case.flags]
        parts.append(f"急：{'、'.join(seen) or '听着等不得'}")
    if town and TOWNS[town].administered_elsewhere:
        parts.append(f"{town}的事先核实在哪里办")
    return "；".join(parts) + "。"
