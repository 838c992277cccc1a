"""Every command explains itself in Chinese, and wrong words are answered in Chinese."""

from __future__ import annotations

import re

import pytest

from ckbx.cli.chinese import breakable, explain, reference
from tests.support.terminal import Terminal, command_tree

FROZEN = (
    "init", "import roster", "import calendar", "import chain", "import rollcalls",
    "import undo", "ledgers", "ledger", "indicators", "student", "responsible", "alerts",
    "rebuild", "lag", "run-due", "erase", "doctor", "graduate",
)  # fmt: skip
ENGLISH = (
    "Usage",
    "Options",
    "Arguments",
    "Commands",
    "Show this",
    "default:",
    "required",
    "<str>",
)


def commands() -> list[str]:
    """Every command there is, groups and their members."""
    root = command_tree()
    found = []
    for name, command in root.commands.items():
        found.append(name)
        found += [f"{name} {member}" for member in getattr(command, "commands", {})]
    return found


def test_every_frozen_command_is_there() -> None:
    known = commands()
    assert [name for name in FROZEN if name not in known] == []


@pytest.mark.parametrize("name", ["", *commands()])
def test_every_command_explains_itself_in_chinese(empty: Terminal, name: str) -> None:
    done = empty(*name.split(), "--help").ok()
    assert "用法：ckbx" in done.out
    assert [word for word in ENGLISH if word in done.out] == []
    said = done.out.partition("用法：")[2]
    assert re.search(r"[一-鿿]{4}", said)
    assert "…│" not in done.out.replace(" ", "")  # nothing cut off in 80 columns


def test_asking_for_help_needs_no_store_and_no_settings(empty: Terminal) -> None:
    empty.environ = {"CKBX_UNKNOWN": "1"}
    assert empty("ledger", "--help").code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "请在后面写上命令"),
        (("ledgr",), "没有命令 ledgr（是不是 ledger、ledgers、legal）"),
        (("import",), "请在后面写上命令"),
        (("import", "roster"), "缺少 文件…"),
        (("lag", "--forma", "json"), "没有选项 --forma（是不是 --format）"),
        (("lag", "--format"), "选项 --format 的写法不对"),
        (("lag", "more", "words"), "多出了参数 more words"),
        (("erase", "X", "--ground", "保存期满"), "缺少 --approver"),
        (("init", "--county", "522699"), "--county 和 --name 要同时给出"),
        (("init", "--county", "52", "--name", "云溪县"), "应为 6 位数字"),
    ],
)
def test_wrong_words_end_with_2_and_a_chinese_sentence(
    empty: Terminal, words: tuple[str, ...], said: str
) -> None:
    done = empty(*words)
    assert done.code == 2
    assert said in done.err


def test_an_unexpected_failure_has_an_id_that_tells_nothing_of_the_data(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(word: str) -> Exception:
        with pytest.raises(ValueError, match=word) as caught:
            int(word)
        return caught.value

    first, second = fail("王小明"), fail("李大力")
    assert explain(first) == 1
    said = capsys.readouterr().err
    assert reference(first) in said
    assert "王小明" not in said
    assert reference(first) == reference(second)


def test_long_chinese_gets_places_to_break_and_keeps_its_words() -> None:
    text = "查阅用途，记入记录；默认“命令行查询”。"
    assert breakable(text).replace(" ", "") == text
    assert breakable(breakable(text)) == breakable(text)
