import numpy as np
import pytest
import torch

from bottega.errors import UsageError
from bottega.networks.wavenet import Steps, WaveNet


@pytest.fixture
def network():
    torch.manual_seed(0)
    return WaveNet(shape=(1, 64), classes=3, levels=16, width=8, skip=12, dilations=4, cycles=2).eval()


def test_one_sample_at_a_time_says_what_the_whole_network_says(network):
    ids, label = torch.randint(16, (5, 64)), torch.tensor([0, 1, 2, 3, 1])
    with torch.no_grad():
        whole = network(ids, label).numpy()  # (5, 64, 16)
    steps = Steps(network, 5, label)
    single = np.stack([steps(ids[:, t].numpy()) for t in range(64)], 1)
    assert np.abs(whole - single).max() < 1e-4
    assert np.abs(whole).max() > 0.01


def test_it_hears_the_past_and_never_the_future(network):
    ids = torch.randint(16, (1, 64))
    other = ids.clone()
    other[0, 40] = (ids[0, 40] + 5) % 16
    with torch.no_grad():
        apart = (network(ids) - network(other)).abs().amax((0, 2)) > 1e-6
    reach = 1 + 2 * (1 + 2 + 4 + 8)  # one sample, and every dilation of two cycles
    assert not apart[:40].any() and apart[40] and apart[40 : 40 + reach].all() and not apart[40 + reach :].any()


def test_the_class_changes_what_is_expected(network):
    ids = torch.randint(16, (1, 64))
    with torch.no_grad():
        first, second = network(ids, torch.tensor([0])), network(ids, torch.tensor([1]))
        weighted = network(ids, torch.tensor([[1.0, 0, 0, 0]]))
    assert (first - second).abs().max() > 0.01
    assert torch.allclose(first, weighted, atol=1e-6)


def test_two_channels_are_refused():
    with pytest.raises(UsageError, match="one channel"):
        WaveNet(shape=(2, 64))
