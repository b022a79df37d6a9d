import math

import torch

from bottega.networks.outline import (
    BANDS,
    FRAME,
    LAGS,
    ORDER,
    PERIOD,
    SPREAD,
    TICK,
    bundled,
    foretold,
    outlined,
    plain,
    straight,
)


def pulses(period, count=2048):
    """A buzz, ``(count,)``."""
    return 0.2 * torch.cos(2 * math.pi * torch.arange(1, 6)[:, None] * torch.arange(count) / period).sum(0)


def test_frames_tell_how_high_and_how_surely():
    noise = 0.1 * torch.randn(2048, generator=torch.Generator().manual_seed(0))
    frames = outlined(torch.stack([pulses(40), pulses(120), noise, torch.zeros(2048)]))
    assert frames.shape == (4, 2048 // TICK, FRAME)
    middle = frames[:, 8:-8]
    lags = PERIOD * torch.exp(middle[..., BANDS] / 2)
    assert (lags[0] - 40).abs().max() < 1.5 and (lags[1] - 120).abs().max() < 1.5
    assert middle[:2, :, -1].min() > 0.8 and middle[2:, :, -1].max() < 0.4
    assert (frames[3] == frames[3, 0]).all()


def test_frames_tell_how_loud_each_band_is():
    noise, times = 0.01 * torch.randn(1024, generator=torch.Generator().manual_seed(0)), torch.arange(1024)
    louder = outlined(torch.stack([noise, 10 * noise]))[:, 8]
    apart = (louder[1] - louder[0])[:BANDS]  # 20 dB in each band
    assert abs(apart[0] - math.log(100) / SPREAD * BANDS**0.5) < 0.01 and apart[1:].abs().max() < 0.01
    assert torch.allclose(plain(louder)[:, :BANDS].diff(dim=0), torch.tensor(math.log(100) / SPREAD), atol=0.01)
    assert torch.allclose(bundled(plain(louder)), louder, atol=1e-5)
    low, high = outlined(torch.stack([0.1 * torch.sin(f * times) for f in (0.3, 2.5)]))[:, 8]
    assert low[1] > 1 > -1 > high[1]


def test_what_bands_say_foresees_a_voice_and_says_how_far_it_misses():
    generator = torch.Generator().manual_seed(0)
    y = 0.05 * torch.randn(4096, generator=generator)
    for i in range(2, 4096):  # a resonance
        y[i] += 1.7 * y[i - 1] - 0.9 * y[i - 2]
    y /= 8
    bent, level, lag = foretold(outlined(y[None]))
    taps = straight(bent)[0]
    assert taps.shape == (4096 // TICK, ORDER)
    past = y.unfold(0, ORDER, 1)[:-1].flip(1)  # the latest first
    ticks = torch.arange(ORDER, 4096) // TICK
    missed = (y[ORDER:] - (past * taps[ticks]).sum(1)).view(-1)[TICK:-TICK]
    assert missed.std() < 0.3 * y.std()
    assert abs(math.log(missed.std()) - level[0].mean()) < 0.5
    assert lag.min() >= LAGS[0] and lag.max() < LAGS[1]


def test_whatever_is_said_what_is_foreseen_again_and_again_dies_away():
    taps = straight(1.5 * torch.randn(64, ORDER, generator=torch.Generator().manual_seed(1)).clamp(-1, 1).double())
    again = torch.cat([taps[:, None], torch.eye(ORDER).double()[:-1].expand(64, -1, -1)], 1)
    assert 0.9 < torch.linalg.eigvals(again).abs().max() < 1
    extreme = torch.full((1, FRAME), 20.0)
    assert all(part.isfinite().all() for part in foretold(torch.cat([extreme, -extreme])))
