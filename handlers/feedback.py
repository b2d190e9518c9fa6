"""没帮上忙, 帮上了: said at any time of the last answer, and offered where an answer ends."""

from __future__ import annotations

from dataclasses import replace

from handlers.turn import Reply, Turn
from knowledge.article import office
from knowledge.catalogue.items import ITEMS, TOPICS
from models.gap import HELPFUL, UNHELPFUL, Asked
from models.item_owner import ItemOwner

HELPED, NOT_HELPED = "帮上了", "没帮上忙"
ASKED = "帮上您了吗？"  # the last words of an answer's rest
_HELPED = {HELPED, "帮上忙了", "帮到了", "有用", "管用", "好用"}
_NOT_HELPED = {
    NOT_HELPED, "没帮上", "没帮到", "没帮到我", "没帮我", "帮不上", "没用", "没有用", "不管用", "不好使", "答非所问", "没答到点上",
    "答的不对", "答得不对", "没答上", "不是我问的", "不是我要问的", "不是我想问的", "说了等于没说", "看不懂", "没看懂", "听不懂", "没听懂",
    "不对", "不是", "不是这个", "不是这意思", "错了", "答错了", "说的不对", "说得不对", "不是这个意思",
}  # fmt: skip


def offered(rest: str) -> tuple[str, ...]:
    """The two words to tap, where a rest ends with the question for them."""
    return (HELPED, NOT_HELPED) if rest.endswith(ASKED) else ()


def takes(turn: Turn) -> bool:
    """One of the words, by itself."""
    return turn.word in _HELPED or turn.word in _NOT_HELPED


def feedback(turn: Turn) -> Reply:
    """Thanks; or the answer is noted as one that did not help, and a person is offered instead. Either is counted once."""
    topic = turn.topic
    if turn.word in _HELPED:
        return _thanks(turn)
    if topic is None or topic.item is None:
        return Reply("您想问啥？直接发来就行，比如“低保怎么申请”。要找人说，点“热线电话”。", ("问政策", "热线电话"))
    owner = ItemOwner.changed(turn.session).get(topic.item) or (ITEMS.get(topic.item) or TOPICS[topic.item]).department
    if topic.words:  # said again of the same answer, it is not counted again
        aspect = topic.aspect or "概览"
        turn.note_gap(
            Asked(topic.words, UNHELPFUL, topic.item, aspect, turn.answerer.mark(topic.item, aspect), turn.follower_id)
        )
        turn.later.story = topic.words  # so that 我要咨询 need not ask for it
    said = (
        f"对不住，没帮上您。您问的我记下了，转给{office(owner)}看怎么改。\n"
        f"要部门给您回话，点“我要咨询”。急的话打{turn.values.hotline}或12345，有人听您说。"
    )
    return Reply(said, ("我要咨询", "热线电话"), topic=replace(topic, words="", choices=()))


def _thanks(turn: Turn) -> Reply:
    topic, said = turn.topic, "那就好。还有想问的，随时说。"
    if topic is None or topic.item is None or not topic.words:
        return Reply(said)
    turn.note_gap(Asked("", HELPFUL, topic.item, topic.aspect or "概览", asker=turn.follower_id))
    return Reply(said, topic=replace(topic, words=""))
