"""Who is complained about for conduct: an act in the text is laid to the actor who is spoken of beside it.

A decision (不批, 少算, 没到) is no conduct. Whoever is only asked for help (请民政局查查) is never accused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from knowledge.catalogue.departments import COORDINATOR, DEPARTMENTS, DISCIPLINE, TOWNSHIP
from knowledge.catalogue.places import TOWNS
from knowledge.routing_reading import ACTORS, Found, Sign, offices_in, pattern_of

DOUBT: Final = "doubt"
"""The grade of a charge that only may be one."""

_STOPS: Final = ",。;!?"
_TOWN_PEOPLE: Final = re.compile(
    f"(?:{'|'.join(sorted({a for t in TOWNS.values() for a in (t.name, *t.aliases)}, key=len, reverse=True))})"
    "(?:这边|那边)?的?(?:民政|财政|农经|政府|干部|领导|工作人员|办事|书记|副?镇长(?!岗)|副?乡长|服务站|人社|计生|那个)"
    "|[乡镇](?:里|上|政府)?的?(?:包[村片组])?[^,。;!?说去村屯社]{0,3}(?:干事|专干|助理|[所站]长|领导|干部|委员|人员)"
    "|(?:计生|民政|残联|农经|村建|城建|水利|文教|组织|林业)(?:专干|助理)|财政所"
    "|[乡镇](?:里|上|政府)?[^,。;!?说去村屯社]{1,4}(?:办|中心)(?=的|里|那)"
)
_ASKED: Final = re.compile(
    r"(?:请|求|求求|希望|盼|盼望|要求|恳请|麻烦|建议|让|向|跟|给|找)(?:你们|咱|县|上级|有关)?的?$"
)
_HELPS: Final = re.compile(
    r"^(?:的?(?:领导|同志|部门)?)?(?:能)?(?:给(?![冻扣划截吞骗拿停抵收弄退贪挪卡丢顶占领取改])|帮|查|核|管一?管|处理|解决|出面|来人|派人|严|反映|举报|投诉|做主|说句|监督|介入)"
)
_GREETED: Final = re.compile(r"(?:们|同志)?(?:(?:[你您]们?)?好|:)")
_GREETED_PERSON: Final = re.compile(r"(?:们|同志)?,")
_OPENING: Final = re.compile(r"(?:尊敬的|敬爱的|亲爱的|各位|咱|请问)?")
_CONTACT: Final = re.compile(r"(?:帮|帮着|替|跟|给|找|问|去|到|上|跑了?|往|让|和|打电话给|对|跟着)(?:县|咱|我们)?$")
_AT: Final = re.compile(r"在(?:我们|咱|俺们|这|县|当地)?$")
_OF_TOWNSHIP: Final = re.compile(r"[乡镇](?:里|上|政府)?的?$")
_DESK: Final = re.compile(r".?[站所办]")
_THING: Final = re.compile(r"^(?:流水|卡(?!员)|回单|短信|账|存折|补(?:贴|助)|资金|款|钱|APP|app|救助|补偿|保险)")
_REPORTED: Final = re.compile(r"(?:举报|检举|揭发|(?:要|想|来|去|得)告)(?:一下)?(?:我们|俺们|咱们|我|俺|咱|县)?的?$")
_PRETENDED: Final = re.compile(
    r"(?:自称|冒充|假冒|(?:电话|短信|微信|来人|有人)[^。;!?]{0,5}(?:说|说他|说自己)?是)(?:是|县|咱|咱们|什么|啥)?$"
)
_JOINED: Final = re.compile(r"^(?:[的、]|和|跟|与|还有|以及|同|人|干部|里|伙同|勾结|串通|联手|一起){0,3}$")
_SAME_BODY: Final = re.compile(r"^的?[^,。;!?和跟与、找问推让给向]{0,5}$")
BODIES: Final = ("office", "bank", "township")
_PRIVATE: Final = ("citizen", "firm", "staff", "school", "hospital", "home")
_TITLES: Final = (
    *("代办员", "队长", "组长", "小队长", "小组长", "文书", "出纳"),
    *("主任", "书记", "会计", "老书记", "院长", "干部", "领导", "里的人", "里人"),
)
PERSON: Final = pattern_of("person")
_CHECKS: Final = pattern_of("checks")
SPEAKS: Final = re.compile(r"[^,。;!?把将]{0,8}(?:说|讲|告诉|答复|解释|回复|通知)")
DECIDES: Final = pattern_of("decides")
_TURNED_ON_ME: Final = {"revenge", "menaced", "exposed"}
_IN_LEAGUE: Final = re.compile(r"合[伙起着]|勾结|串通|一块|一伙|联手|分")
PRAISE: Final = pattern_of("praise")
SETTLES: Final = pattern_of("settles")
_ORDINARY: Final = pattern_of("ordinary")
_ORDERS: Final = re.compile(
    f"(?:的|里|窗口|那边|柜台|大厅)*(?:非|硬|还)?(?:让|叫|要)(?:我|俺|人|我们)(?P<what>[^{_STOPS}]*)"
)
_FEARED: Final = Sign("feared", "怕被知道的人的做法", re.compile(""), grade="graft")
DEALING: Final = Sign("dealing", "经办人员的做法", re.compile(""), grade="manner")
_REPORT: Final = Sign("reported", "被举报", re.compile(""), grade="graft")
_DOUBTED: Final = Sign("doubted", "经办人员的说法", re.compile(""), grade=DOUBT)


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


def charges_in(
    text: str, signs: frozenset[str], actors: list[Actor], acts: list[Found[Sign]]
) -> tuple[Charge, ...]:  # fmt: skip
    """Every act of conduct found in a tidy text with the actor it is laid to; an act of nobody is left out."""
    charges = list(_acted(text, signs, actors, acts))
    if signs & _TURNED_ON_ME:
        charges += [Charge(actor, DEALING) for actor in actors if _may_have_told(actor, signs)]
    if not PRAISE.search(text):
        charges += list(_hinted(text, signs, actors, charges))
    first: dict[tuple[str, str, str], Charge] = {}
    for charge in (*charges, *_local(text, charges)):
        first.setdefault((charge.actor.kind, charge.actor.name, charge.act.name), charge)
    return tuple(first.values())


def _acted(
    text: str, signs: frozenset[str], actors: list[Actor], acts: list[Found[Sign]]
) -> Iterator[Charge]:  # fmt: skip
    """What the words for conduct lay to somebody."""
    for act in acts:
        if not act.what.needs or act.what.needs in signs:
            for actor in _doers(text, act, actors) or _unknown(act):
                yield Charge(actor, act.what)
    for actor in actors:
        if _REPORTED.search(text[: actor.start]):
            yield Charge(actor, _REPORT)


def _may_have_told(actor: Actor, signs: frozenset[str]) -> bool:
    """Whether an office spoken of may be the one that turned on who reported."""
    outside = actor.asked or actor.place or (actor.contact and "exposed" not in signs)
    return actor.kind in BODIES and actor.name != DISCIPLINE and not outside


def _hinted(text: str, signs: frozenset[str], actors: list[Actor], charges: list[Charge]) -> Iterator[Charge]:
    """What is laid to those to whom no word for conduct was."""
    named = {(charge.actor.kind, charge.actor.name) for charge in charges}
    for actor in actors:
        if (actor.kind, actor.name) in named or actor.name == DISCIPLINE:
            continue
        act = _dealing(text, actor) or (None if charges else _feared(actor, signs) or _untold(text, actor))
        if act:
            yield Charge(actor, act)


def _local(text: str, charges: list[Charge]) -> Iterator[Charge]:
    """林业站, 农机站 may be the bureau's or the township's: both are kept out."""
    for charge in charges:
        local = charge.actor.kind == "office" and text[: charge.actor.end].endswith(("站", "所"))
        if local and not text[: charge.actor.start].endswith("县"):
            yield Charge(replace(charge.actor, kind="township", name=TOWNSHIP), charge.act)


def _unknown(act: Found[Sign]) -> list[Actor]:
    """Somebody took or forged, nobody is named: 补贴让人取走了."""
    return [Actor("citizen", "citizen", 0, 0)] if act.what.name in ("fraud", "cards") else []


def _dealing(text: str, actor: Actor) -> Sign | None:
    """What is laid to someone of an office, not the office, who acts in no way we have a word for.

    Telling a decision may still hide a quarrel about manners: then the office is only doubted.
    """
    person = PERSON.match(text[actor.end :]) or PERSON.fullmatch(text[actor.start : actor.end])
    if actor.kind not in BODIES or actor.asked or actor.place or not person:
        return None
    start = actor.end + (person.end() if text.startswith(person[0], actor.end) else 0)
    clause = re.split(f"[{_STOPS}]", text[start:], maxsplit=1)[0]
    if SPEAKS.match(clause):
        if not DECIDES.search(clause):
            return DEALING
        return _DOUBTED if actor.kind == "office" and actor.name != COORDINATOR else None
    return None if _CHECKS.match(clause) else DEALING


def _feared(actor: Actor, signs: frozenset[str]) -> Sign | None:
    """Who asks to be kept secret fears the village's, school's or home's people spoken of, whatever they did."""
    feared = actor.kind in ("village", "school", "home") and not (actor.asked or actor.contact or actor.place)
    return _FEARED if feared and "confidential" in signs and "not_confidential" not in signs else None


def _untold(text: str, actor: Actor) -> Sign | None:
    """An office gone to or spoken of, and nothing told of what it decides: 去了,里头俩人下棋."""
    rest = text[actor.end :]
    if actor.kind != "office" or actor.asked or not rest.strip("的,。!?"):
        return None
    order = _ORDERS.match(rest)
    strange = order and not _ORDINARY.search(order["what"])
    return _DOUBTED if strange or not SETTLES.search(rest) else None


def actors_in(text: str) -> Iterator[Actor]:
    """Those spoken of in a tidy text, in order; of overlapping names the longer counts, and a title behind an office belongs to it."""
    named = [(found.start, found.end, _kind(found.what), found.what) for found in offices_in(text)]
    named += [(*hit.span(), "township", TOWNSHIP) for hit in _TOWN_PEOPLE.finditer(text)]
    for sign in ACTORS:
        named += [(*hit.span(), sign.name, sign.name) for hit in sign.pattern.finditer(text)]
    named.sort(key=lambda one: (one[0], -one[1]))
    last: Actor | None = None
    for start, end, kind, name in named:
        if last and (start < last.end or _belongs(text, last, kind, start, end)):
            continue
        before = text[:start]
        if kind == "township" and text.startswith("长岗", end - 1):  # 双河镇长岗村
            continue
        if kind == "office" and _DESK.match(text[end - 1 :]) and _OF_TOWNSHIP.search(before):
            kind, name = "township", TOWNSHIP
        if kind in ("office", "bank") and (_THING.match(text[end:]) or _PRETENDED.search(before)):
            continue
        last = Actor(
            kind,
            name,
            start,
            end,
            asked=bool(_ASKED.search(before) and _HELPS.search(text[end:])) or _is_greeted(kind, before, text[end:]),
            contact=bool(_CONTACT.search(before)),
            place=bool(_AT.search(before)) and text[end - 1] in "里上",
        )
        yield last


def _is_greeted(kind: str, before: str, after: str) -> bool:
    """领导你好: who is written to. A pause behind an office's name is no greeting: 民政局,办事要烟."""
    greets = _GREETED.match(after) or (kind == "staff" and _GREETED_PERSON.match(after))
    return bool(_OPENING.fullmatch(before) and greets)


def _kind(department: str) -> str:
    sort = DEPARTMENTS[department].sort
    return sort if sort in ("bank", "township") else "office"


def _belongs(text: str, before: Actor, kind: str, start: int, end: int) -> bool:
    """民政局窗口, 资助中心主任: the same body goes on."""
    if before.kind == "township" and kind == "office":  # 镇里民政口的
        return text[before.end : start] in ("", "的")
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
        clause = max(text.rfind(stop, 0, nearest.start) for stop in _STOPS) if nearest.kind != "firm" else -1
        beside = [one for one in able if clause < one.start < nearest.start and one.kind in BODIES]
        offices = [one for one in beside if nearest.kind in _PRIVATE and not one.contact]
        league = here if _IN_LEAGUE.search(text[act.start : act.end]) else []
        given = [one for one in here if one.contact and one.kind in (*BODIES, "staff") and act.what.name == "bribe"]
        return [nearest, *_joined(text, nearest, able), *offices, *league, *given]
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
