"""Films of walks: with every maker, closed, past pictures, in time with music."""

import io

import numpy as np
import pytest
from tests.editing.trained.conftest import model, picture

from bottega import verbs
from bottega.editing.operation import Job
from bottega.editing.trained import walk
from bottega.errors import UsageError
from bottega.media import audio, video
from bottega.media.audio import Sound

RATE = 16_000


def walked(job, pictures=(), music=(), **settings):
    works = {"picture": list(pictures), "music": list(music)}
    return walk.walk(works, walk.WalkSettings(**{"seconds": 2, "fps": 6, **settings}), job)


def drums(seconds=6.0, every=0.5):
    t = np.arange(round(seconds * RATE)) / RATE
    since = (t - 0.25) % every
    return Sound((np.sin(2 * np.pi * 70 * since) * np.exp(-since / 0.04) * 0.7).astype(np.float32)[None], RATE)


def far(film):
    frames = film.frames.astype(np.float64)
    return np.sqrt(np.square(np.diff(frames, axis=0)).mean((1, 2, 3)))


@pytest.mark.parametrize("name", ["flow", "gan", "vae"])
@pytest.mark.parametrize(
    ("channels", "classes", "count", "loop"),
    [(3, True, 0, True), (3, False, 2, False), (4, True, 1, True), (4, False, 0, False)],
)
def test_every_maker_walks(name, channels, classes, count, loop):
    job, seen = Job(seed=3, model=model(name, channels, classes)), []
    job.listen = lambda share, preview: seen.append(share)
    made = walked(job, [picture(), picture(20, 20)][:count], loop=loop)
    (film,) = made.works
    assert film.frames.shape == (12, 16, 16, 3 if count else channels)
    assert film.frames.dtype == np.uint8
    assert (film.rate, film.sound) == (6, None)
    assert seen == sorted(seen)
    assert seen[-1] == 1
    assert (far(film) > 0).all()
    again = walked(Job(seed=3, model=job.model), [picture(), picture(20, 20)][:count], loop=loop)
    assert (again.works[0].frames == film.frames).all()
    other = walked(Job(seed=4, model=job.model), [picture(), picture(20, 20)][:count], loop=loop)
    assert (other.works[0].frames != film.frames).any()


@pytest.mark.parametrize("name", ["flow", "gan", "vae"])
def test_a_loop_closes_as_if_it_went_on(name):
    job = Job(model=model(name))
    made = walked(job, seconds=5, loop=True, label="dog")
    film = made.works[0]
    jump = np.sqrt(np.square(film.frames[-1] - film.frames[0].astype(np.float64)).mean())
    assert jump / np.median(far(film)) == pytest.approx(made.facts["seam"], abs=0.01)
    assert 0.4 < made.facts["seam"] < 1.8
    assert made.facts["fastest to mean"] < 2
    ends = walked(job, seconds=5, label="dog").works[0]
    apart = np.sqrt(np.square(ends.frames[-1] - ends.frames[0].astype(np.float64)).mean())
    assert apart > 3 * np.median(far(ends))


def test_pictures_are_passed_at_even_times():
    pictures = [picture(16, 16), picture(16, 16)[::-1].copy(), 255 - picture(16, 16)]
    film = walked(Job(model=model("flow")), pictures, seconds=3, loop=True).works[0]
    for number, wanted in enumerate(pictures):
        off = np.square(film.frames.astype(np.float64) - wanted).mean((1, 2, 3))
        assert off.argmin() == 6 * number
        assert off.min() < 60  # PSNR above 30 dB
    way = walked(Job(model=model("flow")), pictures[:2], seconds=3).works[0]
    assert np.square(way.frames[-1].astype(np.float64) - pictures[1]).mean() < 60


@pytest.mark.parametrize("name", ["gan", "vae"])
def test_films_move_in_time_with_music(name):
    job = Job(model=model(name, classes=False))
    made = walked(job, music=[drums()], seconds=None, fps=24)
    film, facts = made.works[0], made.facts
    assert len(film) == 144
    assert facts["beats a minute"] == pytest.approx(120, rel=0.02)
    assert abs(facts["frames late"]) <= 1
    assert facts["in time"] > 0.5
    still = walked(job, music=[drums()], seconds=None, fps=24, react=0)  # the control
    assert still.facts["in time"] < 0.5 * facts["in time"]
    steps, others = far(film), far(still.works[0])
    assert steps.max() / steps.mean() > 2 * others.max() / others.mean()


def test_the_sound_is_the_music():
    song = drums()
    film = walked(Job(model=model("vae")), music=[song], seconds=3).works[0]
    assert len(film) == 18
    heard = audio.read(io.BytesIO(film.sound))
    assert heard.seconds == pytest.approx(3, abs=0.01)
    assert np.abs(heard.samples - song.samples[:, : len(heard)]).max() < 1e-6
    job = Job(model=model("vae"))
    assert len(walked(job, music=[song], seconds=60).works[0]) == 36
    assert job.notes


def test_small_works_are_enlarged_when_asked():
    assert walked(Job(model=model("vae")), size=40).works[0].size == (40, 40)


def test_what_makes_no_sense_is_said(monkeypatch):
    with pytest.raises(UsageError, match="needs a model that makes works"):
        walked(Job(model=model("classifier")))
    with pytest.raises(UsageError, match="no class"):
        walked(Job(model=model("vae")), label="owl")
    monkeypatch.setattr(video, "MOST_BYTES", 10_000)
    with pytest.raises(UsageError, match="shorter or smaller"):
        walked(Job(model=model("vae")), seconds=60)


def test_a_film_comes_out_of_a_song(tmp_path):
    audio.write(tmp_path / "song.wav", drums(2))
    made = verbs.edit(
        "walk", model=model("vae"), music=tmp_path / "song.wav", to=tmp_path / "film.mkv", fps=6, loop=True
    )
    film = video.read(made.files[0])
    assert film.frames.shape == (12, 16, 16, 3)
    assert film.sound is not None
    record = video.read_record(made.files[0])
    assert record is not None
    assert record["parameters"]["measured"] == made.facts
