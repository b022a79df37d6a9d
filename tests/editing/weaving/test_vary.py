import numpy as np
import pytest

from bottega.editing.operation import Job
from bottega.editing.weaving import clips
from bottega.editing.weaving.retarget import RetargetSettings, retarget
from bottega.editing.weaving.vary import VarySettings, vary
from bottega.media.video import Film
from bottega.patches import variation


def steps(film: Film) -> np.ndarray:
    return np.abs(np.diff(film.frames.astype(int), axis=0)).mean((1, 2, 3))


@pytest.fixture(autouse=True)
def few_tries(monkeypatch):
    monkeypatch.setattr(variation, "AFFORDED", 0)


def test_variations_differ_and_move_as_the_film_does(draw, film):
    short, shares = Film(draw(6, 16, 22), film.rate, film.sound), []
    job = Job(listen=lambda share, preview: shares.append(share))
    near = vary({"film": [short]}, VarySettings(distance=0.1), job)
    far = vary({"film": [short]}, VarySettings(distance=0.9, count=2), Job())
    assert near.facts["distance"] < far.facts["distance"]
    assert not np.array_equal(far.works[0].frames, far.works[1].frames)
    for made in (*near.works, *far.works):
        assert made.frames.shape == short.frames.shape and made.sound == b"a track"
        assert 0.4 * steps(short).mean() < steps(made).mean() < 2.5 * steps(short).mean()  # neither frozen nor noise
    assert shares == sorted(shares) and shares[-1] == 1


def test_the_same_seed_gives_the_same_variation(draw, film):
    short = Film(draw(5, 14, 18), film.rate)
    once, again = (vary({"film": [short]}, VarySettings(), Job(seed=2)).works[0].frames for _ in range(2))
    assert np.array_equal(once, again)


def test_another_width_and_another_length(film):
    short, job = Film(film.frames[:8], film.rate, b"a track"), Job()
    wide = retarget({"film": [short]}, RetargetSettings(size="44x24"), job).works[0]
    assert wide.frames.shape == (8, 24, 44, 3) and wide.sound == b"a track" and not job.notes
    long = retarget({"film": [short]}, RetargetSettings(seconds=1), job).works[0]
    assert long.frames.shape == (12, 24, 32, 3) and long.sound is None and len(job.notes) == 1
    assert steps(long).mean() > 0.5 * steps(short).mean()


def test_a_film_that_is_too_large_is_made_smaller_and_it_is_said(film, monkeypatch):
    monkeypatch.setattr(clips, "MOST", 8 * 12 * 16)
    job = Job()
    frames, size = clips.affordable(film.frames[:8], (8, 24, 32), job)
    assert size == (8, 12, 16) and frames.shape == (8, 12, 16, 3) and "16×12" in job.notes[0]


def test_frames_survive_the_way_to_tensors_and_back(draw):
    frames = draw(3, channels=4)
    assert np.array_equal(clips.to_frames(clips.to_tensor(frames)), frames)
