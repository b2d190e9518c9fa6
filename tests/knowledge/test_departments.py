"""The departments as data."""

from knowledge.catalogue.departments import DEPARTMENTS, DESKS, TOWNSHIP, TOWNSHIPS, desk_for
from knowledge.catalogue.items import ITEMS, TOPICS

LABELS = [
    "财政局",
    "人力资源和社会保障局",
    "农业农村局",
    "民政局",
    "林业局",
    "水利局",
    "退役军人事务局",
    "残疾人联合会",
    "卫生健康局",
    "教育局",
    "住房和城乡建设局",
    "县委组织部",
    "医疗保障局",
    "信息公开主管部门",
    "政务服务和数字化建设管理局",
    "金融监管部门",
    "代发金融机构",
    "纪委监委",
    "乡镇人民政府",
]


def test_every_label_is_a_department() -> None:
    assert set(DEPARTMENTS) == set(LABELS)


def test_every_item_has_its_department_here() -> None:
    for item in (*ITEMS.values(), *TOPICS.values()):
        assert item.department in DEPARTMENTS, item.name


def test_each_of_the_nine_townships_has_a_desk_and_chaluhe_none() -> None:
    assert len(TOWNSHIPS) == 9
    assert "岔路河镇" not in TOWNSHIPS
    assert TOWNSHIPS["口前镇"].full_name == "永吉县口前镇人民政府"
    assert TOWNSHIPS["永吉经济开发区"].full_name == "永吉经济开发区管理委员会"
    assert len({desk.name for desk in DESKS}) == len(DESKS) == len(LABELS) - 1 + 9


def test_the_township_label_becomes_the_township_of_the_case() -> None:
    assert desk_for(TOWNSHIP, "黄榆乡") is TOWNSHIPS["黄榆乡"]
    assert desk_for(TOWNSHIP, None) is None
    assert desk_for(TOWNSHIP, "岔路河镇") is None
    assert desk_for("民政局", "黄榆乡") is DEPARTMENTS["民政局"]
    assert desk_for("没有的局", None) is None


def test_no_department_receives_complaints_about_its_own_people() -> None:
    for department in DEPARTMENTS.values():
        assert department.conduct_to, department.name
        assert department.name not in department.conduct_to
        assert set(department.conduct_to) | set(department.beside) <= set(DEPARTMENTS)


def test_an_inferred_name_says_so_to_staff() -> None:
    assert not any(department.name_confirmed for department in DEPARTMENTS.values())
    assert DEPARTMENTS["民政局"].full_name_for_staff == "永吉县民政局（名称待县确认）"
