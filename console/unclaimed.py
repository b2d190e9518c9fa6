"""What the bank sent back and nobody could match: a person says which payment it is. And the files that are no payments:
the bank's returns, households, deaths, handed in at the desk."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from console import door, forms
from console.values import console
from intake.bank_return import import_return
from intake.claiming import claim as claim_payment
from intake.claiming import line_of
from intake.deaths import import_deaths
from intake.households import import_households
from intake.matching import choices_for
from intake.registers import RegisterOutcome, Source
from knowledge.catalogue.items import ITEMS
from knowledge.errors import NotThere, Refused
from knowledge.wording import beijing
from models import audit
from models.bank_return import NOT_OURS, UNCLAIMED, UnclaimedReturn, one_unclaimed
from models.base import now
from models.household import DEATHS, HOUSEHOLDS, RETURNS, Register
from models.payment import LIVE, STAGED
from models.staff import Permission

blueprint = Blueprint("unclaimed", __name__, url_prefix="/console/registers")

_A_PAGE = 40
_MOST_BYTES = 20 << 20  # of a file; what is larger comes in by the command line
_MOST_CHOICES = 40
KINDS: Mapping[str, str] = {RETURNS: "银行回盘", HOUSEHOLDS: "户籍（家庭成员）", DEATHS: "死亡名单"}
_IMPORTS: Mapping[str, Callable[..., RegisterOutcome]] = {
    RETURNS: import_return, HOUSEHOLDS: import_households, DEATHS: import_deaths,
}  # fmt: skip
_BESIDE = ("日期", "补贴项目", "年度", "批次", "结果")
_PATIENCE = 10.0  # seconds that the desk waits for another import


@blueprint.get("/")
@door.needs(Permission.PAYMENTS)
def files() -> ResponseReturnValue:
    """The files that are in, and the way to bring one."""
    return _files()


@blueprint.post("/")
@door.needs(Permission.PAYMENTS)
@door.reads_then_writes
@door.takes(_MOST_BYTES)
def bring() -> ResponseReturnValue:
    """Read one file and store what it says."""
    try:
        outcome, name = _taken_in()
    except Refused as refused:
        return _files(wrong=refused.said, status=422)
    door.db().rollback()  # to see what has just been stored
    return _files(outcome=outcome, name=name)


def _taken_in() -> tuple[RegisterOutcome, str]:
    """What became of the file that was sent, and what it is called."""
    sent, kind = request.files.get("file"), forms.chosen("kind", KINDS)
    if kind is None or sent is None or not sent.filename:
        raise Refused("请选文件，并选它是哪一种。")
    given = {name: text for name in _BESIDE if (text := forms.text(name, most=64))}
    if not door.is_first_sending(console().database):
        raise Refused("刚才那次已经收下了，没有重复办。")
    name = sent.filename.replace("\\", "/").rpartition("/")[2][-120:]
    with _on_disk(sent.stream.read()) as file:
        source = Source(file, name, given, beijing(now()).date(), door.me())
        return _IMPORTS[kind](console().database, source, patience=_PATIENCE), name


@contextmanager
def _on_disk(content: bytes) -> Iterator[Path]:
    """The file as one that can be opened, in memory where the system has that; gone afterwards."""
    if hasattr(os, "memfd_create"):
        with os.fdopen(os.memfd_create("register"), "w+b") as file:
            file.write(content)
            file.flush()
            yield Path(f"/proc/self/fd/{file.fileno()}")
        return
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        yield Path(file.name)


def _files(
    *, outcome: RegisterOutcome | None = None, name: str = "", wrong: str = "", status: int = 200
) -> ResponseReturnValue:
    page = forms.page()
    shown = select(Register).where(Register.status != STAGED)
    count = door.db().scalar(select(func.count()).select_from(shown.subquery())) or 0
    rows = door.db().scalars(shown.order_by(Register.id.desc()).limit(_A_PAGE).offset((page - 1) * _A_PAGE)).all()
    html = render_template(
        "returns_files.html", rows=rows, kinds=KINDS, items=list(ITEMS), outcome=outcome, name=name, wrong=wrong, page=page,
        pages=-(-count // _A_PAGE), given=request.form, count=count,
    )  # fmt: skip
    return html, status


# ---------------------------------------------------------------- lines that fit nobody


@blueprint.get("/unclaimed")
@door.needs(Permission.PAYMENTS)
def unclaimed() -> ResponseReturnValue:
    """The lines that wait for somebody to say what they are."""
    page = forms.page()
    query = select(UnclaimedReturn).join(Register, Register.id == UnclaimedReturn.register_id)
    query = query.where(Register.status == LIVE, UnclaimedReturn.status == UNCLAIMED)
    count = door.db().scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = door.db().scalars(query.order_by(UnclaimedReturn.id).limit(_A_PAGE).offset((page - 1) * _A_PAGE)).all()
    return render_template("returns_unclaimed.html", rows=rows, count=count, page=page, pages=-(-count // _A_PAGE))


@blueprint.get("/unclaimed/<int:unclaimed_id>")
@door.needs(Permission.PAYMENTS)
@door.leaves_a_trace
def one(unclaimed_id: int) -> ResponseReturnValue:
    """One line with the payments that it may be about."""
    return _one(one_unclaimed(door.db(), door.me(), unclaimed_id))


@blueprint.post("/unclaimed/<int:unclaimed_id>/claim")
@door.needs(Permission.PAYMENTS)
def claim(unclaimed_id: int) -> ResponseReturnValue:
    """It is this payment."""
    row = one_unclaimed(door.db(), door.me(), unclaimed_id)
    try:
        offered = {payment.id: payment for payment, _ in choices_for(door.db(), line_of(row.facts))}
        claim_payment(door.db(), door.me(), unclaimed_id, forms.one_of(offered, "payment", "请选是哪一笔。").id)
    except NotThere:
        raise
    except Refused as refused:
        return _one(row, wrong=refused.said, status=422)
    flash("认领了。这一笔已经记成退回，群众看得到，也进了乡镇的名单。", "success")
    return redirect(url_for("unclaimed.unclaimed"))


@blueprint.post("/unclaimed/<int:unclaimed_id>/dismiss")
@door.needs(Permission.PAYMENTS)
def dismiss(unclaimed_id: int) -> ResponseReturnValue:
    """It is none of ours, and why."""
    row = one_unclaimed(door.db(), door.me(), unclaimed_id, lock=True)
    try:
        row.settle(door.me(), NOT_OURS, forms.outgoing("reason"))
    except Refused as refused:
        return _one(row, wrong=refused.said, status=422)
    audit.record(door.db(), door.me(), "returns.dismiss", f"register:{row.register_id}", reason=row.reason)
    flash("记下了：不认领。", "success")
    return redirect(url_for("unclaimed.unclaimed"))


def _one(row: UnclaimedReturn, *, wrong: str = "", status: int = 200) -> ResponseReturnValue:
    choices = choices_for(door.db(), line_of(row.facts))[:_MOST_CHOICES]
    for person in {person.id for _, person in choices}:
        door.trace("returns.match", f"resident:{person}", resident_id=person, reason="核对银行退回的一笔是谁的")
    return render_template("returns_claim.html", row=row, facts=row.facts, choices=choices, wrong=wrong), status
