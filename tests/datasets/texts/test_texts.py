"""Texts are prepared once, whatever they lie in; the split goes by content; and bad input is one clear sentence."""

import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from bottega.datasets.texts import PreparedTexts, TextSettings, prepare_texts
from bottega.errors import DataError, UsageError

WORDS = (
    "moon",
    "river",
    "stone",
    "wind",
    "night",
    "over",
    "under",
    "bright",
    "cold",
    "deep",
    "song",
    "road",
    "light",
    "home",
)


def poem(number: int, lines: int = 4) -> str:
    """A poem of its own: no two share much."""
    draw = np.random.default_rng(number)
    return "\n".join(" ".join(draw.choice(WORDS, 6)) + f" {draw.integers(10_000)}" for _line in range(lines))


def folder_of(path: Path, count: int) -> Path:
    path.mkdir(parents=True)
    for number in range(count):
        (path / f"{number:03}.txt").write_text(poem(number) + "\n\n")
    return path


def all_of(data: PreparedTexts) -> list[str]:
    return list(data.texts(range(len(data))))


def test_a_folder_is_a_work_for_each_file(tmp_path, cache):
    data = prepare_texts(folder_of(tmp_path / "poems", 20), cache=cache)
    assert all_of(data) == [poem(number) for number in range(20)]
    assert data.names[3] == "003.txt" and data.names[:2] == ["000.txt", "001.txt"]
    assert len(data.held_out) == 2 and sorted([*data.train, *data.held_out]) == list(range(20))
    assert data.labels is None and data.moods is None and not data.pairs and data.target(0) is None
    assert data.report.sentence() == (
        f"20 works, {data.report.characters:,} characters, UTF-8; each file is a work, as the material shows; "
        "none skipped"
    )


def test_the_second_time_nothing_is_read(tmp_path, cache):
    source = folder_of(tmp_path / "poems", 12)
    seen: list[tuple[int, int]] = []
    first = prepare_texts(source, cache=cache, on_progress=lambda *numbers: seen.append(numbers))
    assert seen[-1][0] == seen[-1][1] and seen == sorted(seen)
    again = prepare_texts(source, cache=cache, on_progress=lambda *numbers: pytest.fail("read again"))
    assert again.fingerprint == first.fingerprint and again.report == first.report and all_of(again) == all_of(first)
    (source / "new.txt").write_text(poem(99))
    assert len(prepare_texts(source, cache=cache)) == 13 and len(list(cache.iterdir())) == 1


@pytest.mark.parametrize("name", ["texts.utf8", "rows.bin", "index.json", "manifest.json"])
def test_a_damaged_cache_is_made_again(tmp_path, cache, name):
    source = folder_of(tmp_path / "poems", 12)
    works = all_of(prepare_texts(source, cache=cache))
    (file,) = cache.glob(f"*/{name}")
    os.truncate(file, 10)
    assert all_of(prepare_texts(source, cache=cache)) == works


def test_the_split_goes_by_content(tmp_path, cache):
    one = prepare_texts(folder_of(tmp_path / "a", 30), cache=cache)
    (tmp_path / "b").mkdir()
    for number in range(30):
        (tmp_path / "b" / f"{(number * 7) % 30:02} renamed.md").write_text(poem(number))
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        for number in range(30):
            archive.writestr(f"wrapped/{number}.txt", poem(number).replace("\n", "\r\n").encode("utf-16"))
    for source in (tmp_path / "b", tmp_path / "c.zip"):
        other = prepare_texts(source, cache=cache)
        assert set(other.texts(other.held_out)) == set(one.texts(one.held_out))


def test_near_duplicates_stay_on_one_side(tmp_path, cache):
    source = folder_of(tmp_path / "poems", 30)
    for number in range(30):
        words = poem(number)
        (source / f"{number:03} loud.txt").write_text(words.upper().replace(" ", ",  "))
        (source / f"{number:03} other.txt").write_text(words + "\nand one more line")
    data = prepare_texts(source, cache=cache)
    sides = [{data.names[row][:3] for row in rows} for rows in (data.train, data.held_out)]
    assert not sides[0] & sides[1] and len(sides[1]) >= 2
    assert data.report.repeats == len(data.report.duplicates) == 60
    assert "near-duplicate pairs: 60" in data.report.sentence()


def test_blank_lines_part_works(tmp_path, cache):
    path = tmp_path / "poems.txt"
    path.write_text("\n \n" + "\n\n".join(poem(number) for number in range(15)))
    data = prepare_texts(path, cache=cache)
    assert all_of(data) == [poem(number) for number in range(15)] and data.report.separated == "blank"
    assert data.names[:2] == ["poems.txt:3", "poems.txt:8"]
    stanzas = [poem(2 * number) + "\n\n" + poem(2 * number + 1) for number in range(12)]
    path.write_text("\n\n\n\n".join(stanzas))
    for separate in ("auto", "blank"):
        data = prepare_texts(path, TextSettings(separate), cache=cache)
        assert all_of(data) == stanzas and "several blank lines" in data.report.sentence()


def test_lines_are_works(tmp_path, cache):
    lines = [f"{poem(number, 1).capitalize()}." for number in range(40)]
    (tmp_path / "a.txt").write_text("\n".join(lines) + "\n\n")
    assert all_of(prepare_texts(tmp_path / "a.txt", cache=cache)) == lines
    verses = [poem(number).replace("\n", "|") for number in range(12)]
    (tmp_path / "b.txt").write_text("\n".join(verses))
    data = prepare_texts(tmp_path / "b.txt", cache=cache)
    assert all_of(data) == [poem(number) for number in range(12)] and data.report.bars


def test_a_book_is_one_work_whose_end_is_held_out(tmp_path, cache):
    book = "".join(f"Chapter {n}\n\n" + poem(n, 30).replace("\n", " ") + "\n\n" for n in range(9)) + "é last\n\n"
    (tmp_path / "book.txt").write_text(book)
    data = prepare_texts(tmp_path / "book.txt", cache=cache)
    (head,), (tail,) = data.texts(data.train), data.texts(data.held_out)
    assert head + tail == book and len(head) == int(len(book) * 0.9)
    assert data.report.used == 1 and data.report.tail
    line = head.count("\n") + 1
    assert list(data.names) == ["book.txt", f"book.txt:{line}"]


def test_tinyshakespeare_is_split_as_everyone_splits_it(test_data, cache):
    path = test_data / "text" / "tinyshakespeare.txt"
    data = prepare_texts(path, TextSettings("file"), cache=cache)
    (head,), (tail,) = data.texts(data.train), data.texts(data.held_out)
    assert len(head) == 1_003_854 and len(tail) == 111_540 and head + tail == path.read_text()
    assert prepare_texts(path, cache=cache).report.used == 1  # a play, as its speakers show


def test_a_few_long_works_hold_out_their_ends(tmp_path, cache):
    (tmp_path / "n").mkdir()
    for number in range(3):
        (tmp_path / "n" / f"{number}.txt").write_text(poem(number, 200))
    (tmp_path / "n" / "copy.txt").write_text(poem(1, 200).upper())
    data = prepare_texts(tmp_path / "n", cache=cache)
    assert data.report.tail and len(data.train) == len(data.held_out) == 3  # of copies one is used
    for row in data.train:
        assert 0.89 < len(data.text(row)) / (len(data.text(row)) + len(data.text(row + 1))) <= 0.9


def test_a_very_long_work_takes_several_rows(tmp_path, cache, monkeypatch):
    monkeypatch.setattr("bottega.datasets.texts.parts.LONGEST", 5_000)
    monkeypatch.setattr("bottega.datasets.texts.cache.BATCH", 3_000)
    book = poem(1, 1000)
    (tmp_path / "long.txt").write_text(book)
    data = prepare_texts(tmp_path / "long.txt", cache=cache)
    train, held_out = "".join(data.texts(data.train)), "".join(data.texts(data.held_out))
    assert train + held_out == book and len(train) == int(len(book) * 0.9) and len(data.train) > 5
    assert data.report.used == 1
    (tmp_path / "more").mkdir()
    for number in range(12):
        (tmp_path / "more" / f"{number}.txt").write_text(poem(number, 300))
    data = prepare_texts(tmp_path / "more", cache=cache)
    assert len({data.names[row].split(":")[0] for row in data.held_out}) == 1 and len(data.held_out) > 1


def test_parallel_files(tmp_path, cache):
    (tmp_path / "a.de").write_text("".join(f"Zeile {poem(n, 1)}\r\n" for n in range(20)), newline="")
    (tmp_path / "a.en").write_text("".join(f"Line {poem(n, 1)}\n" if n != 4 else "\n" for n in range(20)))
    data = prepare_texts(tmp_path / "a.de", TextSettings(target="a.en"), cache=cache)
    assert data.pairs and len(data) == 19 and len(data.held_out) == 2 and data.report.separated == "pair"
    assert data.text(4) == f"Zeile {poem(5, 1)}" and data.target(4) == f"Line {poem(5, 1)}"
    assert list(data.targets([0, 1])) == [f"Line {poem(n, 1)}" for n in range(2)]
    assert [skip.name for skip in data.report.skipped] == ["a.en, line 5"]
    (tmp_path / "a.en").write_text("one\ntwo")
    with pytest.raises(DataError, match=r"a\.de has 20 lines and a\.en has 2"):
        prepare_texts(tmp_path / "a.de", TextSettings(target=str(tmp_path / "a.en")), cache=cache)
    with pytest.raises(DataError, match="is no file whose lines"):
        prepare_texts(tmp_path / "a.de", TextSettings(target="a.fr"), cache=cache)
    with pytest.raises(DataError, match="is the source itself"):
        prepare_texts(tmp_path / "a.de", TextSettings(target="a.de"), cache=cache)


def test_mixed_encodings_are_reported(tmp_path, cache):
    (tmp_path / "w").mkdir()
    poems = ["春眠不觉晓\n处处闻啼鸟\n夜来风雨声\n花落知多少", "白日依山尽\n黄河入海流\n欲穷千里目\n更上一层楼"]
    for number, codec in enumerate(["utf-8-sig", "gb18030", "utf-16-le", "gbk", "utf-16"]):
        (tmp_path / "w" / f"{number}.txt").write_bytes(poems[number % 2].encode(codec))
    (tmp_path / "w" / "trad.txt").write_bytes("床前明月光\n疑是地上霜\n舉頭望明月\n低頭思故鄉".encode("big5"))
    data = prepare_texts(tmp_path / "w", cache=cache)
    assert data.report.encodings == {"GB18030": 2, "UTF-16 LE": 2, "UTF-8 (BOM)": 1, "Big5": 1}
    assert all_of(data)[:5] == [poems[number % 2] for number in range(5)] and data.text(5).startswith("床前明月光")


def test_classes_are_sub_folders_or_said_in_front_matter(tmp_path, cache):
    for number in range(12):
        path = tmp_path / "w" / ("sad" if number % 2 else "glad") / f"{number}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        front = f"---\nvalence: {number / 10}\narousal: -1\n" + ("label: other\n" if number == 3 else "") + "---\n\n"
        path.write_text(front + poem(number).replace("\n", "  \n"))
    data = prepare_texts(tmp_path / "w", cache=cache)
    assert data.classes == ["glad", "other", "sad"] and data.report.classes == {"glad": 6, "other": 1, "sad": 5}
    assert data.report.sentence().endswith("; classes: glad (6), other (1), sad (5); none skipped")
    assert [data.classes[label] for label in data.labels[:2]] == ["glad", "glad"] and data.labels.dtype == np.int64
    assert data.text(0) == poem(0) and data.moods.shape == (12, 2) and (data.moods[:, 1] == -1).all()


def test_bad_files_are_skipped_with_their_reasons(tmp_path, cache):
    source = folder_of(tmp_path / "w", 10)
    (source / "empty.txt").touch()
    (source / "blank.txt").write_text(" \n\n")
    (source / "binary.txt").write_bytes(bytes(range(256)) * 4)
    (source / "scan.txt").write_bytes(b"%PDF-1.4")
    (source / "novel.docx").write_bytes(b"PK")
    (source / "picture.png").write_bytes(b"\x89PNG")
    data = prepare_texts(source, cache=cache)
    assert len(data) == 10 and {skip.name: skip.reason for skip in data.report.skipped} == {
        "empty.txt": "the file is empty",
        "blank.txt": "there is no text in it",
        "binary.txt": "it is not a text",
        "scan.txt": "it is a PDF, not a text",
        "novel.docx": "DOCX files cannot be read; save it as plain text",
    }
    assert "5 skipped" in data.report.sentence() and " and 2 more" in data.report.sentence()


@pytest.mark.parametrize("content", [None, "", "one line\n", "\n\n"])
def test_too_little(tmp_path, cache, content):
    (tmp_path / "w").mkdir()
    if content is not None:
        (tmp_path / "w" / "a.txt").write_text(content)
    with pytest.raises(DataError, match=r"usable texts: [01], and at least 2 are needed"):
        prepare_texts(tmp_path / "w", cache=cache)
    assert not list(cache.glob("*"))


def test_one_file_that_is_no_text(tmp_path, cache):
    (tmp_path / "a.txt").write_bytes(bytes(range(256)) * 9)
    with pytest.raises(DataError, match=r"a\.txt cannot be read: it is not a text\.$"):
        prepare_texts(tmp_path / "a.txt", cache=cache)
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(DataError, match=r"pipe\.txt cannot be opened: not an ordinary file"):
        prepare_texts(tmp_path / "pipe.txt", cache=cache)


def test_what_cannot_be_asked(tmp_path, cache):
    with pytest.raises(DataError, match="does not exist"):
        prepare_texts(tmp_path / "nowhere", cache=cache)
    with pytest.raises(UsageError, match="not by “word”"):
        prepare_texts(tmp_path, TextSettings("word"), cache=cache)
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04")
    with pytest.raises(DataError, match="neither a folder nor a zip"):
        prepare_texts(tmp_path / "bad.zip", cache=cache)


def test_metadata_beside_the_texts(tmp_path, cache):
    source = folder_of(tmp_path / "w", 12)
    lines = [{"file_name": f"{number:03}.txt", "label": "ab"[number % 2]} for number in range(12)]
    (source / "metadata.jsonl").write_text("\n".join(map(json.dumps, lines)))
    data = prepare_texts(source, cache=cache)
    assert len(data) == 12 and data.classes == ["a", "b"] and data.labels.tolist() == [0, 1] * 6
