import json
from collections import Counter

import pytest

from bottega.errors import UsageError
from bottega.forms import tones as room
from bottega.forms.tones import rhymes, tones


def test_the_entering_tone_is_oblique():
    assert {character: tones()[character] for character in "白日竹国發"} == dict.fromkeys("白日竹国發", "仄")
    assert tones()["兒"] == tones()["龙"] == "平"  # against the tables
    assert tones()["山"] == "平" and tones()["水"] == "仄" and tones()["看"] == "平仄"


def test_simplified_characters_sound_as_the_traditional_ones():
    for simple, traditional in zip("风云东见尽归", "風雲東見盡歸", strict=True):
        assert rhymes()[simple] >= rhymes()[traditional]
    assert "上平聲八齊" in rhymes()["溪"] & rhymes()["啼"]  # the tables write the one differently, and lack the other


def test_missing_tables_say_how_to_install_them(monkeypatch):
    monkeypatch.setattr(room, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"bottega\[verse\]"):
        rhymes.__wrapped__()


def test_the_characters_of_real_quatrains_are_known(test_data):
    lines = (test_data / "text" / "quatrains_keywords.jsonl").read_text(encoding="utf-8").splitlines()
    counts = Counter("".join(json.loads(line)["content"].replace("|", "") for line in lines))
    known = sum(count for character, count in counts.items() if character in rhymes())
    assert known > 0.996 * counts.total()


def test_another_table_says_the_same(test_data):
    folder = test_data / "text" / "rhyme"
    level, oblique = (set((folder / f"{name}.txt").read_text(encoding="utf-8")) for name in ("pingsheng", "zesheng"))
    both = tones().keys() & (level | oblique)
    against = [c for c in both if not any(c in (level if tone == "平" else oblique) for tone in tones()[c])]
    assert len(both) > 6000 and len(against) < 0.01 * len(both)
