"""常用答复: whose they are, what is filled in, and that nobody's data gets into them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models.audit import AuditEntry
from models.canned import CannedAnswer
from models.db import Database
from tests.console.factories import file_case

TEXT = "您好，您{收到日期}反映的{项目}（编号{编号}）查过了，是银行退回，{部门}已经报了补发。"


def write(browser, title: str = "银行退回", text: str = TEXT, **more: object):
    browser.get("/console/canned/new")
    return browser.post("/console/canned/save", title=title, text=text, **more)


def test_a_departments_text_is_offered_with_this_cases_facts_filled_in(county: Database, enter) -> None:
    number, other = file_case(county), file_case(county, contact_name="孙学生", openid="oSun")
    browser = enter("lin")
    write(browser)
    assert "存好了" in browser.text
    text = browser.get(f"/console/cases/{number}").get_data(as_text=True)
    assert f"反映的最低生活保障（编号{number}）查过了" in text
    assert "永吉县民政局已经报了补发" in text
    assert f"编号{other}" not in text
    for name in ("孙学生", "关玉梅"):
        assert name not in text


def test_a_departments_text_is_the_departments_alone(county: Database, enter) -> None:
    browser = enter("lin")
    write(browser)
    other = enter("wang")
    assert "银行退回" not in other.get("/console/canned/").get_data(as_text=True)
    assert other.get("/console/canned/1").status_code == 404
    assert other.post("/console/canned/1/switch").status_code == 404
    assert other.post("/console/canned/save", id=1, title="改掉", text="改掉它的内容").status_code in (404, 409)
    number = file_case(county, text="地补少给了三亩的钱", item="耕地地力保护补贴")
    assert "已经报了补发" not in other.get(f"/console/cases/{number}").get_data(as_text=True)


def test_what_the_administrator_writes_is_everybodys(county: Database, enter) -> None:
    write(enter("sun"), "谢谢反映", "谢谢您反映，{部门}会尽快办。")
    number = file_case(county)
    clerk = enter("lin")
    assert "永吉县民政局会尽快办" in clerk.get(f"/console/cases/{number}").get_data(as_text=True)
    assert clerk.get("/console/canned/1").status_code == 404
    assert "全县共用" in clerk.get("/console/canned/").get_data(as_text=True)


def test_a_text_for_another_item_is_not_offered(county: Database, enter) -> None:
    number = file_case(county)
    browser = enter("lin")
    write(browser, item="高龄津贴")
    assert "已经报了补发" not in browser.get(f"/console/cases/{number}").get_data(as_text=True)


def test_a_text_is_reworded_and_switched_off(county: Database, enter) -> None:
    number = file_case(county)
    browser = enter("lin")
    write(browser)
    browser.get("/console/canned/1")
    browser.post("/console/canned/save", id=1, title="银行退回", text="您好，{部门}已经补发。")
    assert "永吉县民政局已经补发。" in browser.get(f"/console/cases/{number}").get_data(as_text=True)
    browser.get("/console/canned/")
    browser.post("/console/canned/1/switch")
    assert "停用" in browser.text
    assert "民政局已经补发" not in browser.get(f"/console/cases/{number}").get_data(as_text=True)
    with county.read() as session:
        assert len(session.scalars(select(CannedAnswer)).all()) == 1
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("canned."))).all()
        assert actions == ["canned.write", "canned.write", "canned.switch"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"title": " "}, "名字"), ({"text": "短"}, "内容"), ({"text": "您好，{身份证}查过了。"}, "能自动填的有"),
     ({"text": "请打13912345678找他。"}, "号码或姓名"), ({"text": "请找王强主任说明。"}, "号码或姓名")],
)  # fmt: skip
def test_what_does_not_belong_into_one_is_said(county: Database, enter, fields, said: str) -> None:
    browser = enter("lin")
    assert write(browser, **fields).status_code == 422
    assert said in browser.text


def test_the_items_article_can_be_inserted(county: Database, enter) -> None:
    number = file_case(county)
    text = enter("lin").get(f"/console/cases/{number}").get_data(as_text=True)
    assert 'aria-label="插入：怎么申请"' in text
    assert 'data-into="#answer-text"' in text
    assert '<datalist id="bases"><option value="' in text
