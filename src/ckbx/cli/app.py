"""Which commands are there? One module a group; adding a group is adding it to ``GROUPS``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final

import typer

from ckbx.cli import (
    alert_commands,
    backup_commands,
    case_commands,
    channel_commands,
    checkin_commands,
    child_commands,
    decide_commands,
    doctor_commands,
    due_commands,
    evidence_commands,
    export_commands,
    focus_commands,
    graduation_commands,
    import_commands,
    indicator_commands,
    leave_commands,
    ledger_commands,
    legal_commands,
    message_commands,
    paper_commands,
    paper_fill,
    placement_commands,
    recheck_commands,
    report_commands,
    rules_commands,
    store_commands,
    token_commands,
    transfer_commands,
    user_commands,
    visit_commands,
    wording_commands,
)
from ckbx.cli.chinese import DEBUG, Group
from ckbx.cli.context import Wiring

Register = Callable[[typer.Typer], None]

GROUPS: Final[tuple[Register, ...]] = (
    store_commands.register,
    user_commands.register,
    token_commands.register,
    import_commands.register,
    checkin_commands.register,
    ledger_commands.register,
    export_commands.register,
    indicator_commands.register,
    child_commands.register,
    graduation_commands.register,
    transfer_commands.register,
    decide_commands.register,
    alert_commands.register,
    focus_commands.register,
    visit_commands.register,
    message_commands.register,
    channel_commands.register,
    wording_commands.register,
    case_commands.register,
    legal_commands.register,
    leave_commands.register,
    placement_commands.register,
    evidence_commands.register,
    paper_fill.register,
    paper_commands.register,
    report_commands.register,
    recheck_commands.register,
    due_commands.register,
    rules_commands.register,
    doctor_commands.register,
    backup_commands.register,
)
"""In the order of ``ckbx --help``."""

ABOUT: Final = """控辍保学：记录每个适龄儿童少年的就学情况，找出辍学风险，把责任落实到人。

数据库和密钥的位置由环境变量 CKBX_DATABASE_URL、CKBX_SECRET_DIR 等设置。
首次使用：ckbx init，然后 ckbx import calendar、roster、chain、rollcalls。

退出码：0 完成；1 意外失败；2 用法不对；3 输入被拒绝；4 校验或比对不一致；5 冲突或规则不允许；6 数据库不可用。
"""


def build(wiring: Wiring, extra: tuple[Register, ...] = ()) -> typer.Typer:
    """The command line. ``extra`` registers groups that live outside this package."""
    app = typer.Typer(
        cls=Group,
        name="ckbx",
        help=ABOUT,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"obj": wiring, "help_option_names": ["--help", "-h"]},
    )

    @app.callback()
    def _root(
        debug: Annotated[
            bool, typer.Option(DEBUG, help="意外失败时显示技术细节（可写在任何位置）")
        ] = False,
    ) -> None:
        pass

    for register in (*GROUPS, *extra):
        register(app)
    return app
