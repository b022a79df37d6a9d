import math

import pytest
import torch

from bottega.networks.spectral import lapped, mel_filters, power, sound, spectra, unlapped


@pytest.fixture
def noise():
    return torch.randn(2, 2048, generator=torch.Generator().manual_seed(0))


def test_there_and_back_is_exact_to_the_very_ends(noise):
    assert torch.allclose(sound(spectra(noise, 128), 128), noise, atol=1e-4)
    assert torch.allclose(unlapped(lapped(noise, 128)), noise, atol=1e-4)


def test_lapped_blocks_have_as_many_numbers_as_the_sound_and_its_energy(noise):
    blocks = lapped(noise, 128)
    assert blocks.shape == (2, 16, 128)
    assert torch.allclose(blocks.square().sum(), noise.square().sum(), rtol=1e-4)


def test_a_tone_lies_at_its_frequency_without_leaking_far():
    tone = torch.sin(2 * math.pi * 1000 / 22050 * torch.arange(4096))[None]
    energy = lapped(tone, 256)[0, 1:-1].square().mean(0)  # the ends of a sound leak, being cut
    place = 1000 / 11025 * 256
    near = energy[int(place) - 4 : int(place) + 5].sum()
    assert near > 0.995 * energy.sum()


def test_a_change_of_a_frequency_fades_in_and_out_without_a_seam():
    blocks = torch.zeros(1, 4, 64)
    blocks[0, 1, 5] = 1
    y = unlapped(blocks)[0]
    steps = y.diff().abs()
    assert steps[60:70].max() < 2 * steps[90:110].max()  # at the seam at 64 no larger a step than within
    assert y[:32].abs().max() < 1e-6 and y[160:].abs().max() < 1e-6


def test_the_gradient_of_power_is_that_of_its_numbers():
    x = torch.randn(1, 256, dtype=torch.float64, requires_grad=True, generator=torch.Generator().manual_seed(0))
    assert torch.autograd.gradcheck(lambda v: power(v, 16), (x,))


def test_constants_made_in_inference_serve_training_too():
    with torch.inference_mode():
        power(torch.randn(1, 704), 88)
    x = torch.randn(1, 704, requires_grad=True)
    lapped(x, 88).square().sum().backward()
    assert x.grad is not None


def test_mel_bands_cover_all_frequencies_with_triangles_of_one_area():
    filters = mel_filters(22050, 2048, 40)
    assert filters.shape == (1025, 40)
    assert (filters >= 0).all()
    assert torch.allclose(filters.sum(0) * 11025 / 1024, torch.ones(40), atol=0.05)
    assert (filters[1:-1].sum(1) > 0).all()
