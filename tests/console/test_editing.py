"""Articles written and approved at the desk: fields, figures and sections; faults beside their field, nothing lost."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import select

from models.article import DRAFT, PUBLISHED, REVIEW, ArticleVersion
from models.db import Database
from models.staff import Department, Staff
from tests.console.conftest import Enter
from tests.console.factories import PASSWORD, articles
from tests.console.writing import ARTICLES, acting, begun, fields_of, fields_of_draft, row
from tests.models.editors import DIBAO, in_use, number_one, published, with_ask, with_lead


@pytest.fixture
def house(county: Database) -> Database:
    """The cast, a second clerk of 民政局, and the articles."""

    def work(session) -> None:
        ArticleVersion.seed(session, articles())
        home = Department.named(session, "民政局")
        Staff.create(session, "luo", PASSWORD, name="罗兰", role="clerk", department=home)

    county.write(work)
    return county


def test_a_clerk_writes_a_colleague_approves_and_residents_read_it(house: Database, enter: Enter) -> None:
    lin, luo = enter("lin"), enter("luo")
    version_id = begun(lin, house)
    changed = fields_of(lin) | {"ask": "先问村里，再问乡镇民政办。", "note": "村里也能问，补上。"}
    lin.post(f"{ARTICLES}{version_id}/edit", **changed)
    assert "存好了" in lin.text
    assert "<del>" in lin.text
    assert "<ins>" in lin.text
    assert "等另一位同事复核" in acting(lin, version_id, "submit")
    assert "批准，发布这一版" not in lin.text
    assert "自己写的，不能自己批" in lin.text
    assert '<span class="badge text-bg-warning">1<' in luo.get(ARTICLES).get_data(as_text=True)
    assert "等您复核" in luo.text
    assert "几秒钟内各处都用新的" in acting(luo, version_id, "approve")
    assert in_use(house).ask == "先问村里，再问乡镇民政办。"
    assert "text-bg-warning" not in luo.get(ARTICLES).get_data(as_text=True)


def test_a_form_that_is_saved_unchanged_changes_no_byte(house: Database, enter: Enter) -> None:
    admin = enter("sun")
    for item in (DIBAO, "社保卡", "补贴公示", "大豆生产者补贴"):
        version_id = begun(admin, house, item)
        admin.post(f"{ARTICLES}{version_id}/edit", **(fields_of(admin) | {"note": "只看了看"}))
        assert row(house, version_id).content == row(house, number_one(house, item)).content
        assert "没有不一样的地方" in admin.text


def test_a_clerk_finds_only_the_own_departments_articles(house: Database, enter: Enter) -> None:
    wang = enter("wang")
    page = wang.get(ARTICLES).get_data(as_text=True)
    assert "耕地地力保护补贴" in page
    assert DIBAO not in page
    first = number_one(house)
    for path in (f"{first}", f"{first}/edit", f"{first}/page"):
        assert wang.get(ARTICLES + path).status_code == 404
    assert wang.post(ARTICLES + "begin", item=DIBAO).status_code == 404
    assert wang.post(f"{ARTICLES}{first}/confirm", reason="照文件核对过").status_code == 404
    assert enter("zhao").get(ARTICLES).status_code == 403


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("title", "", "请写上标题"),
        ("document", "", "请写上文号或文件名"),
        ("year", "二〇二五", "请写四位年份"),
        ("checked", "2999-01-01", "核对日期不能在今天以后"),
        ("level", "别的省", "请选是哪一级定的"),
        ("confidence", "", "请选从哪里看到的"),
        ("department", "没有这个局", "请选责任部门"),
        ("ask", "问" * 61, "最多60个字"),
        ("figure-0-amount", "四百七", "这里要有数"),
        ("figure-0-amount", "470元/月", "写成 470元"),
        ("figure-0-amount", "", "请写上金额或比例"),
        ("figure-0-year", "", "请写四位年份"),
        ("figure-0-document", "", "请写上文号或文件名"),
        ("figure-0-level", "", "请选是哪一级定的"),
        ("figure-1-key", "rural", "这个代号用了两次"),
        ("figure-0-key", "别的", "代号用小写字母开头"),
        ("section-2", "每人每月500元。", "直接写在正文里"),
        ("section-2", "每人每月{figure:none}。", "可是上面“数字”里没有它"),
        ("section-0", "## 大标题", "只用段落"),
        ("section-0", "身份证22022119340412936X的人。", "里面有身份证号"),
        ("valid_from", "2020-01-01", "起用的日子已经过了"),
        ("valid_to", "哪天", "日期要写成"),
        ("note", "改" * 301, "最多300个字"),
    ],
)
def test_a_fault_is_said_beside_its_field_and_nothing_typed_is_lost(
    house: Database, enter: Enter, field: str, value: str, said: str
) -> None:
    lin = enter("lin")
    version_id = begun(lin, house)
    typed = fields_of(lin) | {"section-4": "我写了半天的话。请问乡镇民政办。", "note": "照新文件改"} | {field: value}
    page = lin.client.post(f"{ARTICLES}{version_id}/edit", data={"csrf_token": lin.token, **typed})
    text = unescape(page.get_data(as_text=True))
    assert page.status_code == 422
    beside = re.search(rf'<p class="field-fault" id="fault-{field}">(.*?)</p>', text)
    assert beside, text
    assert said in beside[1]
    assert "我写了半天的话。请问乡镇民政办。" in text
    assert 'aria-invalid="true"' in text
    assert row(house, version_id).revision == 0


def test_two_who_write_at_once_are_told_and_both_texts_are_on_the_page(house: Database, enter: Enter) -> None:
    lin, luo = enter("lin"), enter("luo")
    version_id = begun(lin, house)
    mine = fields_of(lin) | {"ask": "林写的：先问村里。", "note": "林改的一句"}
    luo.get(f"{ARTICLES}{version_id}/edit")
    luo.post(f"{ARTICLES}{version_id}/edit", **(fields_of(luo) | {"ask": "罗写的：先问乡镇。", "note": "罗改的一句"}))
    lin.get(f"{ARTICLES}{version_id}/edit")
    assert lin.post(f"{ARTICLES}{version_id}/edit", **mine).status_code == 409
    assert "别人也存过这一份" in lin.text
    shown = fields_of(lin)
    assert shown["ask"] == "林写的：先问村里。"
    assert "罗写的" in re.sub(r"<[^>]+>", "", lin.text) or "罗" in lin.text
    assert row(house, version_id).article.ask == "罗写的：先问乡镇。"
    lin.post(f"{ARTICLES}{version_id}/edit", **(shown | {"ask": "先问村里，再问乡镇。"}))
    assert row(house, version_id).article.ask == "先问村里，再问乡镇。"


def test_a_draft_that_was_overtaken_says_so_and_shows_what_was_published(house: Database, enter: Enter) -> None:
    lin = enter("lin")
    version_id = begun(lin, house)
    lin.post(f"{ARTICLES}{version_id}/edit", **(fields_of(lin) | {"ask": "旧草稿的话。", "note": "改一句问谁"}))
    sight = dict(re.findall(r'<input type="hidden" name="(revision|against)" value="(\d+)">', lin.text))
    published(house, with_lead("概览", "这是后来发布的话。请问乡镇民政办。"), by="luo", then="qian")
    lin.post(f"{ARTICLES}{version_id}/submit", **sight)
    assert lin.page.status_code == 422
    assert "刚才第3版起用了" in lin.text
    assert "这一份旧了" in lin.text
    assert "这是后来发布的话" in lin.text
    assert "这一份旧了" in lin.get(f"{ARTICLES}{version_id}/edit").get_data(as_text=True)
    assert "等另一位同事复核" in acting(lin, version_id, "submit")


def test_the_preview_says_what_chat_will_say_and_what_there_is_to_mend(house: Database, enter: Enter) -> None:
    lin = enter("lin")
    version_id = begun(lin, house)
    long = "低保是给收入低的人家的生活补助" + "，全家人的收入和财产都要一起算进来看一看够不够" * 4 + "。"
    lin.post(f"{ARTICLES}{version_id}/preview", **(fields_of(lin) | {"section-0": f"{long}\n\n申报以后请等着审批。", "looking": "0"}))
    assert "出处：吉民发〔2023〕67号" in lin.text
    assert "超了" in lin.text
    assert "请断成两句" in lin.text
    assert "“申报”是机关里的词" in lin.text
    assert "“审批”是机关里的词" in lin.text
    lin.post(f"{ARTICLES}{version_id}/preview", **(fields_of_draft(lin, version_id) | {"figure-0-amount": "501元", "looking": "2"}))
    assert "农村每人每月501元" in lin.text
    lin.post(f"{ARTICLES}{version_id}/preview", **(fields_of_draft(lin, version_id) | {"title": ""}))
    assert "标题：请写上标题" in lin.text
    assert row(house, version_id).revision == 0


def test_the_public_page_is_seen_before_anything_is_saved(house: Database, enter: Enter) -> None:
    lin = enter("lin")
    version_id = begun(lin, house)
    typed = fields_of(lin) | {"figure-0-amount": "501元"}
    page = lin.post(f"{ARTICLES}{version_id}/page", **typed)
    assert "农村每人每月501元" in lin.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "农村每人每月470元" in lin.get(f"{ARTICLES}{version_id}/page").get_data(as_text=True)
    lin.get(f"{ARTICLES}{version_id}/edit")
    assert lin.post(f"{ARTICLES}{version_id}/page", **(typed | {"title": ""})).status_code == 409


def test_an_item_without_an_article_is_begun_with_true_words(house: Database, enter: Enter) -> None:
    def forget(session) -> None:
        session.delete(session.scalars(select(ArticleVersion).where(ArticleVersion.item == DIBAO)).one())

    house.write(forget)
    lin = enter("lin")
    assert f"写“{DIBAO}”" in lin.get(ARTICLES).get_data(as_text=True)
    version_id = begun(lin, house)
    article = row(house, version_id).article
    assert article.slug == "zui-di-sheng-huo-bao-zhang"
    assert article.sections["概览"].lead == "这一项的政策还没有写进来。请问县民政局，或打12345。"
    lin.post(f"{ARTICLES}{version_id}/edit", **(fields_of(lin) | {"note": "先写个开头"}))
    assert "等另一位同事复核" in acting(lin, version_id, "submit")
    luo = enter("luo")
    acting(luo, version_id, "approve")
    assert row(house, version_id).status == PUBLISHED


def test_what_was_handed_in_is_not_written_any_more_and_can_be_taken_back(house: Database, enter: Enter) -> None:
    lin = enter("lin")
    version_id = begun(lin, house)
    typed = fields_of(lin) | {"note": "改一句问谁"}
    lin.post(f"{ARTICLES}{version_id}/edit", **typed)
    acting(lin, version_id, "submit")
    assert lin.get(f"{ARTICLES}{version_id}/edit").status_code == 409
    lin.get(f"{ARTICLES}{version_id}")
    assert lin.post(f"{ARTICLES}{version_id}/edit", **(typed | {"revision": "1"})).status_code == 409
    assert row(house, version_id).status == REVIEW
    assert "收回来了" in acting(lin, version_id, "take-back")
    assert row(house, version_id).status == DRAFT


def test_sending_back_needs_words_and_the_writer_reads_them(house: Database, enter: Enter) -> None:
    lin, qian = enter("lin"), enter("qian")
    version_id = begun(lin, house)
    lin.post(f"{ARTICLES}{version_id}/edit", **(fields_of(lin) | {"note": "改一句问谁"}))
    acting(lin, version_id, "submit")
    assert "请写明哪里要改" in acting(qian, version_id, "send-back", reason="")
    assert "退回去了" in acting(qian, version_id, "send-back", reason="电话写错了，请核对")
    assert "电话写错了，请核对" in lin.get(f"{ARTICLES}{version_id}").get_data(as_text=True)
    assert "退回来了，请改" in lin.get(ARTICLES).get_data(as_text=True)


def test_an_older_version_comes_back_by_the_same_way(house: Database, enter: Enter) -> None:
    published(house, with_ask("写错了的。"), by="lin", then="luo")
    lin, first = enter("lin"), number_one(house)
    assert "照这一版起草，换回去" in lin.get(f"{ARTICLES}{first}").get_data(as_text=True)
    lin.post(ARTICLES + "begin", item=DIBAO, like=first)
    found = re.search(r"/console/articles/(\d+)/edit", lin.page.request.path)
    assert found
    version_id = int(found[1])
    assert fields_of(lin)["note"] == "换回第1版："
    lin.post(f"{ARTICLES}{version_id}/edit", **(fields_of(lin) | {"note": "换回第1版：写错了"}))
    acting(lin, version_id, "submit")
    acting(enter("luo"), version_id, "approve")
    assert in_use(house).ask == row(house, first).article.ask


def test_a_guess_is_marked_in_the_console_until_it_is_confirmed(house: Database, enter: Enter) -> None:
    first = number_one(house, "经济困难老年人补贴")
    lin = enter("lin")
    assert "未核实" in lin.get(f"{ARTICLES}{first}").get_data(as_text=True)
    assert "照什么核实的" in acting(lin, first, "confirm", reason="")
    assert "是您核实的" in acting(lin, first, "confirm", reason="照县里的文件核对过")
    assert "林芳" in lin.text
    assert '<span class="sign wait">未核实</span>' not in lin.text


def test_checked_and_unchanged_is_one_button_and_a_second_person(house: Database, enter: Enter) -> None:
    lin = enter("lin")
    lin.get(f"{ARTICLES}{number_one(house)}")
    lin.post(f"{ARTICLES}{number_one(house)}/still-right")
    assert "今天核对过，内容没变" in lin.text
    with house.read() as session:
        assert session.scalars(select(ArticleVersion.status).where(ArticleVersion.number == 2)).one() == REVIEW


def test_a_draft_is_thrown_away_only_as_a_draft(house: Database, enter: Enter) -> None:
    lin = enter("lin")
    version_id = begun(lin, house)
    assert "草稿丢掉了" in acting(lin, version_id, "drop")
    assert "刚才有人办过了" in acting(lin, version_id, "drop")
    assert "刚才有人办过了" in acting(lin, number_one(house), "drop")
