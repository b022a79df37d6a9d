"""The help pages in Chinese: all of it, however narrow the window."""

import os
import re
import subprocess
import sys

import pytest


def page(*words: str) -> str:
    environment = os.environ | {"BOTTEGA_LANGUAGE": "zh", "COLUMNS": "80", "TERMINAL_WIDTH": "80"}
    command = [sys.executable, "-m", "bottega", *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=120)
    return done.stdout + done.stderr


@pytest.mark.parametrize("words", [("generate",), ("train",), ("edit", "vary")])
def test_no_sentence_is_cut_where_a_line_ends(words: tuple[str, ...]) -> None:
    shown = page(*words, "--help")
    assert "用法：" in shown and "[选项]" in shown
    assert not re.search(r"[^…]…\s*│", shown)


def test_a_mistyped_line_is_told_in_chinese() -> None:
    assert "缺少“WORK”。" in page("edit", "vary")
    assert "没有命令“trian”。是不是“train”？" in page("trian")
