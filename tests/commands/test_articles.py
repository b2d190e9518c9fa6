"""The articles as files: out without a byte changed, in as drafts, and nothing that does not belong there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from commands.articles import articles_command
from knowledge.article import __file__ as here
from models.article import DRAFT, ArticleEvent, ArticleVersion
from models.audit import AuditEntry
from models.db import Database
from tests.models.editors import DIBAO, in_use, open_house, published, with_ask

FILES = Path(here).with_name("articles")
Run = Callable[..., Result]


@pytest.fixture
def house(database: Database) -> Database:
    """The articles, and those who keep them."""
    open_house(database)
    return database


@pytest.fixture
def run(house: Database) -> Run:
    """Runs the command."""
    family = articles_command(lambda: house)
    return lambda *words: CliRunner().invoke(family, [str(word) for word in words])


def drafts(house: Database) -> list[str]:
    with house.read() as session:
        return list(session.scalars(select(ArticleVersion.item).where(ArticleVersion.status == DRAFT)))


def dibao_file(folder: Path) -> Path:
    return folder / "zuidi-shenghuo-baozhang.md"


def test_what_nobody_changed_comes_out_byte_for_byte(run: Run, tmp_path: Path) -> None:
    told = run("export", tmp_path / "out")
    assert told.exit_code == 0
    assert "写了48篇" in told.output
    found = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert found == {path.name: path.read_bytes() for path in FILES.glob("*.md")}
    assert "写了0篇，48篇和文件夹里的一样" in run("export", tmp_path / "out").output


def test_a_published_change_is_the_only_file_that_differs(house: Database, run: Run, tmp_path: Path) -> None:
    published(house, with_ask("先问村里，再问乡镇。"))
    run("export", tmp_path)
    changed = [path.name for path in FILES.glob("*.md") if (tmp_path / path.name).read_bytes() != path.read_bytes()]
    assert changed == [dibao_file(tmp_path).name]
    before = dibao_file(FILES).read_text(encoding="utf-8").split("\n")
    after = dibao_file(tmp_path).read_text(encoding="utf-8").split("\n")
    assert [line for line in after if line not in before] == ["ask: 先问村里，再问乡镇。"]


def test_a_file_that_says_something_else_becomes_a_draft_with_a_report(house: Database, run: Run, tmp_path: Path) -> None:
    run("export", tmp_path)
    path = dibao_file(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace("差多少补多少", "差多少就补多少"), encoding="utf-8")
    assert "会收进1份草稿，47篇没有变化" in run("import", tmp_path, "--dry-run").output
    assert drafts(house) == []
    told = run("import", tmp_path)
    assert told.exit_code == 0
    assert f"{path.name}：收进来了，是第2版草稿。" in told.output
    assert "收进1份草稿，47篇没有变化，0篇不能收。" in told.output
    assert drafts(house) == [DIBAO]
    assert "差多少就补多少" not in in_use(house).sections["概览"].lead
    with house.read() as session:
        assert session.scalars(select(ArticleEvent.what)).all() == ["arrived"]
        assert session.scalars(select(AuditEntry.actor).where(AuditEntry.action == "article.import")).one().startswith("命令行：")
    again = run("import", tmp_path)
    assert "第2版草稿就是这样写的，没有再收" in again.output
    assert drafts(house) == [DIBAO]


def test_the_first_article_of_an_item_arrives_as_a_draft_too(house: Database, run: Run, tmp_path: Path) -> None:
    def forget(session) -> None:
        session.delete(session.scalars(select(ArticleVersion).where(ArticleVersion.item == DIBAO)).one())

    house.write(forget)
    dibao_file(tmp_path).write_bytes(dibao_file(FILES).read_bytes())
    assert "是第1版草稿，这一项以前没有文章" in run("import", tmp_path).output
    assert drafts(house) == [DIBAO]


def refused(run: Run, folder: Path) -> str:
    told = run("import", folder)
    assert told.exit_code == 1
    assert "1篇不能收" in told.output
    return told.output + told.stderr


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace(f"item: {DIBAO}", "item: 没有这项补贴"), "“没有这项补贴”项目目录里没有这一项"),
        (lambda text: text.replace("checked: 2026", "checked: 去年"), "checked"),
        (lambda text: text.replace("slug: zuidi-shenghuo-baozhang", "slug: ../../etc/passwd"), "slug"),
        (lambda text: text.replace("slug: zuidi-shenghuo-baozhang", "slug: another"), "slug 要和文件名一样"),
        (lambda text: text + "\n22022119340412936X\n", "身份证号"),
        (lambda text: "", "第一行要写 ---"),
        (lambda text: text + "x" * 300_000, "文件太大"),
    ],
)
def test_what_cannot_be_taken_is_refused_in_words_and_the_rest_goes_on(
    house: Database, run: Run, tmp_path: Path, change: Callable[[str], str], said: str
) -> None:
    run("export", tmp_path)
    path = dibao_file(tmp_path)
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    other = tmp_path / "gaoling-jintie.md"
    other.write_text(other.read_text(encoding="utf-8").replace("ask: ", "ask: 请"), encoding="utf-8")
    assert said in refused(run, tmp_path)
    assert drafts(house) == ["高龄津贴"]


def test_an_item_that_left_the_catalogue_is_refused_as_such(house: Database, run: Run, tmp_path: Path) -> None:
    gone = "取消了的补贴"
    house.write(lambda s: s.execute(update(ArticleVersion).where(ArticleVersion.item == DIBAO).values(item=gone)))
    text = dibao_file(FILES).read_text(encoding="utf-8").replace(f"item: {DIBAO}", f"item: {gone}")
    dibao_file(tmp_path).write_text(text, encoding="utf-8")
    assert f"“{gone}”已经不在项目目录里了，不收" in refused(run, tmp_path)


def test_one_name_in_the_address_belongs_to_one_article(house: Database, run: Run, tmp_path: Path) -> None:
    text = dibao_file(FILES).read_text(encoding="utf-8").replace("zuidi-shenghuo-baozhang", "gaoling-jintie")
    (tmp_path / "gaoling-jintie.md").write_text(text, encoding="utf-8")
    assert "已经有别的文章用着" in refused(run, tmp_path)


def test_two_files_for_one_item_are_not_both_taken(house: Database, run: Run, tmp_path: Path) -> None:
    text = dibao_file(FILES).read_text(encoding="utf-8").replace("差多少补多少", "差多少就补多少")
    dibao_file(tmp_path).write_text(text, encoding="utf-8")
    (tmp_path / "zz.md").write_text(text.replace("zuidi-shenghuo-baozhang", "zz"), encoding="utf-8")
    assert "一个项目只收一篇" in refused(run, tmp_path)


def test_links_are_neither_followed_in_nor_out(house: Database, run: Run, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_bytes(dibao_file(FILES).read_bytes())
    folder = tmp_path / "folder"
    folder.mkdir()
    dibao_file(folder).symlink_to(secret)
    assert "不是普通文件" in refused(run, folder)
    told = run("export", folder)
    assert told.exit_code == 1
    assert "是个链接，不往里写" in told.output
    assert secret.read_bytes() == dibao_file(FILES).read_bytes()


def test_a_text_without_a_fit_name_is_not_written_anywhere(house: Database, run: Run, tmp_path: Path) -> None:
    def rename(session) -> None:
        row = session.scalars(select(ArticleVersion).where(ArticleVersion.item == DIBAO)).one()
        row.content = row.content.replace("slug: zuidi-shenghuo-baozhang\n", "")

    house.write(rename)
    told = run("export", tmp_path / "out")
    assert told.exit_code == 1
    assert "没有网址里的名字" in told.output
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_not_there_or_not_to_be_written_is_told(run: Run, tmp_path: Path) -> None:
    assert run("import", tmp_path / "nothing").exit_code == 2
    (tmp_path / "file").write_text("x")
    assert run("export", tmp_path / "file" / "inside").exit_code == 1
