"""我要反映: what happened, in one message or in many; what is still needed; one screen to confirm; then a number and a date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from handlers import case_facts as ask_for
from handlers.case_heard import REWRITING, forget_guesses, hearing, or_heard, put
from handlers.case_rights import forget_rights, notes_of, righted
from handlers.case_story import (
    BEFORE,
    PHOTO,
    complains_at_once,
    drawn,
    opening_of,
    opens,
    started_at,
    story_of,
    text_of,
    told_in_words,
)
from handlers.case_summary import (
    CHANGE_WORDS,
    CONFIRM,
    SUBMIT,
    Summary,
    changes,
    confirmed,
    shorten,
    words_to_tell_anew,
)
from handlers.facts import facts_of_payment
from handlers.notices import how_told, offer
from handlers.turn import Reply, Suspended, Turn
from handlers.validators import YES, one_of
from knowledge.catalogue.departments import DISCIPLINE
from knowledge.filing_wish import same_story
from knowledge.identity import masked_numbers, redact
from knowledge.kinds import REPORT, WAYS, alias_of, hint_in, way_in_words
from knowledge.putting_right import matter_of
from knowledge.routing import route
from knowledge.said import Said, wants_no_name
from knowledge.wording import beijing, day_and_weekday
from models.attachment import Attachment
from models.case import OPEN, Case, Filing
from models.filing import Draft, join_photos, photos_waiting, prepared
from models.slip import Slip

HOW_COUNTED = "怎么算的"
_ALL_THE_SAME, _ENOUGH = "还是在这里办", "知道了"
_ANEW, _AS_IT_IS = "重新说", "不改了"
_SAME_AS_IT_IS = {**dict.fromkeys(YES, _AS_IT_IS), "提交": _AS_IT_IS, "全部重说": _ANEW, "重说": _ANEW, "重新写": _ANEW}
_NOT_AGAIN, _AGAIN = "不用再交", "另交一件"
_TWICE = one_of((_NOT_AGAIN, _AGAIN), dict.fromkeys((*YES, "不交了", "不交", "算了", "知道了", "那不交了", "哦"), _NOT_AGAIN))
_LATELY = 3  # cases
_SHOWN = 60  # characters of a story that need not be told again
_SLIP_LASTS = "24小时内能打开一次，打开就能打印"


def takes(turn: Turn) -> bool:
    """A wish to file something. A question about where to complain is answered by the article instead."""
    return turn.message.tap == "file" or opens(turn)


def case(turn: Turn) -> Reply:
    """File a case: told, shown once with everything drawn from it, and only then written."""
    begins = not turn.talk.answers
    try:
        return hearing(_case, turn)
    except Suspended as waiting:
        first = _first_aid(turn)
        told = turn.talk.answers.get("what.0", {}).get("text", "")
        if begins and told == turn.said_before and told and waiting.question != CONFIRM:
            first += f"就办您刚才说的这件：{shorten(told, _SHOWN)}\n不是这件，就发“取消”重新说。\n"
        if not first:
            raise
        raise Suspended(waiting.asked, waiting.question, replace(waiting.reply, text=first + waiting.reply.text)) from None


def _first_aid(turn: Turn) -> str:
    """Whoever is in danger is told at once whom to ring, before anything is asked; once."""
    if not turn.text or turn.talk.answers.get("once:aid") or not route(turn.text).urgent:
        return ""
    if turn.understood.intent != "emergency":
        return ""
    turn.talk.answers["once:aid"] = True
    return f"{turn.understood.text}\n——\n"


def _case(turn: Turn) -> Reply:
    facts = turn.once("facts", lambda: facts_of_payment(turn))
    hint = turn.once("hint", lambda: hint_in(opening_of(turn)))
    turn.once("complains", lambda: complains_at_once(turn))
    began = started_at(turn)
    waiting = photos_waiting(turn.session, turn.follower_id, began - BEFORE)
    parts = story_of(turn, facts)
    story = text_of(parts)
    matter = matter_of(told_in_words(story))
    said = replace(righted(turn, drawn(turn, matter)), anonymous=wants_no_name(story))
    kind = ask_for.kind_of(turn, matter, said, hint)
    whole = "\n".join((story, *notes_of(turn)))
    draft, filing = _prepared(turn, whole, matter, said, kind, facts)
    if filing.kind not in turn.values.kinds:
        answer = _elsewhere(turn, filing, draft, said)
        if answer is not None:
            return answer
        draft, filing = _prepared(turn, whole, matter, said, str(WAYS[filing.kind].instead), facts)
    if (before := _filed_before(turn, story)) and turn.ask("twin", _twice(before), or_heard(turn, _TWICE)) == _NOT_AGAIN:
        return Reply("好，那件照常办。有要补充的，点“补充情况”。", ("补充情况", "查进度"))
    if turn.talk.answers.get(REWRITING):
        return _rewritten(turn, whole)
    media = [part["kind"] for part in parts if part.get("media")]
    photos = media.count("image") + len(turn.talk.answers.get("photos", ())) + waiting.get("image", 0)
    choice = confirmed(turn, Summary(draft, filing, said, photos, media.count("voice") + waiting.get("voice", 0)))
    if choice != SUBMIT:
        turn.talk.change(CONFIRM, *changes(choice))
        if choice == CHANGE_WORDS:
            put(turn, REWRITING, True)
        return _case(turn)
    return _filed(turn, filing, parts)


def _rewritten(turn: Turn, whole: str) -> Reply:
    """改内容: what puts one thing right goes behind the story; only 重新说 throws the old words away."""
    now = f"现在记的是：{masked_numbers(shorten(told_in_words(whole) or whole))}"
    question = f"{now}\n要补一句、改一处，直接发，会记在后面。要全部重说，点“{_ANEW}”；不改了，点“{_AS_IT_IS}”。"
    anew = turn.ask("anew", question, or_heard(turn, one_of((_ANEW, _AS_IT_IS), _SAME_AS_IT_IS))) == _ANEW
    turn.talk.change("anew", REWRITING)
    if anew:
        turn.talk.change(*words_to_tell_anew(turn))
        forget_guesses(turn)
        forget_rights(turn)
    return _case(turn)


def _filed_before(turn: Turn, story: str) -> str:
    """The number of an open case of theirs that tells the same; looked for once."""

    def look() -> str:
        own = Case.of_follower(turn.session, turn.follower_id, limit=_LATELY)
        return next((one.number for one in own if one.status in OPEN and same_story(one.text, story)), "")

    return str(turn.once("before", look))


def _twice(number: str) -> str:
    return f"这件事您交过了，编号{number}，正在办，不用再交一遍。真是另外一件，再点“{_AGAIN}”。"


def _prepared(turn: Turn, whole: str, matter: str, said: Said, kind: str, facts: Mapping[str, str]) -> tuple[Draft, Filing]:
    """The draft with everything asked that is still needed, and where it would go by when.

    It is routed by the matter alone; whoever the whole text accuses or fears does not see it all the same.
    """
    answers = turn.talk.answers
    who = ask_for.accused_by_choice(turn, said)
    item = ask_for.item_of(turn, matter, said, facts, kind)
    town, village = ask_for.where(turn, matter, facts, kind)
    number = ask_for.phone_of(turn, whole, said, facts)
    feared = route(whole)
    nameless = answers.get("nameless", said.anonymous)
    draft = Draft(
        text=whole, matter=matter, source="chat", kind=kind, item=item, town=town, village=village,
        phone=number if "phone" in turn.talk.said or not nameless else None,
        contact_name=None if nameless else facts.get("name"),
        confidential=bool(answers.get("sealed", feared.confidential)) or nameless, for_whom=said.for_whom,
        accused=tuple({*ask_for.offices_of(who, matter, item), *feared.accused}),
        village_accused=ask_for.is_of_the_village(who) or feared.village_accused,
    )  # fmt: skip
    return draft, prepared(turn.session, draft, turn.values.clocks, turn.now, terms=turn.values.terms)


def _filed(turn: Turn, filing: Filing, parts: list[dict[str, str]]) -> Reply:
    made, code = Case.file(turn.session, filing, follower=turn.follower)
    for part in parts:
        if part.get("media"):
            Attachment.keep(turn.session, turn.follower_id, part["kind"], part["media"], case_id=made.id)
    for media_id in turn.talk.answers.get("photos", []):
        Attachment.keep(turn.session, turn.follower_id, "image", media_id, case_id=made.id)
    join_photos(turn.session, made, turn.follower_id, started_at(turn) - BEFORE)
    counted = (f"{HOW_COUNTED} {made.number}",) if made.due_trail and made.due_at else ()
    return Reply(_receipt(turn, made, code), (*counted, "查进度", "查补贴"))


def _receipt(turn: Turn, made: Case, code: str) -> str:
    today = beijing(turn.now).date()
    lines = ["收下了，这就转给人办。", f"编号：{made.number}", f"查询码：{code}（别告诉别人）", made.answered_by]
    if made.due_at:
        lines.append(f"最晚{day_and_weekday(made.due_at, today)}答复您{'，日子先这么算着' if made.provisional else ''}。")
    elif made.kind == REPORT:
        sealed = made.confidential and made.department.name == DISCIPLINE
        lines.append("举报要查实，没有固定期限；办完会告诉您。" + ("密封转交，只有纪检的人能看。" if sealed else ""))
    if made.confidential:
        lines.append(f"您的身份会保密，不会告诉被反映的人。办的人只看到“{alias_of(made.number)}”。")
    if made.urgent:
        lines.append("看您这事急，已经标了加急。有危险请马上打110或120。")
    lines.append(f"{how_told(turn, made.phone)}要补充或者撤回，也发“查进度”。")
    lines += [line for line in (offer(turn),) if line]
    return "\n".join(lines)


# ---------------------------------------------------------------- kinds that the county does not take here


def _elsewhere(turn: Turn, filing: Filing, draft: Draft, said: Said) -> Reply | None:
    """The way by law, with a slip to take along; None where the resident wants it taken here as another kind."""
    way = WAYS[filing.kind]
    instead = way.instead if way.instead in turn.values.kinds else None
    told = way_in_words(filing.kind)
    if instead is None:
        return Reply(told + _slip(turn, filing, draft, said), ("查补贴", "问政策"))
    question = f"{told}\n也可以就在这里办，由部门答复您。要哪样？"
    wants_it_here = turn.ask("here", question, one_of([_ALL_THE_SAME, _ENOUGH], {"在这里办": _ALL_THE_SAME, "好": _ENOUGH, "行": _ENOUGH}))
    return None if wants_it_here == _ALL_THE_SAME else Reply("好。" + told + _slip(turn, filing, draft, said), ("查补贴", "问政策"))


def _slip(turn: Turn, filing: Filing, draft: Draft, said: Said) -> str:
    """The link to a printable slip. It holds no name and no telephone: those are written on the paper by hand."""
    if not turn.values.public_url:
        return ""
    token = Slip.issue(turn.session, turn.follower_id, {
        "kind": filing.kind, "text": redact(filing.text.replace(PHOTO, "")).strip(), "town": draft.town, "village": draft.village,
        "item": draft.item, "when": said.when, "amounts": list(said.amounts), "made_on": beijing(turn.now).date().isoformat(),
    })  # fmt: skip
    return f"\n要带去的话，这里有一张写好的单子（{_SLIP_LASTS}）：\n{turn.values.public_url}/slip/{token}"
