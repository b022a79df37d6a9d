import numpy as np
import pytest
import torch

from bottega.errors import UsageError
from bottega.networks.wavenet import MISSED, TAPS, Steps, WaveNet


@pytest.fixture
def network():
    torch.manual_seed(0)
    return WaveNet(shape=(1, 150), classes=3, levels=16, width=8, skip=12, dilations=4, cycles=2).eval()


def test_one_sample_at_a_time_says_what_the_whole_network_says(network):
    ids, label = torch.randint(16, (5, 200)), torch.tensor([0, 1, 2, 3, 1])
    with torch.no_grad():
        whole = network(ids, label).numpy()  # (5, 200, 24)
    steps = Steps(network, 5, label)
    single = np.stack([steps(ids[:, t].numpy()) for t in range(200)], 1)  # beyond the usual length too
    assert np.abs(whole - single).max() < 1e-4
    assert np.abs(whole).max() > 0.01


def test_it_hears_the_past_and_never_the_future(network):
    ids = torch.randint(16, (1, 150))
    other = ids.clone()
    other[0, 40] = (ids[0, 40] + 5) % 16
    with torch.no_grad():
        apart = (network(ids) - network(other)).abs().amax((0, 2)) > 1e-6
    dilated = 2 * (1 + 2 + 4 + 8)  # every dilation of two cycles
    missed = TAPS + MISSED  # a sample is told with those before it, and with how far they were missed
    assert not apart[:40].any() and apart[40 : 40 + dilated].all() and not apart[40 + dilated + missed :].any()


def test_the_clock_tells_the_time_and_stops_at_the_end(network):
    ids = torch.full((1, 320), 8)
    with torch.no_grad():
        found = network(ids, torch.tensor([1]))[0]
    assert (found[127] - found[191]).abs().max() > 1e-4  # all that changed is the time
    assert torch.allclose(found[255], found[319], atol=1e-5)


def test_a_straight_line_foresees_a_tone_before_anything_was_learned():
    network = WaveNet(shape=(1, 256))
    tone = 0.5 * torch.sin(torch.arange(256) * 0.2)[None]
    y = tone.sign() * torch.log1p(255 * tone.abs()) / torch.log(torch.tensor(256.0))
    with torch.no_grad():
        foreseen, spread = network.straight(y)
    assert (foreseen[:, 20:-1] - y[:, 21:]).abs().median() < 0.05 and spread[:, 60:].max() < 0.2


def test_the_class_changes_what_is_expected(network):
    ids = torch.randint(16, (1, 64))
    with torch.no_grad():
        first, second = network(ids, torch.tensor([0])), network(ids, torch.tensor([1]))
        weighted = network(ids, torch.tensor([[1.0, 0, 0, 0]]))
    assert (first - second).abs().max() > 1e-3
    assert torch.allclose(first, weighted, atol=1e-6)


def test_two_channels_are_refused():
    with pytest.raises(UsageError, match="one channel"):
        WaveNet(shape=(2, 64))
