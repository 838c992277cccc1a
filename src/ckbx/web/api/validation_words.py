"""What is said in Chinese of a value that cannot be used? By the type of pydantic's error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

SAID: Final[Mapping[str, str]] = {
    "missing": "没有填",
    "extra_forbidden": "没有这一项，或不能由您填写",
    "json_invalid": "不是正确的 JSON",
    "json_type": "应为 JSON 文本",
    "model_type": "应为一个对象",
    "model_attributes_type": "应为一个对象",
    "dict_type": "应为一个对象",
    "list_type": "应为一个列表",
    "string_type": "应为文字",
    "string_unicode": "文字里有不能用的字符",
    "string_too_short": "至少 {min_length} 个字",
    "string_too_long": "最多 {max_length} 个字",
    "string_pattern_mismatch": "格式不对",
    "int_type": "应为整数，不能写成文字、小数或真假",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数，不能有小数",
    "int_parsing_size": "数太大",
    "float_type": "应为数字",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "greater_than_equal": "不能小于 {ge}",
    "greater_than": "应大于 {gt}",
    "less_than_equal": "不能大于 {le}",
    "less_than": "应小于 {lt}",
    "too_short": "至少 {min_length} 项",
    "too_long": "最多 {max_length} 项",
    "enum": "应为以下之一：{expected}",
    "literal_error": "应为以下之一：{expected}",
    "uuid_parsing": "应为编号（UUID，如 8c5f0d3e-3b1a-4c58-9a2f-1d2f6a7b8c9d）",
    "uuid_type": "应为编号（UUID）",
    "day": "应为日期，写成 2026-11-20 这样，2000 年至 2200 年",
    "instant": "应为带时区的时刻，写成 2026-11-20T18:00:00+08:00 这样",
    "control_character": "文字里有不能用的控制字符",
    "child_twice": "同一名学生列了两次",
    "person": "请写 account；没有账号的人写 name 和 as_role",
    "cursor": "翻页标记不能用，请从第一页重新取",
}
"""By the name of the type; the braces are filled from what pydantic says of the limits."""
OTHERWISE: Final = "不能用，请按接口说明填写"
_MOST: Final = 50
_LONGEST: Final = 100


def said_of(errors: Sequence[Any]) -> Iterator[dict[str, str]]:
    """Field, code and Chinese sentence of each error; what was sent is not repeated."""
    for error in errors[:_MOST]:
        kind = str(error.get("type", ""))
        yield {"field": _field(error.get("loc", ())), "code": kind, "detail": sentence(error)}


def sentence(error: Mapping[str, Any]) -> str:
    """The sentence of one error of pydantic."""
    found = SAID.get(str(error.get("type", "")), OTHERWISE)
    try:
        return found.format(**error.get("ctx") or {}).replace(" or ", " 或 ")
    except (KeyError, IndexError):
        return OTHERWISE


def _field(loc: Sequence[Any]) -> str:
    """Where the value stands: ``body.absent.0.reason``; what is no text of a name is cut."""
    parts = [str(each) for each in loc]
    if len(parts) > 1 and parts[0] == "body" and parts[1:] == [str(loc[1])] and _is_place(loc[1]):
        parts = parts[:1]  # the place in a text that is no JSON
    text = ".".join(parts)[:_LONGEST]
    plain = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(c if c.isprintable() else "?" for c in plain)


def _is_place(part: Any) -> bool:
    return isinstance(part, int) and not isinstance(part, bool)
