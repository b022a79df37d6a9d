"""The figures of sounds: what is like the held-out sounds beats shuffled grains, and what is not does not."""

import numpy as np
import pytest
from tests.editing.sounding.conftest import small_codec, small_model
from tests.evaluation.sounds.test_copies import RATE, melody

from bottega.evaluation.sounds.grains import grained, shuffled
from bottega.evaluation.sounds.kernel import Scale
from bottega.evaluation.sounds.listening import mel, statistics
from bottega.evaluation.sounds.report import evaluate, measure
from bottega.randomness import Random


class Collection:
    """Sounds in memory, as a prepared collection has them."""

    def __init__(self, sounds: list[np.ndarray]) -> None:
        self.sounds, self.names = sounds, [f"{k}.wav" for k in range(len(sounds))]
        self.lengths = np.array([len(one) for one in sounds])
        self.train, self.held_out = np.arange(len(sounds) - 1), np.arange(len(sounds) - 1, len(sounds))
        self.rate, self.channels, self.classes, self.labels, self.fingerprint = RATE, 1, [], None, "abc"

    def samples(self, row: int, start: int = 0, count: int | None = None) -> np.ndarray:
        return self.sounds[row][None, start : None if count is None else start + count]


def test_what_is_alike_scores_better_than_grains_and_noise():
    train, held_out = [melody(0, 20), melody(1, 20)], [melody(2, 15)]
    noise = [0.1 * np.random.default_rng(3).standard_normal(15 * RATE).astype(np.float32)]
    good, found = measure([melody(3, 15)], train, held_out, RATE)
    bad, _found = measure(noise, train, held_out, RATE)
    assert good["kernel_distance"].value < good["grain_distance"].value < bad["kernel_distance"].value
    assert abs(good["kernel_distance"].value - good["kernel_distance"].floor) < 0.1
    assert good["coverage"].value > 0.5 and bad["coverage"].value == 0
    assert good["copies"].value == 0 and not found.passages
    copied, found = measure([train[0]], train, held_out, RATE)
    assert copied["copies"].value == 1 and copied["copies"].floor == 0 and copied["longest_copy"].value > 15


def test_a_distance_is_nothing_between_halves_and_grows():
    draw = np.random.default_rng(0)
    scale = Scale(draw.standard_normal((200, 8)))
    near, far = draw.standard_normal((150, 8)), draw.standard_normal((150, 8)) + 1
    assert abs(scale.distance(near, draw.standard_normal((150, 8)))) < 0.01
    assert scale.distance(far, near) > 0.1
    with pytest.raises(ValueError, match="two"):
        scale.distance(near[:1], far)


def test_grains_are_of_the_works_and_do_not_click():
    work = melody(0, 3)
    made = shuffled([work], RATE, 5000, Random(1))
    assert made.shape == (5000,) and made.dtype == np.float32
    assert np.abs(np.diff(made)).max() < 2 * np.abs(np.diff(work)).max()
    assert np.array_equal(made, shuffled([work], RATE, 5000, Random(1)))
    assert [len(one) for one in grained([work, melody(1, 1)], RATE, [100, 7000], Random(0))] == [100, 7000]
    assert shuffled([work[:10]], RATE, 1000, Random(0)).shape == (1000,)


def test_spectrograms_of_any_rate_and_length():
    for rate in (4000, 22050, 192000):
        t = np.arange(rate) / rate
        tone = (0.5 * np.sin(2 * np.pi * 1000 * t)).astype(np.float32)
        heard = mel(tone, rate)
        assert len(heard) == pytest.approx(86, abs=3) and np.isfinite(heard).all()
    assert statistics(np.zeros(10, np.float32), 8000).shape == (1, 192)


@pytest.mark.parametrize("name", ["audio-flow", "audio-rnn"])
def test_a_model_is_evaluated(name, tmp_path):
    data, model = Collection([melody(k, 12) for k in range(3)]), small_model(name)
    model.facts["fingerprint"] = "abc"
    told: list[tuple[int, int]] = []
    found = evaluate(model, data, n=2, seed=1, on_progress=lambda *done: told.append(done))
    values = found.as_json()
    assert values["samples"] == 2 and values["held_out"] == 1 and values["train"] == 2
    assert values["kernel_distance"] > values["floors"]["kernel_distance"]
    assert values["rebuilt"] > 0 and told[-1] == (2, 2)
    assert values["seconds"]["new"] == pytest.approx(20, abs=0.1)
    assert "Kernel distance" in found.text()
    (line,) = found.show(tmp_path)
    assert "copies.md" in line and (tmp_path / "copies.md").read_text()


def test_a_codec_is_judged_by_what_it_rebuilds():
    found = evaluate(small_codec(), Collection([melody(k, 2) for k in range(2)]))
    assert found.samples == 0 and found.figures["rebuilt"].value > 0
    assert found.figures["kernel_distance"].value is None and found.figures["kernel_distance"].reason
