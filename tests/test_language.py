"""Both languages say the same things."""

import ast
import json
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import bottega
from bottega import language

SOURCE = Path(bottega.__file__).parent
CHINESE = json.loads((SOURCE / "locale" / "zh.json").read_text(encoding="utf-8"))


def _calls() -> Iterator[tuple[Path, ast.Call]]:
    for file in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "later"):
                yield file, node


def _constants() -> set[str]:
    """Every string in the source; a word such as a kind of part reaches ``_()`` through a variable."""
    return {
        node.value
        for file in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def _holes(text: str) -> list[tuple[str, str]]:
    return sorted((name, spec or "") for _, name, spec, _ in string.Formatter().parse(text) if name is not None)


def test_every_sentence_has_its_chinese() -> None:
    sentences = {node.args[0].value for _, node in _calls() if isinstance(node.args[0], ast.Constant)}
    assert sentences, "the source says nothing at all"
    assert sorted(sentences - set(CHINESE)) == []


def test_no_sentence_is_built_before_it_is_translated() -> None:
    built = [
        f"{file.name}:{node.lineno}" for file, node in _calls() if isinstance(node.args[0], ast.JoinedStr | ast.BinOp)
    ]
    assert built == []


def test_no_chinese_is_left_over() -> None:
    assert sorted(set(CHINESE) - _constants()) == []


@pytest.mark.parametrize("english", sorted(CHINESE))
def test_both_have_the_same_holes(english: str) -> None:
    assert _holes(english) == _holes(CHINESE[english])
    assert CHINESE[english].strip()


def test_the_catalogue_is_sorted_for_quiet_merges() -> None:
    assert list(CHINESE) == sorted(CHINESE)


def test_chinese_has_its_own_punctuation() -> None:
    """A half-width comma, colon or full stop behind a Chinese character is a slip of the keyboard."""
    wrong = [text for text in CHINESE.values() if re.search(r"[\u4e00-\u9fff][,;:?!.](?=\s|$|[\u4e00-\u9fff])", text)]
    assert wrong == []


def test_the_variable_goes_before_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.setenv("BOTTEGA_LANGUAGE", "en")
    assert language.language() == "en"
    monkeypatch.delenv("BOTTEGA_LANGUAGE")
    assert language.language() == "zh"
    assert language._("Options") == CHINESE["Options"]


def test_one_program_speaks_both_languages(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BOTTEGA_LANGUAGE", "en")
    with language.speaking("zh"):
        assert language.language() == "zh"
        assert language._("Stopped.") == CHINESE["Stopped."]
        with language.speaking("en"):
            assert language._("Stopped.") == "Stopped."
        assert language.language() == "zh"
    assert language.language() == "en"
