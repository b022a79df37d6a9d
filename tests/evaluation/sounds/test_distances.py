import math

import pytest
import torch

from bottega.evaluation.sounds.distances import distortion_ratio, mel_distance, stft_distance


@pytest.fixture
def tone():
    return 0.3 * torch.sin(2 * math.pi * 440 / 22050 * torch.arange(22050))[None]


def test_equal_sounds_are_at_no_distance(tone):
    assert stft_distance(tone, tone).total == 0
    assert mel_distance(tone, tone, 22050) == 0
    assert distortion_ratio(tone, tone) > 100


def test_silence_misses_everything(tone):
    found = stft_distance(tone, torch.zeros_like(tone))
    assert found.convergence == pytest.approx(1, abs=0.01)
    assert found.log > 0.5


def test_the_phase_of_a_tone_does_not_matter_but_its_pitch_does(tone):
    shifted = 0.3 * torch.cos(2 * math.pi * 440 / 22050 * torch.arange(22050))[None]
    higher = 0.3 * torch.sin(2 * math.pi * 466 / 22050 * torch.arange(22050))[None]
    assert stft_distance(tone, shifted).convergence < 0.1 < stft_distance(tone, higher).convergence
    assert distortion_ratio(tone, shifted) < 0


def test_noise_at_a_tenth_of_the_amplitude_is_20_decibels_away():
    random = torch.Generator().manual_seed(0)
    x = torch.randn(1, 22050, generator=random)
    y = x + 0.1 * torch.randn(1, 22050, generator=random)
    assert distortion_ratio(x, y) == pytest.approx(20, abs=0.2)


def test_half_as_loud_is_log_2_away(tone):
    noise = tone + 0.1 * torch.randn(1, 22050, generator=torch.Generator().manual_seed(0))
    assert stft_distance(noise, noise / 2).log == pytest.approx(math.log(2), abs=0.01)
