"""Tunes in ABC: books, upbeats, repeats, and what is wrong in them."""

import random
import re

import pytest

from bottega.errors import UnreadableWork
from bottega.media import score
from bottega.media.score import Score

BOOK = """% a small book
M:3/4
L:1/4

X:1
T:Three
K:G
GAB|G3|

X: 2
T:Café
M:4/4
K:Am
A|:ABcd|e3A:|

X:3
T:No key
CDE|
"""


def tunes(text: str | bytes) -> list[tuple[str, Score | UnreadableWork]]:
    return list(score.works(text.encode() if isinstance(text, str) else text))


def tune(text: str) -> Score:
    ((_name, work),) = tunes(text)
    assert isinstance(work, Score), work
    return work


def test_a_book_is_parted_into_tunes_with_their_names():
    first, second, third = tunes(BOOK)
    assert [name for name, _work in (first, second, third)] == ["1 Three", "2 Café", "3 No key"]
    assert isinstance(first[1], Score) and first[1].meters == [(0, 3, 4)] and first[1].key == (7, "major")
    assert first[1].tracks[0].notes[:, 2].tolist() == [67, 69, 71, 67]
    assert isinstance(second[1], Score) and second[1].key == (9, "minor")
    assert isinstance(third[1], UnreadableWork) and "key" in str(third[1])


def test_read_wants_one_tune(tmp_path):
    path = tmp_path / "book.abc"
    path.write_text(BOOK)
    with pytest.raises(UnreadableWork, match="book of 3 tunes"):
        score.read(path)


def test_an_upbeat_stands_before_the_first_bar_line():
    found = tune("X:1\nM:4/4\nL:1/4\nK:C\nC|:DEFG|A3C:|\n")
    starts = found.tracks[0].notes[:, 0].tolist()
    assert starts[:3] == [1_440, 1_920, 2_400]
    assert found.tracks[0].notes[0].tolist()[1:3] == [480, 60]
    assert [begin for begin, _end in found.bars] == [0, 1_920, 3_840, 5_760, 7_680]
    whole = tune("X:1\nM:4/4\nL:1/4\nK:C\nCDEF|G4|\n")
    assert whole.tracks[0].notes[:, 0].tolist() == [0, 480, 960, 1_440, 1_920]
    ends_in_rest = tune("X:1\nM:4/4\nL:1/4\nK:C\nCDz2|G4|\n")
    assert ends_in_rest.tracks[0].notes[:, 0].tolist() == [0, 480, 1_920]


def test_a_meter_changes_at_a_bar_line():
    found = tune("X:1\nM:3/4\nL:1/4\nK:G\nd|:gab|d2c|\nM:2/4\nga|\nM:3/4\ng3:|\n")
    assert set(found.meters) >= {(0, 3, 4), (4_320, 2, 4), (5_280, 3, 4)}


def test_chords_and_bass_become_tracks():
    found = tune('X:1\nT:Tune\nM:3/4\nL:1/4\nK:G\n"G"GAB|"D7"A3|"G"G3|\n')
    assert [track.name for track in found.tracks] == ["Tune", "bass", "chords"]
    assert found.tracks[1].notes[:, 0].tolist() == [0, 1_440, 2_880]


def test_line_ends_and_encodings():
    windows = tunes("X:1\r\nT:Caf\u00e9\r\nM:4/4\r\nL:1/4\r\nK:Am\r\nABcd|e4|\r\n".encode("cp1252"))
    assert windows[0][0] == "1 Café" and isinstance(windows[0][1], Score)
    assert len(tune("\ufeffX:1\nL:1/4\nK:C\nCDEF|\n").tracks[0].notes) == 4


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("X:1\nT:Bad\nK:C\n" + "@#$^&*()_+}{\n" * 9, "line 4 of the tune is wrong"),
        ("X:1\nK:C\n|||\n", "no notes"),
        ("X:1\nL:1/1\nK:C\n" + "C999999|" * 20, "bars"),
        ("X:1\nK:C\n" + "CDEF|" * 19_000, "too much"),
        ("X:1\nK:C\n" + "CDEF|" * 40_000, "longer than"),
    ],
)
def test_why_a_tune_cannot_be_read(text, reason):
    ((_name, work),) = tunes(text)
    assert isinstance(work, UnreadableWork)
    assert reason in str(work)


def test_no_other_file_is_opened(tmp_path):
    (tmp_path / "secret").write_text("K:C\nCDEFGABc|\n")
    for directive in ("%%abc-include", "I:abc-include"):
        found = tune(f"X:1\n{directive} {tmp_path / 'secret'}\nL:1/4\nK:C\nC4|\n")
        assert len(found.tracks[0].notes) == 1


def test_damaged_tunes_never_do_harm():
    source = BOOK[BOOK.index("X: 2") : BOOK.index("X:3")]
    for seed in range(60):
        dice, text = random.Random(seed), list(source)
        for _change in range(dice.choice((1, 5, 20))):
            text[dice.randrange(len(text))] = dice.choice('|:[](){}"!^_=zABcde0123456789/,<>~-&\\%VMLQ\n')
        for _name, work in tunes("".join(text)):
            assert isinstance(work, Score | UnreadableWork)


def test_folk_tunes_keep_their_bars(test_data):
    text = (test_data / "music" / "nottingham_abc" / "ashover.abc").read_text("latin-1")
    book = "".join(re.split(r"(?m)^(?=X:)", text)[:13])
    shares = []
    for _name, work in tunes(book):
        assert isinstance(work, Score)
        bass = set(work.tracks[1].notes[:, 0].tolist())
        shares.append(sum(begin in bass for begin, _end in work.bars) / len(work.bars))
    assert min(shares) > 0.8  # chords change at bar lines
