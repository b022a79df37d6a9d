"""A small real objective for the tests of training: two phases, dropout, batch norm, schedules, clipping."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from bottega.datasets.order import Shuffled
from bottega.objectives.base import Objective, OptimizerSettings, Phase
from bottega.randomness import Random
from bottega.recipes.recipe import load
from bottega.representations.pixels import Pixels
from bottega.training.events import Event, Stepped
from bottega.training.loop import Budget, TrainingSettings, fit

SIDE = 8
FITTING = ("description", "resume", "finish", "preview", "on_event")


class Squares:
    """Little pictures with one bright square; the label is its colour."""

    def __init__(self, works: int = 50, enlarged: int = 1) -> None:
        numbers = np.random.default_rng(5)
        self.pictures = numbers.integers(0, 60, (works, SIDE, SIDE, 3), dtype=np.uint8)
        self.labels = numbers.integers(0, 3, works)
        for picture, label in zip(self.pictures, self.labels, strict=True):
            y, x = numbers.integers(0, SIDE - 3, 2)
            picture[y : y + 3, x : x + 3, label] = 250
        self.pictures = self.pictures.repeat(enlarged, 1).repeat(enlarged, 2)
        self.train = np.arange(works)[: works - 4]

    def rows(self, indices: np.ndarray) -> np.ndarray:
        return self.pictures[indices].copy()


class Plain:
    """Pixels between -1 and 1."""

    def encode(self, works: Tensor) -> Tensor:
        return works.permute(0, 3, 1, 2).float() / 127.5 - 1


class TinyGAN(Objective):
    """Two phases, dropout, batch norm, schedules, clipping: everything the loop has to get right.

    Batch norm is only used with one process, dropout draws this process's rows of the global mask.
    """

    averaged = ("generator",)
    classes = 3

    def __init__(self, norm: bool = True, bad_steps: tuple[int, ...] = ()) -> None:
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(1)
            layers = [nn.Linear(4 + 3, 32), nn.BatchNorm1d(32) if norm else nn.Identity(), nn.ReLU()]
            self.generator = nn.Sequential(*layers, nn.Linear(32, 3 * SIDE * SIDE), nn.Tanh())
            self.critic = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(128, 1))
        self.bad_steps, self.calls = bad_steps, 0

    def phases(self) -> list[Phase]:
        critic = OptimizerSettings(lr=(2e-3, 1e-3), beta1=(0.5, 0.0), weight_decay=0.01)
        generator = OptimizerSettings(lr=2e-3, beta1=0.5, warmup=0.2, clip=1.0)
        return [
            Phase("critic", ("critic",), self.loss_of_critic, critic),
            Phase("generator", ("generator",), self.loss_of_generator, generator),
        ]

    def draw(self, label: Tensor, random: Random) -> Tensor:
        z = torch.cat([random.normal(len(label), 4), nn.functional.one_hot(label, 3).float()], 1)
        return self.generator(z).view(-1, 3, SIDE, SIDE)

    def judge(self, batch: Tensor, random: Random) -> Tensor:
        mask = (random.uniform(len(batch), *batch.shape[1:]) > 0.2).float()
        return self.critic(batch * mask)

    def loss_of_critic(self, batch: Tensor, label: Tensor, random: Random, progress: float) -> dict[str, Tensor]:
        self.calls += 1
        real = self.judge(batch, random.child("real"))
        fake = self.judge(self.draw(label, random).detach(), random.child("fake"))
        loss = nn.functional.softplus(fake - real).mean()
        if self.calls in self.bad_steps:
            loss = loss * float("nan")
        return {"loss": loss, "real": real.mean()}

    def loss_of_generator(self, batch: Tensor, label: Tensor, random: Random, progress: float) -> dict[str, Tensor]:
        fake = self.judge(self.draw(label, random), random.child("fake"))
        return {"loss": nn.functional.softplus(-fake).mean()}

    def sample(self, n: int, label: Tensor | None, random: Random, **controls: float) -> Tensor:
        return self.draw(torch.zeros(n, dtype=torch.int64) if label is None else label, random)


def picture(objective: Objective) -> np.ndarray:
    """A preview: four works side by side."""
    works = objective.sample(4, None, Random(0, "preview"))  # (4, 3, H, W)
    return ((works + 1) * 127.5).clamp(0, 255).byte().permute(2, 0, 3, 1).reshape(SIDE, 4 * SIDE, 3).numpy()


def train(folder: Path, objective: Objective | None = None, **wishes):
    """``fit`` with small numbers; ``wishes`` go to the settings, the budget or ``fit`` itself, wherever they belong."""
    objective = objective or TinyGAN()
    events = wishes.pop("events", [])
    more = {name: wishes.pop(name) for name in FITTING if name in wishes}
    limits = {name: wishes.pop(name) for name in ("minutes", "steps", "epochs") if name in wishes}
    data = wishes.pop("data", None) or Squares()
    settings = TrainingSettings(**({"batch": 16, "previews": 0, "report_seconds": 0} | wishes))
    fixed = {"description": {"recipe": "toy"}, "resume": False, "on_event": events.append, "preview": picture}
    budget = Budget(**limits or {"steps": 20})
    return fit(objective, Shuffled(data), Plain().encode, settings, budget, folder, **(fixed | more))


def train_recipe(folder: Path, name: str, **wishes):
    """A few steps of a recipe Bottega comes with, on pictures of 16 x 16; gives the objective."""
    with torch.random.fork_rng():
        torch.manual_seed(4)
        objective = load(name).build(Pixels((3, 2 * SIDE, 2 * SIDE)), 3)
    train(folder, objective, **({"data": Squares(enlarged=2), "batch": 8, "steps": 3} | wishes))
    return objective


def weights(objective: Objective) -> dict[str, Tensor]:
    """A copy of everything the objective holds."""
    return {name: t.detach().clone() for name, t in objective.state_dict().items()}


def stop_after_step(step: int) -> Callable[[Event], None]:
    """For ``on_event``: somebody asks this process to end after a step."""

    def on_event(event: Event) -> None:
        if isinstance(event, Stepped) and event.step == step:
            os.kill(os.getpid(), signal.SIGTERM)

    return on_event
