"""Films carried on."""

import pytest
import torch

from bottega.networks.moments import Moments
from bottega.networks.next_frame import FrameGru
from bottega.objectives.base import OptimizerSettings
from bottega.objectives.next_frames import NextFrames
from bottega.randomness import Random

SHAPE = (1, 8, 16, 16)


def carried(classes: int = 0, alone: bool = False, **numbers) -> NextFrames:
    torch.manual_seed(0)
    model = FrameGru(shape=SHAPE, classes=classes, widths=(12, 16), patch=4, reach=2)
    optimizers = {name: OptimizerSettings(lr=3e-3) for name in ("model", "first")}
    if alone:
        return NextFrames(model, classes=classes, optimizers=optimizers, **numbers)
    small = {"channels": (16, 16), "encoder": (1, 1), "decoder": (1,)}
    first = Moments(shape=SHAPE, classes=classes, frames=3, embedding=16, **small)
    return NextFrames(model, first, classes=classes, optimizers=optimizers, **numbers)


def bars(n: int, frames: int) -> torch.Tensor:
    """A bright column that goes one pixel to the right with every frame, and round."""
    x = torch.full((n, 1, frames, 16, 16), -1.0)
    for row in range(n):
        for t in range(frames):
            x[row, :, t, :, (3 * row + t) % 16] = 1.0
    return x


def test_known_frames_stay_and_others_are_made():
    objective = carried(classes=2)
    known = torch.rand(3, 1, 9, 16, 16) * 2 - 1
    mask = (torch.arange(9) < 4).expand(3, 1, -1)
    made = objective.complete(known, mask, torch.tensor([0, 1, 2]), Random(0))
    assert torch.equal(made[:, :, :4], known[:, :, :4])
    assert not torch.equal(made[:, :, 4:], known[:, :, 4:])
    assert made.abs().max() <= 1 and torch.isfinite(made).all()
    assert torch.equal(made, objective.complete(known, mask, torch.tensor([0, 1, 2]), Random(0)))
    longer = objective.complete(
        torch.cat([known, known], 2), (torch.arange(18) < 4).expand(3, 1, -1), torch.tensor([0, 1, 2]), Random(0)
    )
    assert torch.equal(longer[:, :, :9], made)


def test_all_known_is_left_alone():
    known = torch.rand(1, 1, 3, 16, 16)
    assert torch.equal(carried().complete(known, torch.ones(1, 1, 3, dtype=torch.bool), None, Random(0)), known)


def test_temperature_makes_other_continuations():
    objective = carried()
    known, mask = torch.rand(1, 1, 9, 16, 16), (torch.arange(9) < 4).expand(1, 1, -1)
    usual = objective.complete(known, mask, None, Random(0))
    assert torch.equal(usual, objective.complete(known, mask, None, Random(1)))
    others = [objective.complete(known, mask, None, Random(seed), temperature=1.0) for seed in (0, 1)]
    assert torch.equal(others[0][:, :, :4], known[:, :, :4])
    assert not torch.equal(others[0], usual) and not torch.equal(*others)


def test_only_beginnings_are_carried_on():
    known, mask = torch.rand(1, 1, 6, 16, 16), torch.tensor([[[True, False, True, False, False, False]]])
    with pytest.raises(ValueError, match="beginning"):
        carried().complete(known, mask, None, Random(0))
    with pytest.raises(ValueError, match="first frames"):
        carried(alone=True).sample(1, None, Random(0))


def test_films_from_nothing_begin_with_frames_of_the_flow():
    objective = carried(classes=2)
    films = objective.sample(2, None, Random(5), frames=11)
    assert films.shape == (2, 1, 11, 16, 16)
    assert torch.equal(films, objective.sample(2, None, Random(5), frames=11))
    assert torch.equal(films[:, :, :4], objective.sample(2, None, Random(5), frames=4))
    assert not torch.equal(films, objective.sample(2, None, Random(6), frames=11))


def test_each_phase_teaches_its_own_network():
    objective = carried(classes=2)
    x, label = torch.rand(4, *SHAPE) * 2 - 1, torch.tensor([0, 1, 2, 0])
    assert [phase.networks for phase in objective.phases()] == [("model",), ("first",)]
    for phase in objective.phases():
        objective.zero_grad()
        phase.loss(x, label, Random(0, phase.name), 0.5)["loss"].backward()
        (name,) = phase.networks
        assert any(p.grad is not None and p.grad.abs().sum() > 0 for p in getattr(objective, name).parameters())
    assert len(carried(alone=True).phases()) == 1
    names = [name for name, _p in objective.named_parameters()]
    assert len(names) == len(set(names)) and not any(name.startswith("flow") for name in objective.state_dict())


def test_it_learns_to_carry_the_one_film_on_that_there_is():
    objective = carried(alone=True, growth=0.0)
    adam = torch.optim.Adam(objective.parameters(), 5e-3)
    x, mask = bars(2, 7), (torch.arange(7) < 4).expand(2, 1, -1)

    def off() -> float:
        return float((objective.complete(x, mask, None, Random(0)) - x)[:, :, 4:].square().mean())

    still = float((x[:, :, 3:4] - x[:, :, 4:]).square().mean())
    before = off()
    for step in range(40):
        adam.zero_grad()
        objective.loss(x, None, Random(0, step), 0.5)["loss"].backward()
        adam.step()
    assert off() < 0.8 * min(before, still)


def test_first_frames_are_those_of_films_in_their_order():
    objective = carried(moments=2)
    adam = torch.optim.Adam(objective.first.parameters(), 5e-3)
    levels = torch.linspace(-0.8, 0.8, 8)[None, None, :, None, None].expand(4, 1, 8, 16, 16)  # brighter and brighter
    for step in range(60):
        adam.zero_grad()
        objective.first_loss(levels, None, Random(0, step), 0.5)["loss"].backward()
        adam.step()
    means = objective.sample(8, None, Random(1), frames=3).mean((1, 3, 4))  # (8, 3)
    assert (means.diff() > 0.1).float().mean() > 0.8
