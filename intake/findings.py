"""Every code that a check may give: how it is handled and what it means to a clerk."""

from __future__ import annotations

from typing import Literal, NamedTuple

Handling = Literal["skip", "fix", "warn", "error"]

# skip: no data row; fix: put right by itself; warn: stored, to be looked at; error: not stored, goes back.
CODES: dict[str, tuple[Handling, str]] = {
    # lines that hold no payment
    "TITLE_LINE": ("skip", "标题行"),
    "GROUP_HEADER": ("skip", "分组标题行"),
    "HEADER_REPEATED": ("skip", "又出现一次表头"),
    "COLUMN_NUMBERS": ("skip", "列号行、单位行"),
    "EMPTY_LINE": ("skip", "空行"),
    "BLANK_ROW": ("skip", "没有填人的行"),
    "SUBTOTAL_LINE": ("skip", "小计行"),
    "TOTAL_LINE": ("skip", "合计行"),
    "FOOTER_LINE": ("skip", "制表人、审核人、说明等落款行"),
    # the table as a whole, said of its total line or title line
    "TOTAL_MISMATCH": ("warn", "合计或小计的金额，与各行加起来的不一样。请核对有没有漏行或改错"),
    "COUNT_MISMATCH": ("warn", "写明的人数、户数，与表里的行数不一样。请核对有没有漏人"),
    # the row as a whole
    "COLUMN_SHIFT": ("error", "单元格里多了逗号，后面的列整体错位。请对齐后重填"),
    "ROW_SHORT": ("error", "这一行缺了后面的格。请看看是不是断成了两行"),
    "FORMULA_TEXT": ("error", "单元格是公式，不是数据。请改成具体内容"),
    "CELL_TOO_LONG": ("error", "有一格内容过长。请核对"),
    "CELL_ERROR": ("error", "单元格是表格软件的错误值（如#N/A）。请改成具体内容"),
    "ROW_HIDDEN": ("warn", "这一行在表里是隐藏的，已收下。请核对该不该有"),
    "FILLED_IN": ("fix", "格是空的，已填上统一指定的值"),
    "SECTION_DIFFERS": ("error", "这一段的小标题写的项目、时间或状态，与统一指定的不一样。请分成几个文件，或在表里补上这一列"),
    "CELL_NEWLINE": ("fix", "单元格里有换行，已去掉"),
    "WHITESPACE": ("fix", "有多余空格，已去掉"),
    "FULLWIDTH": ("fix", "全角数字，已改为半角"),
    "LEADING_APOSTROPHE": ("fix", "号码前有撇号，已去掉"),
    "TEXT_FORMULA": ("fix", "号码写成了带等号的文本，已还原"),
    "SEPARATORS": ("fix", "号码里有横线、银行名等，已去掉"),
    # who
    "ID_MISSING": ("error", "没有身份证号。请补上"),
    "ID_SCIENTIFIC": ("error", "身份证号成了科学计数法，后几位已丢失。请把列改成文本格式重填"),
    "ID_MASKED": ("error", "身份证号打了星号，认不出是谁。请用没有打星号的表"),
    "ID_CHARACTERS": ("error", "身份证号里有不该有的字。请核对"),
    "ID_LENGTH": ("error", "身份证号位数不对，应为18位。请核对"),
    "ID_CHECK_DIGIT": ("error", "身份证号有误（校验位不对）。请照身份证核对"),
    "ID_BIRTHDATE_INVALID": ("error", "身份证号里的出生日期不存在。请照身份证核对"),
    "ID_15_DIGIT": ("fix", "15位老身份证号，已换成18位"),
    "ID_LOWER_X": ("fix", "身份证号末位小写x，已改为大写"),
    "AGE_UNFIT": ("warn", "年龄不符合这项补贴的条件。请核对身份证号和项目"),
    "AGE_UNLIKELY": ("warn", "按身份证号已超过110岁。请核对是否健在、号码对不对"),
    "NAME_MISSING": ("error", "没有姓名。请补上"),
    "NAME_GARBLED": ("warn", "姓名里有字变成了问号或方框。请核对生僻字"),
    "NAME_ODD": ("warn", "姓名里有数字或符号。请核对"),
    "NAME_IS_NUMBER": ("error", "姓名格里是数字，不是姓名。请核对是不是错位了"),
    "NAME_LENGTH": ("warn", "姓名只有一个字或者太长。请核对"),
    "NAME_REMARK": ("warn", "姓名后面括号里的字没有记入。请核对是不是本人"),
    "NAME_DOT": ("fix", "姓名里的间隔点，已统一"),
    "NAME_CONFLICT": ("warn", "同一身份证号写了不同姓名。请核对"),
    "PHONE_INVALID": ("warn", "电话号码不对，没有记入。请核对"),
    # where
    "TOWN_MISSING": ("warn", "没有乡镇。请补上"),
    "TOWN_UNKNOWN": ("error", "不认识的乡镇。请核对"),
    "TOWN_ALIAS": ("fix", "乡镇写的是别名，已改为正式名称"),
    "TOWN_ELSEWHERE": ("warn", "这个乡镇现在归中新食品区管。请核对该不该在这张表里"),
    "VILLAGE_MISSING": ("warn", "没有村。请补上"),
    "VILLAGE_OF_SECTION": ("fix", "没有村列，已按小标题填上村"),
    "VILLAGE_TOWN_MISMATCH": ("warn", "村不属于所写的乡镇。请核对"),
    # what for
    "ITEM_MISSING": ("error", "没有补贴项目。请补上"),
    "ITEM_UNKNOWN": ("error", "不在清单里的补贴项目。请核对"),
    "ITEM_ALIAS": ("fix", "补贴项目写的是别名，已改为正式名称"),
    "ITEM_EXCLUSIVE": ("warn", "同一人同一时期领了不能同时享受的两项。请核对"),
    "YEAR_MISSING": ("error", "没有年度。请补上"),
    "YEAR_INVALID": ("error", "年度不对。请写四位年份"),
    "YEAR_FORMAT": ("fix", "年度带了字，已改为四位年份"),
    "YEAR_CONFLICT": ("warn", "年度与批次或发放日期对不上。请核对"),
    "DATE_FAR": ("warn", "日期比所写年度早，或晚了两年以上。请核对年度和日期"),
    "BATCH_MISSING": ("error", "没有批次。请补上"),
    "BATCH_INVALID": ("error", "批次看不懂。请写成“2025年第1批”“2025年03月”这样"),
    "BATCH_FORMAT": ("fix", "批次写法不同，已统一"),
    "DUPLICATE_ROW": ("error", "与前面某行完全相同"),
    "DUPLICATE_PAYMENT": ("error", "同一人同一项目同一年度同一批次出现两次，内容不同。请核对"),
    # how much
    "AMOUNT_MISSING": ("error", "没有金额。请补上"),
    "AMOUNT_INVALID": ("error", "金额看不懂。请写成数字，最多两位小数"),
    "AMOUNT_NEGATIVE": ("error", "金额是负数。请核对"),
    "AMOUNT_ZERO": ("warn", "金额是0。请核对"),
    "AMOUNT_LARGE": ("warn", "金额特别大。请核对"),
    "AMOUNT_MISMATCH": ("error", "金额不等于数量×标准。请核对"),
    "ROW_SUM_MISMATCH": ("warn", "这一行各项加起来，与本行的合计不一样。请核对"),
    "AMOUNT_ROUNDING": ("warn", "金额与数量×标准差1分。请核对"),
    "AMOUNT_DECIMALS": ("warn", "金额是算式得来的，小数过长，已四舍五入到分。请核对"),
    "AMOUNT_THOUSANDS": ("fix", "金额带逗号，已去掉"),
    "AMOUNT_CAPITALS": ("fix", "金额是大写，已换成数字"),
    "QUANTITY_INVALID": ("error", "数量看不懂。请写成数字"),
    "STANDARD_INVALID": ("error", "补贴标准看不懂。请写成数字"),
    "QUANTITY_DECIMALS": ("fix", "数量的小数超过两位，金额已照原数核对，原数记入备注"),
    "STANDARD_DECIMALS": ("fix", "补贴标准的小数超过两位，金额已照原数核对，原数记入备注"),
    "UNIT_IN_NUMBER": ("fix", "数字里带了单位，已去掉"),
    # how far it has come
    "STATUS_MISSING": ("error", "没有状态。请补上，不会当作已发放"),
    "STATUS_UNKNOWN": ("error", "不认识的状态。请写申报、审核、公示、待发放、已发放、发放失败、已补发之一"),
    "STATUS_ALIAS": ("fix", "状态写法不同，已统一"),
    "STATUS_DATE_CONFLICT": ("error", "状态与日期互相矛盾。请核对"),
    "PAID_IN_FUTURE": ("error", "发放日期在将来。请核对"),
    "DATE_MISSING": ("error", "没有状态日期。请补上"),
    "DATE_INVALID": ("error", "日期不存在或看不懂。请写成2025-03-05这样"),
    "DATE_SLASH": ("fix", "日期写成斜杠，已统一"),
    "DATE_CN": ("fix", "日期写成年月日，已统一"),
    "DATE_SERIAL": ("fix", "日期成了表格序列数，已换回日期"),
    "DATE_OTHER": ("fix", "日期写法不同，已统一"),
    "REMARK_UNPAID": ("error", "备注或原因说没有发放、退回或暂缓，状态却是已发放。请核对状态"),
    "REMARK_DEATH": ("warn", "备注说人已去世。请核对该不该发、发给谁"),
    "FAIL_REASON_MISSING": ("warn", "发放失败但没写原因。请补上"),
    # where to
    "ACCOUNT_MISSING": ("warn", "没有社保卡账号。请补上"),
    "ACCOUNT_SCIENTIFIC": ("error", "账号成了科学计数法，后几位已丢失。请把列改成文本格式重填"),
    "ACCOUNT_IS_ID": ("warn", "账号格里是身份证号，没有记入。请填社保卡的银行账号"),
    "ACCOUNT_IS_PHONE": ("warn", "账号格里是手机号，没有记入。请填社保卡的银行账号"),
    "ACCOUNT_INVALID": ("warn", "账号不像银行账号，没有记入。请核对"),
    "ACCOUNT_LUHN": ("warn", "账号校验位不对。请核对"),
    "ACCOUNT_SHARED": ("warn", "两个人用同一个账号。请核对"),
}


# Found on a line that states something of the whole table.
OF_TABLES = frozenset({"TOTAL_MISMATCH", "COUNT_MISMATCH"})


class Finding(NamedTuple):
    """What a check found on one row. `column` is the canonical name of the column; no cell's content is kept."""

    code: str
    column: str | None = None
    related_rows: tuple[int, ...] = ()
    related_sheets: tuple[int, ...] = ()  # one for each related row, from 0; empty if all are on the row's own sheet

    @property
    def handling(self) -> Handling:
        return CODES[self.code][0]

    @property
    def meaning(self) -> str:
        return CODES[self.code][1]


def refuses(findings: tuple[Finding, ...]) -> bool:
    """Whether a row with these findings is not stored."""
    return any(CODES[finding.code][0] == "error" for finding in findings)
