import torch

from bottega.networks.wavenet import WaveNet
from bottega.objectives.next_sample import NextSample, compressed, expanded
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
    objective = writer()
    times = torch.arange(48) / 48
    sounds = torch.stack([0.8 * torch.sin(2 * torch.pi * times * cycles) for cycles in (4, 12)])[:, None]  # (2, 1, 48)
    label, random = torch.tensor([0, 1]), Random(0)
    adam = torch.optim.Adam(objective.parameters(), 0.01)
    before = objective.bits(sounds, label)
    for _step in range(150):
        adam.zero_grad()
        objective.loss(sounds, label, random, 0.0)["loss"].backward()
        adam.step()
    assert before > 7.5 and objective.bits(sounds, label) < min(1.5, objective.bits(sounds, label.flip(0)))
    made = objective.eval().sample(2, label, Random(3), temperature=0.1)
    assert torch.fft.rfft(made[:, 0]).abs().argmax(1).tolist() == [4, 12]


def test_it_says_how_long_writing_will_take():
    objective = writer().eval()
    short, long = objective.seconds_for(2, 1000), objective.seconds_for(2, 8000)
    assert 0 < short < long < 60
