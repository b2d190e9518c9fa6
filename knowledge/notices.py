"""The written notices of 信访 and 信息公开, in words: what each says, on which articles, and what one can do next.

信访工作条例 第22、23、34–36条; 政府信息公开条例 第30、32、33、51条. Article numbers stand as a reference; what they say is told
in plain words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from knowledge.calendar import in_words
from knowledge.deadlines import OBJECTION_DAYS, REVIEW_DAYS
from knowledge.kinds import DISCLOSURE, PETITION, WAYS

_WRITTEN = (PETITION, DISCLOSURE)


class Kind(StrEnum):
    """The notices that there are."""

    ACCEPT = "accept"
    EXTEND = "extend"
    ANSWER = "answer"
    REFUSE = "refuse"
    FORWARD = "forward"
    CORRECT = "correct"
    SLIP = "slip"


NAMES: Mapping[Kind, str] = {
    Kind.ACCEPT: "受理告知书",
    Kind.EXTEND: "延期告知书",
    Kind.ANSWER: "答复书",
    Kind.REFUSE: "不予受理告知书",
    Kind.FORWARD: "转送告知书",
    Kind.CORRECT: "补正告知书",
    Kind.SLIP: "移交单",
}
# What the person at the desk adds in own words, and whether it must be there.
ASKED: Mapping[Kind, tuple[str, bool]] = {
    Kind.ACCEPT: ("受理的是什么事（一两句话，别写别人的信息）", True),
    Kind.EXTEND: ("要补充说明的（可以不写，延期的原因已经写上了）", False),
    Kind.ANSWER: ("要补充说明的（可以不写，答复内容已经写上了）", False),
    Kind.REFUSE: ("为什么不能受理，该去找谁", True),
    Kind.FORWARD: ("转送的是什么事（一两句话）", True),
    Kind.CORRECT: ("要补充说明的（可以不写，要补什么已经写上了）", False),
    Kind.SLIP: ("是什么事、为什么移交（交给接手的单位看，别写别人的信息）", True),
}
_BEFORE: Mapping[str, str] = {PETITION: "信访事项", DISCLOSURE: "政府信息公开申请"}
_ARTICLES: Mapping[tuple[Kind, str], tuple[str, ...]] = {
    (Kind.ACCEPT, PETITION): ("《信访工作条例》第22条、第34条",),
    (Kind.ACCEPT, DISCLOSURE): ("《政府信息公开条例》第31条、第33条",),
    (Kind.EXTEND, PETITION): ("《信访工作条例》第34条",),
    (Kind.EXTEND, DISCLOSURE): ("《政府信息公开条例》第33条",),
    (Kind.ANSWER, PETITION): ("《信访工作条例》第34条、第35条、第36条",),
    (Kind.ANSWER, DISCLOSURE): ("《政府信息公开条例》第33条、第51条",),
    (Kind.REFUSE, PETITION): ("《信访工作条例》第22条",),
    (Kind.REFUSE, DISCLOSURE): ("《政府信息公开条例》第33条、第51条",),
    (Kind.FORWARD, PETITION): ("《信访工作条例》第22条、第23条",),
    (Kind.CORRECT, DISCLOSURE): ("《政府信息公开条例》第30条",),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What has happened to the case, as far as notices speak of it."""

    kind: str
    number: str
    filed_on: date
    department: str
    item: str = ""
    place: str = ""
    accepted_on: date | None = None
    due_on: date | None = None
    provisional: bool = False
    extended_by: str = ""
    extended_why: str = ""
    answered: str = ""
    forwarded_to: str = ""
    to_correct: str = ""
    correct_by: date | None = None
    slip_for: str = ""  # the kind whose way is told


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice ready for the printer."""

    title: str
    number: str
    addressee: str
    paragraphs: tuple[str, ...]
    articles: tuple[str, ...]
    signer: str
    day: str

    @classmethod
    def of(
        cls, kind: Kind, case_kind: str, number: str, addressee: str, paragraphs: Sequence[str], signer: str, day: date
    ) -> Letter:  # fmt: skip
        """The letter around what was issued."""
        written = f"{day.year}年{day.month}月{day.day}日"
        return cls(title_of(kind, case_kind), number, addressee, tuple(paragraphs), articles_of(kind, case_kind), signer, written)


def title_of(kind: Kind, case_kind: str) -> str:
    """信访事项受理告知书."""
    return f"{_BEFORE.get(case_kind, '')}{NAMES[kind]}" if kind != Kind.SLIP else "办件移交单"


def articles_of(kind: Kind, case_kind: str) -> tuple[str, ...]:
    """The articles that it rests on, for reference."""
    return _ARTICLES.get((kind, case_kind), ())


def number_of(department: str, year: int, serial: int) -> str:
    """民政局告〔2026〕3号."""
    return f"{department}告〔{year}〕{serial}号"


def why_not(kind: Kind, facts: Facts, said: str = "…") -> str:
    """Why this notice cannot be issued; empty if it can."""
    if kind != Kind.SLIP and facts.kind not in _WRITTEN:
        return f"{facts.kind}不用出{NAMES[kind]}，只有信访和信息公开申请要出。"
    if kind != Kind.SLIP and (kind, facts.kind) not in _ARTICLES:
        return f"{facts.kind}没有{NAMES[kind]}。"
    missing = {
        Kind.ACCEPT: (facts.accepted_on, "还没有接办。请先点“接办”，再出受理告知书。"),
        Kind.EXTEND: (facts.extended_by, "还没有批准的延期。"),
        Kind.ANSWER: (facts.answered, "还没有答复。请先答复，再出答复书。"),
        Kind.FORWARD: (facts.forwarded_to, "还没有转给别的部门。请先转办，再出转送告知书。"),
        Kind.CORRECT: (facts.to_correct, "还没有请申请人补正。"),
    }.get(kind)
    if missing and not missing[0]:
        return missing[1]
    what, must = ASKED[kind]
    return f"请写上：{what}。" if must and len(said.strip()) < 1 else ""


def letter_of(kind: Kind, facts: Facts, said: str) -> Iterator[str]:
    """The paragraphs of the notice."""
    writers = {
        Kind.ACCEPT: _accept, Kind.EXTEND: _extend, Kind.ANSWER: _answer, Kind.REFUSE: _refuse, Kind.FORWARD: _forward,
        Kind.CORRECT: _correct, Kind.SLIP: _slip,
    }  # fmt: skip
    yield from writers[kind](facts, said)


def _accept(facts: Facts, said: str) -> Iterator[str]:
    yield f"{_came(facts)}，现已受理，由{facts.department}负责办理。"
    yield f"受理事项：{_ended(said)}"
    yield f"办理期限：{_by(facts)}。"
    yield "您可以凭编号随时查询办理进度。"


def _extend(facts: Facts, said: str) -> Iterator[str]:
    yield f"{_came(facts)}，因下列原因需要延长办理期限，已经负责人批准。"
    yield f"延长的原因：{_ended(facts.extended_why)}"
    yield f"延长{facts.extended_by}，{_by(facts)}。"
    yield from _more(said)


def _answer(facts: Facts, said: str) -> Iterator[str]:
    yield f"{_came(facts)}，现答复如下。"
    yield from (line for line in facts.answered.split("\n") if line.strip())
    yield from _more(said)
    if facts.kind == PETITION:
        yield (
            f"对本答复不服的，可以自收到之日起{REVIEW_DAYS}日内，书面请求上一级机关、单位复查，复查的机关收到请求后"
            f"{REVIEW_DAYS}日内提出意见。对复查意见还不服的，可以自收到之日起{REVIEW_DAYS}日内再向上一级请求复核，"
            f"复核的机关{REVIEW_DAYS}日内提出意见。"
        )
    else:
        yield _REMEDY


def _refuse(facts: Facts, said: str) -> Iterator[str]:
    yield f"{_came(facts)}，经审查，不能在本单位受理。"
    yield f"原因和去处：{_ended(said)}"
    if facts.kind == DISCLOSURE:
        yield _REMEDY


def _forward(facts: Facts, said: str) -> Iterator[str]:
    yield f"{_came(facts)}，按职责已转送{facts.forwarded_to}办理，由其告知您是否受理。"
    yield f"转送事项：{_ended(said)}"
    yield f"接到转送的单位认为不属于自己职权范围的，应当自收到之日起{OBJECTION_DAYS}个工作日内提出异议并说明理由。"


def _correct(facts: Facts, said: str) -> Iterator[str]:
    yield f"{_came(facts)}，内容还不够明确，请您补正。"
    yield f"要补正的：{_ended(facts.to_correct)}"
    yield from _more(said)
    if facts.correct_by:
        yield f"补正期限：最晚{in_words(facts.correct_by)}。"
    yield "办理期限自收到补正之日起重新计算。没有正当理由，逾期不补正的，视为放弃申请。"


def _slip(facts: Facts, said: str) -> Iterator[str]:
    way = WAYS[facts.slip_for or facts.kind]
    yield f"接收单位（选一处）：{'；'.join(way.places)}。"
    yield f"编号：{facts.number}；收到日期：{in_words(facts.filed_on)}；类别：{facts.slip_for or facts.kind}"
    yield f"地点：{facts.place or '没有说明'}；补贴项目：{facts.item or '没有指明'}"
    yield f"事项和移交原因：{_ended(said)}"
    yield way.said
    yield f"移交单位：{facts.department}。本件在移交单位的编号保留，接收单位可以凭编号核对，不重复登记。"


_REMEDY = (
    "认为本机关在政府信息公开工作中侵犯您合法权益的，可以向上一级行政机关或者政府信息公开工作主管部门投诉、举报，也可以依法"
    "申请行政复议或者提起行政诉讼，期限按《行政复议法》《行政诉讼法》的规定。"
)


def _came(facts: Facts) -> str:
    what = "提出的政府信息公开申请" if facts.kind == DISCLOSURE else "反映的事项"
    return f"您好。您于{in_words(facts.filed_on)}{what}（编号{facts.number}）"


def _by(facts: Facts) -> str:
    if facts.due_on is None:
        return "期限正在暂停，恢复后另行告知"
    least = f"最晚{in_words(facts.due_on)}书面答复您"
    return f"{least}（放假安排还没公布，日期暂定）" if facts.provisional else least


def _more(said: str) -> Iterator[str]:
    if said.strip():
        yield _ended(said)


def _ended(text: str) -> str:
    text = text.strip()
    return text if text.endswith(("。", "！", "？")) else text + "。"


