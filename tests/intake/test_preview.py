"""What is shown of a file, and asked about it, before anything is stored."""

from __future__ import annotations

from pathlib import Path

from intake.preview import Preview, preview
from tests.intake.tables import COLUMNS, GUAN, SUN, TODAY, csv_bytes, csv_file, row, table, written, xlsx_file

HEAD = ["姓名", "身份证号", "补贴金额", "银行卡账号", "家庭住址", "领款人签字"]
ROWS = [[one["姓名"], one["身份证号"], "100", one["社保卡账号"], "三组", ""] for one in (GUAN, SUN)]
ANSWERS = {"补贴项目": "高龄津贴", "年度": "2026", "批次": "2026年第1季度", "状态": "待发放", "状态日期": "2026-03-05"}


def seen(file: Path, name: str = "", **given: str) -> Preview:
    return preview(file, given, today=TODAY, name=name)


def test_a_complete_file_is_ready_with_its_totals(tmp_path: Path) -> None:
    found = seen(csv_file(tmp_path, row(), row(SUN, 年度="2026年"), row(SUN, 批次="2026年第2批", 金额="")))
    assert found.ready
    assert (found.rows, found.accepted, found.refused) == (3, 2, 1)
    assert found.totals == {"耕地地力保护补贴": 216236}
    assert found.by_handling == {"fix": 1, "error": 1}
    assert found.by_code == {"YEAR_FORMAT": 1, "AMOUNT_MISSING": 1}
    assert [column.field for column in found.sheets[0].columns] == COLUMNS
    assert all(column.certain for column in found.sheets[0].columns)


def test_what_is_missing_is_asked_with_choices_and_guesses_and_nothing_is_counted(tmp_path: Path) -> None:
    file = written(tmp_path, csv_bytes([["永吉县2026年第一季度高龄津贴发放名册"], HEAD, *ROWS]))
    found = seen(file)
    assert not found.ready
    assert (found.accepted, found.totals) == (0, {})
    asked = {question.key: question for question in found.questions}
    assert list(asked) == ["补贴项目", "年度", "批次", "状态", "状态日期"]
    assert (asked["补贴项目"].guess, asked["年度"].guess, asked["批次"].guess) == ("高龄津贴", "2026", "2026年第1季度")
    assert "已发放" in asked["状态"].choices
    assert asked["状态"].guess == ""
    assert seen(file, **ANSWERS).ready
    assert seen(file, **ANSWERS).totals == {"高龄津贴": 20000}


def test_every_question_can_be_answered_under_its_key(tmp_path: Path) -> None:
    lines = [["单位：万元"], ["姓名", "身份证号", "中央补贴资金", "省级补贴资金"], *([*one[:2], "0.01", "0.02"] for one in ROWS)]
    file = written(tmp_path, csv_bytes(lines))
    given: dict[str, str] = {}
    for _ in range(10):
        found = seen(file, **given)
        if found.ready:
            break
        question = next(one for one in found.questions if one.needed)
        assert question.key not in given
        given[question.key] = question.guess or ANSWERS.get(question.key) or question.choices[-1]
    assert found.ready
    assert found.accepted == 2
    assert found.totals == {"高龄津贴": 40000}


def test_the_name_under_which_a_file_was_handed_over_may_suggest_its_item(tmp_path: Path) -> None:
    file = written(tmp_path, csv_bytes([HEAD, *ROWS]), "upload-7.tmp")
    guesses = {question.key: question.guess for question in seen(file, name="2026年3月低保金.xls").questions}
    assert (guesses["补贴项目"], guesses["年度"], guesses["批次"]) == ("最低生活保障", "2026", "2026年03月")


def test_columns_say_what_they_were_taken_for_and_how_sure_that_is(tmp_path: Path) -> None:
    lines = [["名儿", *HEAD[1:]], *ROWS]
    columns = seen(written(tmp_path, csv_bytes(lines)), **ANSWERS).sheets[0].columns
    assert [(one.field, one.certain) for one in columns] == [
        ("姓名", False), ("身份证号", True), ("金额", True), ("社保卡账号", True), ("备注", True), ("不要", True),
    ]  # fmt: skip
    said = seen(written(tmp_path, csv_bytes(lines)), **ANSWERS, **{columns[0].key: "姓名", columns[4].key: "不要"}).sheets[0].columns
    assert [(one.field, one.certain) for one in said][::4] == [("姓名", True), ("不要", True)]


def test_the_sample_shows_persons_and_nobody(tmp_path: Path) -> None:
    lines = [["名单"], ["户主", *HEAD[1:]], ["一、西将军村"], *ROWS]
    found = seen(written(tmp_path, csv_bytes(lines)), **ANSWERS)
    assert found.sheets[0].sample[0] == ("关*梅", "220***********936X", "100", "****9086", "三组", "")
    shown = repr(found)
    assert not any(person[key] in shown for person in (GUAN, SUN) for key in ("姓名", "身份证号", "社保卡账号"))


def test_no_whole_number_is_shown_from_columns_that_nobody_knows(tmp_path: Path) -> None:
    columns = [*COLUMNS, "配偶姓名", "配偶身份证号", "另一个号"]
    lines = [columns, *([*line, GUAN["姓名"], GUAN["身份证号"], GUAN["社保卡账号"]] for line in table(row(SUN))[1:])]
    shown = repr(seen(written(tmp_path, csv_bytes(lines))))
    assert not any(GUAN[key] in shown for key in ("姓名", "身份证号", "社保卡账号"))


def test_sheets_that_are_left_out_say_why(tmp_path: Path) -> None:
    found = seen(xlsx_file(tmp_path, table(row()), [["说明"], ["本表仅供内部使用"]]))
    assert [(sheet.name, bool(sheet.left_out)) for sheet in found.sheets] == [("表1", False), ("表2", True)]
    assert found.ready


def test_what_cannot_be_read_is_refused_and_not_raised(tmp_path: Path) -> None:
    assert "空的" in seen(written(tmp_path, b"")).refusal
    assert "没有找到表头" in seen(written(tmp_path, "今年的补贴什么时候发？".encode())).refusal
    assert "打不开" in seen(tmp_path / "nowhere.csv").refusal
    assert "不能统一指定" in seen(csv_file(tmp_path, row()), 金额="5").refusal


def test_words_that_nobody_knows_are_asked_about(tmp_path: Path) -> None:
    file = csv_file(tmp_path, row(状态="发放成功"), row(SUN, 补贴项目="地里的钱"))
    asked = {question.key: question for question in seen(file).questions}
    assert {"状态:发放成功", "补贴项目:地里的钱"} == asked.keys()
    assert not any(question.needed for question in asked.values())
    assert seen(file, **{"状态:发放成功": "已发放", "补贴项目:地里的钱": "地补"}).accepted == 2


def test_progress_is_told(tmp_path: Path) -> None:
    heard: list[int] = []
    lines = table(*([row()] * 3_000))
    preview(written(tmp_path, csv_bytes(lines)), {}, today=TODAY, progress=heard.append)
    assert heard == [1000, 2000, 3000]
