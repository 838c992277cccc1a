"""A tiny county's files, for running what the documentation tells people to type."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import xlsxwriter

from ckbx.domain.shared.identifiers import check_character

SCHOOL = "2152269901"
HEADINGS = ["学校标识码", "学校名称", "年级", "班级", "姓名", "性别", "出生日期"]
HEADINGS += ["身份证件类型", "身份证件号", "学籍号", "户籍地区划", "监护人", "联系电话"]


def numbers(n: int) -> tuple[str, str, str]:
    """Birth date, 身份证号 and 学籍号 of the n-th child."""
    born = date(2019, 9, 2) + timedelta(days=n)
    head = f"522601{born:%Y%m%d}{n:03d}"
    number = head + check_character(head)
    return f"{born:%Y%m%d}", number, "G" + number


def write_files(folder: Path) -> None:
    """校历.csv, 花名册.xlsx, 责任链.csv, 点名-9月.csv."""
    folder.joinpath("校历.csv").write_text(
        "学年,学期,开始,结束,适用,日期,类型,说明\n2026-2027,秋季,2026-09-01,2026-12-31,522699,,,\n",
        encoding="utf-8-sig",
    )
    book = xlsxwriter.Workbook(folder / "花名册.xlsx")
    sheet = book.add_worksheet()
    sheet.write_string(0, 0, "云溪县启明小学花名册")
    for column, heading in enumerate(HEADINGS):
        sheet.write_string(1, column, heading)
    for n in range(1, 7):
        born, number, student = numbers(n)
        sex = "男" if int(number[16]) % 2 else "女"
        row = [SCHOOL, "启明小学", "一年级", "1班", f"学生{n}", sex, born]
        row += ["居民身份证", number, student, "522699100201", "家长", f"1370000000{n}"]
        for column, value in enumerate(row):
            sheet.write_string(1 + n, column, value)
    book.close()
    folder.joinpath("责任链.csv").write_text(
        "线,层级,岗位,范围类型,范围代码,姓名,账号,电话,起,止\n"
        "教育线,1,县教育局局长,县,522699,局长甲,bureau,13900000000,2026-08-01,\n"
        f"教育线,2,校长,学校,{SCHOOL},校长甲,head,13800010000,2026-08-01,\n"
        f"教育线,4,班主任,班级,{SCHOOL}/1/1,班主任甲,ct0,13700000000,2026-08-01,\n",
        encoding="gb18030",
    )
    student = numbers(1)[2]
    days = [date(2026, 9, d) for d in (1, 2, 3, 4, 7, 8)]
    lines = ["日期,学校标识码,年级,班级,时段,应到,实到,缺勤学籍号,原因,提交人,提交时间"]
    lines.append(f"{days[0]},{SCHOOL},1,1,全天,6,6,,,ct0,")
    lines += [f"{day},{SCHOOL},1,1,全天,6,5,{student},无故,ct0," for day in days[1:]]
    folder.joinpath("点名-9月.csv").write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
