"""The 明白卡 as a picture in the chat: drawn, uploaded and delivered, once, or told that it could not be."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from PIL import Image
from sqlalchemy import select, update

from bot.cards import Letterhead, draw_due
from bot.deliver import Templates, deliver_due
from bot.pictures import card_picture, readable
from knowledge.card import card
from knowledge.identity import mask_name
from knowledge.statement import Line, Loaded
from knowledge.wording import beijing
from models.base import now
from models.card_picture import CardPicture
from models.db import Database
from models.delivery import SENT, WAITING, Delivery
from models.resident import Binding
from tests.bot.outside import SEND, Outside, outside
from tests.factories import GUAN, live_batch, payment, resident
from tests.talk import Phone

TODAY = beijing(now()).date()
YEAR = TODAY.year
UPLOAD = "/cgi-bin/media/upload"
HEAD = Letterhead("永吉明白卡", "12333")
NONE = Templates()
MOST = 2 * 1024 * 1024  # bytes; the platform takes more, phones in the country load less


def line(item: str, month: int, **more: object) -> Line:
    fields: dict[str, object] = {
        "item": item, "year": YEAR, "period": f"{YEAR}年{month:02d}月", "quantity": 100, "unit": "月", "standard_fen": 56000,
        "amount_fen": 56000, "stage": "已发放", "stage_date": date(YEAR, month, 12), "paid_date": date(YEAR, month, 12),
        "bank": "吉林农信", "account": GUAN["account"], "fail_reason": None,
    }  # fmt: skip
    return Line(**(fields | more))


def drawn(*lines: Line, name: str = "关*梅") -> Image.Image:
    made = card(name, lines, YEAR, Loaded(TODAY, [("最低生活保障", YEAR)]), TODAY)
    return Image.open(io.BytesIO(card_picture(made, "永吉明白卡", "12333")))


def test_the_picture_is_a_png_as_wide_as_a_phone() -> None:
    picture = drawn(line("最低生活保障", 1))
    assert (picture.format, picture.width) == ("PNG", 1080)
    assert picture.height > 800


def test_more_is_told_on_a_longer_picture() -> None:
    assert drawn(line("最低生活保障", 1), line("高龄津贴", 1)).height > drawn(line("最低生活保障", 1)).height


def test_the_longest_bar_is_that_of_the_largest_sum() -> None:
    picture = drawn(line("最低生活保障", 1, amount_fen=100000), line("高龄津贴", 1, amount_fen=25000)).convert("RGB")
    pine = (0x2F, 0x7D, 0x5F)
    lengths = [sum(picture.getpixel((x, y)) == pine for x in range(0, 1080, 8)) for y in range(0, picture.height, 4)]
    longest = max(lengths)
    quarter = [length for length in lengths if longest // 4 - 2 <= length <= longest // 4 + 2]
    assert longest > 110
    assert len(quarter) >= 4


def test_the_fullest_year_stays_small_enough_for_a_phone() -> None:
    items = ["最低生活保障", "高龄津贴", "耕地地力保护补贴", "玉米生产者补贴", "困难残疾人生活补贴", "重度残疾人护理补贴", "稻谷补贴"]
    lines = [line(item, month) for item in items for month in range(1, 13)]
    lines += [line(f"{item}{n}", 1, stage="发放失败", fail_reason="账户已销户") for n in range(3) for item in items]
    made = card("关*梅", lines, YEAR, Loaded(TODAY, []), TODAY)
    assert len(card_picture(made, "永吉明白卡", "12333")) < MOST


def test_a_letter_that_we_cannot_draw_stands_as_a_star() -> None:
    assert readable("关玥梅") == "关玥梅"
    assert readable("关\U00020bb7梅") == "关*梅"


def test_names_and_articles_are_drawn_whole() -> None:
    from knowledge.catalogue.items import ITEMS
    from knowledge.catalogue.places import TOWNS

    for name in (*ITEMS, *TOWNS, *(place for town in TOWNS.values() for place in town.places)):
        assert readable(name) == name


# ---------------------------------------------------------------- from the wish to the phone


@pytest.fixture
def world() -> Iterator[Outside]:
    with outside() as found:
        found.writes()
        yield found


@pytest.fixture
def phone(database: Database, world: Outside) -> Phone:
    """关玉梅 is bound and has a payment of this year."""

    def work(session):
        batch = live_batch(session, data_as_of=TODAY, items=[["高龄津贴", YEAR]])
        payment(session, batch, resident(session, GUAN), year=YEAR, stage_date=TODAY, paid_date=TODAY)

    database.write(work)
    phone = Phone(database, world.openid)
    phone.follow()
    phone.say("查补贴", "同意", GUAN["id_number"], GUAN["name"], GUAN["account"][-4:])
    return phone


def pictures(world: Outside) -> list[str]:
    entries = world.platform.transcript(world.openid)
    return [entry.shown.content["media_id"] for entry in entries if entry.shown.kind == "image" and entry.side == "account"]


def waiting(database: Database) -> list[Delivery]:
    with database.read() as session:
        return list(session.scalars(select(Delivery).where(Delivery.status == WAITING)))


def test_the_picture_comes_after_the_words(phone: Phone, database: Database, world: Outside) -> None:
    said = phone.say("明白卡")
    assert "300元" in said
    assert "图正在画" in said
    wechat = world.wechat(database)
    assert draw_due(database, wechat, HEAD) == 1
    deliver_due(database, wechat, NONE)
    (media_id,) = pictures(world)
    content = world.platform.state.media.find(media_id, world.platform.state.now()).content
    assert Image.open(io.BytesIO(content)).width == 1080
    assert draw_due(database, wechat, HEAD) == 0
    deliver_due(database, wechat, NONE)
    assert len(pictures(world)) == 1


def test_asked_for_twice_it_is_drawn_once(phone: Phone, database: Database, world: Outside) -> None:
    phone.say("明白卡", "我的明白卡")
    assert draw_due(database, world.wechat(database), HEAD) == 1


def test_a_year_without_payments_promises_no_picture(phone: Phone, database: Database, world: Outside) -> None:
    assert "图正在画" not in phone.say(f"{YEAR - 5}年明白卡")
    assert draw_due(database, world.wechat(database), HEAD) == 0


def test_an_upload_that_fails_is_done_again_and_nothing_is_sent_meanwhile(
    phone: Phone, database: Database, world: Outside
) -> None:
    phone.say("明白卡")
    wechat = world.wechat(database)
    wechat.send_text(world.openid, "so that there is a token")
    world.platform.fail_next(1, "drop-after", UPLOAD)
    draw_due(database, wechat, HEAD)
    assert waiting(database) == []
    database.write(lambda s: s.execute(update(CardPicture).values(next_at=now())) and None)
    draw_due(database, wechat, HEAD)
    deliver_due(database, wechat, NONE)
    assert len(pictures(world)) == 1


def test_a_picture_that_cannot_be_made_is_told_of(phone: Phone, database: Database, world: Outside) -> None:
    phone.say("明白卡")
    past = now() - timedelta(minutes=11)
    database.write(lambda s: s.execute(update(CardPicture).values(asked_at=past, next_at=now())) and None)
    assert draw_due(database, world.wechat(database), HEAD) == 0
    assert "没能发给您" in phone.say("在吗")


def test_whether_it_arrived_nobody_knows_it_is_not_sent_again_but_told(
    phone: Phone, database: Database, world: Outside
) -> None:
    phone.say("明白卡")
    wechat = world.wechat(database)
    draw_due(database, wechat, HEAD)
    world.platform.fail_next(1, "drop-after", SEND)
    deliver_due(database, wechat, NONE)
    deliver_due(database, wechat, NONE)
    assert len(pictures(world)) == 1
    assert phone.say("在吗").startswith(f"{YEAR}年明白卡的图没能发给您")


def test_outside_the_window_the_words_ride_on_the_next_reply(phone: Phone, database: Database, world: Outside) -> None:
    phone.say("明白卡")
    wechat = world.wechat(database)
    draw_due(database, wechat, HEAD)
    world.platform.age(world.openid, 49)
    deliver_due(database, wechat, NONE)
    assert pictures(world) == []
    assert phone.say("在吗").startswith(f"{YEAR}年明白卡的图没能发给您")


def test_whoever_ends_the_binding_gets_no_picture(phone: Phone, database: Database, world: Outside) -> None:
    phone.say("明白卡")
    database.write(lambda session: session.get_one(Binding, 1).end())
    assert draw_due(database, world.wechat(database), HEAD) == 0
    assert waiting(database) == []


def test_the_name_in_the_picture_is_masked(phone: Phone, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr("bot.cards.card_picture", lambda made, *_: seen.append(made) or b"\x89PNG")
    phone.say("明白卡")

    class Wechat:
        def upload_image(self, _content: bytes) -> str:
            return "media"

    draw_due(database, Wechat(), HEAD)
    assert seen[0].name == mask_name(GUAN["name"])
    assert GUAN["id_number"] not in str(seen[0])


def test_nobody_is_telephoned_for_a_picture(phone: Phone, database: Database, world: Outside) -> None:
    phone.say("明白卡")
    wechat = world.wechat(database)
    draw_due(database, wechat, HEAD)
    world.platform.answer_next(43004, 1, SEND)
    deliver_due(database, wechat, NONE)
    with database.read() as session:
        assert Delivery.to_call(session) == []
        assert session.scalars(select(Delivery.status)).one() != SENT
