"""The web process may die at any named point: nothing is lost, nothing happens twice."""

from __future__ import annotations

import subprocess
import sys
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from models.case import Case
from models.db import Database
from models.delivery import DELIVERED, RIDING, Delivery
from models.follower import Follower
from models.staff import Department
from tests.bot.dying_web import app_on
from tests.bot.test_webhook import content, signed, text_xml
from tests.talk import Phone

ANSWER = "民政局答复:已经核实,下个月补发。"


def die_at(database: Database, point: str, body: str) -> None:
    url = database.url.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-m", "tests.bot.dying_web", url, point], input=f"{urlencode(signed())}\n{body}",
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 9, done.stderr


def send(database: Database, body: str) -> str:
    with app_on(database.url.render_as_string(hide_password=False)).test_client() as client:
        answer = client.post("/wechat", query_string=signed(), data=body.encode())
        text = content(answer.data)
        answer.close()
        dispatcher = client.application.extensions["wechat"].dispatcher
        dispatcher.behind.close()
        dispatcher.database.dispose()
    return text


def waiting(database: Database) -> None:
    def work(session):
        follower = Follower.met(session, "oGuan")
        session.add(Delivery(follower_id=follower.id, text=ANSWER))

    database.write(work)


def states(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Delivery.status)))


@pytest.mark.parametrize("point", ["web.committed"])
def test_a_case_filed_by_a_dying_process_is_filed_once_and_its_reply_is_not_lost(database: Database, point: str) -> None:
    database.write(lambda s: Department.seed(s) and None)
    phone = Phone(database)
    phone.say("我要投诉", "低保停了三个月没发", "说完了", "口前镇", "是这项", "不留电话")
    phone.dispatcher.behind.close()
    submit = text_xml("提交")
    die_at(database, point, submit)
    first, second = send(database, submit), send(database, submit)
    assert "编号：YJ" in first
    assert first == second
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 1


@pytest.mark.parametrize("point", ["web.committed", "web.handed_over"])
def test_an_answer_that_rode_on_a_lost_reply_rides_on_the_retry(database: Database, point: str) -> None:
    waiting(database)
    question = text_xml("在吗")
    die_at(database, point, question)
    assert states(database) == [RIDING]
    assert ANSWER in send(database, question)
    assert states(database) == [DELIVERED]
    assert ANSWER not in send(database, text_xml("低保怎么申请"))


def test_an_answer_is_handed_over_once(database: Database) -> None:
    waiting(database)
    assert ANSWER in send(database, text_xml("在吗"))
    assert ANSWER not in send(database, text_xml("在吗"))
    assert states(database) == [DELIVERED]
