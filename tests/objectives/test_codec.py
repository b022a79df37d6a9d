import pytest
import torch

from bottega.networks.sound import Decoder, Encoder
from bottega.objectives.base import OptimizerSettings
from bottega.objectives.codec import Codec, differences
from bottega.randomness import Random
from bottega.training.turns import Turn

SMALL = {"latent": 16, "hop": 32, "stride": 2, "fine": 24, "coarse": 32, "fine_blocks": 1, "coarse_blocks": 1}


def codec(**numbers):
    torch.manual_seed(0)
    encoder, decoder = Encoder(shape=(1, 1024), **SMALL), Decoder(shape=(1, 1024), **SMALL)
    chosen = {"codec": OptimizerSettings(lr=2e-3)}
    return Codec(encoder=encoder, decoder=decoder, optimizers=chosen, windows=(256, 64), **numbers)


def tones(n=4, seed=0):
    """Chords ``(n, 1, 1024)``."""
    random = torch.Generator().manual_seed(seed)
    pitch = torch.rand(n, 3, 1, generator=random) * 0.5 + 0.05
    return (0.2 * torch.sin(pitch * torch.arange(1024))).sum(1, keepdim=True)


def learn(objective, steps, progress=0.0):
    turns = [Turn(objective, phase) for phase in objective.phases()]
    shown = []
    for step in range(steps):
        for turn in turns:
            random = Random(0, step, turn.phase.name)
            losses = turn.phase.loss(tones(seed=step), None, random, progress)
            turn.backward(losses["loss"])
            turn.step(progress, 1.0, torch.tensor(1.0))
            turn.close()
            shown.append({name: float(value.detach()) for name, value in losses.items()})
    return shown


def test_it_learns_to_rebuild():
    objective = codec()
    x = tones(seed=99)
    before = differences(x[:, 0], objective.decode(objective.encode(x))[:, 0], (256, 64))
    learn(objective, 60)
    after = differences(x[:, 0], objective.decode(objective.encode(x))[:, 0], (256, 64))
    assert after["convergence"] < before["convergence"]
    assert after["log"] < 0.8 * before["log"]


@pytest.mark.parametrize("length", [1, 63, 64, 65, 1000])
def test_any_length_becomes_whole_frames(length):
    objective = codec().eval()
    z = objective.encode(torch.randn(2, 1, length))
    assert z.shape == (2, objective.width, -(-length // objective.hop))
    assert objective.decode(z).shape == (2, 1, z.shape[2] * objective.hop)


def test_long_sounds_in_stretches_are_the_same_as_at_once(monkeypatch):
    objective = codec().eval()
    x = torch.randn(1, 1, 64 * 100)
    whole = objective.encode(x)
    rebuilt = objective.decode(whole)
    monkeypatch.setattr("bottega.objectives.codec.BLOCK", 32)
    assert torch.allclose(objective.encode(x), whole, atol=1e-5)
    assert torch.allclose(objective.decode(whole), rebuilt, atol=1e-5)


def test_silence_and_full_scale_stay_finite():
    objective = codec().eval()
    for x in (torch.zeros(1, 1, 1024), torch.ones(1, 1, 1024), -torch.ones(1, 1, 1024)):
        assert objective.decode(objective.encode(x)).isfinite().all()
        loss = objective.loss(x, None, Random(0), 0.0)["loss"]
        loss.backward()
        assert all(p.grad is None or p.grad.isfinite().all() for p in objective.parameters())


def test_the_same_step_gives_the_same_loss():
    objective = codec()
    losses = [float(objective.loss(tones(), None, Random(3, 1), 0.0)["loss"].detach()) for _turn in range(2)]
    assert losses[0] == losses[1]
