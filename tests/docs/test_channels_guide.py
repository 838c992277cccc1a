"""The guide to channels shows a file that is read as it stands."""

from __future__ import annotations

import re
from pathlib import Path

from notifications.channels.file import parse_channels
from notifications.channels.settings import SETTINGS
from tests.support.receivers import make_certificate

GUIDE = Path(__file__).parents[2] / "docs/guide/channels.md"


def test_the_file_shown_is_read_and_shows_every_kind_but_the_trial(tmp_path: Path) -> None:
    text = GUIDE.read_text("utf-8")
    (shown,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    make_certificate(tmp_path).certificate.rename(tmp_path / "gateway.pem")
    found = parse_channels(shown.encode(), tmp_path)
    assert {each.kind for each in found.ways} == set(SETTINGS) - {"record"}
    assert found.base_url == "https://ckbx.example.cn"
