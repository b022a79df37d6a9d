import numpy as np
import torch

from bottega.networks.wavenet import WaveNet
from bottega.objectives.next_sample import NextSample, compressed, drawn, expanded, surprise
from bottega.randomness import Random


def writer():
    torch.manual_seed(0)
    return NextSample(model=WaveNet(shape=(1, 48), classes=2, width=12, skip=24, dilations=4, cycles=1), classes=2)


def test_the_steps_of_loudness_are_finest_where_it_is_soft():
    x = torch.linspace(-1, 1, 2001)
    ids = compressed(x)
    assert (ids.min(), ids.max(), compressed(torch.zeros(1)).item()) == (0, 255, 128)
    assert torch.equal(compressed(expanded(torch.arange(256))), torch.arange(256))
    off = (expanded(ids) - x).abs()
    assert off[950:1051].max() < 0.002 < off.max() < 0.025
    assert compressed(torch.tensor([9.0, -9.0])).tolist() == [255, 0]


def test_sounds_are_of_the_seed_the_class_and_the_length_that_is_asked_for():
    objective = writer().eval()
    label = torch.tensor([0, 1, 2])
    made = objective.sample(3, label, Random(1))
    assert made.shape == (3, 1, 48) and made.dtype == torch.float32 and made.abs().max() <= 1
    assert torch.equal(made, objective.sample(3, label, Random(1)))
    assert not torch.equal(made, objective.sample(3, label, Random(2)))
    assert objective.sample(2, None, Random(1), samples=70).shape == (2, 1, 70)


def test_it_learns_the_pitch_of_each_class():
    objective, random = writer(), Random(0)
    times, noise = torch.arange(128) / 128, 0.02 * torch.from_numpy(np.random.default_rng(0).standard_normal((8, 128)))
    phases, label = torch.arange(8)[:, None], torch.arange(8) % 2
    cycles = torch.tensor([5, 30])[label, None]
    sounds = (0.5 * torch.sin(2 * torch.pi * times * cycles + phases) + noise).float()[:, None]
    adam = torch.optim.Adam(objective.parameters(), 0.01)
    before = objective.bits(sounds, label)
    for _step in range(120):
        adam.zero_grad()
        objective.loss(sounds, label, random, 0.0)["loss"].backward()
        torch.nn.utils.clip_grad_norm_(objective.parameters(), 1.0)
        adam.step()
    after = objective.bits(sounds, label)
    assert after < min(6, before - 1, objective.bits(sounds, 1 - label) - 0.2)
    made = objective.eval().sample(8, label, Random(3), temperature=0.7, samples=128)[:, 0]
    turns = (made[:, 1:] * made[:, :-1] < 0).float().mean(1)
    assert turns[label == 0].mean() < turns[label == 1].mean()


def test_the_surprise_of_all_levels_is_one_chance_in_all():
    verdict = torch.tensor([[0.3, -0.2, -1.1, 0.9, -2.0, -5.0]]).expand(16, 6)[:, None]  # two distributions
    nats = surprise(verdict, torch.arange(16)[:, None], 16)
    assert abs(torch.exp(-nats).sum().item() - 1) < 1e-4
    sharp = torch.tensor([[[0.0, 0.0, 0.0, 0.0, -7.0, -7.0]]])
    assert surprise(sharp, torch.tensor([[0]]), 16).isfinite().all()  # however unlikely it is


def test_what_is_drawn_is_as_likely_as_the_verdict_says():
    verdict = np.tile(np.float32([1.0, 0.0, -0.5, 0.6, -2.0, -3.0]), (4000, 1))
    ids = drawn(verdict, (np.arange(4000) + 0.5) / 4000, 1.0, 16)
    nats = surprise(torch.from_numpy(verdict[:16])[:, None], torch.arange(16)[:, None], 16)
    assert np.abs(np.bincount(ids, minlength=16) / 4000 - torch.exp(-nats)[:, 0].numpy()).max() < 0.01
    assert set(drawn(verdict, np.linspace(0, 0.7, 4000), 0.01, 16)) <= {3, 4}  # cold: the middle of the first


def test_it_says_how_long_writing_will_take():
    objective = writer().eval()
    short, long = objective.seconds_for(2, 1000), objective.seconds_for(2, 8000)
    assert 0 < short < long < 60
