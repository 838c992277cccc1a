"""Which passwords does everybody try first?

Our own list of words and patterns, as people here choose them: words with numbers behind,
runs on the keyboard, dates, what is typed when a form asks for "letters and digits".
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

_WORDS: Final = """
password passw0rd p@ssword p@ssw0rd passwd pass word admin administrator root guest user test
tester testing demo login welcome hello master manager system service server default changeme
change secret letmein access account office school student teacher principal education bureau
county class grade parent family children china zhongguo beijing guizhou yunnan sichuan hunan
woaini woaiwojia iloveyou love lover forever angel baby sunshine summer winter spring autumn
monkey dragon tiger panda eagle horse football basketball soccer music computer internet mobile
huawei xiaomi windows android apple google taobao weixin wechat wangyi tencent alipay baidu
qwer qwert qwerty qwertyui qwertyuiop asdf asdfg asdfgh asdfghjk asdfghjkl zxcv zxcvb zxcvbnm
qaz qazwsx qazwsxedc wsx edc rfv tgb qweasd qweasdzxc asd zxc qwe aaa abc abcd abcde abcdef
abcdefg abcdefgh a1b2c3 a1b2c3d4 abc123 a123456 aa123456 q1w2e3 q1w2e3r4 1q2w3e 1q2w3e4r
1q2w3e4r5t 1qaz 1qaz2wsx 1qaz2wsx3edc 2wsx zaq1 zaq12wsx xsw2 q1w2 woaini1314 5201314 1314520
520520 521521 5211314 7758521 7758258 xiaoming zhangsan lisi wangwu laoshi xuesheng xuexiao
xiaozhang banzhuren jiaoyu jiaoyuju jiaoshi yonghu mima guanliyuan kongchuobaoxue kcbx ckbx
nihao nihaoma woaixuexi haohaoxuexi jiayou baobao pengyou laopo laogong mama baba wodemima
密码 管理员 我爱你 老师 学生 学校 教育局 控辍保学 测试 系统 默认密码 新密码 用户
""".split()
_RUNS: Final = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "147258369",
    "741852963",
    "789456123",
    "159357",
)
_TAIL: Final = r"[\W_]*(?:\d{0,8}|(?:19|20)\d\d(?:\d{4})?|abc|abcd|aaa|qwe|[a-z])[\W_]*"
_DATE: Final = re.compile(r"[a-z]{0,3}(?:19|20)\d{2}[-/.]?\d{1,2}[-/.]?\d{1,2}[a-z]{0,3}")
_REPEATED: Final = re.compile(r"(.{1,4}?)\1+[\W_]*")
_PHONE: Final = re.compile(r"[a-z]{0,3}1[3-9]\d{9}")
_LOOKS_LIKE: Final = str.maketrans("@4301$57!", "aaeoisstl")


def is_common(password: str) -> bool:
    """Whether a password, in lower case, is one of those tried first."""
    return (
        _is_run(password)
        or _is_run(password[::-1])
        or bool(_REPEATED.fullmatch(password))
        or bool(_DATE.fullmatch(password))
        or bool(_PHONE.fullmatch(password))
        or any(_word_pattern().fullmatch(form) for form in _forms(password))
    )


def _forms(password: str) -> set[str]:
    """As typed, and with the figures that stand for letters turned back."""
    tail = re.search(r"[\d\W_]*$", password)
    at = tail.start() if tail else len(password)
    return {
        password,
        password.translate(_LOOKS_LIKE),
        password[:at].translate(_LOOKS_LIKE) + password[at:],
    }


def _is_run(password: str) -> bool:
    """Two runs on the keyboard or in the alphabet at most, one after the other."""
    rest = password
    for _ in range(2):
        taken = max((_taken(rest, run) for run in _RUNS), default=0)
        if taken < 3:
            return False
        rest = rest[taken:]
        if len(rest) <= 1:
            return True
    return False


def _taken(text: str, run: str) -> int:
    most = 0
    while most < len(text) and text[: most + 1] in run:
        most += 1
    return most


@cache
def _word_pattern() -> re.Pattern[str]:
    words = "|".join(sorted(map(re.escape, {*_WORDS}), key=len, reverse=True))
    return re.compile(rf"[\W_\d]{{0,8}}(?:{words}){{1,2}}{_TAIL}")
