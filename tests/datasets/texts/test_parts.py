"""How works are told apart, from what the material looks like, and wherever its chunks happen to end."""

import pytest

from bottega.datasets.texts.files import chunks_of, lines_of
from bottega.datasets.texts.parts import decided, parts

SONNET = "\n".join(f"A line of verse that is the number {n}," for n in range(4))
HAIKU = "an old silent pond\na frog jumps into the pond\nsplash silence again"
PARAGRAPH = "It was late, and nobody in the house had thought of closing the window that looked on the river. " * 4
DIALOGUE = "“No,” she said."
SPEECH = "First Citizen:\nBefore we proceed any further, hear me speak."
WRAPPED = "\n".join(["It is a truth universally acknowledged, that a single man in", "possession of a good fortune,"])


@pytest.mark.parametrize(
    ("sample", "files", "separate"),
    [
        ("anything\n\nat\n\nall", 50, "file"),
        (f"{SONNET}\n\n{SONNET}\n\n{SONNET}", 3, "file"),
        (f"{SONNET}\n\n{SONNET}\n\n{SONNET}", 1, "blank"),
        ("\n\n".join([HAIKU] * 200), 1, "blank"),
        ("\n\n".join([PARAGRAPH] * 20), 1, "blank"),
        ("\n\n\n".join([f"{SONNET}\n\n{SONNET}"] * 3), 1, "blanks"),
        ("\n\n".join([SPEECH] * 30), 1, "file"),
        ("\n\n".join([PARAGRAPH, DIALOGUE] * 100), 1, "file"),
        ("\n\n".join([WRAPPED * 3, DIALOGUE] * 100), 1, "file"),
        ("\n\n".join(["CHAPTER I.", PARAGRAPH, "CHAPTER II.", PARAGRAPH]), 1, "file"),
        (
            "\n\n".join(["第一回 甄士隐梦幻识通灵", "此开卷第一回也。" * 20, "第二回 贾夫人仙逝", "诗云。"]),
            1,
            "file",
        ),
        (f"{PARAGRAPH}\n{DIALOGUE}\n" * 30, 1, "file"),
        ("A man is walking his dog.\nTwo girls play on a swing.\n" * 20, 1, "line"),
        ("白日依山尽，黄河入海流。欲穷千里目，更上一层楼。\n" * 30, 1, "line"),
        ("白日依山尽|黄河入海流|欲穷千里目|更上一层楼\n" * 3, 1, "line"),
        (SONNET, 1, "file"),
        ("", 1, "file"),
    ],
)
def test_decided(sample, files, separate):
    assert decided(sample, files) == separate


TEXT = "\n\n  first\nstill first\n \n\t\nsecond  \n\n\n\nthird\n\n"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_parts_wherever_chunks_end(size):
    def found(separate: str) -> list[tuple[str, int]]:
        chunks = [TEXT[begin : begin + size] for begin in range(0, len(TEXT), size)]
        return [(text, line) for text, line, goes_on in parts(chunks, separate) if not goes_on]

    assert found("blank") == [("  first\nstill first", 3), ("second", 7), ("third", 11)]
    assert found("blanks") == [("  first\nstill first", 3), ("second", 7), ("third", 11)]
    assert found("line") == [("  first", 3), ("still first", 4), ("second", 7), ("third", 11)]
    assert found("file") == [(TEXT, 1)]


def test_single_blank_lines_stay_between_stanzas():
    assert [text for text, _line, _more in parts(["a\n\nb\n\n\nc\n"], "blanks")] == ["a\n\nb", "c"]


def test_a_line_without_end_comes_in_pieces(monkeypatch):
    monkeypatch.setattr("bottega.datasets.texts.files.LONGEST", 1_000)
    monkeypatch.setattr("bottega.datasets.texts.parts.LONGEST", 1_000)
    blocks = [("é" * 350).encode()] * 20
    chunks = list(chunks_of(iter(blocks), "utf-8"))
    assert "".join(chunks) == "é" * 7_000 and max(map(len, chunks)) < 1_500
    found = list(parts(chunks, "line"))
    assert [goes_on for _text, _line, goes_on in found] == [True] * (len(found) - 1) + [False] and len(found) >= 6
    assert "".join(text for text, _line, _more in found) == "é" * 7_000


@pytest.mark.parametrize("separate", ["file", "blank"])
def test_a_long_work_ends_before_the_next_begins(monkeypatch, separate):
    monkeypatch.setattr("bottega.datasets.texts.parts.LONGEST", 100)
    ends = [goes_on for _text, _line, goes_on in parts(["x" * 100 + "\n", "\n\n", " \n"], separate)]
    assert ends == [True, False]


def test_chunks_end_with_lines_and_line_ends_are_one():
    blocks = [b"a\r", b"\nb\rc\n\xe6\x98", b"\xa5d", b"\n\ne"]
    chunks = list(chunks_of(iter(blocks), "utf-8"))
    assert "".join(chunks) == "a\nb\nc\n春d\n\ne" and all(chunk.endswith("\n") for chunk in chunks[:-1])
    assert list(lines_of(chunks)) == ["a\n", "b\n", "c\n", "春d\n", "\n", "e"]
