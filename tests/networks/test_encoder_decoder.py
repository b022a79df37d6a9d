import pytest
import torch

from bottega.networks.dropout import dropout
from bottega.networks.encoder_decoder import EncoderDecoder


@pytest.fixture
def network():
    torch.manual_seed(0)
    network = EncoderDecoder(vocabulary=40, width=32, encoder=2, decoder=2, heads=4, inner=48).eval()
    for weights in network.parameters():  # some begin at 0, and would hide mistakes
        if weights.ndim > 1:
            torch.nn.init.normal_(weights, std=0.2)
    return network


def padded(length, whole):
    return (torch.arange(whole) < length)[None]


@torch.no_grad()
def test_filling_up_changes_nothing(network):
    source, target = torch.randint(40, (1, 5)), torch.randint(40, (1, 7))
    alone = network(source, padded(5, 5), target)
    wide = torch.cat([source, torch.randint(40, (1, 4))], 1)
    assert torch.allclose(network(wide, padded(5, 9), target), alone, atol=1e-5)


@torch.no_grad()
def test_nobody_reads_ahead(network):
    source, target = torch.randint(40, (2, 5)), torch.randint(40, (2, 7))
    known = torch.ones(2, 5, dtype=torch.bool)
    other = target.clone()
    other[:, 4:] = (other[:, 4:] + 1) % 40
    before, after = network(source, known, target), network(source, known, other)
    assert torch.allclose(before[:, :4], after[:, :4], atol=1e-6)
    assert not torch.allclose(before[:, 4:], after[:, 4:], atol=1e-2)
    source[0, 0] = (source[0, 0] + 1) % 40
    assert not torch.allclose(network(source, known, target)[0], before[0], atol=1e-2)


@torch.no_grad()
def test_one_token_at_a_time_is_the_same_as_all_at_once(network):
    source, target = torch.randint(40, (3, 6)), torch.randint(40, (3, 2, 9))
    known = torch.stack([torch.arange(6) < n for n in (6, 3, 5)])
    whole = [network(source, known, target[:, k]) for k in range(2)]
    reading = network.begin(source, known, texts=2, room=9)
    for t in range(9):
        step = network.step(target[:, :, t], reading)
        for k in range(2):
            assert torch.allclose(step[:, k], whole[k][:, t], atol=1e-4)


@torch.no_grad()
def test_a_text_can_go_on_from_another_one(network):
    source, target = torch.randint(40, (2, 6)), torch.randint(40, (2, 3, 5))
    known = torch.ones(2, 6, dtype=torch.bool)
    reading = network.begin(source, known, texts=3, room=6)
    for t in range(4):
        network.step(target[:, :, t], reading)
    beams = torch.tensor([[2, 0, 0], [1, 1, 2]])
    reading.follow(beams)
    kept = reading.only(torch.tensor([1]))
    step = network.step(target[1:, :, 4], kept)
    followed = torch.cat([target[1, beams[1], :4], target[1, :, 4:5]], 1)  # (3, 5)
    whole = network(source[1:].expand(3, -1), known[1:].expand(3, -1), followed)
    assert torch.allclose(step[0], whole[:, -1], atol=1e-4)


def test_a_width_that_heads_cannot_share():
    with pytest.raises(ValueError, match="multiple"):
        EncoderDecoder(vocabulary=8, width=20, heads=4)


def test_dropout_keeps_the_mean_and_follows_the_seed():
    x = torch.ones(3, 1001, 99)
    torch.manual_seed(1)
    first = dropout(x, 0.3, True)
    torch.manual_seed(1)
    assert (dropout(x, 0.3, True) == first).all()
    assert abs((first == 0).float().mean() - 0.3) < 0.01
    assert abs(first.mean() - 1) < 0.01
    assert dropout(x, 0.3, False) is x
