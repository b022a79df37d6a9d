"""Scores are tidy, come back as they were written, and no file harms whoever reads it."""

import random
import struct
import time

import numpy as np
import pytest

from bottega.errors import UnreadableWork, UsageError
from bottega.media import score
from bottega.media.midi import from_midi, to_midi
from bottega.media.score import Score, Track

RECORD = {"operation": "generate", "parameters": {"seed": 7, "words": "“é”\n"}, "model": None}
END = b"\0\xff\x2f\0"


def length(number: int) -> bytes:
    digits = [number & 127]
    while number := number >> 7:
        digits.insert(0, number & 127 | 128)
    return bytes(digits)


def midi(events: bytes, division: int = 480) -> bytes:
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, division) + b"MTrk" + struct.pack(">I", len(events)) + events


def note(pitch: int = 60, size: int = 480, loud: int = 100) -> bytes:
    return bytes([0, 0x90, pitch, loud]) + length(size) + bytes([0x80, pitch, 0])


def only(data: bytes) -> Score | UnreadableWork:
    ((_name, work),) = score.works(data)
    return work


def some_score(seed: int = 0, tracks: int = 3, quarter: int = 480) -> Score:
    dice = np.random.default_rng(seed)
    parts = []
    for number in range(tracks):
        notes = np.stack([dice.integers(low, high, 50) for low, high in ((0, 9_000), (0, 900), (30, 90), (1, 128))], 1)
        parts.append(Track(f"Stimme {number} é", int(dice.integers(128)), number == 1, notes))
    tempos, meters = [(0, 133.7), (960, 61.25)], [(0, 6, 8), (2_880, 3, 4)]
    return score.tidy(Score(parts, quarter, tempos, meters, [(0, 9, "minor"), (2_880, 6, "major")]))


def test_a_score_comes_back_as_it_was_written(tmp_path):
    for seed, (tracks, quarter) in enumerate([(1, 24), (3, 480), (20, 960), (4, 32_767)]):
        made, path = some_score(seed, tracks, quarter), tmp_path / f"{seed}.mid"
        score.write(path, made, RECORD)
        assert score.read(path) == made
        assert score.read_record(path) == RECORD
        first = path.read_bytes()
        score.write(path, made, RECORD)
        assert path.read_bytes() == first
        score.write(path, made)
        assert score.read(path) == made and score.read_record(path) is None


def test_every_key_comes_back():
    for tonic in range(12):
        for mode in ("major", "minor"):
            made = score.tidy(Score(some_score().tracks, keys=[(0, tonic, mode)]))
            assert from_midi(to_midi(made)).key == (tonic, mode)


def test_only_midi_is_written(tmp_path):
    with pytest.raises(UsageError, match=r"\.mid, \.midi"):
        score.write(tmp_path / "tune.abc", some_score())
    assert not list(tmp_path.iterdir())


def test_bars_follow_the_meters_and_no_bar_drifts():
    one = Score([Track("", 0, False, np.array([[0, 5_000, 60, 90]], np.int32))], 480, meters=[(0, 3, 4), (2_880, 2, 4)])
    assert one.bars == [(0, 1_440), (1_440, 2_880), (2_880, 3_840), (3_840, 4_800), (4_800, 5_760)]
    uneven = Score([Track("", 0, False, np.array([[0, 70, 60, 90]], np.int32))], 5, meters=[(0, 7, 16)])
    assert uneven.bars[:5] == [(0, 9), (9, 18), (18, 26), (26, 35), (35, 44)]
    within = Score(
        [Track("", 0, False, np.array([[0, 3_000, 60, 90]], np.int32))], 480, meters=[(0, 4, 4), (960, 3, 4)]
    )
    assert within.bars == [(0, 960), (960, 2_400), (2_400, 3_840)]


def test_time_follows_the_tempos():
    notes = np.array([[0, 960, 60, 90]], np.int32)
    one = Score([Track("", 0, False, notes)], 480, tempos=[(0, 60.0), (480, 120.0)])
    assert one.seconds == pytest.approx(1.5)
    assert one.time_of(np.array([0, 240, 480, 960])) == pytest.approx([0, 0.5, 1, 1.5])


def test_transposing_moves_keys_and_leaves_drums():
    made = some_score()
    up = made.transposed(3)
    assert np.array_equal(up.tracks[0].notes[:, 2], made.tracks[0].notes[:, 2] + 3)
    assert up.tracks[1] == made.tracks[1]
    assert up.keys == [(0, 0, "minor"), (2_880, 9, "major")]
    assert up.transposed(-3) == made
    with pytest.raises(UsageError, match="range"):
        made.transposed(100)


def test_notes_of_one_pitch_do_not_overlap():
    tidied = score.tidy_notes(np.array([[100, 300, 60, 90], [0, 300, 60, 80], [100, 50, 60, 70], [50, 0, 200, 0]]))
    assert tidied.tolist() == [[0, 100, 60, 80], [50, 1, 127, 1], [100, 300, 60, 90]]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"#EXTM3U\nhttp://example.org/tune.mid\n", "neither MIDI nor ABC"),
        (b"[playlist]\nFile1=/etc/passwd\n", "neither MIDI nor ABC"),
        (b"\x89PNG\r\n\x1a\n\0\0", "neither MIDI nor ABC"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "no MIDI file"),
        (midi(note() + END)[:30], "no MIDI file"),
        (b"MThd" + bytes(100), "no MIDI file"),
        (midi(END), "no notes"),
        (midi(b"\0\x90\x3c\x64" + END), "no notes"),  # it hangs: nothing ends it
        (midi(note() + END, 0), "no length"),
        (midi(note() + END, 0xE728), "no MIDI file"),  # counted in frames of film
        (midi(note(size=(1 << 28) - 1) * 30 + END), "longer than any"),
        (midi(note(size=1 << 24) + END, 1), "bars"),
        (midi(b"\1\xff\x51\3\1\2\3" * 60_000 + note() + END), "changes"),
    ],
)
def test_why_a_score_cannot_be_read(data, reason):
    work = only(data)
    assert isinstance(work, UnreadableWork)
    assert reason in str(work)


def test_what_is_odd_is_mended():
    zero_tempo = only(midi(b"\0\xff\x51\3\0\0\0" + note() + END))
    assert isinstance(zero_tempo, Score) and zero_tempo.tempos == [(0, 120.0)]
    absurd_meter = only(midi(b"\0\xff\x58\4\0\xff\x18\x08" + b"\0\xff\x58\4\xff\x09\x18\x08" + note() + END))
    assert isinstance(absurd_meter, Score) and absurd_meter.meters == [(0, 4, 4)]
    absurd_key = only(midi(b"\0\xff\x59\2\x66\x09" + note() + END))
    assert isinstance(absurd_key, Score) and absurd_key.keys == []
    empty_note = only(midi(note(size=0) + END))
    assert isinstance(empty_note, Score) and empty_note.tracks[0].notes.tolist() == [[0, 1, 60, 100]]
    hanging = only(midi(b"\0\x90\x40\x64" + note() + END))
    assert isinstance(hanging, Score) and hanging.tracks[0].notes[:, 2].tolist() == [60]
    strange_name = only(midi(b"\0\xff\x03\x05\xe9\xff\x00\x1b\x80" + note() + END))
    assert isinstance(strange_name, Score) and strange_name.tracks[0].name.isprintable()
    wrapped = only(b"RIFF\x10\0\0\0RMIDdata\0\0\0\0" + midi(note() + END))
    assert isinstance(wrapped, Score)


def test_the_ending_does_not_matter_but_the_content_does(tmp_path):
    (tmp_path / "tune.abc").write_bytes(midi(note() + END))
    assert score.read(tmp_path / "tune.abc").end == 480
    (tmp_path / "tune.mid").write_text("X:1\nM:4/4\nL:1/4\nK:C\nCDEF|\n")
    assert score.read(tmp_path / "tune.mid").end == 1_920
    with pytest.raises(UnreadableWork, match="not there"):
        score.read(tmp_path / "none.mid")


def test_a_million_notes_take_seconds():
    began = time.process_time()
    work = only(midi(note(size=1) * 1_000_000 + END))
    assert isinstance(work, Score) and len(work.tracks[0].notes) == 1_000_000
    assert time.process_time() - began < 20
    assert isinstance(only(midi(b"\0\x90\x3c\x64" * 1_000_000 + END)), UnreadableWork)


def test_damaged_bytes_never_do_harm():
    source = to_midi(some_score(), RECORD)
    for seed in range(600):
        dice, data = random.Random(seed), bytearray(source)
        if seed % 3 == 0:
            data = data[: dice.randrange(len(data))]
        for _flip in range(dice.choice((1, 5, 50))):
            if data:
                data[dice.randrange(len(data))] = dice.randrange(256)
        assert isinstance(only(bytes(data)), Score | UnreadableWork)


def test_every_folk_tune_comes_back(test_data, tmp_path):
    for path in sorted((test_data / "music" / "nottingham_midi").glob("*.mid"))[::20]:
        found = score.read(path)
        assert from_midi(to_midi(found)) == found
