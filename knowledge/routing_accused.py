"""Who is complained about for conduct: an act in the text is laid to the actor who is spoken of beside it.

A decision (不批, 少算, 没到) is no conduct. Whoever is only asked for help (请民政局查查) is never accused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from knowledge.catalogue.departments import DEPARTMENTS, TOWNSHIP
from knowledge.catalogue.places import TOWNS
from knowledge.routing_reading import ACTORS, Found, Sign, acts_in, offices_in

_STOPS: Final = ",。;!?"
_BY_NAME: Final = {actor.name: actor for actor in ACTORS}
_TOWN_PEOPLE: Final = re.compile(
    f"(?:{'|'.join(sorted({a for t in TOWNS.values() for a in (t.name, *t.aliases)}, key=len, reverse=True))})"
    "(?:这边|那边)?的?(?:民政|财政|农经|政府|干部|领导|工作人员|办事|书记|副?镇长|副?乡长|服务站|人社|计生|那个)"
)
_ASKED: Final = re.compile(
    r"(?:请|求|求求|希望|盼|盼望|要求|恳请|麻烦|建议|让|向|跟|给|找)(?:你们|咱|县|上级|有关)?的?$"
)
_HELPS: Final = re.compile(
    r"^(?:的?(?:领导|同志|部门)?)?(?:能)?(?:给|帮|查|核|管一?管|处理|解决|出面|来人|派人|严|反映|举报|投诉|做主|说句|监督|介入)"
)
_CONTACT: Final = re.compile(r"(?:跟|给|找|问|去|到|上|跑了?|往|让|和|打电话给|对|跟着)(?:县|咱|我们)?$")
_AT: Final = re.compile(r"在(?:我们|咱|俺们|这|县|当地)?$")
_THING: Final = re.compile(r"^(?:流水|卡(?!员)|回单|短信|账|存折|补(?:贴|助)|资金|款|钱|APP|app|救助|补偿|保险)")
_JOINED: Final = re.compile(r"^(?:[的、]|和|跟|与|还有|以及|同|人|干部|里){0,3}$")
_SAME_BODY: Final = re.compile(r"^的?[^,。;!?和跟与、找问推让]{0,5}$")
_BODIES: Final = ("office", "bank", "township")
_PRIVATE: Final = ("citizen", "firm", "staff")
_TITLES: Final = ("主任", "书记", "会计", "老书记", "院长", "干部", "领导", "里的人", "里人")


_PERSON: Final = re.compile(
    r"(?:[^,。;!?说]{0,8}?)(?:的人|那[个位][^,。;!?的]{0,4}(?:的|员)?|小[王李张刘陈赵孙周吴郑姑伙年]\w?|大[姐哥]|姑娘|小伙子?|女的|男的"
    r"|科长|股长|局长|所长|站长|主任|干部|办事员|工作人员|接电话的|导办员?|[管收验量查办核][^,。;!?]{1,3}的|柜员|经理|行长|信贷员"
    r"|[乡镇]长|书记|委员|助理|领导|专干)"
)
_TELLS_OR_CHECKS: Final = re.compile(
    r"(?:就|也|又|都|还|总|老|一直|去年|前年|今年|上个?月|现在|当时|后来|只|光|跟我|和我|对我|给我|打电话)*"
    r"(?:说|讲|告诉|答复|解释|回复|通知|来|下来|去|入户|上门|调查|核|量|登|收|看|查|鉴定|审|报|录|填|也?不知道|让我?(?:等|补|回|去|找|交|拿|写|填|再|重))"
)
_PRAISE: Final = re.compile(r"态度(?:都|还|也)?(?:很|挺|蛮|特别|非常)?(?:好|不错)|热心|耐心|辛苦(?!费)|感谢(?!费)")
_DEALING: Final = Sign("dealing", "经办人员的做法", re.compile(""), grade="manner")


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone spoken of. `kind`: office, bank, township, village, school, home, firm, citizen or staff."""

    kind: str
    name: str
    start: int
    end: int
    asked: bool = False
    contact: bool = False
    place: bool = False


@dataclass(frozen=True, slots=True)
class Charge:
    """One act laid to one actor."""

    actor: Actor
    act: Sign


def charges_in(text: str, signs: frozenset[str]) -> tuple[Charge, ...]:
    """Every act of conduct in a tidy text with the actor it is laid to; an act of nobody is left out."""
    actors = list(_actors(text))
    charges: dict[tuple[str, str, str], Charge] = {}
    for act in acts_in(text):
        if act.what.needs and act.what.needs not in signs:
            continue
        for actor in _doers(text, act, actors):
            charges.setdefault((actor.kind, actor.name, act.what.name), Charge(actor, act.what))
    if not charges and not _PRAISE.search(text):
        return tuple(Charge(actor, _DEALING) for actor in actors if _dealt_badly(text, actor))
    return tuple(charges.values())


def _dealt_badly(text: str, actor: Actor) -> bool:
    """Whether someone of an office, not the office, is the one who acts, and not just by telling a decision."""
    person = _PERSON.match(text[actor.end :]) or _PERSON.fullmatch(text[actor.start : actor.end])
    if actor.kind not in _BODIES or actor.asked or not person:
        return False
    start = actor.end + (person.end() if person.re is _PERSON and text.startswith(person[0], actor.end) else 0)
    return not _TELLS_OR_CHECKS.match(text[start:])


def _actors(text: str) -> Iterator[Actor]:
    """The actors in order; of overlapping names the longer counts, and a title behind an office belongs to it."""
    named = [(found.start, found.end, _kind(found.what), found.what) for found in offices_in(text)]
    named += [(*hit.span(), "township", TOWNSHIP) for hit in _TOWN_PEOPLE.finditer(text)]
    for sign in ACTORS:
        named += [(*hit.span(), sign.name, sign.name) for hit in sign.pattern.finditer(text)]
    named.sort(key=lambda one: (one[0], -one[1]))
    last: Actor | None = None
    for start, end, kind, name in named:
        if last and (start < last.end or _belongs(text, last, kind, start, end)):
            continue
        if kind in ("office", "bank") and _THING.match(text[end:]):
            continue
        before = text[:start]
        last = Actor(
            kind,
            name,
            start,
            end,
            asked=bool(_ASKED.search(before) and _HELPS.search(text[end:])),
            contact=bool(_CONTACT.search(before)),
            place=bool(_AT.search(before)) and text[end - 1] in "里上",
        )
        yield last


def _kind(department: str) -> str:
    sort = DEPARTMENTS[department].sort
    return sort if sort in ("bank", "township") else "office"


def _belongs(text: str, before: Actor, kind: str, start: int, end: int) -> bool:
    """民政局窗口, 资助中心主任: the same body goes on."""
    if kind not in ("staff", "village", "home") or before.kind in ("citizen", "firm", kind):
        return before.kind == kind and start == before.end
    title = kind == "staff" or text[start:end] in _TITLES
    return title and bool(_SAME_BODY.match(text[before.end : start]))


def _doers(text: str, act: Found[Sign], actors: list[Actor]) -> list[Actor]:
    """Who did it: the nearest before it in its clause, else in clauses before, else behind; with those joined to it.

    A private person beside an office (收了大户的红包) does not clear the office.
    """
    able = [actor for actor in actors if _can(act.what, actor)]
    if act.what.name == "shirk" and "推" in text[act.start : act.end]:
        return [actor for actor in able if actor.kind != "citizen"]
    begin = max(text.rfind(stop, 0, act.start) for stop in _STOPS) + 1
    clause_end = min((at for stop in _STOPS if (at := text.find(stop, act.end)) >= 0), default=len(text))
    here = [actor for actor in able if begin <= actor.start <= act.start]
    earlier = [actor for actor in able if actor.start < begin]
    later = [actor for actor in able if act.start < actor.start < clause_end]
    if nearest := _prominent(here) or _prominent(earlier) or (later[0] if later else None):
        offices = [one for one in here if one.kind in _BODIES and nearest.kind in _PRIVATE and not one.contact]
        return [nearest, *_joined(text, nearest, able), *offices]
    return able[:1]


def _can(act: Sign, actor: Actor) -> bool:
    """Whether this act is conduct of such an actor; 在村里 is a place where money was taken, not who took it."""
    if actor.asked or (actor.place and act.grade == "graft"):
        return False
    return not act.of or actor.kind in act.of


def _prominent(actors: list[Actor]) -> Actor | None:
    """The last who acts by themselves, else the last one gone to."""
    doing = [actor for actor in actors if not actor.contact]
    return (doing or actors)[-1] if actors else None


def _joined(text: str, actor: Actor, others: list[Actor]) -> Iterator[Actor]:
    for other in others:
        first, second = sorted((actor, other), key=lambda one: one.start)
        if first is not second and _JOINED.match(text[first.end : second.start]):
            yield other
