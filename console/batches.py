"""The payment files that are in: who brought them and when, what became of their rows, and the way to take them back."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from console import door, forms
from console.values import console
from intake import withdrawing
from knowledge.errors import NotThere, Refused
from models.payment import LIVE, STAGED, Batch
from models.staff import Permission
from models.upload import Upload

blueprint = Blueprint("batches", __name__, url_prefix="/console/batches")

_ON_A_PAGE = 50
_VANISHED_ON_A_PAGE = 50


@blueprint.get("/")
@door.needs(Permission.PAYMENTS)
def overview() -> ResponseReturnValue:
    """The files that somebody still has to do something with, and all that were imported, newest first."""
    page = forms.page()
    shown = select(Batch).order_by(Batch.id.desc())
    count = door.db().scalar(select(func.count()).select_from(Batch)) or 0
    rows = door.db().scalars(shown.limit(_ON_A_PAGE).offset((page - 1) * _ON_A_PAGE)).all()
    return render_template(
        "batches.html", batches=rows, uploads=Upload.open_ones(door.db()), page=page, pages=-(-count // _ON_A_PAGE), count=count
    )


@blueprint.get("/<int:batch_id>")
@door.needs(Permission.PAYMENTS)
@door.leaves_a_trace
def show(batch_id: int) -> ResponseReturnValue:
    """One file: its counts, what it no longer holds, and what follows from it."""
    return _page(batch_id)


@blueprint.post("/<int:batch_id>/withdraw")
@door.needs(Permission.PAYMENTS)
def withdraw(batch_id: int) -> ResponseReturnValue:
    """Hide it at once, with a reason."""
    try:
        batch = withdrawing.withdraw(door.db(), batch_id, door.me(), forms.outgoing("reason"))
    except NotThere:
        raise
    except Refused as refused:
        return _page(batch_id, wrong=refused.said, status=422)
    flash(f"“{batch.file_name}”已经撤下，群众马上看不到。它更正过的，恢复成原来的样子。", "success")
    return redirect(url_for("batches.show", batch_id=batch_id))


@blueprint.post("/<int:batch_id>/keep")
@door.needs(Permission.PAYMENTS)
def keep(batch_id: int) -> ResponseReturnValue:
    """Leave what is not in the newer file as it is."""
    kept = withdrawing.keep(door.db(), batch_id, door.me())
    flash(f"{kept}笔都留着，群众照样查得到。" if kept else "这些已经处理过了。", "success")
    return redirect(url_for("batches.show", batch_id=batch_id))


@blueprint.post("/<int:batch_id>/drop")
@door.needs(Permission.PAYMENTS)
@door.reads_then_writes
def drop(batch_id: int) -> ResponseReturnValue:
    """Hide what is not in the newer file, all of it or what is ticked, with a reason."""
    chosen = None if request.form.get("which") == "all" else {int(one) for one in request.form.getlist("payment") if _is_id(one)}
    try:
        reason = forms.outgoing("reason")
        if not door.is_first_sending(console().database):
            return redirect(url_for("batches.show", batch_id=batch_id))
        dropped = withdrawing.drop(console().database, batch_id, door.me(), reason, chosen)
    except NotThere:
        raise
    except Refused as refused:
        return _page(batch_id, wrong=refused.said, status=422)
    flash(f"撤回了{dropped}笔，群众查不到了。弄错了可以把这次撤回再撤下。", "success")
    return redirect(url_for("batches.show", batch_id=batch_id))


def _page(batch_id: int, *, wrong: str = "", status: int = 200) -> ResponseReturnValue:
    batch = door.db().get(Batch, batch_id)
    if batch is None:
        raise NotThere("没有这个批次。")
    page = forms.page()
    count, gone = withdrawing.undecided(door.db(), batch_id, page, _VANISHED_ON_A_PAGE)
    if gone:
        door.trace("payments.vanished", f"batch:{batch_id}", page=page)
    following = door.db().scalars(select(Batch).where(Batch.follows == batch_id, Batch.status != STAGED)).all()
    html = render_template(
        "batch_one.html", batch=batch, gone=gone, undecided=count, page=page, pages=-(-count // _VANISHED_ON_A_PAGE),
        following=following, live=batch.status == LIVE, wrong=wrong, given=request.form, most=withdrawing.MOST_DROPPED,
    )  # fmt: skip
    return html, status


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 18
