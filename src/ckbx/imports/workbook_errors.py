"""Why a workbook is not read."""

from __future__ import annotations

from ckbx.imports.problems import FileRefused


class WorkbookTooLarge(FileRefused):
    code = "workbook_too_large"
    message = (
        "{file}：解压后过大（{why}），没有读取。请删去空白行、图片和多余的工作表，另存后再导入"
    )


class WorkbookTooWide(FileRefused):
    code = "workbook_too_wide"
    message = (
        "{file}：表格一直用到第 {rows} 行、第 {columns} 列，多半是远处误填了一个字符。"
        "请按 Ctrl+End 找到它，删去多余的行和列，另存后再导入"
    )


class WorkbookUnaddressed(FileRefused):
    code = "workbook_unaddressed"
    message = (
        "{file}：单元格没有写明位置（由别的软件生成）。请用 WPS 或 Excel 打开后另存为 xlsx 再导入"
    )


class WorkbookDamaged(FileRefused):
    code = "workbook_damaged"
    message = "{file}：Excel 文件已损坏或没有传完整。请用 WPS 或 Excel 打开后另存为 xlsx 再导入"


class WorkbookEncrypted(FileRefused):
    code = "workbook_encrypted"
    message = "{file}：文件设了打开密码。请打开后取消密码，另存为 xlsx 再导入"


class NotASpreadsheet(FileRefused):
    code = "not_a_spreadsheet"
    message = (
        "{file}：这不是真正的 Excel 文件，而是{what}。请用 WPS 或 Excel 打开后另存为 xlsx 再导入"
    )


class NotATable(NotASpreadsheet):
    """Nothing in it can be saved as a workbook."""

    code = "not_a_table"
    message = "{file}：这不是表格，而是{what}。{mend}"
