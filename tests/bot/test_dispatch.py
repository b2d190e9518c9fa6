"""One message, one effect: retries, overlapping duplicates, failures, and what is numbered on the screen."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select

import handlers
from bot.dispatch import Dispatcher, Outcome, Step
from handlers.turn import Incoming
from models.case import Case
from models.db import Database
from models.follower import Conversation, Follower, Message
from models.staff import Department
from tests.factories import KEYRING
from tests.talk import VALUES, Phone, answerer, connected

FORM = ("我要投诉", "低保停了三个月没发", "说完了", "口前镇", "是这项", "不留电话")


def count(database: Database, table: type) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_overlapping_duplicates_in_two_processes_have_one_effect_and_one_reply(database: Database) -> None:
    database.write(lambda s: Department.seed(s) and None)
    phone = Phone(database)
    phone.say(*FORM)
    phone.dispatcher.behind.close()
    submit = Incoming("same-key", "oGuan", "text", text="提交")
    others = [Database(database.url.render_as_string(hide_password=False), KEYRING) for _ in range(2)]
    processes = [Dispatcher(other, VALUES, answerer) for other in others]
    replies: list[str] = []
    barrier = threading.Barrier(6)

    def send(process: Dispatcher) -> None:
        barrier.wait()
        replies.append(process.handle(submit).text)

    threads = [threading.Thread(target=send, args=(process,)) for process in processes for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for process, other in zip(processes, others, strict=True):
        process.behind.close()
        other.dispose()
    assert len(set(replies)) == 1
    assert count(database, Case) == 1


def test_first_messages_of_one_person_at_once_make_one_follower(database: Database) -> None:
    phones = [Phone(database, "oNew") for _ in range(6)]
    threads = [threading.Thread(target=phone.say, args=("我要投诉",)) for phone in phones]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(database, Follower) == 1


def test_a_policy_answer_writes_no_message_and_a_retry_gets_the_same(database: Database) -> None:
    phone = Phone(database)
    phone.follow()
    before = count(database, Message)
    phone.say("低保怎么申请")
    said = phone.say("那一个月多少钱")
    assert said.split("\n")[1] in phone.again().text
    assert count(database, Message) == before


def test_a_follow_up_keeps_the_item_in_another_process(database: Database) -> None:
    phone = Phone(database)
    phone.follow()
    phone.say("低保怎么申请")
    phone.dispatcher.behind.close()
    assert "最低生活保障" in Phone(database).say("那一个月多少钱")


def test_a_late_retry_of_a_question_does_not_answer_a_form_opened_since(database: Database) -> None:
    phone = Phone(database)
    phone.follow()
    phone.say("低保怎么申请")
    question = phone.last
    phone.say("我要投诉")
    phone.dispatcher.handle(question)
    assert "说完了" not in phone.say("返回")


def test_a_number_means_what_stands_beside_it_on_the_screen(database: Database) -> None:
    phone = Phone(database)
    phone.follow()
    first = phone.say("低保怎么申请")
    assert phone.links[0] == "更多"
    assert phone.say("1") != first
    phone.say("低保怎么申请")
    assert phone.say("2") == phone.say(phone.links[1]) or phone.links


def test_more_brings_the_rest(database: Database) -> None:
    phone = Phone(database)
    phone.follow()
    shown = phone.say("低保怎么申请")
    rest = phone.say("更多")
    assert rest
    assert rest.split("\n")[0] not in shown


@pytest.mark.parametrize("word", ["我要投诉", "低保怎么申请"])
def test_a_handler_that_fails_apologises_keeps_the_message_and_is_not_run_again(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, word: str
) -> None:
    runs: list[int] = []

    def fail(_turn):
        runs.append(1)
        raise ZeroDivisionError("关玉梅 的话")

    broken = tuple(handlers.Handler(h.name, h.takes, fail, h.changes) for h in handlers.HANDLERS)
    phone = Phone(database)
    phone.follow()
    monkeypatch.setattr(handlers, "HANDLERS", broken)
    said = phone.say(word)
    assert "工作人员" in said
    assert phone.again().text == said
    assert len(runs) == 1
    assert "关玉梅" not in caplog.text
    with database.read() as session:
        kept = session.scalars(select(Message).where(Message.failed.is_not(None))).one()
        assert (kept.content, kept.failed) == (word, "ZeroDivisionError")


def test_a_failing_message_leaves_the_open_form_as_it_was(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    database.write(lambda s: Department.seed(s) and None)
    phone = Phone(database)
    phone.say("我要投诉", "低保停了三个月没发", "说完了")

    def fail(_turn):
        raise ZeroDivisionError

    monkeypatch.setattr("bot.dispatch.FLOWS", {"case": fail})
    phone.say("口前镇")
    monkeypatch.undo()
    assert "地方：口前镇" in phone.say("口前镇")


def test_unfollowing_leaves_no_conversation_behind(database: Database) -> None:
    phone = Phone(database)
    phone.follow()
    phone.say("低保怎么申请", "我要投诉", "低保停了三个月没发")
    phone.event("unsubscribe")
    phone.dispatcher.behind.close()
    assert count(database, Conversation) == 0


def test_two_messages_of_one_person_at_once_are_two_steps_of_the_form(database: Database) -> None:
    # Both work their step out from the same conversation; the second finds it changed and is worked out anew.
    database.write(lambda s: Department.seed(s) and None)
    phone = Phone(database)
    phone.follow()
    phone.say("我要投诉", "低保停了三个月没人管")
    one, other = connected(database), connected(database)
    barrier = threading.Barrier(2)
    take = Dispatcher._take

    def together(self: Dispatcher, step: Step) -> Outcome | None:
        barrier.wait(5)
        return take(self, step)

    def send(dispatcher: Dispatcher, n: int) -> None:
        text = f"第{n}件事，村里一直没给说法"
        dispatcher.handle(Incoming(f"at-once-{n}", phone.openid, "text", text=text))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Dispatcher, "_take", together)
        threads = [threading.Thread(target=send, args=(each, n)) for n, each in enumerate((one, other), 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    said = phone.say("说完了", "口前镇", "是这项", "不留电话")
    assert "第1件事" in said
    assert "第2件事" in said
