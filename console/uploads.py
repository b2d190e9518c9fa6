"""A bureau's file handed in at the desk: sent in pieces, checked by the worker, looked at, and confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from console import door, forms
from console.values import console
from intake.said import FIELDS
from knowledge.errors import NotThere, Refused
from models import audit
from models.staff import Permission
from models.upload import LARGEST, PIECE, READY, RECEIVING, REPORT, UNDERWAY, Upload, UploadPart

blueprint = Blueprint("uploads", __name__, url_prefix="/console/uploads")

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LONGEST_ANSWER = 64


@blueprint.get("/")
@door.needs(Permission.PAYMENTS)
def new() -> ResponseReturnValue:
    """Choose a file."""
    return render_template("upload_new.html", largest=LARGEST, piece=PIECE)


@blueprint.post("/")
@door.needs(Permission.PAYMENTS)
def begin() -> ResponseReturnValue:
    """A file is about to come: says where its pieces go."""
    size = request.form.get("size", "")
    upload = Upload.begin(door.db(), door.me(), forms.text("name"), int(size) if size.isascii() and size.isdigit() else 0)
    audit.record(door.db(), door.me(), "upload.begin", f"upload:{upload.id}", file=upload.file_name, size=upload.size)
    return jsonify(pieces=url_for("uploads.piece", upload_id=upload.id, at=0)[:-1], done=url_for("uploads.received", upload_id=upload.id))


@blueprint.post("/<int:upload_id>/pieces/<int:at>")
@door.needs(Permission.PAYMENTS)
@door.reads_then_writes
@door.takes(PIECE + 1024)
def piece(upload_id: int, at: int) -> ResponseReturnValue:
    """One piece of the file, as it is."""
    staff_id = door.me().id
    door.db().rollback()  # a slow line must not keep a transaction open
    content = request.get_data()

    def keep(session: Session) -> None:
        upload = session.get(Upload, upload_id, with_for_update=True)
        if upload is None or upload.staff_id != staff_id:
            raise NotThere("没有这个文件，或者已经清理了。")
        upload.take_piece(session, at, content)

    console().database.write(keep)
    return "", 204


@blueprint.post("/<int:upload_id>/received")
@door.needs(Permission.PAYMENTS)
def received(upload_id: int) -> ResponseReturnValue:
    """All pieces have come."""
    Upload.by_id(door.db(), door.me(), upload_id, lock=True).received(door.db())
    return jsonify(to=url_for("uploads.show", upload_id=upload_id))


@blueprint.get("/<int:upload_id>")
@door.needs(Permission.PAYMENTS)
@door.leaves_a_trace
def show(upload_id: int) -> ResponseReturnValue:
    """Where the file stands: how far it is, what is to be said and confirmed, or how it ended."""
    return _page(upload_id)


@blueprint.get("/<int:upload_id>/progress")
@door.needs(Permission.PAYMENTS)
def progress(upload_id: int) -> ResponseReturnValue:
    """How far it is, asked for again and again."""
    upload = Upload.by_id(door.db(), door.me(), upload_id)
    response = make_response(render_template("upload_progress.html", upload=upload))
    if upload.status not in UNDERWAY:
        response.headers["HX-Refresh"] = "true"
    return response


@blueprint.post("/<int:upload_id>/answers")
@door.needs(Permission.PAYMENTS)
def answer(upload_id: int) -> ResponseReturnValue:
    """What the clerk says of the file: it is checked again with that."""
    upload = Upload.by_id(door.db(), door.me(), upload_id, lock=True)
    if request.form.get("seen") != upload.changed_at.isoformat():
        raise Refused("这一页已经旧了，别人可能刚改过。请刷新再看。")
    upload.check_again(_answers(upload))
    return redirect(url_for("uploads.show", upload_id=upload_id))


@blueprint.post("/<int:upload_id>/confirm")
@door.needs(Permission.PAYMENTS)
def confirm(upload_id: int) -> ResponseReturnValue:
    """Import it as it was shown."""
    upload = Upload.by_id(door.db(), door.me(), upload_id, lock=True)
    if request.form.get("seen") != upload.changed_at.isoformat():
        raise Refused("这一页已经旧了，别人可能刚改过。请刷新再看。")
    upload.confirm(door.me())
    audit.record(door.db(), door.me(), "upload.confirm", f"upload:{upload_id}", file=upload.file_name)
    return redirect(url_for("uploads.show", upload_id=upload_id))


@blueprint.post("/<int:upload_id>/give-up")
@door.needs(Permission.PAYMENTS)
def give_up(upload_id: int) -> ResponseReturnValue:
    """Not this file after all."""
    upload = Upload.by_id(door.db(), door.me(), upload_id, lock=True)
    upload.give_up()
    audit.record(door.db(), door.me(), "upload.give_up", f"upload:{upload_id}", file=upload.file_name)
    flash(f"“{upload.file_name}”不导入了，传上来的内容已经删掉。", "success")
    return redirect(url_for("batches.overview"))


@blueprint.get("/<int:upload_id>/report.xlsx")
@door.needs(Permission.PAYMENTS)
@door.leaves_a_trace
def report(upload_id: int) -> ResponseReturnValue:
    """The workbook with the bad cells marked."""
    upload = Upload.by_id(door.db(), door.me(), upload_id)
    if not UploadPart.count(door.db(), upload_id, REPORT):
        raise NotThere("报告还没有，或者过了三十天，已经清理了。")
    door.trace("upload.report", f"upload:{upload_id}")
    database = console().database

    def pieces() -> Iterator[bytes]:
        with database.read() as session:
            yield from UploadPart.of(session, upload_id, REPORT)

    return Response(pieces(), content_type=_XLSX, headers={"Content-Disposition": f'attachment; filename="report-{upload.id}.xlsx"'})


def _page(upload_id: int) -> ResponseReturnValue:
    upload = Upload.by_id(door.db(), door.me(), upload_id)
    found = upload.findings or {}
    if found and upload.status not in UNDERWAY:
        door.trace("upload.view", f"upload:{upload_id}")
    has_report = UploadPart.count(door.db(), upload_id, REPORT) > 0
    return render_template(
        "upload.html", upload=upload, found=found, fields=FIELDS, has_report=has_report, underway=upload.status in UNDERWAY,
        ready=upload.status == READY, receiving=upload.status == RECEIVING, seen=upload.changed_at.isoformat(),
        answers=upload.answers or {},
    )  # fmt: skip


def _answers(upload: Upload) -> dict[str, Any]:
    """The answers given before, with what the form says now; an empty answer takes an earlier one back."""
    found = upload.findings or {}
    answers = dict(upload.answers or {})
    for at, question in enumerate(found.get("questions", ())):
        given = forms.text(f"q{at}", most=_LONGEST_ANSWER)
        answers[question["key"]] = given
    for sheet in found.get("sheets", ()):
        for column in sheet["columns"]:
            chosen = forms.chosen(f"c{sheet['number']}-{column['column']}", FIELDS)
            if chosen and chosen != column["field"]:
                answers[column["key"]] = chosen
    for key in list(answers):
        if f"g-{key}" in request.form:
            answers[key] = forms.text(f"g-{key}", most=_LONGEST_ANSWER)
    return {key: given for key, given in answers.items() if given}
