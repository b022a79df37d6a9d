"""Bars are complete whatever is drawn, and every real tune is allowed."""

import numpy as np
import pytest

from bottega.datasets.builtin_tunes import draw
from bottega.forms.bars import Bars
from bottega.media.score import Score, Track, tidy
from bottega.representations.events import Events
from bottega.representations.grid import Grid, laid_out, trimmed


def grids() -> list[Grid]:
    """Tunes of a melody and chords, in two meters, the melody with rests."""
    found = []
    rng = np.random.default_rng(0)
    for over in (3, 4):
        melody, at = [], 0
        while at < 4 * over * 480:
            long = int(rng.choice([240, 480, 960]))
            if rng.random() < 0.8:
                melody.append((at, long, int(rng.integers(60, 80)), 90))
            at += long
        chords = [(480 * over * i, 480 * over, p + i, 70) for i in range(4) for p in (48, 52, 55)]
        tracks = [Track("", 0, False, np.array(some)) for some in (melody, chords)]
        found.append(laid_out(tidy(Score(tracks, 480, meters=[(0, over, 4)]))))
    return found


@pytest.fixture(scope="module")
def events() -> Events:
    return Events.learn(grids() * 4)


def drawn(events: Events, form: Bars, seed: int) -> list[int]:
    """Events drawn at random from what is allowed, until the end."""
    rng, ids = np.random.default_rng(seed), []
    while True:
        allowed = np.flatnonzero(form.allowed())
        assert len(allowed), ids[-8:]
        token = int(rng.choice(allowed))
        if token == events.words["eos"]:
            return ids
        ids.append(token)
        form.take(token)


@pytest.mark.parametrize("melody", [False, True])
def test_every_tune_may_be_written(events: Events, melody: bool) -> None:
    for grid in grids():
        notes = events.settled(grid)
        form = Bars(events, len(grid), meter=grid.meters, given=notes[notes[:, 4] == 0] if melody else None)
        for token in np.concatenate(events.bars(grid)).tolist():
            assert form.allowed()[token]
            form.take(token)


@pytest.mark.parametrize("seed", range(6))
def test_chance_writes_complete_bars(events: Events, seed: int) -> None:
    ids = drawn(events, Bars(events, 5, meters=[(3, 4), (6, 8)]), seed)
    grid = events.grid(ids)
    assert len(grid) == 5 and len(set(grid.meters)) == 1
    assert (grid.notes[:, 0] + grid.notes[:, 1]).max() <= grid.begins[-1]
    starts = set(np.searchsorted(grid.begins, grid.notes[:, 0], side="right").tolist())
    assert starts == {1, 2, 3, 4, 5}  # no bar is empty
    assert len(events.settled(grid)) == len(grid.notes)  # nothing overlaps that must not
    silent = [token for token in ids if not events.velocity <= token < events.length]
    again = [token for token in np.concatenate(events.bars(grid)) if not events.velocity <= token < events.length]
    assert again == silent  # there is one way to write it


@pytest.mark.parametrize("seed", range(6))
def test_what_is_given_is_written_note_for_note(events: Events, seed: int) -> None:
    grid = grids()[seed % 2]
    notes = events.settled(grid)
    melody = notes[notes[:, 4] == 0]
    made = events.grid(drawn(events, Bars(events, len(grid), meter=grid.meters, given=melody), seed)).notes
    assert made[made[:, 4] == 0][:, :3].tolist() == melody[:, :3].tolist()
    assert (made[:, 4] == 1).any() and made[:, 0].min() == melody[0, 0]


def test_a_held_note_silences_its_voice(events: Events) -> None:
    held = np.zeros(len(events.parts), np.int64)
    single = next(k for k, part in enumerate(events.parts) if part["single"])
    held[single] = 30
    for seed in range(4):
        notes = events.grid(drawn(events, Bars(events, 2, meter=(4, 4), held=held), seed)).notes
        assert (notes[notes[:, 4] == single, 0] >= 30).all()


def test_a_scale_is_kept(events: Events) -> None:
    notes = events.grid(drawn(events, Bars(events, 3, meter=(3, 4), scale=[0, 4, 7]), 1)).notes
    assert set((notes[:, 2] % 12).tolist()) == {0, 4, 7}


def test_bars_are_counted_down_to_what_follows(events: Events) -> None:
    ids = drawn(events, Bars(events, 2, meter=(4, 4), after=3), 0)
    left = [events.words[f"left {k}"] for k in (4, 3)]
    assert [token for token in ids if token <= events.last_word] == left


def test_built_in_tunes_with_drums_and_triplets_may_be_written() -> None:
    tunes = [trimmed(laid_out(draw(i)[0])) for i in range(12)]
    events = Events.learn(tunes)
    for grid in tunes:
        ids = np.concatenate(events.bars(grid))
        assert len(events.grid(ids).notes) >= 0.99 * len(grid.notes)
        form = Bars(events, len(grid), meter=grid.meters)
        for token in ids.tolist():
            assert form.allowed()[token]
            form.take(token)


@pytest.mark.parametrize("seed", range(4))
def test_bars_come_back_as_they_were(events: Events, seed: int) -> None:
    grid = events.grid(drawn(events, Bars(events, 7, meter=(4, 4), form=(0, 1, 0, 1, 4)), seed))
    bars = [grid.notes[np.searchsorted(grid.begins, grid.notes[:, 0], side="right") == i + 1] for i in range(7)]
    bars = [(bar - [grid.begins[i], 0, 0, 0, 0]).tolist() for i, bar in enumerate(bars)]
    outlasting = [max(begin + long for begin, long, *_rest in bar) > 48 for bar in bars]
    assert outlasting[1] or bars[2] == bars[0]  # unless a note of the bar before is still held
    assert outlasting[2] or bars[3] == bars[1]
    assert bars[4] not in bars[:4] and len(grid) == 7  # new ones are new, and go on beyond what was planned


def test_a_held_note_keeps_a_bar_from_coming_back() -> None:
    melody = [(0, 1920, 72, 90), (1920, 960, 74, 90), (2880, 1920, 76, 90)]  # the last one lasts into the third bar
    [melody] = [np.array([*melody, *[(4800, 960, 77, 90)]])]
    grid = laid_out(tidy(Score([Track("", 0, False, melody)], 480)))
    events = Events.learn([grid] * 4)
    form = Bars(events, len(grid), meter=(4, 4), form=(0, 1, 0))
    for token in np.concatenate(
        events.bars(grid)
    ).tolist():  # the tune as it is, although its third bar is not its first
        assert form.allowed()[token]
        form.take(token)
