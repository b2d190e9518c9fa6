"""The person on the line: proven for the call, then their payments, their case, and a link to their own WeChat."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from knowledge.wording import beijing
from models.audit import AuditEntry
from models.base import now
from models.call import HotlineCall
from models.case import Case
from models.db import Database
from models.delivery import Delivery
from models.follower import Follower
from models.resident import CHILD, SELF, Binding, Resident
from models.views import views_of
from tests.console.factories import Browser, answerer, make_app
from tests.factories import GUAN, SUN, live_batch, payment, resident

DESK, CALLER, FILE = "/console/hotline/", "/console/hotline/caller/", "/console/hotline/file/"
TODAY = beijing(now()).date()
CLAIM = {"number": GUAN["id_number"], "name": GUAN["name"], "tail": GUAN["account"][-4:], "reason": "本人来电查补贴"}
LAND = "耕地地力保护补贴"


@pytest.fixture
def paid(county: Database) -> Database:
    """关玉梅 was paid one item, another one came back from the bank; her own WeChat is bound."""

    def work(session) -> None:
        guan = resident(session, GUAN, phone="15400123456")
        batch = live_batch(session, data_as_of=TODAY, items=[["高龄津贴", TODAY.year], [LAND, TODAY.year]])
        payment(session, batch, guan, year=TODAY.year, stage_date=TODAY, paid_date=TODAY)
        payment(session, batch, guan, item=LAND, year=TODAY.year, period=f"{TODAY.year}年", stage="发放失败", stage_date=TODAY,
                paid_date=None, fail_reason="账户已销户")  # fmt: skip
        follower = Follower.met(session, "oGuan")
        session.flush()
        Binding.make(session, follower, guan, "name+card_tail", relation=SELF)

    county.write(work)
    return county


@pytest.fixture
def agent(paid: Database) -> Browser:
    """An agent with a caller on the line."""
    browser = Browser(make_app(paid, public_url="https://mbk.example"))
    browser.log_in("zhao")
    browser.get(DESK)
    browser.post("/console/hotline/calls/begin")
    return browser


def identified(agent: Browser, **claim: str) -> Browser:
    """The caller has answered the questions, and the agent looks."""
    agent.post(CALLER, **(CLAIM | claim))
    agent.get(CALLER)
    return agent


def traces(county: Database, action: str) -> list[AuditEntry]:
    with county.read() as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)))


def test_the_call_knows_the_person_after_the_proof_and_shows_what_the_chat_would(paid: Database, agent: Browser) -> None:
    identified(agent)
    for said in ("关*梅", "220***********936X", "154****3456", LAND, "钱退回来了，没丢", "他绑定了微信"):
        assert said in agent.text
    for whole in (GUAN["name"], GUAN["id_number"], GUAN["account"], "15400123456"):
        assert whole not in agent.text
    looks = traces(paid, "resident.view")
    assert len(looks) == 2  # the proof, and the look
    assert {look.resident_id for look in looks} == {1}
    assert {look.detail["reason"] for look in looks} == {"本人来电查补贴"}


def test_the_person_reads_that_the_hotline_looked(paid: Database, agent: Browser) -> None:
    identified(agent)
    with paid.read() as session:
        follower = session.scalars(select(Follower)).one()
        assert {(look.action, look.who) for look in views_of(session, follower.id)} == {("resident.view", "热线坐席")}


@pytest.mark.parametrize("wrong", [{"name": "关玉兰"}, {"tail": "0000"}, {"number": SUN["id_number"]}, {"reason": ""}])
def test_a_proof_that_fails_shows_nothing_and_the_call_goes_on(paid: Database, agent: Browser, wrong: dict[str, str]) -> None:
    assert agent.post(CALLER, **(CLAIM | wrong)).status_code == 422
    assert "没对上" in agent.text or "请选代查的原因" in agent.text
    assert LAND not in agent.text
    with paid.read() as session:
        assert session.scalars(select(HotlineCall)).one().resident_id is None


def test_after_half_an_hour_the_person_is_asked_again(paid: Database, agent: Browser) -> None:
    identified(agent)
    paid.write(lambda s: s.execute(update(HotlineCall).values(proved_at=now() - timedelta(minutes=31))) and None)
    agent.get(CALLER)
    assert "先问清，再看他的补贴" in agent.text
    assert "再问一遍" in agent.post(f"{CALLER}why", item=LAND).get_data(as_text=True)


def test_somebody_else_on_the_line_is_asked_anew(agent: Browser) -> None:
    identified(agent)
    agent.post(f"{CALLER}change")
    assert "先问清" in agent.get(CALLER).get_data(as_text=True)


def test_without_a_call_there_is_nobody_to_look_at(paid: Database, enter) -> None:
    browser = enter("zhao")
    browser.get(DESK)
    for page in (browser.get(CALLER), browser.post(CALLER, **CLAIM), browser.post(f"{CALLER}why", item=LAND)):
        assert page.status_code == 409
    assert "没有接着的电话" in browser.text
    assert traces(paid, "resident.view") == []


def test_after_the_call_nobody_looks_by_its_proof(agent: Browser) -> None:
    identified(agent)
    agent.get(DESK)
    agent.post("/console/hotline/calls/end", outcome="answered")
    assert agent.get(CALLER).status_code == 409


def test_why_it_has_not_come_is_said_in_the_chats_words(paid: Database, agent: Browser) -> None:
    identified(agent)
    said = agent.post(f"{CALLER}why", item=LAND).get_data(as_text=True)
    assert "关*梅：找到原因了" in said
    assert "怎么办：" in said
    assert traces(paid, "resident.view")[-1].detail["item"] == LAND
    assert "请选哪一项" in agent.post(f"{CALLER}why", item="没有的").get_data(as_text=True)


def test_a_look_at_the_counter_page_belongs_to_the_call_too(paid: Database, agent: Browser) -> None:
    agent.get("/console/proving/")
    agent.post("/console/proving/look", **CLAIM)
    with paid.read() as session:
        assert session.scalars(select(HotlineCall)).one().person == 1


def test_what_the_person_telephoned_about_before_is_told(paid: Database, agent: Browser) -> None:
    identified(agent)
    agent.get(DESK)
    agent.post("/console/hotline/calls/end", outcome="elsewhere", words="问过落户")
    agent.post("/console/hotline/calls/begin")
    identified(agent)
    assert "他以前来过的电话" in agent.text
    assert "不归这里管" in agent.text


def test_no_name_and_no_number_stand_in_the_list_of_calls(paid: Database, agent: Browser) -> None:
    identified(agent)
    agent.get(DESK)
    agent.post("/console/hotline/calls/end", outcome="answered", words=f"{GUAN['name']}问地补，号{GUAN['id_number']}，电话15400123456")
    for path in ("/console/hotline/calls/", "/console/hotline/calls/1"):
        shown = agent.get(path).get_data(as_text=True)
        assert "〔姓名〕问地补" in shown
        assert GUAN["name"] not in shown
        assert GUAN["id_number"] not in shown
        assert "15400123456" not in shown
    assert traces(paid, "phone.view")[0].resident_id == 1


# ---------------------------------------------------------------- filing for the person


def test_what_is_known_is_filled_in_without_being_shown(paid: Database, agent: Browser) -> None:
    identified(agent)
    agent.get(FILE)
    assert GUAN["name"] not in agent.text
    agent.post(FILE, text="地补退回来了，账户销户，想换卡重发", known="1", known_phone="1", by_wechat="1")
    with paid.read() as session:
        case, follower = session.scalars(select(Case)).one(), session.scalars(select(Follower)).one()
        assert (case.contact_name, case.phone, case.town, case.village) == (GUAN["name"], "15400123456", "万昌镇", "西将军村")
        assert (case.follower_id, case.source) == (follower.id, "hotline")
        told = session.scalars(select(Delivery).where(Delivery.case_id == case.id)).one()
        assert "替您登记了一件事" in told.text
        assert told.follower_id == follower.id


def test_what_is_unticked_is_not_filled_in(paid: Database, agent: Browser) -> None:
    identified(agent)
    agent.get(FILE)
    agent.post(FILE, text="地补退回来了，账户销户，想换卡重发")
    with paid.read() as session:
        case = session.scalars(select(Case)).one()
        assert (case.contact_name, case.phone, case.town, case.follower_id) == (None, None, None, None)
        assert session.scalars(select(Delivery)).all() == []


def test_what_is_told_in_confidence_goes_to_no_wechat(paid: Database, agent: Browser) -> None:
    identified(agent)
    agent.get(FILE)
    agent.post(FILE, text="低保停了三个月，别让人知道是我说的", known="1", by_wechat="1", confidential="1")
    with paid.read() as session:
        assert session.scalars(select(Case.follower_id)).one() is None
        assert session.scalars(select(Delivery)).all() == []


# ---------------------------------------------------------------- a link to the person's WeChat


def test_an_article_goes_to_the_persons_own_wechat_and_no_openid_to_the_agent(paid: Database, agent: Browser) -> None:
    identified(agent)
    shown = agent.post("/console/hotline/search", q="低保领多少").get_data(as_text=True)
    assert "发到他的微信" in shown
    agent.post(f"{CALLER}send", item="最低生活保障", aspect="领多少")
    assert "交出去了" in agent.text
    assert "oGuan" not in shown + agent.text
    with paid.read() as session:
        sent = session.scalars(select(Delivery)).one()
        assert sent.follower_id == session.scalars(select(Follower.id)).one()
        assert answerer().section("最低生活保障", "领多少").text in sent.text
        assert "https://mbk.example/articles/" in sent.text
        assert sent.extra  # nobody is telephoned for it
    (trace,) = traces(paid, "article.send")
    assert (trace.resident_id, trace.detail["item"]) == (1, "最低生活保障")


def test_the_same_article_is_sent_once(paid: Database, agent: Browser) -> None:
    identified(agent)
    for _ in range(2):
        agent.get(DESK)
        agent.post(f"{CALLER}send", item="最低生活保障", aspect="领多少")
    assert "已经发过了" in agent.text
    assert "已发到他的微信" in agent.post("/console/hotline/search", q="低保领多少").get_data(as_text=True)
    with paid.read() as session:
        assert len(session.scalars(select(Delivery)).all()) == 1


def test_nothing_is_sent_before_the_proof(paid: Database, agent: Browser) -> None:
    agent.get(DESK)
    assert "发到他的微信" not in agent.post("/console/hotline/search", q="低保").get_data(as_text=True)
    agent.post(f"{CALLER}send", item="最低生活保障", aspect="领多少")
    assert "核对过的本人" in agent.text
    with paid.read() as session:
        assert session.scalars(select(Delivery)).all() == []


@pytest.mark.parametrize("who", ["the child's phone only", "two that say so", "nobody", "one who left"])
def test_nothing_is_sent_where_the_own_wechat_is_not_certain(paid: Database, agent: Browser, who: str) -> None:
    def work(session) -> None:
        guan, binding = session.get_one(Resident, 1), session.scalars(select(Binding)).one()
        if who == "two that say so":
            other = Follower.met(session, "oOther")
            session.flush()
            Binding.make(session, other, guan, "name+card_tail", relation=SELF)
        elif who == "nobody":
            binding.end()
        elif who == "one who left":
            session.get_one(Follower, binding.follower_id).subscribed = False
        else:
            binding.relation = CHILD

    paid.write(work)
    identified(agent)
    assert "没有可以确定是他本人的微信" in agent.text
    agent.post(f"{CALLER}send", item="最低生活保障", aspect="领多少")
    assert "发不了" in agent.text
    with paid.read() as session:
        assert session.scalars(select(Delivery)).all() == []
