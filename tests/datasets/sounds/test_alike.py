"""Near-duplicates of sounds: found in every coat, and strangers are never taken for one."""

from pathlib import Path

import numpy as np

from bottega.datasets.sounds.alike import HOP, RATE, Sketcher, differing, find_pairs


def song(seed: int, seconds: float = 8.0, rate: int = 16_000) -> np.ndarray:
    dice = np.random.default_rng(seed)
    time = np.arange(rate // 4) / rate
    samples = np.zeros(round(seconds * rate) + rate, np.float32)
    for begin in range(0, round(seconds * rate), rate // 7):
        pitch = 200 * 2 ** dice.uniform(0, 2.5)
        for partial in range(1, 7):
            samples[begin : begin + len(time)] += (
                dice.uniform(0, 0.2) * np.sin(2 * np.pi * partial * pitch * time) * np.exp(-6 * time)
            )
    return samples[: round(seconds * rate)]


def sketch(samples: np.ndarray, rate: int = 16_000, block: int = 5_000) -> np.ndarray:
    sketcher = Sketcher(rate)
    for begin in range(0, len(samples), block):
        sketcher.take(samples[None, begin : begin + block])
    return sketcher.finished()


def written(folder: Path, sketches: list[np.ndarray]) -> tuple[Path, list[tuple[int, int]]]:
    path = folder / "sketches"
    np.concatenate(sketches).tofile(path)
    begins = np.cumsum([0, *map(len, sketches)])
    return path, [(int(begin), len(one)) for begin, one in zip(begins, sketches, strict=False)]


def test_a_sketch_does_not_depend_on_blocks_or_loudness() -> None:
    one = sketch(song(1))
    assert abs(len(one) - 8 * RATE / HOP) <= 2
    np.testing.assert_array_equal(one, sketch(song(1), block=100_000))
    assert differing(one, sketch(0.05 * song(1)), 0)[0] < 0.01


def test_the_same_song_is_found_in_every_coat(tmp_path: Path) -> None:
    dice = np.random.default_rng(0)
    plain = song(1, 20.0)
    coats = [
        plain,
        0.3 * plain,
        plain[40_000:250_000],  # cut
        plain + dice.normal(0, 0.01, len(plain)).astype(np.float32),
        np.concatenate([np.zeros(12_345, np.float32), plain]),  # later
    ]
    strangers = [song(seed, 20.0) for seed in range(2, 12)]
    pairs, groups = find_pairs(*written(tmp_path, [sketch(one) for one in [*coats, *strangers]]))
    assert groups.tolist() == [0] * 5 + list(range(5, 15))
    assert len(pairs) == 4


def test_long_recordings_are_found_by_a_few_of_their_words(tmp_path: Path) -> None:
    long = song(3, 60.0)
    others = [song(seed, 60.0) for seed in (4, 5)]
    path, places = written(tmp_path, [sketch(long), *map(sketch, others), sketch(long[300_000:800_000])])
    assert find_pairs(path, places)[1].tolist() == [0, 1, 2, 0]


def test_silence_and_a_single_recording_have_no_twin(tmp_path: Path) -> None:
    silent = sketch(np.zeros(50_000, np.float32))
    assert not silent.any()
    assert find_pairs(*written(tmp_path, [silent, silent]))[0] == []
    assert find_pairs(*written(tmp_path, [sketch(song(1))]))[1].tolist() == [0]
