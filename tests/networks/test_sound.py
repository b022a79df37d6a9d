import pytest
import torch

from bottega.networks.convnext import Block
from bottega.networks.sound import Decoder, Encoder, compressed, expanded

SMALL = {"latent": 16, "hop": 32, "stride": 2, "fine": 24, "coarse": 32, "fine_blocks": 1, "coarse_blocks": 1}


def pair(channels=1):
    torch.manual_seed(0)
    return [kind(shape=(channels, 512), **SMALL).eval() for kind in (Encoder, Decoder)]


def test_compression_is_undone_exactly():
    x = 0.5 * torch.randn(2, 2, 256)
    u = compressed(x, 32)
    assert u.shape == (2, 8, 64)
    assert torch.allclose(expanded(u, 32), x, atol=1e-4)


@pytest.mark.parametrize("channels", [1, 2])
@torch.no_grad()
def test_shapes(channels):
    encoder, decoder = pair(channels)
    mean, logvar = encoder(torch.randn(3, channels, 512))
    assert mean.shape == logvar.shape == (3, 8, 16)
    assert decoder(mean).shape == (3, channels, 512)


@pytest.mark.parametrize("channels", [1, 2])
@torch.no_grad()
def test_an_untrained_codec_passes_low_frequencies(channels):
    encoder, decoder = pair(channels)
    decoder.leave.bias[channels * 32 :] = -8  # the network fills no band
    slow = torch.sin(torch.arange(512) * 0.05).expand(1, channels, 512)
    rebuilt = decoder(encoder(slow)[0])
    assert (rebuilt - slow).norm() < 0.5 * slow.norm()


@torch.no_grad()
def test_an_untrained_codec_fills_high_bands_as_loudly_as_they_were():
    encoder, decoder = pair()
    soft, loud = (level * torch.randn(1, 1, 4096, generator=torch.Generator().manual_seed(0)) for level in (0.01, 0.1))
    high = [compressed(decoder(encoder(x)[0]), 32)[..., 24:].square().mean() for x in (soft, loud)]
    was = [compressed(x, 32)[..., 24:].square().mean() for x in (soft, loud)]
    assert high[1] / high[0] == pytest.approx(float(was[1] / was[0]), rel=0.7)


@torch.no_grad()
def test_what_is_far_away_changes_nothing():
    encoder, _decoder = pair()
    x = torch.randn(1, 1, 64 * 64)
    y = x.clone()
    y[:, :, 64 * 40 :] = 0
    assert torch.equal(encoder(x)[0][:, :24], encoder(y)[0][:, :24])


def test_a_block_is_the_same_in_one_dimension_as_in_a_picture_of_one_row():
    torch.manual_seed(0)
    line, picture = Block(8), Block(8, dims=2)
    with torch.no_grad():
        for p, q in zip(line.parameters(), picture.parameters(), strict=True):
            q.zero_()
            q[..., 3:4, :].copy_(p) if p.ndim == 4 else q.copy_(p)
        x = torch.randn(2, 9, 8)
        assert torch.allclose(picture(x[:, None])[:, 0], line(x), atol=1e-5)
