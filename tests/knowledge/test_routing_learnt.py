"""What was learnt, as it is kept: rows of weights packed into numbers, and models written to files and read again."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import routing_learnt
from knowledge.routing_learnt import LEARNT, SCALE, Leaning, packed, unpacked

ROWS = st.integers(1, 40).flatmap(
    lambda size: st.lists(st.lists(st.integers(-400, 400), min_size=size, max_size=size), min_size=1, max_size=60)
)


@given(ROWS)
def test_packed_rows_add_up_like_their_weights(rows: list[list[int]]) -> None:
    together = sum(packed(row) for row in rows)
    assert unpacked(together, len(rows[0])) == tuple(map(sum, zip(*rows, strict=True)))


def test_a_model_tells_the_sum_of_the_clues_it_knows() -> None:
    model = Leaning(("near", "far"), packed((10, -10)), {"水": packed((150, 0)), "火": packed((-50, 300))})
    assert model.of(["水", "火", "风"]) == {"near": 110 / SCALE, "far": 290 / SCALE}


def test_two_models_joined_tell_what_each_told() -> None:
    one = Leaning(("near",), packed((-7,)), {"水": packed((150,)), "火": packed((-50,))})
    other = Leaning(("far", "kind of"), packed((3, 4)), {"火": packed((-9, 12)), "风": packed((1, -2))})
    clues = ["水", "火", "风"]
    assert Leaning.joined(one, other).of(clues) == {**one.of(clues), **other.of(clues)}


def test_a_model_written_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Leaning(
        ("near", "kind of"), packed((1, -2)), {'水"': packed((150, -150)), "=": packed((0, 5)), "^#": packed((-1, 1))}
    )
    file = tmp_path / "texts.tsv"
    file.write_text("\n".join((*model.written(), "")), "utf-8")
    monkeypatch.setattr(routing_learnt, "LEARNT", {"texts": file})
    assert Leaning.load("texts") == model


@pytest.mark.parametrize("name", LEARNT)
def test_what_is_delivered_tells_something_of_each_output(name: str) -> None:
    model = Leaning.load(name)
    told = [
        set(weights) - {0}
        for weights in zip(*(unpacked(row, len(model.outputs)) for row in model.rows.values()), strict=True)
    ]
    assert len(told) == len(model.outputs)
    assert all(told)
