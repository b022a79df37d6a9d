import os
import subprocess
import sys

import pytest


def in_chinese(*words):
    environment = {**os.environ, "BOTTEGA_LANGUAGE": "zh"}
    done = subprocess.run(
        [sys.executable, "-m", "bottega", *words], capture_output=True, text=True, env=environment, timeout=120
    )
    return done.returncode, " ".join((done.stdout + done.stderr).replace("│", " ").split())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["generate"], "缺少“MODEL”。"),
        (["generat"], "没有命令“generat”。是不是“generate”？"),
        (["generate", "x", "--cout", "3"], "没有选项 --cout。"),
        (["generate", "x", "-n", "many"], "“-n / --count”应当是整数。"),
        (["generate", "x", "-n", "0"], "“-n / --count”不能小于 1。"),
        (["generate", "x", "y"], "多出了参数：y"),
        (["train", "x", "--fit", "q"], "“--fit”应当是 'crop', 'pad', 'stretch' 之一。"),
        (["train", "x", "--seed"], "选项 --seed 后面要有一个值。"),
    ],
)
def test_a_mistyped_command_line_is_answered_in_chinese(words, sentence):
    code, said = in_chinese(*words)
    assert code == 2
    assert sentence in said
    assert "Error" not in said and "Try" not in said


def test_the_help_is_chinese_to_its_last_line():
    code, said = in_chinese("doctor", "--help")
    assert code == 0
    assert "显示这份说明。" in said and "Show this message" not in said
