"""Edits of scores: what nobody asked to change stays note for note, and what is made is complete."""

import numpy as np
import pytest

from bottega.editing.operation import Job
from bottega.editing.scoring.carry_on import CONTINUE, INFILL
from bottega.editing.scoring.harmonize import HARMONIZE, RE_MOOD, _alone
from bottega.editing.scoring.moods import changed
from bottega.errors import UsageError
from bottega.media.score import Score, Track, tidy
from bottega.models.model import initialised
from bottega.models.scores import Plan, ScoreModel
from bottega.recipes.recipe import load
from bottega.representations.events import Events
from bottega.representations.grid import Grid, key_of, laid_out

BAR = 1440  # ticks of a bar of 3/4


def tune(parts: int = 2, quarter: int = 480) -> Score:
    """Six bars of 3/4 in C major, played a little before the beat: no grid holds these notes exactly."""
    melody = [(max(0, 240 * i - 7), 230, 60 + (0, 4, 7, 5, 2, 11)[i % 6], 90 + i % 5) for i in range(36)]
    chords = [(BAR * i, BAR, p, 70) for i in range(6) for p in (48, 52, 55)]
    tracks = [Track(str(k), 0, False, np.array(some)) for k, some in enumerate((melody, chords))][:parts]
    whole = tidy(Score(tracks, 480, meters=[(0, 3, 4)]))
    scaled = [Track(t.name, 0, False, t.notes * (quarter / 480, quarter / 480, 1, 1)) for t in whole.tracks]
    return tidy(Score(scaled, quarter, meters=[(0, 3, 4)]))


@pytest.fixture(scope="module")
def model() -> ScoreModel:
    recipe = load("tune-rnn", {"networks.model.width": "32", "networks.model.layers": "1"})
    events = Events.learn([laid_out(tune())] * 4)
    plans = [Plan(None, (2, 2), 0, 100.0, (3, 4))]
    return ScoreModel(recipe, events, [], [], initialised(recipe, events, 0, 0), plans=plans)


def run(operation, score: Score, model: ScoreModel | None = None, **settings):
    shares: list[float] = []
    job = Job(0, model, lambda share, preview: shares.append(share))
    made = operation.run({operation.inputs[0].name: [score]}, operation.settings(**settings), job)
    assert shares == sorted(shares)
    return made.works


def notes(score: Score, begin: int = 0, end: int = 1 << 30) -> list[list[list[int]]]:
    """The notes of each track that begin between two ticks."""
    found = [track.notes[(track.notes[:, 0] >= begin) & (track.notes[:, 0] < end)] for track in score.tracks]
    return [some.tolist() for some in found]


@pytest.mark.parametrize("quarter", [480, 384])
def test_what_is_carried_on_stays_and_bars_are_added(model: ScoreModel, quarter: int) -> None:
    score = tune(quarter=quarter)
    for made in run(CONTINUE, score, model, bars=2, count=2):
        assert notes(made, 0, 6 * 3 * quarter) == notes(score)
        assert 6 * 3 * quarter < made.end <= 8 * 3 * quarter
        assert len(made.tracks) == 2


def test_it_goes_on_where_the_last_notes_only_ring(model: ScoreModel) -> None:
    score = tune()
    last = score.tracks[1].notes.copy()
    last[-3:, 1] += BAR // 4  # the last chord ends in a bar of its own
    score = tidy(Score([score.tracks[0], Track("1", 0, False, last)], 480, meters=[(0, 3, 4)]))
    [made] = run(CONTINUE, score, model, bars=2)
    assert notes(made, 0, 6 * BAR) == notes(score)
    assert any(notes(made, 6 * BAR, 7 * BAR)) and made.end <= 8 * BAR
    with pytest.raises(UsageError, match="no bars of 11/8; it knows: 3/4"):
        run(CONTINUE, tidy(Score(score.tracks, 480, meters=[(0, 11, 8)])), model)


def test_only_the_bars_of_a_gap_are_written_anew(model: ScoreModel) -> None:
    score = tune()
    [made] = run(INFILL, score, model, first=3, last=4, tries=2)
    begin, end = 2 * BAR - 20, 4 * BAR - 20
    assert notes(made, 0, begin) == notes(score, 0, begin)
    assert notes(made, end) == notes(score, end)
    assert notes(made, begin, end) != notes(score, begin, end)
    with pytest.raises(UsageError, match="6 bars"):
        run(INFILL, score, model, first=8, last=9)


def test_a_melody_is_kept_and_gets_chords(model: ScoreModel) -> None:
    melody = tune(parts=1)
    [made] = run(HARMONIZE, melody, model, tries=2)
    assert len(made.tracks) == 2
    assert made.tracks[0] == melody.tracks[0]
    assert made.end <= 6 * BAR
    with pytest.raises(UsageError, match="no other parts"):
        run(HARMONIZE, tune(), model)


def test_bars_that_nobody_accompanies_count_but_for_an_upbeat() -> None:
    melody = [(12 * i, 12, 60, 90, 0) for i in range(18)]  # six bars of 3/4
    chords = [(36 * bar, 36, 48, 70, 1) for bar in (1, 4)]
    grid = Grid([(3, 4)] * 6, np.arange(7) * 36, np.array(melody + chords), [(0, False, 0)] * 2, 120.0)
    assert _alone(grid, {0}) == 3 and _alone(grid, {0, 1}) == 5 and _alone(grid, {1}) == 0


def test_a_mood_changes_mode_tempo_and_loudness() -> None:
    score = tune()
    dark, bright = changed(score, -0.4, -0.5), changed(score, 0.4, 0.5)
    assert key_of(laid_out(dark).notes, np.array([True, True])) == 12
    assert [t.notes[:, 2].tolist() for t in bright.tracks] == [t.notes[:, 2].tolist() for t in score.tracks]
    assert dark.tempos[0][1] < score.tempos[0][1] < bright.tempos[0][1]
    assert dark.tracks[0].notes[:, 3].mean() < score.tracks[0].notes[:, 3].mean() < bright.tracks[0].notes[:, 3].mean()
    assert (bright.tracks[0].notes[:, 1] < score.tracks[0].notes[:, 1]).all()
    assert [t.notes.tolist() for t in changed(score, 0, 0).tracks] == [t.notes.tolist() for t in score.tracks]


def test_a_new_accompaniment_leaves_the_melody(model: ScoreModel) -> None:
    [plain] = run(RE_MOOD, tune(), mood=(-0.4, 0.0))
    [made] = run(RE_MOOD, tune(), model, mood="-0.4,0.0", tries=1)
    assert made.tracks[0] == plain.tracks[0] and made.tracks[1] != plain.tracks[1]


def test_another_medium_is_refused() -> None:
    with pytest.raises(UsageError, match="model of scores"):
        run(CONTINUE, tune())
