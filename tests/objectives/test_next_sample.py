import numpy as np
import torch

from bottega.networks.mu_law import borders, expanded
from bottega.networks.wavenet import Steps, WaveNet
from bottega.objectives.next_sample import NextSample, drawn, surprise
from bottega.randomness import Random


def writer():
    torch.manual_seed(0)
    network = WaveNet(shape=(1, 960), classes=2, width=12, skip=24, told=16, outline=32, dropout=0.0)
    return NextSample(model=network, classes=2, span=4, noise=0.05)


def test_sounds_are_of_the_seed_the_class_and_the_length_that_is_asked_for():
    objective = writer().eval()
    label = torch.tensor([0, 1, 2])
    made = objective.sample(3, label, Random(1))
    assert made.shape == (3, 1, 960) and made.dtype == torch.float32 and made.abs().max() <= 1
    assert torch.equal(made, objective.sample(3, label, Random(1)))
    assert not torch.equal(made, objective.sample(3, label, Random(2)))
    assert objective.sample(2, None, Random(1), samples=70).shape == (2, 1, 70)


def test_it_learns_what_each_class_sounds_like():
    objective, random = writer().train(), Random(0)
    times, noise = torch.arange(960), 0.02 * torch.from_numpy(np.random.default_rng(0).standard_normal((4, 960)))
    label, phases = torch.arange(4) % 2, torch.arange(4)[:, None]
    tones = 0.5 * torch.sin(2 * torch.pi * times / torch.tensor([60, 6])[label, None] + phases)
    sounds = ((tones + noise) * (times < 640)).float()[:, None]
    adam = torch.optim.Adam(objective.parameters(), 0.01)
    before = objective.bits(sounds)
    frames = objective.read(sounds)[1]
    for step in range(150):
        adam.zero_grad()
        if step % 5:  # an outline needs more steps than its samples, and costs less
            objective.outline_nats(frames, label, 0.05 * random.normal(*frames.shape)).backward()
        else:
            objective.loss(sounds, label, random.child(step), 0.0)["loss"].backward()
        torch.nn.utils.clip_grad_norm_(objective.parameters(), 1.0)
        adam.step()
    objective.eval()
    assert objective.bits(sounds) < before - 0.5
    assert objective.outline_nats(frames, label) < objective.outline_nats(frames, 1 - label) - 0.1
    draws = random.uniform(4, 960).numpy()
    made = expanded(torch.from_numpy(objective.write(Steps(objective.model, frames), draws, 0.7)))
    turns = (made[:, 65:576] * made[:, 64:575] < 0).float().mean(1)
    assert turns[label == 0].max() < 0.2 < turns[label == 1].min()
    own = objective.outlines(4, 960, label, random, 0.3)
    assert own[label == 0, 2:8, 1].mean() > own[label == 1, 2:8, 1].mean() + 1  # low and high


def test_sounds_of_no_whole_ticks_and_shorter_than_a_window_are_learned_from():
    objective, sounds = writer(), 0.1 * torch.randn(2, 1, 100)
    losses = objective.loss(sounds, torch.tensor([0, 1]), Random(0), 0.0)
    assert set(losses) == {"loss", "samples", "outline"} and losses["loss"].isfinite()
    losses["loss"].backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in objective.parameters())


def test_the_surprise_of_all_levels_is_one_chance_in_all():
    verdict = torch.tensor([[0.3, -0.2, -0.1, 0.4, -2.0, -5.0]]).expand(16, 6)[:, None]  # two distributions
    nats = surprise(verdict, torch.arange(16)[:, None], 16)
    assert abs(torch.exp(-nats).sum().item() - 1) < 1e-4
    sharp = torch.tensor([[[0.0, 0.0, 0.0, 0.0, -7.0, -7.0]]])
    assert surprise(sharp, torch.tensor([[0]]), 16).isfinite().all()  # however unlikely it is


def test_what_is_drawn_is_as_likely_as_the_verdict_says():
    verdict = np.tile(np.array([1.0, 0.0, -0.1, 0.2, -2.0, -3.0], np.float32), (4000, 1))
    ids = drawn(verdict, (np.arange(4000) + 0.5) / 4000, 1.0, borders(16).numpy())
    nats = surprise(torch.from_numpy(verdict[:16])[:, None], torch.arange(16)[:, None], 16)
    assert np.abs(np.bincount(ids, minlength=16) / 4000 - torch.exp(-nats)[:, 0].numpy()).max() < 0.01
    cold = drawn(verdict, np.linspace(0, 0.7, 4000), 0.01, borders(16).numpy())
    assert set(cold) == {5}  # the middle of the first


def test_it_says_how_long_writing_will_take():
    objective = writer().eval()
    short, long = objective.seconds_for(2, 1000), objective.seconds_for(2, 8000)
    assert 0 < short < long < 60
