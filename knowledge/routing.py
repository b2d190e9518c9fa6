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
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from knowledge.catalogue.departments import COORDINATOR, DEPARTMENTS, DISCIPLINE, TOWNSHIP
from knowledge.catalogue.items import ITEMS, TOPICS
from knowledge.catalogue.places import TOWNS, Place, find_place, village_in_town
from knowledge.kinds import KINDS
from knowledge.routing_accused import DOUBT, Charge, actors_in, charges_in
from knowledge.routing_confidence import confidences
from knowledge.routing_heard import heard_of, weighed
from knowledge.routing_learnt import Leaning, clues_of_text
from knowledge.routing_reading import ACTORS, SIGNS, acts_in, items_in, matters_in, signs_in, tidy
from knowledge.routing_receivers import WORTH, WORTH_MOST, WORTH_UNSEEN, chosen

_ALIKE: Final = "以前像这样的事归它办"
_GUESS: Final = "还看不出是哪一项，话里像是它管的事"
_READ, _READ_LAST = 4000, 1000
_CLEAR = 2.0
_GUESSED = 1.9
_MANY = 3
_LEANING: Final = Leaning.load("texts")
_BY_RULE: Final = 3.5  # log odds that a kind by the rules is worth
# From these log odds on, what was learnt counts beside the rules: at most five in a hundred others are marked by it.
_SOUNDS: Final = {"urgent": -1.2, "reprisal": 0.0, "举报": 0.4, "咨询": 1.0, "建议": 0.3, "信息公开申请": -0.3}
_UNLIKE: Final = -5.0  # words for it are taken for another meaning where the whole sounds so little like it
_CALM: Final = -8.0  # the same of words for danger: they are believed the longest
_NO_WISH: Final = -1.5
_WISH, _WISH_OF_ACCUSER = -0.8, -1.8  # from here on it sounds like a wish for confidence; who accuses has it more often
_REPRISALS: Final = frozenset(("revenge", "menaced", "exposed"))
_HEARD_FROM = 10  # characters; of less nothing is heard
_UNHEARD: Final = dict.fromkeys(_LEANING.outputs, -3.0)  # too little for a sound, too much against what words say
_KEPT_OUT: Final = 1.0  # an office in doubt that sounds accused by so much is left out of the three
_PEOPLE = {actor.name: actor for actor in ACTORS}
_SAID = {sign.name: sign.said for sign in SIGNS}
_URGENT: Final = (
    *("hunger", "dying", "medicine", "schooling", "house", "violence", "alone"),
    *("revenge", "menaced", "march", "leak", "spread", "crossed", "exposed", "draining"),
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
    the village's people are; `doubted` may be complained about. `why` is for staff, in Chinese, and quotes nothing from the
    text. `confidence` stands beside each of `departments`, between 0 and 1.
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
    doubted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Case:
    """What was recognised, ready for the rules."""

    leaning: Mapping[str, float]
    flags: frozenset[str]
    matters: tuple[str, ...]
    weights: Mapping[str, float]
    charges: tuple[Charge, ...]
    accused: tuple[str, ...]
    doubted: tuple[str, ...]
    kept_out: frozenset[str]


@lru_cache(maxsize=256)  # a filing asks at each of its steps
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
    kind = _kind(next(kind["is"] for kind in _RULES["kind"] if _fits(kind, case.flags)), case.leaning)
    place = find_place(clean) or Place()
    named = town if town in TOWNS else place.town
    listed, unseen = _listed(rule["to"], case), rule is _RULES["rule"][-1]
    out = {"accused": case.accused, "doubted": case.doubted, "kept_out": case.kept_out}
    worth = WORTH_MOST if item or rule.get("firm") else WORTH_UNSEEN if unseen else WORTH
    receivers = chosen(case.leaning, listed, worth, **out)
    doubted = bool(case.doubted) and receivers[0] in (COORDINATOR, DISCIPLINE)
    sure = confidences(receivers, case.weights, unseen=unseen, doubted=doubted, alike=receivers[0] != listed[0])
    return Route(
        departments=receivers,
        kind=kind,
        town=named,
        village=place.village if named is None or village_in_town(place.village or "", named) else None,
        urgent="urgent" in case.flags,
        confidential="confidential" in case.flags,
        accused=case.accused,
        why=_why(rule["why"] if receivers[0] == listed[0] else _GUESS if unseen else _ALIKE, case, named),
        village_accused="accused_village" in case.flags,
        confidence=sure,
        doubted=case.doubted,
    )


def _recognise(text: str, item: str | None, guess: Callable[[str], str | None] | None) -> _Case:
    matters = matters_in(text)
    signs, actors, acts = signs_in(text), list(actors_in(text)), acts_in(text)
    leaning = _heard(clues_of_text(text, actors, signs, {act.what.name for act in acts}, matters), text)
    named = item or (guess(text) if guess and max(matters.values(), default=0) < _CLEAR else None)
    if named in ITEMS or (item and item in TOPICS):
        department = (ITEMS.get(named or "") or TOPICS[named or ""]).department
        matters[department] = matters.get(department, 0) + (10 if item else _GUESSED)
    heard = heard_of(text, actors, signs, acts, leaning[DISCIPLINE])
    charges = weighed(
        charges_in(text, signs, actors, acts), heard, actors, reports=leaning["举报"] > 0, exposed="exposed" in signs
    )
    ranked = tuple(sorted(matters, key=lambda name: -matters[name]))
    return _Case(
        leaning=leaning,
        flags=frozenset(_flags(text, signs, matters, charges, leaning)),
        matters=ranked,
        weights=matters,
        charges=charges,
        accused=_accused(charges, ranked),
        doubted=_doubted(text, charges),
        kept_out=frozenset(name for name, odds in heard.items() if odds > _KEPT_OUT),
    )


def _heard(clues: set[str], text: str) -> Mapping[str, float]:
    return _LEANING.of(clues) if len(text) >= _HEARD_FROM else _UNHEARD


def _flags(
    text: str,
    signs: frozenset[str],
    matters: Mapping[str, float],
    charges: tuple[Charge, ...],
    leaning: Mapping[str, float],
) -> Iterator[str]:
    unlike_request = leaning["信息公开申请"] < _UNLIKE and "unanswered" not in signs
    yield from signs - {"confidential"} - ({"disclosure"} if unlike_request else set())
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
    sounds = {name for name, least in _SOUNDS.items() if leaning[name] > least}
    yield from (f"sounds_{name}" for name in sounds)
    yield from _pressing(signs, charges, leaning, sounds)


def _pressing(
    signs: frozenset[str], charges: tuple[Charge, ...], leaning: Mapping[str, float], sounds: set[str]
) -> Iterator[str]:  # fmt: skip
    """Whether it cannot wait, and whether it is to be kept from others."""
    by_bank = any(charge.actor.kind == "bank" for charge in charges)
    crowd = signs.issuperset(("together", "climbs"))
    told = signs.intersection(_URGENT) or crowd or ("lifeline" in signs and by_bank)
    if (told and leaning["urgent"] > _CALM) or sounds & {"urgent", "reprisal"}:
        yield "urgent"
    accuses = any(charge.act.grade != DOUBT for charge in charges) or signs & {"rich", "reports"}
    begs = "begged" in signs and accuses and "suggestion" not in signs and leaning["confidential"] > _NO_WISH
    wishes = "confidential" in signs or begs or ("insider" in signs and bool(charges))
    open_to_all = "not_confidential" in signs
    if signs & _REPRISALS or (not open_to_all and (wishes or "reprisal" in sounds)):
        yield from ("confidential", "asked_for_confidence")
    elif not open_to_all and leaning["confidential"] > (_WISH_OF_ACCUSER if accuses else _WISH):
        yield "confidential"


def _kind(by_rule: str, leaning: Mapping[str, float]) -> str:
    """The kind by the rules, unless it sounds much more like another."""
    return max(KINDS, key=lambda kind: leaning[f"kind {kind}"] + (_BY_RULE if kind == by_rule else 0.0))


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


def _doubted(text: str, charges: tuple[Charge, ...]) -> tuple[str, ...]:
    """The departments that may be complained about."""
    names = dict.fromkeys(charge.actor.name for charge in charges if charge.act.grade == DOUBT)
    if len(names) > 1 and "推" in text:  # sent from one to the other: the coordinator sorts it out
        names.pop(COORDINATOR, None)
    return tuple(names)


def _listed(to: Iterable[str], case: _Case) -> tuple[str, ...]:
    """A rule's list, filled up with those beside the matter; never one of the accused, and first none in doubt."""
    filling = ("@beside", COORDINATOR, DISCIPLINE)
    names = dict.fromkeys(name for token in (*to, *filling) for name in _expand(token, case))
    open_to = [name for name in names if name not in case.accused]
    if open_to[0] in case.doubted:  # perhaps about manners: the coordinator looks first
        first = next(name for name in (COORDINATOR, DISCIPLINE) if name not in case.doubted)
        open_to = [first, *(name for name in open_to if name != first)]
    return tuple(open_to)


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
