import numpy as np
import pytest
import torch

from bottega.errors import UsageError
from bottega.networks.mu_law import compressed
from bottega.networks.outline import FRAME, TICK, outlined, plain
from bottega.networks.wavenet import MEMORY, Remembered, Steps, WaveNet
from bottega.randomness import Random


@pytest.fixture
def network():
    torch.manual_seed(0)
    network = WaveNet(shape=(1, 256), classes=3, levels=64, width=8, skip=12, told=16, outline=16).eval()
    torch.nn.init.normal_(network.bend.weight, std=0.1)  # as if it had learned
    return network


@pytest.fixture
def sounds():
    """Two tones in noise, with silence before and after, ``(4, 512)``."""
    times, noise = torch.arange(512), torch.from_numpy(np.random.default_rng(0).standard_normal((4, 512)))
    tones = 0.3 * torch.sin(0.3 * times) + 0.1 * torch.sin(0.9 * times + torch.arange(4)[:, None])
    return (tones + 0.01 * noise).float() * ((times > 80) & (times < 400))


def test_one_sample_at_a_time_says_what_the_whole_network_says(network, sounds):
    ids, frames = compressed(sounds, 64), outlined(sounds)
    with torch.no_grad():
        whole = network(ids, frames).numpy()  # (4, 512, 12)
    steps = Steps(network, frames)
    single = np.stack([steps(ids[:, t].numpy()) for t in range(512)], 1)
    assert np.abs(whole - single).max() < 1e-4
    assert np.abs(whole).max() > 0.01


def test_one_frame_at_a_time_says_what_the_whole_network_says(network, sounds):
    frames, label = outlined(sounds), torch.tensor([0, 1, 2, 3])
    outline = network.outline
    with torch.no_grad():
        means = outline(frames, label)[1]
        before = torch.cat([torch.zeros(4, 1, FRAME), frames[:, :-1]], 1)
        layers, given = Remembered(outline.layers, 4), outline.layers.given(outline.told(8, label, 4))
        entered = outline.enter(before).numpy()
        x = torch.from_numpy(np.stack([layers(entered[:, tick], given, tick) for tick in range(8)], 1))
        assert torch.allclose(outline.verdict(x, before)[1], means, atol=1e-4)


def test_a_window_says_what_the_whole_sound_says_once_the_layers_have_heard_enough(network, sounds):
    ids, frames, begin = compressed(sounds, 64), outlined(sounds), torch.tensor([0, 1, 2, 0])
    with torch.no_grad():
        whole, part = network(ids, frames), network(ids, frames, begin, MEMORY + 2)
    assert torch.allclose(part[0], whole[0, : part.shape[1]], atol=1e-5)
    for i in (1, 2):
        first = (int(begin[i]) + MEMORY) * TICK
        assert torch.allclose(part[i, MEMORY * TICK :], whole[i, first : first + 2 * TICK], atol=1e-5)
        assert not torch.allclose(part[i, : 2 * TICK], whole[i, first - MEMORY * TICK :][: 2 * TICK], atol=1e-5)


def test_it_hears_the_past_and_never_the_future(network, sounds):
    ids, frames = compressed(sounds[:1], 64), outlined(sounds[:1])
    other = ids.clone()
    other[0, 200] = (ids[0, 200] + 9) % 64
    with torch.no_grad():
        apart = (network(ids, frames) - network(other, frames)).abs().amax((0, 2)) > 1e-7
    assert not apart[:200].any() and apart[200:260].all() and not apart[200 + (MEMORY + 3) * TICK :].any()


def test_frames_follow_from_those_before_the_class_and_the_time(network):
    frames, label = torch.randn(1, 10, FRAME), torch.tensor([1])
    other = frames.clone()
    other[0, 6] += 1
    with torch.no_grad():
        apart = (network.outline(frames, label)[1] - network.outline(other, label)[1]).abs().amax((0, 2, 3)) > 1e-6
        told = network.outline.told(8, label, 1)[0]
        named = network.outline.told(8, torch.tensor([[0, 1.0, 0, 0]]), 1)[0]
        assert (told - network.outline.told(8, torch.tensor([2]), 1)[0]).abs().max() > 1e-3
    assert apart.tolist() == [False] * 7 + [True] * 3
    assert torch.allclose(told, named, atol=1e-6)
    assert (told[0] - told[1]).abs().max() > 1e-4 and torch.equal(told[4], told[7])  # the usual length has four ticks


def test_outlines_stay_within_what_was_met_whatever_the_network_says(network, sounds):
    outline, frames = network.outline, outlined(sounds)
    outline.meet(frames)
    outline.meet(frames / 2)
    with torch.no_grad():
        outline.leave[-1].weight.mul_(100)
    made, numbers = outline.write(2, 40, torch.tensor([0, 1]), Random(0), 1.0), plain(frames)
    assert made.shape == (2, 40, FRAME)
    assert torch.allclose(plain(made).amax((0, 1)), numbers.amax((0, 1)).clamp(min=0), atol=1e-5)
    assert torch.allclose(plain(made).amin((0, 1)), numbers.amin((0, 1)).clamp(max=0), atol=1e-5)
    assert torch.equal(made, outline.write(2, 40, torch.tensor([0, 1]), Random(0), 1.0))


def test_two_channels_are_refused():
    with pytest.raises(UsageError, match="one channel"):
        WaveNet(shape=(2, 64))
