"""不对，是去年的: what is put right by saying it, and a wish to be kept out of sight, at any question of a filing.

The words themselves are kept with the case as well: whoever handles it reads that they were said. They tell nothing of the
matter, so that neither kind nor department is drawn from them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from handlers.case_heard import grieves, put
from handlers.case_story import item_told
from handlers.turn import Turn
from handlers.validators import Message, bare
from knowledge.catalogue.items import ITEMS
from knowledge.catalogue.naming import is_named
from knowledge.catalogue.places import Place, find_place
from knowledge.identity import find_phones
from knowledge.kinds import ASK, MONEY
from knowledge.money import yuan
from knowledge.publicity import village_in_words
from knowledge.putting_right import put_right, rather_asks, wants_no_calls, wants_no_secrecy, wants_out_of_sight
from knowledge.said import Said, for_whom, own_phone, said_in, wants_no_name
from knowledge.said_numbers import amounts_in
from knowledge.unlisted import unlisted_village
from knowledge.wording import beijing

WHEN, AMOUNTS, FOR_WHOM = "right.when", "right.amounts", "right.for_whom"
NOTE = "note."
OWN = "本人"
_SHORT = 14  # characters of a message that is nothing but a wish to leave no name
_CLAUSE = re.compile(r"[,，;；。]\s*")
_BARE_SUM = re.compile(r"\d{1,6}(?:\.\d{1,2})?|[一二两三四五六七八九十百千万零]*[百千万][一二两三四五六七八九十百千万零]*")


def notes_of(turn: Turn) -> list[str]:
    """What was said of the filing itself, in its order."""
    return [str(value) for name, value in turn.talk.answers.items() if name.startswith(NOTE)]


def put_right_here(turn: Turn, message: Message) -> str | None:
    """Take what puts something right, or asks for silence; what was done, in words. None where the message does neither."""
    if wished := wished_here(turn, message):
        return wished
    text = bare(message.text)
    if message.kind not in ("text", "voice") or not text:
        return None
    clauses = [put_right(clause) for clause in _CLAUSE.split(text)]
    found = clauses if len(clauses) > 1 and all(clauses) else [put_right(text)]
    done = [words for one in found if one for words in _taken(turn, *one) if words]
    return _noted(turn, text, f"改好了：{'，'.join(done)}。") if done else None


def wished_here(turn: Turn, message: Message) -> str | None:
    """Take a short wish about the filing itself: no name, no calls, silence, only a question; what was done, in words."""
    text = bare(message.text)
    if message.kind not in ("text", "voice") or not text:
        return None
    if len(text) <= _SHORT and wants_no_name(text) and not grieves(text):
        for name, value in (("sealed", True), ("nameless", True), ("phone", "")):
            put(turn, name, value)
        return "好，不留姓名电话，身份保密。凭编号和查询码一样能查。"
    if wants_no_calls(text):
        put(turn, "phone", "")
        return _noted(turn, text, "好，不留电话。")
    if wants_no_secrecy(text):
        put(turn, "sealed", False)
        put(turn, "nameless", False)
        return _noted(turn, text, "好，不另外保密了。")
    if wants_out_of_sight(text) and not text.endswith(("吗", "么")) and len(text) > 2:
        put(turn, "sealed", True)
        return _noted(turn, text, "好，给您保密。")
    if (asks := rather_asks(text)) is not None:
        put(turn, "kind", ASK if asks else MONEY)
        return _noted(turn, text, "好，当想问的事办。" if asks else "好，按投诉办。")
    return None


def _noted(turn: Turn, text: str, said: str) -> str:
    # Behind the value that was put: 返回 takes both.
    taken = sum(name.startswith(NOTE) for name in turn.talk.answers)
    turn.talk.answers[f"{NOTE}{taken}"] = text
    return said


def _taken(turn: Turn, right: str, wrong: str) -> list[str]:
    """Every field that the right words tell, kept; each in words."""
    phones = [own_phone(right)] if own_phone(right) else find_phones(right)
    if phones:
        put(turn, "phone", phones[0])
        return ["电话"]
    place = place_meant(turn, right)
    if place:
        put(turn, "town", place)
    done = [f"地方{place}" if place else "", _item(turn, right), _when(turn, right), _person(turn, right, wrong)]
    return [*done, "" if any(done) else _amounts(turn, right, wrong)]


def place_meant(turn: Turn, text: str) -> str | None:
    """Township and village in one, as an answer is kept; a village alone goes with the township known so far."""
    town = turn.talk.answers.get("town") or ""
    known = find_place(str(town))
    place = find_place(text)
    if place and place.town:
        return in_words(place, text)
    if place and known and known.town in place.ambiguous_towns:
        return in_words(Place(known.town, place.village), text)
    village = unlisted_village(text, None)
    return f"{known.town}{village}" if village and known and known.town else None


def in_words(place: Place, text: str) -> str:
    """A place as an answer is kept, with a village that no list holds."""
    village = place.village or unlisted_village(text, place.town) or ""
    return f"{place.town}{village_in_words(place.town or '', village)}"


def _item(turn: Turn, right: str) -> str:
    item = item_told(turn, right)
    if item not in ITEMS or not is_named(right, str(item)):
        return ""
    put(turn, "item", item)
    return f"项目{item}"


def _when(turn: Turn, right: str) -> str:
    when = said_in(right, beijing(turn.now).date()).when
    if when:
        put(turn, WHEN, when)
    return f"时间{when}" if when else ""


def _person(turn: Turn, right: str, wrong: str) -> str:
    whom = for_whom(f"替{right.removesuffix('家')}问")
    own = bool(wrong and for_whom(f"替{wrong}问")) and right in ("我", "我自己", "自己", "本人", "俺", "俺自己", "我本人")
    if not whom and not own:
        return ""
    put(turn, FOR_WHOM, OWN if own else whom)
    return "替您自己办" if own else f"替您的{whom}办"


def _amounts(turn: Turn, right: str, wrong: str) -> str:
    amounts = _sums(right)
    if not amounts:
        return ""
    put(turn, AMOUNTS, {"right": list(amounts), "wrong": list(_sums(wrong))})
    return f"钱数{'、'.join(yuan(fen) for fen in amounts)}"


def _sums(text: str) -> tuple[int, ...]:
    return amounts_in(f"{text}元" if _BARE_SUM.fullmatch(text) else text)


def righted(turn: Turn, said: Said) -> Said:
    """What the story tells, with what was put right since."""
    answers = turn.talk.answers
    whom = answers.get(FOR_WHOM, said.for_whom)
    amounts = _amounts_now(said.amounts, answers.get(AMOUNTS))
    return replace(said, when=answers.get(WHEN, said.when), amounts=amounts, for_whom=None if whom == OWN else whom)


def _amounts_now(said: tuple[int, ...], change: dict[str, Any] | None) -> tuple[int, ...]:
    """The sums of the story with the change: in place of the one denied, or of the only one; else beside them."""
    if change is None:
        return said
    right, wrong = change["right"], change["wrong"]
    kept = [fen for fen in said if fen not in wrong] if wrong else list(said) if len(said) > 1 else []
    return tuple(dict.fromkeys([*kept, *right]))


def forget_rights(turn: Turn) -> None:
    """The story is told anew: what was put right in the old one goes with it."""
    for name in [name for name in turn.talk.answers if name.startswith(("right.", NOTE))]:
        del turn.talk.answers[name]
        if name in turn.talk.said:
            turn.talk.said.remove(name)
