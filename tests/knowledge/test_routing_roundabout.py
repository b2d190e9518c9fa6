"""Classes of complaints that came up in blind batches: who is only written to, money that runs off, what presses and what did."""

import pytest

from knowledge.routing import route


@pytest.mark.parametrize("greeting", ["领导你好，", "尊敬的领导：", "各位领导好，", "领导，"])
def test_who_is_written_to_is_not_complained_about(greeting: str) -> None:
    found = route(f"{greeting}你别嫌我话多，我家退耕还林的补助两年没发了")
    assert found.departments[0] == "林业局"
    assert found.accused == ()


def test_an_office_named_before_a_pause_is_not_written_to() -> None:
    assert route("民政局，批低保，得先给条烟").departments[0] != "民政局"


@pytest.mark.parametrize("runs", ["钱正一笔笔往外划", "里头的钱还在往外转", "短信一条接一条，还在扣"])
def test_money_that_runs_off_goes_to_the_bank_at_once(runs: str) -> None:
    found = route(f"骗子说发补贴，我把卡号验证码给他了，{runs}，咋整")
    assert found.departments[0] == "代发金融机构"
    assert found.urgent


def test_a_swindler_in_the_bank_itself_goes_to_the_regulator() -> None:
    found = route("信用社大堂那个经理问我妈要密码，说替她按，按完就少了二百，他这不是骗老人吗")
    assert found.departments[0] == "金融监管部门"
    assert "代发金融机构" not in found.departments


@pytest.mark.parametrize("waits", ["过期没答复", "拖了两个月", "超期了也不回"])
def test_an_unanswered_application_goes_to_the_office_of_disclosure(waits: str) -> None:
    found = route(f"我向民政局申请要去年救助的发放明细，{waits}，特此投诉")
    assert found.departments[0] == "信息公开主管部门"
    assert found.kind == "投诉"


def test_everything_lost_after_a_report_is_reprisal() -> None:
    found = route("我举报完屯长，我家的低保、公益岗全都给拿下了，这是不是报复")
    assert found.departments[0] == "纪委监委"
    assert found.urgent
    assert found.confidential


@pytest.mark.parametrize("said", ["山上的石头往下滚，道给堵了，移民村归谁管", "乡里乡亲的都领着了，就我没领着后扶"])
def test_a_word_in_its_plain_sense_accuses_nobody(said: str) -> None:
    assert route(said).accused == ()


@pytest.mark.parametrize(
    "said",
    [
        "护林员报了人头不上山，落款我没写",
        "书记家吃双份低保，名字我空着",
        "会计多报了地，别对外说是谁投诉的",
    ],
)
def test_a_letter_without_a_name_is_kept_confidential(said: str) -> None:
    assert route(said).confidential


@pytest.mark.parametrize("said", ["信用社骂人", "粮补没到", "高龄问问"])
def test_a_short_word_is_not_urgent(said: str) -> None:
    assert not route(said).urgent
