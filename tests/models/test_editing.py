"""One person writes, another approves; nobody alone, and not by racing."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from knowledge.errors import NotAllowed, NotThere, Refused
from models import editing
from models.article import DRAFT, DROPPED, PUBLISHED, RETIRED, REVIEW, ArticleEvent, ArticleVersion
from models.article_desk import Desk, is_out_of_date
from models.article_owner import items_of, owner_of, version_for
from models.audit import AuditEntry
from models.db import Database
from models.editing import Days, Overtaken
from models.item_owner import ItemOwner
from models.staff import Department, Staff
from tests.models.editors import (
    DIBAO,
    draft,
    handed_in,
    in_use,
    number_one,
    open_house,
    published,
    seen,
    who,
    with_ask,
    with_lead,
)


@pytest.fixture
def house(database: Database) -> Database:
    """The articles, and those who keep them."""
    open_house(database)
    return database


def status_of(house: Database, version_id: int) -> str:
    with house.read() as session:
        return session.get_one(ArticleVersion, version_id).status


def test_what_one_person_wrote_and_another_approved_is_in_force(house: Database) -> None:
    version_id = published(house, with_ask("新的说法，先问村里。"))
    assert in_use(house).ask == "新的说法，先问村里。"
    assert status_of(house, number_one(house)) == RETIRED
    with house.read() as session:
        version = session.get_one(ArticleVersion, version_id)
        assert (version.written_by, version.published_by) == (who(session, "lin").id, who(session, "luo").id)
        acts = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == f"article:{DIBAO}").order_by(AuditEntry.id)).all()
        assert acts == ["article.draft", "article.submit", "article.publish"]
        told = session.scalars(select(ArticleEvent.what).where(ArticleEvent.version_id == version_id).order_by(ArticleEvent.id)).all()
        assert told == ["begun", "saved", "submitted", "approved"]


def test_nobody_approves_what_the_same_person_wrote(house: Database) -> None:
    version_id = handed_in(house, with_ask("先问村里。"))
    with pytest.raises(Refused, match="自己写的"):
        house.write(lambda s: editing.approve(s, who(s, "lin"), version_id, **seen(s, version_id)))
    assert status_of(house, version_id) == REVIEW


def test_whoever_wrote_only_a_part_does_not_approve_either(house: Database) -> None:
    version_id = draft(house, with_ask("先问村里。"))

    def go_on(session) -> None:
        luo, version = who(session, "luo"), session.get_one(ArticleVersion, version_id)
        changed = with_ask("先问村里的。")(version.article)
        saved = editing.save(session, luo, version_id, revision=1, article=changed, note="又改了一句", days=Days())
        editing.submit(session, luo, version_id, revision=saved.revision, against=saved.base_id or 0)

    house.write(go_on)
    for name in ("lin", "luo"):
        with pytest.raises(Refused, match="自己写的"):
            house.write(lambda s, name=name: editing.approve(s, who(s, name), version_id, **seen(s, version_id)))
    house.write(lambda s: editing.approve(s, who(s, "qian"), version_id, **seen(s, version_id)))
    assert in_use(house).ask == "先问村里的。"


def test_the_table_itself_refuses_one_person_as_both(house: Database) -> None:
    version_id = handed_in(house, with_ask("先问村里。"))

    def by_force(session) -> None:
        lin = who(session, "lin").id
        session.execute(update(ArticleVersion).where(ArticleVersion.id == version_id).values(status=PUBLISHED, published_by=lin))

    with pytest.raises(IntegrityError):
        house.write(by_force)


def test_two_who_approve_at_once_publish_once_and_the_writer_in_between_never(house: Database) -> None:
    version_id = handed_in(house, with_ask("先问村里。"))
    with house.read() as session:
        sight = seen(session, version_id)
    said: list[str] = []
    barrier = threading.Barrier(4)

    def act(name: str, verb) -> None:
        barrier.wait()
        try:
            house.write(lambda session: verb(session, who(session, name)))
            said.append(f"{name} did")
        except (Refused, NotAllowed) as refused:
            said.append(f"{name}: {refused.said}")

    def approve(session, staff: Staff) -> None:
        editing.approve(session, staff, version_id, **sight)

    def take_and_approve(session, staff: Staff) -> None:
        editing.take_back(session, staff, version_id)
        again = editing.submit(session, staff, version_id, revision=sight["revision"] + 1, against=sight["against"])
        editing.approve(session, staff, version_id, revision=again.revision, against=sight["against"])

    who_acts = (("luo", approve), ("qian", approve), ("lin", approve), ("lin", take_and_approve))
    threads = [threading.Thread(target=act, args=pair) for pair in who_acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([words for words in said if words.endswith("did")]) == 1, said
    assert [words for words in said if words == "lin did"] == []
    with house.read() as session:
        version = session.get_one(ArticleVersion, version_id)
        assert version.status == PUBLISHED
        assert version.published_by != version.written_by


def test_a_clerk_sees_and_writes_only_the_own_departments_articles(house: Database) -> None:
    with house.read() as session:
        lin, wang, qian, sun = (who(session, name) for name in ("lin", "wang", "qian", "sun"))
        assert {owner_of(item) for item in items_of(lin)} == {"民政局"}
        assert items_of(wang).isdisjoint(items_of(lin))
        assert len(items_of(qian)) == len(items_of(sun)) == 48
        with pytest.raises(NotThere):
            version_for(session, wang, number_one(house))
    with pytest.raises(NotThere):
        house.write(lambda s: editing.begin(s, who(s, "wang"), DIBAO))
    with pytest.raises(NotAllowed):
        house.write(lambda s: editing.begin(s, who(s, "qian"), DIBAO))
    version_id = handed_in(house, with_ask("先问村里。"))
    with pytest.raises(NotThere):
        house.write(lambda s: editing.approve(s, who(s, "wang"), version_id, **seen(s, version_id)))
    with pytest.raises(NotAllowed):
        house.write(lambda s: editing.approve(s, who(s, "sun"), version_id, **seen(s, version_id)))


def test_an_item_that_the_county_gave_to_another_department_is_written_there(house: Database) -> None:
    def give(session) -> None:
        ItemOwner.give(session, who(session, "sun"), DIBAO, Department.named(session, "农业农村局"))

    house.write(give)
    with house.read() as session:
        assert owner_of(DIBAO, session) == "农业农村局"
        assert DIBAO in items_of(who(session, "wang"))
        assert DIBAO not in items_of(who(session, "lin"))
    assert in_use(house).ask
    published(house, with_ask("问农业农村局。"), by="wang", then="qian")
    assert in_use(house).ask == "问农业农村局。"


def test_what_every_township_does_alike_is_kept_by_the_coordinator() -> None:
    assert owner_of("补贴公示") == "财政局"
    with pytest.raises(NotThere):
        owner_of("没有这一项")


def test_a_draft_comes_back_with_the_reason_and_goes_again(house: Database) -> None:
    version_id = handed_in(house, with_ask("先问村里。"))
    with house.read() as session:
        assert [row.id for row in Desk.of(session, who(session, "luo")).reviews] == [version_id]
        assert Desk.of(session, who(session, "lin")).count == 0
    with pytest.raises(Refused, match="哪里要改"):
        house.write(lambda s: editing.send_back(s, who(s, "luo"), version_id, revision=1, reason="改"))
    house.write(lambda s: editing.send_back(s, who(s, "luo"), version_id, revision=1, reason="少了电话"))
    with house.read() as session:
        assert [row.id for row in Desk.of(session, who(session, "lin")).returned] == [version_id]
        assert Desk.of(session, who(session, "luo")).count == 0
        assert session.scalars(select(ArticleEvent.note).where(ArticleEvent.what == "sent_back")).one() == "少了电话"
    house.write(lambda s: editing.submit(s, who(s, "lin"), version_id, **seen(s, version_id)))
    assert status_of(house, version_id) == REVIEW


def test_a_reviewer_decides_only_about_what_was_on_the_screen(house: Database) -> None:
    version_id = handed_in(house, with_ask("先问村里。"))
    with house.read() as session:
        sight = seen(session, version_id)

    def change_meanwhile(session) -> None:
        lin = who(session, "lin")
        version = editing.take_back(session, lin, version_id)
        changed = with_ask("别问了。")(version.article)
        version = editing.save(session, lin, version_id, revision=version.revision, article=changed, note="又改一句", days=Days())
        editing.submit(session, lin, version_id, revision=version.revision, against=sight["against"])

    house.write(change_meanwhile)
    with pytest.raises(Refused, match="又改过"):
        house.write(lambda s: editing.approve(s, who(s, "luo"), version_id, **sight))
    assert in_use(house).ask != "别问了。"


def test_of_two_savings_at_once_the_second_is_told_and_nothing_is_lost(house: Database) -> None:
    version_id = draft(house, with_ask("先问村里。"))

    def save(session, name: str, words: str, revision: int) -> ArticleVersion:
        version = session.get_one(ArticleVersion, version_id)
        changed = with_ask(words)(version.article)
        return editing.save(session, who(session, name), version_id, revision=revision, article=changed, note="改一句", days=Days())

    house.write(lambda s: save(s, "luo", "罗写的。", 1))
    with pytest.raises(Overtaken) as overtaken:
        house.write(lambda s: save(s, "lin", "林写的。", 1))
    assert overtaken.value.version.article.ask == "罗写的。"
    with house.read() as session:
        assert session.get_one(ArticleVersion, version_id).article.ask == "罗写的。"


def test_a_draft_that_was_overtaken_by_a_publication_is_told_and_must_be_compared_anew(house: Database) -> None:
    old = draft(house, with_ask("旧草稿。"))
    with house.read() as session:
        sight = seen(session, old)
        assert not is_out_of_date(session, session.get_one(ArticleVersion, old))
    newer = published(house, with_lead("概览", "低保是给收入低的人家的补助。请问乡镇民政办。"), by="luo", then="qian")
    with house.read() as session:
        assert is_out_of_date(session, session.get_one(ArticleVersion, old))
    with pytest.raises(Refused, match="刚才第3版起用了"):
        house.write(lambda s: editing.submit(s, who(s, "lin"), old, **sight))
    house.write(lambda s: editing.submit(s, who(s, "lin"), old, **seen(s, old)))
    with house.read() as session:
        assert session.get_one(ArticleVersion, old).base_id == newer
        assert not is_out_of_date(session, session.get_one(ArticleVersion, old))
    house.write(lambda s: editing.approve(s, who(s, "qian"), old, **seen(s, old)))
    assert in_use(house).ask == "旧草稿。"


def test_an_older_version_comes_back_as_a_draft_that_a_second_person_approves(house: Database) -> None:
    published(house, with_ask("写错了的。"))

    def back(session) -> int:
        first = session.get_one(ArticleVersion, number_one(house))
        return editing.begin(session, who(session, "lin"), DIBAO, like=first, note="换回第1版：写错了").id

    version_id = house.write(back)
    assert in_use(house).ask == "写错了的。"
    house.write(lambda s: editing.submit(s, who(s, "lin"), version_id, **seen(s, version_id)))
    house.write(lambda s: editing.approve(s, who(s, "luo"), version_id, **seen(s, version_id)))
    with house.read() as session:
        first = session.get_one(ArticleVersion, number_one(house))
        assert session.get_one(ArticleVersion, version_id).content == first.content
    assert in_use(house).ask == first.article.ask


def test_a_draft_needs_words_for_what_was_changed(house: Database) -> None:
    version_id = house.write(lambda s: editing.begin(s, who(s, "lin"), DIBAO).id)
    with pytest.raises(Refused, match="改了什么"):
        house.write(lambda s: editing.submit(s, who(s, "lin"), version_id, **seen(s, version_id)))


def test_a_sum_outside_the_figures_is_not_handed_in(house: Database) -> None:
    version_id = draft(house, with_lead("领多少", "每人每月500元。请问民政局。"))
    with pytest.raises(Refused, match="直接写在正文里"):
        house.write(lambda s: editing.submit(s, who(s, "lin"), version_id, **seen(s, version_id)))


def test_a_dropped_draft_stays_among_the_versions_and_is_written_no_more(house: Database) -> None:
    version_id = draft(house, with_ask("先问村里。"))
    house.write(lambda s: editing.drop(s, who(s, "lin"), version_id))
    assert status_of(house, version_id) == DROPPED
    with pytest.raises(Refused):
        house.write(lambda s: editing.submit(s, who(s, "lin"), version_id, **seen(s, version_id)))
    assert status_of(house, draft(house, with_ask("再来。"))) == DRAFT


def test_two_drafts_of_one_item_begun_at_once_have_numbers_of_their_own(house: Database) -> None:
    barrier, made = threading.Barrier(3), []

    def start(name: str) -> None:
        barrier.wait()
        made.append(house.write(lambda s: editing.begin(s, who(s, name), DIBAO).number))

    threads = [threading.Thread(target=start, args=(name,)) for name in ("lin", "luo", "sun")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [2, 3, 4]
