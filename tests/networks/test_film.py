"""A frame's numbers are its own; a drawn frame knows its neighbours and no others."""

import pytest
import torch

from bottega.errors import UsageError
from bottega.networks.film import Critic, Decoder, Encoder

SHAPE = (3, 4, 32, 32)
NUMBERS = {"shape": SHAPE, "latent": 4, "grid": 4, "channels": (16, 16)}


def coder() -> tuple[Encoder, Decoder]:
    torch.manual_seed(0)
    pair = Encoder(**NUMBERS), Decoder(**NUMBERS)
    for network in pair:
        for p in network.parameters():  # blocks do nothing at first
            torch.nn.init.normal_(p, std=0.2)
    return pair


def test_any_count_of_frames_and_sides_that_halve():
    for height, width, places in ((32, 32, 16), (64, 96, 24), (24, 40, 60)):
        numbers = {**NUMBERS, "shape": (3, 4, height, width)}
        encoder, decoder = Encoder(**numbers), Decoder(**numbers)
        x = torch.randn(2, 3, 5, height, width)
        mean, logvar = encoder(x)
        assert mean.shape == logvar.shape == (2, 5, 4 * places) and encoder.latent == 4 * places
        assert decoder(mean).shape == x.shape


def test_refuses_sides_that_do_not_halve():
    with pytest.raises(UsageError, match="30 × 32"):
        Encoder(shape=(3, 4, 32, 30))


def test_a_frame_is_encoded_by_itself():
    encoder, _decoder = coder()
    x = torch.randn(1, 3, 5, 32, 32)
    together, alone = encoder(x)[0][:, 2], encoder(x[:, :, 2:3])[0][:, 0]
    assert torch.allclose(together, alone, atol=1e-5)


def test_a_drawn_frame_depends_on_as_many_neighbours_as_it_says():
    _encoder, decoder = coder()
    z = torch.randn(1, 11, decoder.enter.in_channels * 16)
    other = z.clone()
    other[:, 5] += 1
    changed = (decoder(z) - decoder(other)).abs().amax((0, 1, 3, 4)) > 1e-6  # (T,)
    assert decoder.reach == 2
    assert changed.nonzero().flatten().tolist() == list(range(3, 8))


def test_the_critic_sees_detail_and_change_but_no_broad_colours():
    torch.manual_seed(0)
    critic, x = Critic(shape=SHAPE), torch.randn(1, 3, 4, 32, 40)
    verdict = critic(x)
    assert verdict.shape == (4, 1, 8, 10)
    assert torch.allclose(critic(x + 0.5), verdict, atol=1e-4)
    frozen = x[:, :, :1].expand(-1, -1, 4, -1, -1)
    assert torch.allclose(critic(frozen)[0], critic(frozen)[3], atol=1e-4)
    assert not torch.allclose(critic(x)[0], critic(frozen)[0], atol=1e-2)
    assert critic(x[:, :, :1, :4, :4]).shape == (1, 1, 1, 1)  # one frame, no larger than a patch
