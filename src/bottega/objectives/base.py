"""The contract every objective keeps, and the one rule for numbers that change during training."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from torch import Tensor, nn

from bottega.objectives.latent import Observation, Place, Tell, coarse, near
from bottega.randomness import Random

Number = float | tuple[float, float]
"""A constant, or a pair ``(first, last)`` that moves along a half cosine while training progresses from 0 to 1."""

Loss = Callable[[Tensor, Tensor | None, Random, float], dict[str, Tensor]]
"""``loss(batch, label, random, progress)``: a dictionary whose ``"loss"`` is minimised; the rest is only shown."""


def at(value: Number, progress: float) -> float:
    """The value of a scheduled number at ``progress`` in [0, 1]."""
    if isinstance(value, int | float):
        return float(value)
    first, last = value
    return last + (first - last) * 0.5 * (1 + math.cos(math.pi * min(max(progress, 0.0), 1.0)))


@dataclass(frozen=True)
class OptimizerSettings:
    """Adam with decoupled weight decay; ``lr``, ``muon`` and the betas may be scheduled.

    ``muon`` is the learning rate of the Muon optimizer, which takes over the kernels of wide convolutions when it is
    not 0, and with ``matrices`` those of wide linear layers too. ``warmup`` is the share of training over which the
    learning rates rise from 0, ``cooldown`` the share at the end over which they fall to 0 in a straight line (Hägele
    et al. 2024, arXiv:2405.18392); ``clip`` bounds the gradient's norm (0 = never).
    """

    lr: Number = 2e-4
    beta1: Number = 0.9
    beta2: Number = 0.999
    eps: float = 1e-8
    weight_decay: float = 0.0
    muon: Number = 0.0
    matrices: bool = False
    warmup: float = 0.0
    cooldown: float = 0.0
    clip: float = 0.0

    def slope(self, progress: float) -> float:
        """What warm-up and cool-down multiply the learning rates by, in [0, 1]."""
        rise = progress / self.warmup if self.warmup else 1.0
        fall = (1 - progress) / self.cooldown if self.cooldown else 1.0
        return min(rise, fall, 1.0)


@dataclass(frozen=True)
class Phase:
    """One turn of a training step: which networks learn, from which loss.

    Attributes:
        name: shown in the log.
        networks: attribute names of the objective's networks that learn in this phase; the others stay as they are.
        loss: what the phase minimises.
        optimizer: how.
        keeps_graph: whether a later phase of the step goes back through what this one computed.
        since: share of training before which the phase takes no turn.
    """

    name: str
    networks: tuple[str, ...]
    loss: Loss
    optimizer: OptimizerSettings = field(default_factory=OptimizerSettings)
    keeps_graph: bool = False
    since: float = 0.0


class Objective(nn.Module):
    """What is learned: owns its networks, names its phases, and makes samples.

    Attributes:
        averaged: the networks whose weights are averaged over time (EMA) for sampling.
        classes: number of classes, 0 when nothing steers; label ``classes`` means "no class".
        controls: what ``sample`` accepts beyond its first three arguments, with the default of each.
        quick: controls for a preview, which should cost little time.
    """

    averaged: tuple[str, ...] = ()
    classes: int = 0
    controls: ClassVar[dict[str, float]] = {}
    quick: ClassVar[dict[str, float]] = {}

    def phases(self) -> list[Phase]:
        """The phases of one step, in order."""
        raise TypeError(f"{type(self).__name__} has no phases")

    def sample(self, n: int, label: Tensor | None, random: Random, **controls: float) -> Tensor:
        """New works in the space of the representation: ``(n, C, H, W)`` in about [-1, 1] for pictures."""
        raise TypeError(f"{type(self).__name__} makes no works")

    def places(self, n: int, label: Tensor | None, random: Random) -> Place:
        """``n`` places in latent space drawn at random; no label takes any class."""
        raise TypeError(f"{type(self).__name__} has no latent space")

    def to_latent(self, x: Tensor, label: Tensor | None, random: Random, tell: Tell = lambda share: None) -> Place:
        """Where works ``(B, C, H, W)`` lie; without a label (of one class, ``(B,)``) the class is guessed too."""
        raise TypeError(f"{type(self).__name__} has no latent space")

    def from_latent(self, place: Place) -> Tensor:
        """The works at each place, ``(B, C, H, W)``."""
        raise TypeError(f"{type(self).__name__} has no latent space")

    def made_at(self, place: Place, **controls: float) -> Tensor:
        """The works at places drawn at random, ``(B, C, H, W)``, as ``sample`` makes them with its controls.

        ``from_latent`` makes a work again that was found with ``to_latent``, which may take longer.
        """
        return self.from_latent(Place(place.z * controls.get("truncation", 1.0), place.label))

    def complete(
        self,
        observation: Observation,
        label: Tensor | None,
        random: Random,
        start: Place | None = None,
        tell: Tell = lambda share: None,
    ) -> Tensor:
        """Works ``(B, C, H, W)`` that agree, nearly, with what is known of them; near ``start`` when it is given."""
        raise TypeError(f"{type(self).__name__} has no latent space")

    def mix(self, first: Place, second: Place, share: float, random: Random) -> Tensor:
        """The broad shapes of one work and the detail of another, ``(1, C, H, W)``.

        ``share`` in [0, 1] says how much comes from the second. Here: works near the second place that agree with the
        first's means over squares of pixels.
        """
        work = self.from_latent(first)
        side = max(2, min(work.shape[2:]) * 2 ** round(3 * share) // 16)
        known = coarse(work, side)
        return known.kept_in(self.complete(known, None, random, Place(second.z, first.label)))

    def vary(self, place: Place, distance: float, n: int, random: Random) -> Tensor:
        """``n`` works ``(n, C, H, W)`` near a place: at distance 0 the work itself, at 1 any other."""
        return self.from_latent(near(place, distance, n, random))

    @property
    def has_latent(self) -> bool:
        """Whether it can do what stands above."""
        return type(self).from_latent is not Objective.from_latent
