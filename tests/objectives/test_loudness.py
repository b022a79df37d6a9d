"""A codec without phases: it learns, keeps what is heard, and takes any rate, length and number of channels."""

import numpy as np
import pytest
import torch

from bottega.networks.linear_coder import LinearCoder
from bottega.networks.spectral import spectra
from bottega.objectives.base import OptimizerSettings
from bottega.objectives.loudness import LoudnessCodec, with_phases
from bottega.randomness import Random
from bottega.training.turns import Turn

RATE = 8000


def codec(channels: int = 1, rate: int = RATE, latent: int = 24) -> LoudnessCodec:
    torch.manual_seed(0)
    coder = LinearCoder(shape=(channels, 4096), latent=latent, bands=32, stride=4)
    return LoudnessCodec(coder=coder, rate=rate, optimizers={"codec": OptimizerSettings(lr=3e-3)}).eval()


def tones(n: int, seconds: float = 1.0, seed: int = 0) -> torch.Tensor:
    """Tones that fade, ``(n, 1, N)``."""
    draw, t = np.random.default_rng(seed), np.arange(int(seconds * RATE)) / RATE
    made = [0.5 * np.sin(2 * np.pi * draw.uniform(150, 2500) * t) * np.exp(-draw.uniform(0, 5) * t) for _ in range(n)]
    return torch.tensor(np.stack(made)[:, None], dtype=torch.float32)


def test_it_learns_what_differs():
    model = codec()
    before = model.loss(tones(8), None, Random(0), 0.0)["loss"].item()
    (turn,) = (Turn(model, phase) for phase in model.phases())
    for step in range(60):
        turn.backward(model.loss(tones(8, seed=step), None, Random(step), 0.0)["loss"])
        turn.step(0.5, 1.0, torch.tensor(1.0))
        turn.close()
    assert model.loss(tones(8, seed=99), None, Random(0), 0.0)["loss"].item() < 0.2 * before


def test_what_keeps_every_number_rebuilds_what_is_heard():
    model = codec(latent=128)  # as many as come in
    with torch.no_grad():
        model.coder.up.weight.copy_(model.coder.down.weight.T)
    x = tones(2)
    y = model.decode(model.encode(x))[..., : x.shape[2]]
    heard, again = model.heard(x), model.heard(y)
    assert torch.corrcoef(torch.stack([heard.flatten(), again.flatten()]))[0, 1] > 0.75
    assert 0.3 < y.square().mean() / x.square().mean() < 1.5  # a pure tone spread over its band loses most


@pytest.mark.parametrize(("channels", "rate", "count"), [(1, 8000, 1), (2, 22050, 5000), (1, 44100, 12345)])
def test_takes_any_rate_length_and_channels(channels, rate, count):
    model = codec(channels, rate)
    x = 0.1 * torch.randn(3, channels, count)
    z = model.encode(x)
    frames = -(-count // model.hop)
    assert z.shape == (3, model.width, frames) and z.isfinite().all()
    made = model.decode(z)
    assert made.shape == (3, channels, frames * model.hop) and made.isfinite().all()
    assert torch.equal(made, model.decode(z))


def test_silence_stays_silent():
    model = codec(latent=128)
    with torch.no_grad():
        model.coder.up.weight.copy_(model.coder.down.weight.T)
    assert model.decode(model.encode(torch.zeros(1, 1, 4000))).abs().max() < 1e-3


def test_phases_fit_better_round_after_round():
    magnitudes = spectra(tones(1)[:, 0, :7936], 128).abs()
    misfits = []
    for rounds in (0, 3, 20):
        again = spectra(with_phases(magnitudes, rounds), 128).abs()
        misfits.append(float((again - magnitudes).norm() / magnitudes.norm()))
    assert misfits[0] > misfits[1] > misfits[2]


def test_tones_go_on_before_any_round():
    x = tones(1)[:, 0, :7936]
    magnitudes = spectra(x, 128).abs()
    again = with_phases(magnitudes, 0)
    assert float((spectra(again, 128).abs() - magnitudes).norm() / magnitudes.norm()) < 0.2  # 0.8 with random phases


def test_the_quietest_columns_have_phases_too():
    made = with_phases(torch.zeros(2, 3, 257), 1)
    assert made.shape == (2, 3 * 128) and made.isfinite().all() and made.abs().max() == 0
