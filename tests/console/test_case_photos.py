"""Photos and voices of a case: shown to whom the case is shown, and never opened as anything else."""

from __future__ import annotations

import pytest

from models.attachment import Attachment
from models.db import Database
from models.follower import Follower
from tests.console.cases import actions
from tests.console.factories import case_of, file_case


def attach(database: Database, number: str, **fields: object) -> int:
    def work(session) -> int:
        follower = Follower.met(session, "oGuan")
        given = {"kind": "image", "status": "fetched", "media_type": "image/jpeg", "content": b"\xff\xd8picture"} | fields
        row = Attachment(follower_id=follower.id, case_id=case_of(session, number).id, media_id="m", **given)
        session.add(row)
        session.flush()
        return row.id

    return database.write(work)


def test_a_photo_is_shown_to_the_department_and_the_view_is_kept(county: Database, enter) -> None:
    number = file_case(county)
    attachment = attach(county, number)
    browser = enter("lin")
    assert f"/attachments/{attachment}" in browser.get(f"/console/cases/{number}").get_data(as_text=True)
    page = browser.get(f"/console/cases/{number}/attachments/{attachment}")
    assert (page.data, page.mimetype) == (b"\xff\xd8picture", "image/jpeg")
    assert page.headers["Cache-Control"] == "no-store"
    assert "sandbox" in page.headers["Content-Security-Policy"]
    assert actions(county, "case.attachment") == ["case.attachment"]


def test_what_is_no_picture_and_no_sound_is_never_opened_in_the_page(county: Database, enter) -> None:
    number = file_case(county)
    attachment = attach(county, number, media_type="text/html", content=b"<script>alert(1)</script>")
    page = enter("lin").client.get(f"/console/cases/{number}/attachments/{attachment}")
    assert page.mimetype == "application/octet-stream"
    assert page.headers["Content-Disposition"].startswith("attachment")


def test_a_photo_of_one_case_is_not_reached_by_another(county: Database, enter) -> None:
    mine, other = file_case(county), file_case(county, text="地补少给了三亩的钱", item="耕地地力保护补贴")
    attachment = attach(county, other)
    assert enter("lin").get(f"/console/cases/{mine}/attachments/{attachment}").status_code == 404


@pytest.mark.parametrize(("status", "said"), [("waiting", "正在取"), ("lost", "没取到")])
def test_a_photo_that_is_not_here_says_so(county: Database, enter, status: str, said: str) -> None:
    number = file_case(county)
    attachment = attach(county, number, status=status, content=None, media_type=None)
    browser = enter("lin")
    assert said in browser.get(f"/console/cases/{number}").get_data(as_text=True)
    assert browser.get(f"/console/cases/{number}/attachments/{attachment}").status_code == 404
