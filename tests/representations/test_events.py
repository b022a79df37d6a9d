"""Scores as events: what is written can be read back, in any key, and every word has its place."""

import numpy as np
import pytest

from bottega.media.score import Score, Track, tidy
from bottega.representations.events import Events
from bottega.representations.grid import as_score, key_of, laid_out, trimmed
from bottega.representations.keys import name_of, number_of

SCALE = [60, 62, 64, 65, 67, 69, 71, 72]


def tune(drums: bool = True) -> Score:
    """Two bars of 3/4 and one of 4/4: a melody with a triplet, chords, and drums."""
    melody = [(480 * i, 480, SCALE[i], 90) for i in range(5)] + [(2400 + 160 * i, 160, SCALE[i], 70) for i in range(3)]
    melody += [(2880, 1920, 72, 100)]
    chords = [(at, long, pitch, 60) for at, long in ((0, 1440), (1440, 1440), (2880, 1920)) for pitch in (48, 52, 55)]
    tracks = [Track("melody", 73, False, np.array(melody)), Track("chords", 0, False, np.array(chords))]
    if drums:
        tracks.append(Track("drums", 0, True, np.array([(480 * i, 120, 36 + 2 * (i % 2), 110) for i in range(10)])))
    return tidy(Score(tracks, 480, [(0, 96.0)], [(0, 3, 4), (2880, 4, 4)]))


def heard(score: Score) -> list[list[int]]:
    """Onset, duration and pitch of every note on the grid."""
    return sorted(laid_out(score).notes[:, :3].tolist())


@pytest.fixture
def events() -> Events:
    return Events.learn([laid_out(tune())] * 4)


def test_a_score_comes_back_as_it_was(events: Events) -> None:
    ids = events.encode(tune())
    back = events.decode(ids, tempo=96.0)
    assert heard(back) == heard(tune())
    assert back.meters == [(0, 3, 4), (2880, 4, 4)] and back.tempos == [(0, 96.0)]
    assert {(t.program, t.drums) for t in back.tracks} == {(73, False), (0, False), (0, True)}
    assert np.array_equal(events.encode(back), ids)


def test_a_bar_says_its_meter_and_how_many_follow(events: Events) -> None:
    bars = events.bars(laid_out(tune()))
    assert [events.meters[bar[0] - events.bar] for bar in bars] == [(3, 4), (3, 4), (4, 4)]
    assert [bar[1] for bar in bars] == [events.words[f"left {k}"] for k in (2, 1, 0)]


def test_a_chord_shares_its_length(events: Events) -> None:
    chord = Score([Track("", 0, False, np.array([(0, 1440, p, 60) for p in (48, 52, 55)]))], 480, meters=[(0, 3, 4)])
    ids = events.encode(chord)
    assert ((ids >= events.length) & (ids < events.pitch)).sum() == 1
    assert (ids >= events.pitch).sum() == 3


def test_transposed_tokens_are_those_of_the_transposed_score(events: Events) -> None:
    moved = events.transposed(4)[events.encode(tune())]
    assert np.array_equal(moved, events.encode(tune().transposed(4)))  # drums stay
    head = events.head(key=9)
    assert events.transposed(4)[head].tolist() == events.head(key=1)


def test_every_head_is_equally_long_and_what_is_open_is_any(events: Events) -> None:
    assert len(events.head()) == len(events.head(mood=(0, 4), key=23, tempo=3)) == 5
    assert events.head()[1:] == [events.any] * 4


def test_what_makes_no_sense_is_left_out(events: Events) -> None:
    grid = events.grid([events.pitch + 60, events.bar, events.pitch + 60, events.position, events.pitch + 60])
    assert len(grid) == 1 and not len(grid.notes)
    assert as_score(grid).tracks == []


def test_a_vocabulary_is_kept_with_the_model(events: Events, tmp_path) -> None:
    again = Events.of_model(tmp_path, events.config() | {"classes": []})
    assert np.array_equal(again.encode(tune()), events.encode(tune())) and again.words == events.words


def test_an_unknown_instrument_plays_the_part_most_like_it(events: Events) -> None:
    flute, drums = events._nearest(74, False, 0), events._nearest(5, True, 0)
    assert events.parts[flute]["program"] == 73 and events.parts[drums]["drums"]
    assert Events.learn([laid_out(tune(drums=False))]).voices([(0, True, 0)]) == [None]


def test_empty_bars_before_the_first_note_can_go() -> None:
    late = Score([Track("", 0, False, np.array([(2000, 400, 60, 80)]))], 480, meters=[(0, 2, 4)])
    assert len(laid_out(late)) == 3 and len(trimmed(laid_out(late))) == 1
    assert trimmed(laid_out(late)).notes[0, 0] == 2  # 80 ticks into its bar


def test_a_bar_that_is_cut_short_has_the_meter_of_its_length() -> None:
    cut = Score([Track("", 0, False, np.array([(0, 480, 60, 80), (3000, 480, 60, 80)]))], 480,
                meters=[(0, 4, 4), (2400, 3, 4)])  # fmt: skip
    assert laid_out(cut).meters == [(4, 4), (1, 4), (3, 4)]


@pytest.mark.parametrize("tonic", [0, 5, 11])
def test_the_key_is_heard(tonic: int) -> None:
    for steps, key in (((0, 4, 7, 2, 5, 11, 0), tonic), ((0, 3, 7, 2, 5, 8, 0), 12 + tonic)):
        notes = np.array([(12 * i, 12, 48 + tonic + step, 80, 0) for i, step in enumerate(steps)])
        assert key_of(notes, np.array([True])) == key


def test_keys_have_names() -> None:
    assert all(number_of(name_of(key)) == key for key in range(24))
    assert [number_of(name) for name in ("Bbm", "F#", "降B大调", "a minor", "E♭")] == [22, 6, 10, 21, 3]
    with pytest.raises(ValueError):
        number_of("H major")
