"""The wording of letters and forms at the command line: taken out, changed, checked, tried."""

from __future__ import annotations

from pathlib import Path

from tests.support.pdf import pages
from tests.support.terminal import Terminal


def test_papers_are_taken_out_changed_checked_and_used(empty: Terminal, tmp_path: Path) -> None:
    folder = tmp_path / "本县"
    empty("papers", "export", folder).ok()
    assert len(list(folder.glob("*.toml"))) == len(list(folder.glob("*.docx"))) == 10
    file = folder / "commitment.toml"
    file.write_text(file.read_text("utf-8").replace("我承诺", "我郑重承诺"), encoding="utf-8")
    assert "20 个模板可以使用" in empty("papers", "check", folder).ok().err
    empty.environ = {**empty.environ, "CKBX_PAPER_DIR": str(folder)}
    assert "本县" in empty("papers", "list").ok().out
    empty("papers", "preview", "commitment", "-o", tmp_path / "样张.pdf").ok()
    assert "我郑重承诺" in pages((tmp_path / "样张.pdf").read_bytes())[0]
    empty("papers", "preview", "commitment", "-o", tmp_path / "样张.docx").ok()
    assert (tmp_path / "样张.docx").read_bytes()[:2] == b"PK"


def test_taking_them_out_again_does_not_overwrite(empty: Terminal, tmp_path: Path) -> None:
    empty("papers", "export", tmp_path).ok()
    (tmp_path / "commitment.toml").write_text("改过", encoding="utf-8")
    assert "没有覆盖" in empty("papers", "export", tmp_path).ok().err
    assert (tmp_path / "commitment.toml").read_text("utf-8") == "改过"


def test_wording_that_cannot_be_used_is_refused(empty: Terminal, tmp_path: Path) -> None:
    empty("papers", "export", tmp_path).ok()
    file = tmp_path / "commitment.toml"
    file.write_text(file.read_text("utf-8").replace("我承诺", "{{密码}}"), encoding="utf-8")
    done = empty("papers", "check", tmp_path)
    assert done.code == 3
    assert "commitment.toml" in done.err
    assert "不认识的项目“密码”" in done.err


def test_an_unknown_paper_and_a_wrong_suffix_are_wrong_usage(
    empty: Terminal, tmp_path: Path
) -> None:
    assert empty("papers", "preview", "nothing", "-o", tmp_path / "x.pdf").code == 2
    assert empty("papers", "preview", "commitment", "-o", tmp_path / "x.txt").code == 2
    empty.environ = {**empty.environ, "CKBX_PAPER_DIR": str(tmp_path / "没有")}
    done = empty("papers", "list")
    assert done.code == 2
    assert "没有这个文件夹" in done.err
