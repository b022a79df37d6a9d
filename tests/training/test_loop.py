import json
import os
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from toys import Plain, Squares, TinyGAN, stop_after_step, train, weights

from bottega.errors import DataError, Interrupted, UsageError
from bottega.media.image import read
from bottega.objectives.base import Objective, OptimizerSettings, Phase
from bottega.randomness import Random
from bottega.training import budget
from bottega.training.events import Finished, Previewed, Saved, Started, Stepped
from bottega.training.lock import locked
from bottega.training.log import read as read_log
from bottega.training.turns import Turn


class Compressor(Objective):
    """One phase, no classes needed: an autoencoder through 6 numbers."""

    averaged = ("network",)

    def __init__(self) -> None:
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(2)
            layers = [torch.nn.Flatten(), torch.nn.Linear(192, 6), torch.nn.Linear(6, 192)]
            self.network = torch.nn.Sequential(*layers, torch.nn.Unflatten(1, (3, 8, 8)))

    def phases(self):
        return [Phase("reconstruct", ("network",), self.loss, OptimizerSettings(lr=(3e-2, 0.0)))]

    def loss(self, batch, label, random, progress):
        return {"loss": (self.network(batch) - batch).square().mean()}


def test_it_learns_and_holds_the_averaged_weights_afterwards(tmp_path):
    objective, data, events = Compressor(), Squares(), []
    batch = Plain().encode(torch.from_numpy(data.pictures))
    before = objective.loss(batch, None, None, 0.0)["loss"].item()
    outcome = train(tmp_path / "run", objective, data=data, events=events, steps=300)
    assert objective.loss(batch, None, None, 0.0)["loss"].item() < 0.45 * before
    assert not objective.training
    assert outcome.losses["reconstruct.loss"] < 0.45 * before
    kinds = [type(event) for event in events]
    assert kinds[:2] == [Started, Saved] and kinds[-2:] == [Saved, Finished]
    steps = [event for event in events if isinstance(event, Stepped)]
    assert [event.step for event in steps] == list(range(1, 301)) and steps[-1].progress == 1
    assert steps[-1].rate > 0 and steps[0].seconds_left > 0


def test_a_pure_function_of_the_seed(tmp_path):
    objectives = [TinyGAN() for _time in range(3)]
    for number, (objective, seed) in enumerate(zip(objectives, (1, 1, 2), strict=True)):
        torch.manual_seed(number)  # what others did before plays no part
        train(tmp_path / str(number), objective, seed=seed, previews=number)
    one, same, other = map(weights, objectives)
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["generator.0.weight"], other["generator.0.weight"])


class Nosy(TinyGAN):
    """Has a layer that is fixed for good, and draws from torch's global generator, which is not done."""

    def __init__(self) -> None:
        super().__init__()
        self.fixed = torch.nn.Linear(2, 2)
        self.fixed.weight.requires_grad_(False)
        self.seen = []

    def loss_of_generator(self, batch, label, random, progress):
        self.seen.append((progress, torch.rand(()).item()))
        return super().loss_of_generator(batch, label, random, progress)


def test_only_the_networks_of_a_phase_get_gradients():
    objective = TinyGAN()
    batch, label = torch.rand(8, 3, 8, 8), torch.zeros(8, dtype=torch.int64)
    for phase in objective.phases():
        turn = Turn(objective, phase)
        turn.backward(phase.loss(batch, label, Random(0), 0.0)["loss"])
        taught = {name.split(".")[0] for name, p in objective.named_parameters() if p.grad is not None}
        assert taught == {phase.name}
        turn.close()


def test_what_is_fixed_stays_and_the_rest_learns(tmp_path):
    nosy, again = Nosy(), Nosy()
    before = weights(nosy)
    train(tmp_path / "run", nosy, steps=4)
    assert [progress for progress, _number in nosy.seen] == [0, 0.25, 0.5, 0.75]
    assert torch.equal(nosy.fixed.weight, before["fixed.weight"])
    assert not torch.equal(nosy.critic[0].weight, before["critic.0.weight"])
    with pytest.raises(Interrupted):
        train(tmp_path / "again", Nosy(), steps=4, on_event=stop_after_step(2))
    train(tmp_path / "again", again, steps=4, resume=True)
    assert again.seen == nosy.seen[2:]


def test_the_time_lapse(tmp_path):
    objective, events = TinyGAN(), []
    train(tmp_path / "run", objective, events=events, previews=5)
    pictures = sorted((tmp_path / "run" / "previews").iterdir())
    assert [path.name for path in pictures] == [f"{step:06d}.png" for step in (0, 5, 10, 15, 20)]
    assert [event.path for event in events if isinstance(event, Previewed)] == pictures
    assert read(pictures[0]).shape == (8, 32, 3)
    assert not np.array_equal(read(pictures[0]), read(pictures[-1]))


def test_a_preview_that_fails_stops_nothing(tmp_path):
    def broken(objective):
        raise ValueError("no paint")

    events, one, other = [], TinyGAN(), TinyGAN()
    train(tmp_path / "run", one, events=events, previews=3, preview=broken)
    train(tmp_path / "none", other)
    assert [event.problem for event in events if isinstance(event, Previewed)] == ["no paint"] * 3
    assert all(torch.equal(a, b) for a, b in zip(weights(one).values(), weights(other).values(), strict=True))


@pytest.fixture
def own_time(monkeypatch):
    """Minutes of the processor, so that others who keep the machine busy take none of them."""
    monkeypatch.setattr(budget, "time", SimpleNamespace(monotonic=time.process_time))


@pytest.mark.usefixtures("own_time")
def test_minutes_end_on_time_and_annealed(tmp_path):
    events = []
    outcome = train(tmp_path / "run", events=events, minutes=1 / 60, previews=3)
    assert 0.8 < outcome.seconds < 1.6
    assert len([event for event in events if isinstance(event, Previewed)]) == 3
    assert [event.progress for event in events if isinstance(event, Stepped)][-1] > 0.95
    again = train(tmp_path / "run", minutes=1 / 60, resume=True)
    assert again.steps == outcome.steps


@pytest.mark.usefixtures("own_time")
def test_time_before_the_interruption_counts(tmp_path):
    def stop_halfway(event):
        if isinstance(event, Stepped) and event.progress > 0.5:
            stop_after_step(event.step)(event)

    with pytest.raises(Interrupted):
        train(tmp_path / "run", minutes=1 / 60, on_event=stop_halfway)
    events = []
    outcome = train(tmp_path / "run", minutes=1 / 60, resume=True, events=events)
    assert next(event.progress for event in events if isinstance(event, Stepped)) > 0.4
    assert 0.8 < outcome.seconds < 1.6


def test_a_finished_run_is_left_alone(tmp_path):
    one, other = TinyGAN(), TinyGAN()
    train(tmp_path / "run", one)
    outcome = train(tmp_path / "run", other, resume=True)
    assert outcome.steps == 20 and outcome.progress == 1 and outcome.losses
    assert all(torch.equal(a, b) for a, b in zip(weights(one).values(), weights(other).values(), strict=True))


def test_a_longer_budget_goes_on(tmp_path):
    train(tmp_path / "run", steps=10)
    assert train(tmp_path / "run", steps=12, resume=True).steps == 12


def test_what_was_begun_is_not_overwritten(tmp_path):
    train(tmp_path / "run", steps=2)
    with pytest.raises(UsageError, match="--resume"):
        train(tmp_path / "run", steps=2)


def test_two_at_once_are_one_too_many(tmp_path):
    with locked(tmp_path / "run"), pytest.raises(UsageError, match=f"{os.getpid()}.*is training"):
        train(tmp_path / "run", steps=2)


def test_another_run_is_not_resumed(tmp_path):
    train(tmp_path / "run", steps=2, description={"recipe": {"lr": 1, "width": 2}, "data": "a"})
    with pytest.raises(UsageError, match=r"data, recipe\.lr, settings\.seed"):
        train(
            tmp_path / "run", steps=2, resume=True, seed=5, description={"recipe": {"lr": 3, "width": 2}, "data": "b"}
        )
    (tmp_path / "run" / "run.json").write_text("{")
    with pytest.raises(DataError, match="damaged"):
        train(tmp_path / "run", steps=2, resume=True)


def test_resuming_nothing_begins(tmp_path):
    assert train(tmp_path / "run", steps=2, resume=True).steps == 2


def test_epochs_batches_larger_than_the_collection_and_no_average(tmp_path):
    objective = TinyGAN()
    assert train(tmp_path / "run", objective, data=Squares(6), epochs=16, ema=0.0).steps == 2  # 2 works are used


def test_the_log_tells_the_story(tmp_path):
    train(tmp_path / "run", steps=3, previews=2)
    records = read_log(tmp_path / "run")
    assert [r["what"] for r in records] == ["started", "previewed", "step", "step", "step", "previewed", "finished"]
    assert set(records[2]["losses"]) == {"critic.loss", "critic.real", "generator.loss"}
    assert json.loads((tmp_path / "run" / "run.json").read_text())["description"] == {"recipe": "toy"}


def test_a_phase_takes_no_turn_before_its_time(tmp_path):
    class Late(TinyGAN):
        def phases(self):
            critic, generator = super().phases()
            return [replace(critic, since=0.5), generator]

    events, late, never = [], Late(), TinyGAN()
    train(tmp_path / "run", late, steps=4, events=events)
    told = [set(event.losses) for event in events if isinstance(event, Stepped)]
    assert ["critic.loss" in names for names in told] == [False, False, True, True]
    assert late.calls == 2 and not torch.equal(late.critic[0].weight, never.critic[0].weight)
