"""回避: whoever is complained about for conduct, in a word or only in a story, never receives the case; others keep theirs."""

from collections.abc import Iterator

import pytest

from knowledge import routing
from knowledge.catalogue.departments import DEPARTMENTS
from knowledge.routing import route


@pytest.fixture(autouse=True)
def _fresh_routes() -> Iterator[None]:
    """What one test makes of the judge is not remembered for another."""
    routing.route.cache_clear()
    yield
    routing.route.cache_clear()


def test_a_decision_goes_to_the_department_that_took_it() -> None:
    found = route("民政局说我儿子有车，低保没批，要求重新核实")
    assert found.departments[0] == "民政局"
    assert found.accused == ()


@pytest.mark.parametrize(
    "conduct",
    [
        "骂我",
        "跟我要两条烟才给办",
        "把我材料弄丢了",
        "收了人家红包",
        "让我请他吃饭",
        "推三阻四踢皮球",
        "把申请表扔到地上",
    ],
)
@pytest.mark.parametrize(
    "office", [name for name, one in DEPARTMENTS.items() if one.sort == "bureau" and name[-1] == "局"]
)
def test_conduct_never_goes_to_the_office_itself(office: str, conduct: str) -> None:
    found = route(f"{office}办事的人{conduct}")
    assert office in found.accused
    assert office not in found.departments
    assert found.departments[0] in ("财政局", "纪委监委", "政务服务和数字化建设管理局", "民政局")


def test_the_coordinator_itself_goes_to_discipline() -> None:
    found = route("财政局管一卡通的人把补贴挪用了")
    assert found.departments[0] == "纪委监委"
    assert "财政局" not in found.departments


def test_someone_of_a_bank_goes_to_the_regulator() -> None:
    found = route("信用社的柜员骂老人，低保取不出来")
    assert found.departments[0] == "金融监管部门"
    assert "代发金融机构" not in found.departments


def test_an_account_goes_to_the_bank() -> None:
    assert route("银行说我账户异常给冻结了，补贴进不来").departments[0] == "代发金融机构"


def test_a_village_official_is_not_the_township() -> None:
    found = route("村会计把我的低保折子收走，取了不给我，万昌镇")
    assert found.departments[0] == "纪委监委"
    assert found.accused == ()
    assert found.village_accused
    assert found.town == "万昌镇"


def test_a_township_accused_is_left_out_and_the_department_in_charge_takes_it() -> None:
    found = route("镇里民政办的人把我低保材料弄丢了还骂我，口前镇")
    assert found.departments[0] == "民政局"
    assert found.accused == ("乡镇人民政府",)


def test_whoever_is_asked_for_help_is_not_accused() -> None:
    found = route("请民政局查查，村主任把低保给了他丈母娘")
    assert found.accused == ()
    assert "民政局" in found.departments


def test_someone_who_pretends_to_be_of_an_office_does_not_accuse_it() -> None:
    assert route("有人自称民政局的，跟我要三百块好处费").accused == ()


def test_a_polite_clerk_is_no_conduct() -> None:
    assert route("民政局的人态度很好，可低保还是没批").accused == ()


def test_a_person_who_tells_a_decision_accuses_nobody() -> None:
    found = route("水利局的人说移民名单上没有我")
    assert found.departments[0] in ("水利局", "财政局")
    assert "水利局" in found.departments
    assert found.accused == ()


def test_an_office_that_may_be_complained_about_waits_for_the_coordinator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing, "heard_of", lambda *_found: {"卫生健康局": 0.0})
    found = route("去卫健局问奖扶,正赶上他们搬办公室")
    assert found.departments[0] == "财政局"
    assert found.accused == ()
    assert "作风" in found.why


def test_a_discipline_office_whose_letter_reached_the_accused_is_not_first() -> None:
    assert route("信是写给纪委的，怎么转到村书记手里了，他拿着我的检举信来问是不是我写的").departments[0] == "财政局"


@pytest.mark.parametrize("said", ["去水利局问移民款,屋里几个人围着火盆吃烤地瓜", "水利局让我把烟放桌子底下"])
def test_an_office_that_does_nothing_of_its_ordinary_work_never_comes_first(said: str) -> None:
    assert route(said).departments[0] != "水利局"


@pytest.mark.parametrize(
    ("said", "office"),
    [
        ("他让我回去取户口本，取来了他又说照片不行，最后说下班了，农机科的", "农业农村局"),
        ("教育局的名单里有科长司机家的孩子，人家两口子都开店", "教育局"),
        ("乡里下来核低保的那位，进门先看我家酒柜", "乡镇人民政府"),
        ("信用社的人让我妈按了一摞手印，回家一看里头夹着张保单", "代发金融机构"),
        ("林业局验收的中午在大户家吃的羊，下午大户的地全合格了", "林业局"),
        ("镇里民政办那个抽屉一拉，全是没拆的申请", "乡镇人民政府"),
    ],
)
def test_an_office_whose_people_are_told_of_without_a_word_for_it_is_kept_out(said: str, office: str) -> None:
    assert route(said).departments[0] != office


@pytest.mark.parametrize(
    ("said", "office"),
    [
        ("医保局的姑娘教会我在手机上备案，就是报销的钱还没到", "医疗保障局"),
        ("卫健局的同志说独生子女证丢了也能补，我想问去哪补", "卫生健康局"),
        ("住建局的师傅把墙缝量完了，结果要等多少天", "住房和城乡建设局"),
        ("材料报到水利局两个月没信儿，审到哪一步了", "水利局"),
    ],
)
def test_an_office_that_is_only_spoken_of_keeps_its_case(said: str, office: str) -> None:
    found = route(said)
    assert office in found.departments
    assert found.accused == ()


def test_a_station_may_be_the_bureau_or_the_township_and_both_are_kept_out() -> None:
    assert set(route("林业站的人骂我").accused) == {"林业局", "乡镇人民政府"}


def test_whoever_threatens_after_a_report_takes_the_case_from_every_office_spoken_of() -> None:
    found = route("我向上面举报之后，镇政府的人天天来我家堵门，退耕款也停了")
    assert found.departments[0] == "纪委监委"
    assert "乡镇人民政府" not in found.departments
    assert found.confidential
    assert found.urgent


def test_a_secret_about_the_village_goes_past_the_township() -> None:
    assert route("村书记的事我本来不想提，名字给我瞒住").departments[0] == "纪委监委"
