"""分派改进: what the routing would learn from transfers, with its figures and examples; the coordinator decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from console import door, forms
from console.values import console
from knowledge.errors import NotAllowed, NotThere, Refused
from knowledge.routing_measuring import FEWEST, Figures, Moved
from models import routing_deciding as deciding
from models.case import Case
from models.case_loading import cases_for
from models.routing_examples import (
    DECLINED,
    IN_FORCE,
    MEASURING,
    PLACED,
    PROPOSED,
    REPLACED,
    RETURNED,
    ROLLED_BACK,
    STAYED,
    TRANSFERRED,
    WAITING,
    RoutingChange,
    count_fresh,
    counts_of,
    examples_for,
)
from models.staff import Permission, Staff
from models.views import names_in

T = TypeVar("T")

blueprint = Blueprint("routing_changes", __name__, url_prefix="/console/routing")

_A_PAGE = 30
_MOST_SHOWN = 200  # cases that would change; more than that nobody approves
STATES: Mapping[str, tuple[str, str]] = {
    MEASURING: ("正在试算", "progress"), PROPOSED: ("等您定", "today"), IN_FORCE: ("正在用", "good"), DECLINED: ("没有采用", ""),
    REPLACED: ("后来换了新版", ""), ROLLED_BACK: ("退回了", "wait"),
}  # fmt: skip
HOW: Mapping[str, str] = {
    TRANSFERRED: "转办，对方接收了",
    PLACED: "统筹分派",
    RETURNED: "退单后换了部门",
    STAYED: "相近，但一直在原部门办",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A case that would go elsewhere first, with the names that its words must not show."""

    case: Case
    moved: Moved
    names: frozenset[str]


@blueprint.get("/")
@door.needs(Permission.LEARN_ROUTING)
def desk() -> ResponseReturnValue:
    """What is in force, what waits for a word, and every version so far; no words of a case."""
    session, me = door.db(), door.me()
    rows = RoutingChange.all_for(session, me)
    return render_template(
        "routing_changes.html", rows=rows, states=STATES, counts={row.id: counts_of(session, row) for row in rows},
        current=RoutingChange.with_status(session, IN_FORCE), pending=RoutingChange.with_status(session, *WAITING),
        fresh=count_fresh(session), least=console().values.learn_from, wrong="",
    )  # fmt: skip


@blueprint.get("/<int:change_id>")
@door.needs(Permission.LEARN_ROUTING)
@door.leaves_a_trace
def show(change_id: int) -> ResponseReturnValue:
    """One version: what it would have done to cases held back, and the examples behind it."""
    return _page(RoutingChange.for_staff(door.db(), door.me(), change_id))


@blueprint.post("/<int:change_id>/strike")
@door.needs(Permission.LEARN_ROUTING)
def strike(change_id: int) -> ResponseReturnValue:
    """The ticked examples do not count, or count again; the figures are made anew."""
    change = RoutingChange.for_staff(door.db(), door.me(), change_id, lock=True)
    ticked = {
        int(one)
        for one in request.form.getlist("examples")[:_A_PAGE]
        if one.isascii() and one.isdigit() and len(one) < 18
    }
    out = request.form.get("act") != "restore"
    try:
        done = deciding.strike(door.db(), change, door.me(), ticked, out=out)
    except (NotAllowed, NotThere):
        raise
    except Refused as refused:
        flash(refused.said, "warning")
    else:
        said = f"{'划掉' if out else '算回来'}{done}个例子，正在按留下的重新试算。过一会儿刷新，看了新的结果再定。"
        flash(said if done else "这几个本来就是这样，没有改动。", "success" if done else "warning")
    return redirect(url_for("routing_changes.show", change_id=change_id, page=forms.page()))


@blueprint.post("/<int:change_id>/approve")
@door.needs(Permission.LEARN_ROUTING)
def approve(change_id: int) -> ResponseReturnValue:
    """Use it from now on."""
    return _decided(
        change_id,
        deciding.approve,
        lambda _done: f"采用了第{change_id}版，几秒钟内开始用。以后发现不合适，可以在这里退回上一版。",
    )


@blueprint.post("/<int:change_id>/decline")
@door.needs(Permission.LEARN_ROUTING)
def decline(change_id: int) -> ResponseReturnValue:
    """Not to be used."""
    return _decided(change_id, deciding.decline, lambda _done: f"第{change_id}版不采用，分派照旧。")


@blueprint.post("/<int:change_id>/roll-back")
@door.needs(Permission.LEARN_ROUTING)
def roll_back(change_id: int) -> ResponseReturnValue:
    """Back to the version before, or to the rules alone."""
    return _decided(
        change_id,
        deciding.roll_back,
        lambda before: f"退回了。现在用第{before.id}版。" if before else "退回了。现在只按规则分派。",
    )


def _decided(
    change_id: int, decide: Callable[[Session, RoutingChange, Staff, str], T], said: Callable[[T], str]
) -> ResponseReturnValue:
    """The decision, with the reason that was written; what stands against it is said on the change's own page."""
    change = RoutingChange.for_staff(door.db(), door.me(), change_id, lock=True)
    try:
        done = decide(door.db(), change, door.me(), forms.outgoing("reason"))
    except (NotAllowed, NotThere):
        raise
    except Refused as refused:
        return _page(change, wrong=refused.said), 422
    flash(said(done), "success")
    return redirect(url_for("routing_changes.desk"))


def _page(change: RoutingChange, *, wrong: str = "") -> str:
    session, me, page = door.db(), door.me(), forms.page()
    query = examples_for(session, me, change)
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    examples = session.execute(query.limit(_A_PAGE).offset((page - 1) * _A_PAGE)).all()
    figures = change.measured
    worse, better = (_shown(figures.worse), _shown(figures.better)) if figures else ((), ())
    numbers = {example.case.number for _, example in examples} | {one.case.number for one in (*worse, *better)}
    if numbers:
        door.trace("case.list", f"list:routing-{change.id}", numbers=sorted(numbers))
    return render_template(
        "routing_change.html", change=change, state=STATES[change.status], figures=figures, verdict=_verdict(figures), worse=worse,
        better=better, examples=examples, counts=counts_of(session, change), how=HOW, stayed=STAYED, page=page,
        pages=-(-total // _A_PAGE), is_open=change.status in WAITING, can_decide=change.status == PROPOSED,
        current=RoutingChange.with_status(session, IN_FORCE), wrong=wrong, names=names_in(session, [one.case for _, one in examples]),
    )  # fmt: skip


def _shown(moved: Sequence[Moved]) -> Sequence[Shown]:
    """Those of these cases that this person may see."""
    wanted = {one.case: one for one in moved[:_MOST_SHOWN]}
    cases = door.db().scalars(cases_for(door.me()).where(Case.id.in_(wanted)).order_by(Case.id)).all() if wanted else ()
    names = names_in(door.db(), cases)
    return [Shown(case, wanted[case.id], names[case.id]) for case in cases]


def _verdict(figures: Figures | None) -> str:
    """The figures in one sentence, said plainly where there is nothing gained."""
    if figures is None:
        return ""
    if not figures.tells:
        return f"能拿来试算的办件只有{figures.held_back}件，不到{FEWEST}件，看不出好坏。建议先不采用，攒多些再看。"
    if figures.improves:
        return f"试算变好了：先交的部门就对的，从{figures.first_before}件变成{figures.first_after}件（共{figures.held_back}件）。"
    if figures.first_after == figures.first_before and not figures.worse:
        return f"试算没有变化：这{figures.held_back}件里，先交对的还是{figures.first_after}件。建议不采用。"
    return (
        f"试算没有变好：变好{len(figures.better)}件，变差{len(figures.worse)}件，先交对的从{figures.first_before}件到"
        f"{figures.first_after}件（共{figures.held_back}件）。建议不采用。"
    )
