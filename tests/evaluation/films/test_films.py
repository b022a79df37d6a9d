"""Films are measured by how they look and how they move; shuffled and frozen ones are far, copies are found."""

from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bottega.datasets.clips import FilmsInMemory
from bottega.evaluation.films import report
from bottega.evaluation.films.controls import frozen, shuffled
from bottega.evaluation.films.copies import Library, audit, small
from bottega.evaluation.films.features import features, slices
from bottega.evaluation.films.kernel import Scale, distance
from bottega.evaluation.films.motion import held, seam, speeds, squared_error
from bottega.media.video import Film
from bottega.models.model import Work

SIDE, FRAMES = 32, 12


def movers(count: int, seed: int, frames: int = FRAMES) -> np.ndarray:
    """Clips of a soft disc of some colour and size that goes its way over a ground of its own."""
    dice = np.random.default_rng(seed)
    y, x = np.mgrid[:SIDE, :SIDE]
    clips = np.empty((count, frames, SIDE, SIDE, 3), np.uint8)
    for clip in clips:
        ground, colour = dice.uniform(30, 220, (2, 3))
        weave = 20 * np.sin(x * dice.uniform(0.2, 0.8) + dice.uniform(0, 6)) * np.sin(y * dice.uniform(0.2, 0.8))
        at, way = dice.uniform(8, SIDE - 8, 2), dice.uniform(-1.3, 1.3, 2)
        for time in range(frames):
            far = np.hypot(y - at[0] - way[0] * time, x - at[1] - way[1] * time)
            inside = 1 / (1 + np.exp(far - 6))[..., None]
            clip[time] = ((ground + weave[..., None]) * (1 - inside) + colour * inside).clip(0, 255)
    return clips


@pytest.fixture(scope="module")
def real() -> tuple[np.ndarray, np.ndarray]:
    return movers(24, 0), movers(24, 1)


def test_features_have_their_groups_and_do_not_depend_on_company(real: tuple[np.ndarray, np.ndarray]) -> None:
    told = features(real[0][:10])
    assert told.shape == (10, max(place.stop for place in slices().values()))
    assert np.isfinite(told).all()
    np.testing.assert_allclose(features(real[0][9:10]), told[9:], atol=2e-3)
    assert np.isfinite(features(np.zeros((2, 2, 16, 16, 1), np.uint8))).all()
    with pytest.raises(ValueError, match="two frames"):
        features(real[0][:, :1])


def test_the_distance_sees_motion(real: tuple[np.ndarray, np.ndarray]) -> None:
    one, other = real
    told = features(other)
    scale = Scale(np.concatenate([features(one), told]))
    floor = distance(features(one), told, scale)
    wrong = [scale.distance(features(some), told).value for some in (shuffled(one), frozen(one))]
    assert abs(floor.value) < 0.5
    assert min(wrong) > 10 * max(abs(floor.value), floor.error)
    assert (
        scale.distance(features(one[:, ::2].repeat(2, 1)), told).value > 2 * floor.error
    )  # half the frames, twice each


def test_controls_keep_the_pictures(real: tuple[np.ndarray, np.ndarray]) -> None:
    one = real[0][:3]
    again = shuffled(one, 4)
    np.testing.assert_array_equal(np.sort(again.sum((2, 3, 4)), 1), np.sort(one.sum((2, 3, 4)), 1))
    np.testing.assert_array_equal(again, shuffled(one, 4))
    assert not np.array_equal(again, one)
    assert not np.ptp(frozen(one), axis=1).any()


def test_a_seam_is_one_in_a_loop_and_large_in_a_cut() -> None:
    turn = np.arange(16)[:, None, None, None] * np.pi / 8
    x = np.arange(32)[None, None, :, None] / 5
    loop = np.broadcast_to(127 + 100 * np.sin(x + turn), (16, 32, 32, 3)).astype(np.uint8)
    assert seam(Film(loop, Fraction(12))) == pytest.approx(1, abs=0.1)
    assert seam(Film(loop[:8], Fraction(12))) > 3
    assert seam(Film(loop[:1], Fraction(12))) == 1


def test_speed_is_told_in_widths_of_a_frame() -> None:
    dice = np.random.default_rng(0)
    wide = np.kron(dice.integers(0, 256, (16, 40)), np.ones((4, 4))).astype(np.uint8)
    import cv2

    wide = cv2.GaussianBlur(wide, (0, 0), 2)
    clip = np.stack([wide[:, 2 * t : 2 * t + 64] for t in range(8)])[..., None].repeat(3, -1)
    assert speeds(clip[None])[0] == pytest.approx(2 / 64, rel=0.25)
    assert speeds(clip[None, :1].repeat(4, 1))[0] == 0


def test_prediction_is_measured_as_for_moving_digits() -> None:
    real = np.zeros((2, 3, 4, 4), np.uint8)
    seen = real.copy()
    seen[:, :, 0, 0] = 255
    assert squared_error(seen, real) == pytest.approx(1)
    assert squared_error(seen[..., None].repeat(3, -1), real[..., None].repeat(3, -1)) == pytest.approx(3)
    np.testing.assert_array_equal(held(seen, 5), seen[:, :1].repeat(5, 1))


def test_copies_are_found_at_any_time_and_mirrored() -> None:
    works = movers(12, 3, 30)
    library = Library(lambda number: small(works[number]), [30] * 12, FRAMES)
    strangers = movers(20, 4)
    noise = np.random.default_rng(0).normal(0, 6, strangers[:1].shape)
    copy = (works[5:6, 9:21].astype(float) * 0.95 + noise).clip(0, 255).astype(np.uint8)
    turned = works[7:8, 2:14, :, ::-1]
    found = audit(np.concatenate([strangers[:4], copy, turned]), library, strangers[4:])
    assert [match.clip in (4, 5) and match.copied for match in found.matches[:2]] == [True, True]
    assert found.matches[1].ratio < 0.5 * found.matches[2].ratio
    told = {match.clip: match for match in found.matches}
    assert (told[4].work, told[4].first, told[4].mirrored) == (5, 9, False)
    assert (told[5].work, told[5].first, told[5].mirrored) == (7, 2, True)
    assert found.share >= 2 / 6


class Reciter:
    """A model that makes what it was given."""

    makes_works, has_latents, rate = True, False, Fraction(12)

    def __init__(self, films: np.ndarray, fingerprint: str) -> None:
        self.films, self.facts = films, {"fingerprint": fingerprint}

    def frames_for(self, seconds: float | None) -> int:
        return FRAMES

    def generate(self, n: int, **wishes: Any) -> list[Work]:
        return [Work(Film(film, self.rate), {}) for film in self.films[:n]]


@pytest.fixture(scope="module")
def collection() -> FilmsInMemory:
    data = FilmsInMemory(list(movers(44, 5, 20)), held_out=np.arange(30, 44))
    data.fingerprint = "known"
    return data


def test_a_model_is_told_from_one_that_recites(collection: FilmsInMemory, tmp_path: Path) -> None:
    fresh = report.evaluate(Reciter(movers(16, 6), "known"), collection, n=16)  # type: ignore[arg-type]
    recited = np.stack([film[4:16] for film in collection.films[:16]])
    copied = report.evaluate(Reciter(recited, "known"), collection, n=16)  # type: ignore[arg-type]
    assert fresh.as_json()["copies"] < 0.3
    assert copied.as_json()["copies"] == 1
    told = fresh.as_json()
    assert told["samples"] == 16
    assert told["held_out"] == 14
    assert told["kernel_distance"] < 0.2 * min(told["shuffled_distance"], told["frozen_distance"])
    assert "Kernel distance" in fresh.text()
    assert copied.show(tmp_path)[0].endswith("(closest-pairs.png)")
    assert (tmp_path / "closest-pairs.png").stat().st_size > 1000


def test_a_model_without_works_and_a_small_collection_say_why(collection: FilmsInMemory) -> None:
    codec = SimpleNamespace(
        makes_works=False, has_latents=True, rate=Fraction(12), facts={"fingerprint": "known"},
        frames_for=lambda seconds: FRAMES, fitted=lambda film: film, encode=lambda film: film, decode=lambda film: film,
    )  # fmt: skip
    found = report.evaluate(codec, collection)  # type: ignore[arg-type]
    assert found.figures["rebuilt"].value == pytest.approx(78.13, abs=0.01)
    assert "makes none" in (found.figures["copies"].reason or "")
    assert found.text().count("makes none") == 1  # six figures are missing for that one reason
    assert found.show(Path()) == []
    few = FilmsInMemory(list(movers(3, 8)), held_out=np.array([2]))
    few.fingerprint = "few"
    found = report.evaluate(Reciter(movers(4, 9), "few"), few, n=4)  # type: ignore[arg-type]
    assert found.figures["kernel_distance"].value is None
    assert found.figures["copies"].value is None
    assert found.figures["speed"].value is not None
    assert "4 new ones, 1 of films held out and 2 of films learned from" in found.text()
