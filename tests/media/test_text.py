"""Texts are read whatever their encoding, written with their record, and come back as they were."""

import json
import os
import random
import time

import pytest

from bottega.errors import DataError, UnreadableWork, UsageError
from bottega.media import text

SIMPLIFIED = "春眠不觉晓，\n处处闻啼鸟。"
TRADITIONAL = "春眠不覺曉，\n處處聞啼鳥。"
FRENCH = "L’été déjà s’achève — « adieu », dit-elle, près du café."
RECORD = {"operation": "generate", "parameters": {"seed": 7, "prompt": "“quoted”: é\u2028#\n---\n"}, "model": None}


@pytest.mark.parametrize(
    ("words", "codec", "name"),
    [
        (SIMPLIFIED, "utf-8", "UTF-8"),
        (SIMPLIFIED, "utf-8-sig", "UTF-8 (BOM)"),
        (SIMPLIFIED, "utf-16", "UTF-16 LE"),
        (SIMPLIFIED, "utf-16-le", "UTF-16 LE"),
        (SIMPLIFIED, "utf-16-be", "UTF-16 BE"),
        (SIMPLIFIED, "gb18030", "GB18030"),
        ("明月", "gbk", "GB18030"),
        (TRADITIONAL, "gbk", "GB18030"),
        (TRADITIONAL, "big5", "Big5"),
        ("明月", "big5", "Big5"),
        (TRADITIONAL, "utf-16-be", "UTF-16 BE"),
        (FRENCH, "cp1252", "Windows-1252"),
        ("Ärger", "cp1252", "Windows-1252"),
        ("Мороз и солнце; день чудесный! Еще ты дремлешь, друг прелестный", "cp1251", "Windows-1251"),
        ("hello\nworld", "utf-16-be", "UTF-16 BE"),
        ("plain", "ascii", "UTF-8"),
    ],
)
def test_encodings(words, codec, name):
    assert text.decode(words.encode(codec)) == (words, name)


def test_every_quatrain_in_every_encoding(test_data):
    with open(test_data / "text" / "quatrains_keywords.jsonl") as file:
        poems = [json.loads(line)["content"].replace("|", "\n") for line in file][:300]
    for poem in poems:
        for codec in ("gb18030", "utf-16-le", "utf-16-be"):
            assert text.decode(poem.encode(codec))[0] == poem, codec


def test_a_few_damaged_bytes_hide_nothing():
    damaged = SIMPLIFIED.encode() * 20 + b"\xff"
    assert text.decode(damaged) == (SIMPLIFIED * 20 + "\ufffd", "UTF-8")
    cut = (SIMPLIFIED * 2).encode()[:-1]
    assert text.decode(cut)[1] == "UTF-8"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (random.Random(1).randbytes(5000), "it is not a text"),
        (bytes(100), "it is not a text"),
        (b"%PDF-1.7 ...", "it is a PDF, not a text"),
        (b"PK\x03\x04docx", "it is a zip or an Office document, not a text"),
        (b"\x89PNG\r\n\x1a\n", "it is a picture, not a text"),
        (b"{\\rtf1 Hello}", "it is an RTF document, not a plain text"),
    ],
)
def test_what_is_no_text(data, reason):
    with pytest.raises(UnreadableWork) as caught:
        text.decode(data)
    assert str(caught.value) == reason


def test_clean():
    assert text.clean("a\r\nb\rc\x0cd\x85e\u2028f") == "a\nb\nc\nd\ne\nf"
    assert text.clean("cafe\u0301 \x00\x07tab\there \ufeff\ud800") == "café tab\there "
    started = time.process_time()
    assert len(text.clean("a" + "\u0300\u0327" * 100_000 + "b")) <= 32
    assert time.process_time() - started < 1


POEMS = [
    "床前明月光\n疑是地上霜\n\n举头望明月\n低头思故乡",
    "  indented\n\n\nthree blank lines above  \n    \nspaces in the one above \n",
    "---\nkey: 1\n---\na rule, no front matter",
    "# a heading\n* a star\n\n",
    "one line",
    "",
]


@pytest.mark.parametrize("ending", [".md", ".txt"])
@pytest.mark.parametrize("poem", POEMS)
def test_what_was_written_is_read(tmp_path, poem, ending):
    for record in (None, RECORD):
        text.write(tmp_path / f"work{ending}", poem, record)
        assert text.read(tmp_path / f"work{ending}") == poem
        assert text.read_record(tmp_path / f"work{ending}") == (record if ending == ".md" else None)


def test_line_breaks_reach_a_viewer_and_the_record_is_one_line(tmp_path):
    text.write(tmp_path / "a.md", "one\ntwo\n\nthree", RECORD)
    lines = (tmp_path / "a.md").read_text().split("\n")
    assert lines[0] == lines[2] == "---" and lines[3:] == ["", "one  ", "two", "", "three", ""]
    assert json.loads(lines[1].removeprefix("bottega: ")) == RECORD


def test_line_ends_of_windows_change_nothing(tmp_path):
    text.write(tmp_path / "a.md", POEMS[0], RECORD)
    path = tmp_path / "a.md"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert text.read(path) == POEMS[0] and text.read_record(path) == RECORD


def test_somebody_elses_markdown(tmp_path):
    path = tmp_path / "b.md"
    path.write_text("---\ntitle: 'Night'\ntags: [a, b]\nlabel: 3\nlist:\n  - x\n---\n\nA line  \nand\tanother\r\n")
    assert text.read(path) == "A line\nand\tanother" and text.read_record(path) is None
    fields, body = text.front_matter(path.read_text())
    assert fields == {"title": "Night", "tags": "[a, b]", "label": 3} and body.startswith("A line")
    assert text.front_matter("---\nOnce upon a time\n---\n")[0] == {}
    assert text.front_matter("--- \nno end: 1\n") == ({}, "--- \nno end: 1\n")


def test_unreadable(tmp_path):
    with pytest.raises(UnreadableWork, match="it is not there"):
        text.read(tmp_path / "none.txt")
    with pytest.raises(UnreadableWork, match=r"none\.md cannot be read"):
        text.read_record(tmp_path / "none.md")
    with open(tmp_path / "huge.txt", "wb") as file:
        file.truncate(text.MAX_BYTES + 1)
    with pytest.raises(UnreadableWork, match="larger than 64 MB"):
        text.read(tmp_path / "huge.txt")
    (tmp_path / "deep.md").write_text("---\nbottega: " + "[" * 100_000 + "\n---\nwords\n")
    assert text.read(tmp_path / "deep.md") == "words" and text.read_record(tmp_path / "deep.md") is None


def test_writing_is_whole_or_refused(tmp_path):
    with pytest.raises(UsageError, match=r"\.md, \.markdown, \.txt"):
        text.write(tmp_path / "a.docx", "words")
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="could not be written"):
        text.write(tmp_path / "file" / "a.md", "words")
    assert os.listdir(tmp_path) == ["file"]
