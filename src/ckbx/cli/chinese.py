"""How does the command-line library come to speak Chinese, and to end with our exit codes?

Its headings are constants, its complaints are exceptions: both are put into Chinese here and
nowhere else. Every ``CkbxError`` becomes its own sentence and exit code.
"""

from __future__ import annotations

import hashlib
import re
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.exceptions import TyperException

from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.personal import mask_numbers

DEBUG: Final = "--debug"
HELP_TEXT: Final = "显示本说明后退出"
USAGE_EXIT: Final = 2
UNEXPECTED_EXIT: Final = 1
INTERRUPTED_EXIT: Final = 130
INTERRUPTED: Final = "已中断：已经提示完成的部分有效，其余没有写入"
_HERE: Final = Path(__file__).resolve().parents[2]
_MARK: Final = re.compile(r"([，；。：])(?=[^\s”])")
_QUOTED: Final = re.compile(r"'([^']*)'|\"([^\"]*)\"")


def _set_headings() -> None:
    from typer import rich_utils  # heavy: only for the one who reads the help

    rich_utils.ARGUMENTS_PANEL_TITLE = "参数"
    rich_utils.OPTIONS_PANEL_TITLE = "选项"
    rich_utils.COMMANDS_PANEL_TITLE = "命令"
    rich_utils.DEFAULT_STRING = "[默认：{}]"
    rich_utils.REQUIRED_LONG_STRING = "[必填]"
    rich_utils.ENVVAR_STRING = "[环境变量：{}]"
    rich_utils.DEPRECATED_STRING = "（已停用）"


class _Chinese:
    """What commands and groups share: the usage line and the help option in Chinese."""

    def get_help_option(self, ctx: Any) -> TyperOption | None:
        option: TyperOption | None = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = HELP_TEXT
        return option

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        pieces = " ".join(self.collect_usage_pieces(ctx))  # type: ignore[attr-defined]
        for english, chinese in _USAGE_WORDS:
            pieces = pieces.replace(english, chinese)
        formatter.write_usage(ctx.command_path, pieces, prefix="用法：")

    def format_help(self, ctx: Any, formatter: Any) -> None:
        _set_headings()
        for param in self.get_params(ctx):  # type: ignore[attr-defined]
            if param.param_type_name == "argument":
                param.display_type_rich = _no_type
            elif param.is_flag:
                param.metavar = ""  # a flag takes no value: no type beside it
            param.help = breakable(param.help)
        for command in getattr(self, "commands", {}).values():
            command.help = breakable(command.help)
        super().format_help(ctx, formatter)  # type: ignore[misc]


def _no_type(**_ctx: Any) -> None:
    """People read what an argument is in its help, not as a type of the language."""


def breakable(text: str | None) -> str:
    """Chinese with a space behind each mark, where a narrow cell may break the line."""
    return _MARK.sub(r"\1 ", text or "")


_USAGE_WORDS: Final = (("[OPTIONS]", "[选项]"), ("COMMAND [ARGS]...", "命令 [参数]…"))


class Command(_Chinese, TyperCommand):
    """A command that explains itself in Chinese."""


class Group(_Chinese, TyperGroup):
    """A group that explains itself in Chinese and ends with the exit codes of the interface."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run; every refusal ends as one Chinese sentence on stderr and its exit code."""
        words = list(sys.argv[1:] if args is None else args)
        debug, as_json = DEBUG in words, wants_json(words)
        code: Any
        try:
            code = super().main(
                [word for word in words if word != DEBUG],
                prog_name or "ckbx",
                complete_var,
                standalone_mode=False,
                windows_expand_args=windows_expand_args,
                **extra,
            )
        except (typer.Abort, KeyboardInterrupt):
            code = INTERRUPTED_EXIT
        except Exception as error:  # noqa: BLE001 - the last place before the person
            if debug:
                traceback.print_exc()
            code = explain(error, as_json=as_json)
        if code == INTERRUPTED_EXIT:
            complain(INTERRUPTED)
            if as_json:
                _answer({"code": "interrupted", "detail": INTERRUPTED})
        if standalone_mode:
            sys.exit(code if isinstance(code, int) else 0)
        return code


def wants_json(words: Sequence[str]) -> bool:
    """Whether the answer was asked for as JSON; the last word on it counts."""
    given = [
        following if word == "--format" else word.removeprefix("--format=")
        for word, following in zip(words, [*words, ""][1:], strict=True)
        if word == "--format" or word.startswith("--format=")
    ]
    return given[-1:] == ["json"]


def explain(error: Exception, *, as_json: bool = False) -> int:
    """Say in Chinese on stderr what went wrong; the exit code (interfaces: exit codes).

    ``as_json``: the answer on stdout is one document all the same, the error.
    """
    said, code = _said(error)
    complain(said["detail"])
    if as_json:
        _answer({**said, **(error.as_dict() if isinstance(error, CkbxError) else {})})
    return code


def _said(error: Exception) -> tuple[dict[str, str], int]:
    if isinstance(error, CkbxError):
        return {"code": error.code, "detail": str(error)}, error.exit_code
    if isinstance(error, TyperException):
        return {"code": "usage", "detail": mask_numbers(usage_sentence(error))}, USAGE_EXIT
    sentence = (
        f"意外失败（{type(error).__name__}），编号 {reference(error)}。"
        "请重试；仍然失败时把编号和所用命令告诉管理员，加 --debug 可看到技术细节"
    )
    return {"code": "unexpected", "detail": sentence}, UNEXPECTED_EXIT


def _answer(document: dict[str, Any]) -> None:
    from ckbx.ledgers.output import json_bytes

    with suppress(OSError):  # stdout is what failed: the sentence on stderr has to do
        typer.echo(json_bytes(document), nl=False)


def complain(sentence: str) -> None:
    """One message to the person, on stderr."""
    typer.echo(sentence, err=True)


def reference(error: Exception) -> str:
    """A short id of where and how the program failed: the same failure has the same id.

    It rests on the kind of error and the place in the program, never on the message, which
    may hold a person's data.
    """
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(_HERE)] or frames
    place = f"{Path(own[-1].filename).name}:{own[-1].name}:{own[-1].lineno}" if own else ""
    digest = hashlib.sha256(f"{type(error).__qualname__}|{place}".encode()).hexdigest()
    return f"E-{digest[:8]}"


def usage_sentence(error: TyperException) -> str:
    """What was wrong with the words typed, and where to read on."""
    ctx = getattr(error, "ctx", None)
    where = ctx.command_path if ctx is not None else "ckbx"
    return f"{_what_was_wrong(error)}。运行 {where} --help 查看用法"


def _what_was_wrong(error: Any) -> str:
    text = error.format_message()
    quoted = [a or b for a, b in _QUOTED.findall(text)]
    name = _param_name(getattr(error, "param", None)) or "、".join(quoted[:1])
    match type(error).__name__:
        case "NoArgsIsHelpError":
            return "请在后面写上命令"
        case "MissingParameter":
            return f"缺少 {name}"
        case "NoSuchOption":
            return f"没有选项 {error.option_name}{_perhaps(error.possibilities or ())}"
        case "BadOptionUsage":
            return f"选项 {error.option_name} 的写法不对（少了或多了值）"
        case "BadParameter" if "is not one of" in text:
            value, *allowed = [a or b for a, b in _QUOTED.findall(error.message)]
            return f"{name} 的值“{value}”不能用，可用：{'、'.join(allowed)}"
        case "BadParameter":
            return f"{name} 的值不能用（{error.message}）"
    return _by_text(text, quoted)


def _by_text(text: str, quoted: Sequence[str]) -> str:
    """Complaints that have no class of their own."""
    if text.startswith("No such command"):
        return f"没有命令 {quoted[0]}{_perhaps(quoted[1:])}"
    if text.startswith("Missing command"):
        return "请在后面写上命令"
    if text.startswith("Got unexpected extra argument"):
        return f"多出了参数 {text[text.rfind('(') + 1 : -1]}"
    return f"用法不对（{text}）"


def _perhaps(names: Sequence[str]) -> str:
    return f"（是不是 {'、'.join(names)}）" if names else ""


def _param_name(param: Any) -> str:
    if param is None:
        return ""
    if param.param_type_name == "option":
        return str(param.opts[-1])
    return str(param.metavar or param.name)
