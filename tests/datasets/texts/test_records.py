"""Columns are found, guessed or refused by name; damaged lines are skipped with their numbers."""

import json

import numpy as np
import pytest

from bottega.datasets.texts import TextSettings, prepare_texts
from bottega.datasets.texts.records import as_verse, barred, chosen, names_in, value_at, words
from bottega.errors import DataError

POEMS = [{"title": f"t{n}", "poem": f"one {n * 7919}|two {n * 104729}|three {n * 1299709}"} for n in range(12)]


def write_lines(path, records):
    path.write_text("\n".join(json.dumps(record, ensure_ascii=False) for record in records))
    return path


def test_the_column_is_guessed_and_bars_are_line_breaks(tmp_path, cache):
    data = prepare_texts(write_lines(tmp_path / "p.jsonl", POEMS), cache=cache)
    assert data.text(3) == POEMS[3]["poem"].replace("|", "\n") and data.names[3] == "p.jsonl:4"
    assert data.report.sentence().endswith(
        "each record is a work (column poem); “|” is read as a line break; none skipped"
    )
    titles = prepare_texts(tmp_path / "p.jsonl", TextSettings(column="title"), cache=cache)
    assert titles.text(3) == "t3" and not titles.report.bars


def test_bars_that_part_nothing_stay(tmp_path, cache):
    records = [{"text": "a | b" if n == 3 else f"plain words {n}"} for n in range(12)]
    assert prepare_texts(write_lines(tmp_path / "p.jsonl", records), cache=cache).text(3) == "a | b"
    assert not barred(["a|b\nc", "d|e\nf"]) and not barred([]) and as_verse("a | b|c") == "a\nb\nc"


@pytest.mark.parametrize(
    ("fields", "column"),
    [
        ({"id": "long enough to be taken for it", "Content": "x"}, "Content"),
        ({"author": "ab", "written": "the longest of all", "year": 1999}, "written"),
        ({"meta": {"label": "a"}, "work": {"body": "deep down", "n": 1}}, "work.body"),
        (
            {"rhythmic": "浣溪沙", "author": "晏殊", "paragraphs": ["一曲新词酒一杯", "去年天气旧亭台"]},
            "paragraphs",
        ),
        ({"标题": "静夜思", "正文": "床前明月光"}, "正文"),
        ({"text": "", "story": "Once upon a time."}, "story"),
    ],
)
def test_guesses(fields, column):
    assert chosen([fields], None, None, None).text == column


def test_a_column_that_is_not_there(tmp_path, cache):
    write_lines(tmp_path / "p.jsonl", [{"poem": f"words {n}", "mood": {"whole": "sad"}} for n in range(12)])
    for settings in (TextSettings(column="text"), TextSettings(label="mood.part"), TextSettings(target="english")):
        with pytest.raises(DataError, match=r"There is no column “.*”; there are: poem, mood\.whole\.$"):
            prepare_texts(tmp_path / "p.jsonl", settings, cache=cache)
    with pytest.raises(DataError, match="None of the columns holds text: n"):
        prepare_texts(write_lines(tmp_path / "n.jsonl", [{"n": 1}, {"n": 2}]), cache=cache)


def test_labels_and_moods_from_columns(tmp_path, cache):
    records = [
        {"poem": f"words {n * 7919}", "feel": {"all": n % 3 or None}, "valence": n / 12, "arousal": "0.5" if n else "?"}
        for n in range(12)
    ]
    data = prepare_texts(write_lines(tmp_path / "p.jsonl", records), TextSettings(label="feel.all"), cache=cache)
    assert data.classes == ["1", "2"] and data.labels.tolist() == [2, 0, 1] * 4
    assert np.isnan(data.moods[0]).all() and np.allclose(data.moods[6], (0.5, 0.5))
    with pytest.raises(DataError, match="more than 1,000 classes"):
        records = [{"poem": f"words {n}", "label": n} for n in range(1_100)]
        prepare_texts(write_lines(tmp_path / "q.jsonl", records), cache=cache)


def test_two_columns_are_pairs(tmp_path, cache):
    rows = "".join(f'"draft {n * 7919}, rough",{n},"final ""{n}"""\n' for n in range(15))
    (tmp_path / "p.csv").write_text('before,n,after\n"with no answer",99,\n' + rows, encoding="gb18030")
    data = prepare_texts(tmp_path / "p.csv", TextSettings(column="before", target="after"), cache=cache)
    assert data.pairs and len(data) == 15 and (data.text(2), data.target(2)) == ("draft 15838, rough", 'final "2"')
    assert data.report.column == "before → after" and data.report.separated == "record"
    assert [(skip.name, skip.reason) for skip in data.report.skipped] == [("p.csv, line 2", "“after” is empty")]


def test_a_table_with_tabs_and_line_breaks_in_quotes(tmp_path, cache):
    rows = "".join(f'{n}\t"first {n * 7919}\nsecond"\n' for n in range(12))
    (tmp_path / "p.tsv").write_bytes(("n\ttext\r\n" + rows + "a\tb\tc\td\n").encode("utf-16"))
    data = prepare_texts(tmp_path / "p.tsv", cache=cache)
    assert data.text(1) == "first 7919\nsecond" and data.names[:2] == ["p.tsv:2", "p.tsv:4"]
    assert [skip.name for skip in data.report.skipped] == ["p.tsv, line 26"]


def test_semicolons_of_a_spreadsheet(tmp_path, cache):
    (tmp_path / "p.csv").write_text("n;text\r\n" + "".join(f"{n};words, and {n * 7919}\r\n" for n in range(12)))
    assert prepare_texts(tmp_path / "p.csv", cache=cache).text(1) == "words, and 7919"


def test_damaged_lines_are_skipped(tmp_path, cache):
    lines = [json.dumps(record) for record in POEMS]
    lines[2:2] = ["{broken", "[1, 2]", "null", '{"poem": "  "}', '{"title": "none"}', "[" * 100_000, ""]
    (tmp_path / "p.jsonl").write_bytes("\r\n".join(lines).encode() + b'\n{"poem": "cut')
    data = prepare_texts(tmp_path / "p.jsonl", cache=cache)
    assert len(data) == 12 and data.report.unused == 7
    assert [skip.name for skip in data.report.skipped] == [f"p.jsonl, line {n}" for n in (3, 4, 5, 6, 7, 8, 20)]
    assert data.report.skipped[0].reason == "the line is not JSON"


def test_many_damaged_lines_fill_no_memory(tmp_path, cache):
    (tmp_path / "p.jsonl").write_text("?\n" * 5_000 + "\n".join(map(json.dumps, POEMS)))
    report = prepare_texts(tmp_path / "p.jsonl", cache=cache).report
    assert report.unused == 5_000 and len(report.skipped) == 1_000 and " and 4,997 more" in report.sentence()


@pytest.mark.parametrize("wrap", [lambda poems: poems, lambda poems: {"name": "x", "data": poems, "tags": []}])
def test_one_json_document(tmp_path, cache, wrap):
    (tmp_path / "p.json").write_text(json.dumps(wrap(POEMS), indent=2))
    assert prepare_texts(tmp_path / "p.json", cache=cache).text(11) == POEMS[11]["poem"].replace("|", "\n")
    (tmp_path / "bad.json").write_text(json.dumps(wrap(POEMS), indent=2)[:-5])
    with pytest.raises(DataError, match=r"bad\.json cannot be read: it is not JSON"):
        prepare_texts(tmp_path / "bad.json", cache=cache)


def test_a_json_that_is_no_text_is_skipped_in_a_folder(tmp_path, cache):
    (tmp_path / "w").mkdir()
    write_lines(tmp_path / "w" / "p.jsonl", POEMS)
    (tmp_path / "w" / "info.json").write_text('{"splits": {"train": 12}}')
    data = prepare_texts(tmp_path / "w", cache=cache)
    assert len(data) == 12 and "None of the columns holds text: splits.train" in data.report.sentence()


def test_fields():
    record = {"a.b": "plain", "a": {"b": "nested", "c": {"d": 5}}, "l": ["x", 3, "y"], "e": "", "f": float("nan")}
    assert value_at(record, "a.b") == "plain" and value_at(record, "a.c.d") == 5 and value_at(record, "a.x.y") is None
    assert names_in([record, {"z": 1}]) == ["a.b", "a.c.d", "l", "e", "f", "z"]
    assert words(["x", 3, "y"]) == "x\ny" and words(5) == "5" and words("") is words(True) is words(None) is None


def test_real_collections(test_data, cache):
    data = prepare_texts(
        test_data / "text" / "quatrains_sentiment.jsonl", TextSettings(label="setiments.holistic"), cache=cache
    )
    assert len(data) == 5_000 and data.classes == ["1", "2", "3", "4", "5"] and data.report.column == "poem"
    assert data.text(0).count("\n") == 3 and len(data.held_out) == 500
    pairs = prepare_texts(test_data / "text" / "multi30k" / "val.de", TextSettings(target="val.en"), cache=cache)
    assert len(pairs) == 1_014 and pairs.target(0) == "A group of men are loading cotton onto a truck"
