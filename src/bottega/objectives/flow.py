"""Flow matching: learn the velocity that carries noise to works along straight lines.

Lipman et al. 2023, "Flow Matching for Generative Modeling", arXiv:2210.02747; times are drawn as in Esser et al. 2024,
arXiv:2403.03206; guidance without a classifier is Ho & Salimans 2022, arXiv:2207.12598.
"""

import math
from itertools import pairwise
from typing import ClassVar

import torch
from torch import Tensor, nn

from bottega.datasets import augmentation
from bottega.networks.layers import one_hot
from bottega.objectives.base import Objective, OptimizerSettings, Phase
from bottega.objectives.latent import Observation, Place, Tell, coarse
from bottega.objectives.velocity import between, carried
from bottega.randomness import Random

EXACT = 32
"""Steps from a work to its noise, or back: with fewer the two ways differ visibly."""

GUIDED = 2.0
"""Guidance where part of a work is known: a little more than for new works makes bold colours, and fills that show."""
FRESH = 0.8
"""Share of new noise in each step of completing; with none, fills never come to agree with what is around them."""
MIXED = 0.4
"""Where on the way from noise to work two works are mixed."""


class Flow(Objective):
    """Flow matching with a velocity network ``v(x, t, label, augmentation)``; t = 0 is noise, t = 1 a work.

    Args:
        velocity: the network; its output has the shape of x.
        classes: number of classes, 0 for none.
        optimizers: settings of the phase ``"velocity"``.
        time_mean, time_std: training times are ``sigmoid(N(time_mean, time_std²))``.
        unlabelled: share of works shown without their class, so that guidance is possible.
        mirror: whether a work's mirror image is as good as the work.
        augmentation: probability of each conditional augmentation (0 = none).
    """

    averaged = ("velocity",)
    controls: ClassVar[dict[str, float]] = {"steps": 12.0, "guidance": 2.0, "temperature": 1.0}
    quick: ClassVar[dict[str, float]] = {"steps": 8.0, "guidance": 1.0}

    def __init__(
        self,
        velocity: nn.Module,
        *,
        classes: int,
        optimizers: dict[str, OptimizerSettings],
        time_mean: float = 0.0,
        time_std: float = 1.0,
        unlabelled: float = 0.1,
        mirror: bool = True,
        augmentation: float = 0.0,
    ) -> None:
        super().__init__()
        self.velocity, self.classes = velocity, classes
        self.optimizer = optimizers.get("velocity", OptimizerSettings())
        self.time_mean, self.time_std = time_mean, time_std
        self.unlabelled, self.mirror, self.augmentation = unlabelled, mirror, augmentation
        self.shape = velocity.shape

    def phases(self) -> list[Phase]:
        return [Phase("velocity", ("velocity",), self.loss, self.optimizer)]

    def loss(self, x: Tensor, label: Tensor | None, random: Random, progress: float) -> dict[str, Tensor]:
        """Mean squared error of the velocity at a random time between noise and works ``x`` (B, C, H, W)."""
        n, device = len(x), x.device
        if self.mirror:
            x = augmentation.mirror(x, random.child("mirror"))
        description = None
        if self.augmentation:
            x, description = augmentation.conditional(x, random.child("augmentation"), self.augmentation)
        if label is not None:
            hidden = random.child("unlabelled").uniform(n).to(device) < self.unlabelled
            label = torch.where(hidden, self.classes, label)
        x_t, t, v = between(x, random, self.time_mean, self.time_std)
        out = self.velocity(x_t.contiguous(memory_format=torch.channels_last), t, label, description)
        return {"loss": (out - v).square().mean()}

    def sample(
        self,
        n: int,
        label: Tensor | None,
        random: Random,
        *,
        steps: float = 12,
        guidance: float = 2.0,
        temperature: float = 1.0,
    ) -> Tensor:
        """From noise to works ``(n, C, H, W)`` by the two-step method of Adams and Bashforth.

        Args:
            steps: of the solver; each costs one evaluation of the network, or two with guidance.
            guidance: 1 follows the class, above 1 exaggerates it, which costs variety and gains clarity.
            temperature: scale of the first noise; below 1 gives calmer works.
        """
        device = next(self.parameters()).device
        x = random.normal(n, *self.shape).to(device) * temperature
        return self.carry(x.contiguous(memory_format=torch.channels_last), 0.0, 1.0, label, steps, guidance)

    def carry(self, x: Tensor, first: float, last: float, label: Tensor | None, steps: float, guidance: float = 1.0):
        """``x`` at the time ``first`` moved along the flow to the time ``last``, forwards or backwards."""
        return carried(lambda x, t: self._guided(x, t, label, guidance), x, first, last, steps)

    def _guided(self, x: Tensor, t: float, label: Tensor | None, guidance: float) -> Tensor:
        times = torch.full((len(x),), t, device=x.device)
        if label is None or guidance == 1:
            return self.velocity(x, times, label)
        none = self.unknown(len(x)) if label.is_floating_point() else torch.full_like(label, self.classes)
        both = torch.cat([label, none])
        with_label, without = self.velocity(torch.cat([x, x]), torch.cat([times, times]), both).chunk(2)
        return without + guidance * (with_label - without)

    def unknown(self, n: int) -> Tensor:
        """The label "no class" for ``n`` works, as weights."""
        label = torch.full((n,), self.classes, device=next(self.parameters()).device)
        return one_hot(label, self.classes)

    def places(self, n: int, label: Tensor | None, random: Random) -> Place:
        """Noise, the starting point of every work."""
        z = random.normal(n, *self.shape).to(next(self.parameters()).device)
        if not self.classes:
            return Place(z, None)
        label = random.integers(self.classes, n) if label is None else label.expand(n)
        return Place(z, one_hot(label.to(z.device), self.classes))

    @torch.no_grad()
    def to_latent(self, x: Tensor, label: Tensor | None, random: Random, tell: Tell = lambda share: None) -> Place:
        """The noise that the flow carries to the works: the same way, backwards."""
        weights = None
        if self.classes:
            weights = self.unknown(len(x)) if label is None else one_hot(label.expand(len(x)), self.classes)
        z = self.carry(x, 1.0, 0.0, weights, EXACT)
        tell(1.0)
        return Place(z, weights)

    @torch.no_grad()
    def from_latent(self, place: Place) -> Tensor:
        return self.carry(place.z, 0.0, 1.0, place.label, EXACT)

    @torch.no_grad()
    def made_at(self, place: Place, *, steps: float = 12, guidance: float = 2.0, temperature: float = 1.0) -> Tensor:
        return self.carry(place.z * temperature, 0.0, 1.0, place.label, steps, guidance)

    @torch.no_grad()
    def complete(
        self,
        observation: Observation,
        label: Tensor | None,
        random: Random,
        start: Place | None = None,
        tell: Tell = lambda share: None,
    ) -> Tensor:
        """From noise, or from the middle of the way to a work that is given; the class is guessed when it is not."""
        n = len(observation)
        if self.classes:
            label = self.recognise(observation.guess, random.child("class")) if label is None else label.expand(n)
        since = 0.0 if start is None else MIXED
        x = random.child("start").normal(n, *observation.values.shape[1:]).to(observation.values)
        if start is not None:
            x = since * self.from_latent(start) + (1 - since) * x
        return self._completed(x, since, observation, label, random, tell)

    def _completed(
        self,
        x: Tensor,
        since: float,
        observation: Observation,
        label: Tensor | None,
        random: Random,
        tell: Tell = lambda share: None,
    ) -> Tensor:
        """Sampling from the time ``since`` on, in which every estimate of the work has what is known put into it (DDNM:
        Wang et al. 2023, arXiv:2212.00490), and goes on with a share of new noise, so that the rest comes to agree.
        """
        steps = 24
        for number, (here, there) in enumerate(pairwise(torch.linspace(since, 1, steps + 1).tolist())):
            v = self._guided(x, here, label, GUIDED)
            work, noise = x + (1 - here) * v, x - here * v
            new = random.child("noise", number).normal(*x.shape).to(x)
            noise = math.sqrt(1 - FRESH) * noise + math.sqrt(FRESH) * new
            x = there * observation.kept_in(work) + (1 - there) * noise
            tell((number + 1) / steps)
        return x

    @torch.no_grad()
    def mix(self, first: Place, second: Place, share: float, random: Random) -> Tensor:
        """Squares of pixels keep the first work's means; the rest begins as the second's detail, under some noise."""
        work, other = self.from_latent(first), self.from_latent(second)
        known = coarse(work, max(2, min(work.shape[2:]) * 2 ** round(3 * share) // 16))
        begun = known.kept_in(other)
        label = self.recognise(begun, random.child("class")) if self.classes else None
        x = MIXED * begun + (1 - MIXED) * random.child("start").normal(*begun.shape).to(begun)
        return known.kept_in(self._completed(x, MIXED, known, label, random))

    @torch.no_grad()
    def vary(self, place: Place, distance: float, n: int, random: Random) -> Tensor:
        """Noise is laid over the work, the more the farther, and taken away again (SDEdit: Meng et al. 2022,
        arXiv:2108.01073)."""
        work = self.from_latent(place)
        label = self.recognise(work, random.child("class")).expand(n) if self.classes else None
        t = 1 - distance
        x = t * work + distance * random.child("noise").normal(n, *work.shape[1:]).to(work)
        return self.carry(x, t, 1.0, label, max(1, round(24 * distance)), GUIDED) if distance else x

    @torch.no_grad()
    def recognise(self, x: Tensor, random: Random, draws: int = 6) -> Tensor:
        """The class ``(B,)`` with which the flow foretells noisy copies of the works best (Li et al. 2023,
        arXiv:2303.16203); "no class" when it knows more than a hundred."""
        if self.classes > 100:
            return torch.full((len(x),), self.classes, device=x.device)
        off = torch.zeros(len(x), self.classes, device=x.device)
        for draw in range(draws):
            t = 0.25 + 0.5 * (draw + 0.5) / draws
            e = random.child(draw).normal(*x.shape).to(x)
            times = torch.full((len(x),), t, device=x.device)
            for label in range(self.classes):
                v = self.velocity((1 - t) * e + t * x, times, torch.full((len(x),), label, device=x.device))
                off[:, label] += (v - (x - e)).square().mean((1, 2, 3))
        return off.argmin(1)

    @torch.no_grad()
    def denoise(self, x: Tensor, noise: float, label: Tensor | None = None) -> Tensor:
        """The mean of all works that noise of standard deviation ``noise`` may have turned into ``x`` (B, C, H, W).

        The noisy work, shrunk, is a point of the flow at the time t = 1 / (1 + noise).
        """
        t = 1 / (1 + noise)
        x = x * t
        if self.classes and label is None:
            label = self.unknown(len(x))
        return x + (1 - t) * self._guided(x, t, label, 1.0)
