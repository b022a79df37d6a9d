"""Sound sample by sample: every sample is predicted from those before it (van den Oord et al. 2016, arXiv:1609.03499).

Samples are heard in 256 steps of the μ-law, which are fine where it is soft and coarse where it is loud. How likely
each step is, a mixture of logistic distributions says (Salimans et al. 2017, arXiv:1701.05517).
"""

import math
import time
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from bottega.networks.wavenet import Steps, WaveNet
from bottega.objectives.adversarial import any_class
from bottega.objectives.base import Objective, OptimizerSettings, Phase
from bottega.randomness import Random

FAR = 50.0
"""Spreads from the middle of a logistic distribution beyond which there is nothing."""
MEASURED = 200
"""Steps from which the time of all of them is told."""


class NextSample(Objective):
    """Next-sample prediction.

    Args:
        model: reads ``ids (B, T)`` and a label, predicts as ``bottega.networks.wavenet`` does.
        classes: how many; 0 when nothing steers.
        optimizers: for the one phase, "model".
    """

    averaged = ("model",)
    controls: ClassVar[dict[str, float]] = {"temperature": 0.9}

    def __init__(
        self, *, model: WaveNet, classes: int = 0, optimizers: dict[str, OptimizerSettings] | None = None
    ) -> None:
        super().__init__()
        self.model, self.classes = model, classes
        self.optimizers = optimizers or {}

    def phases(self) -> list[Phase]:
        return [Phase("model", ("model",), self.loss, self.optimizers.get("model", OptimizerSettings()))]

    def loss(self, batch: Tensor, label: Tensor | None, random: Random, progress: float) -> dict[str, Tensor]:
        """Mean nats a sample of sounds ``(B, 1, N)``."""
        ids = compressed(batch[:, 0], self.model.levels)
        return {"loss": surprise(self.model(self.before(ids), label), ids, self.model.levels).mean()}

    def before(self, ids: Tensor) -> Tensor:
        """What is known of each sample ``(B, N)``: the one before it; before the first, silence."""
        silence = torch.full_like(ids[:, :1], self.model.levels // 2)
        return torch.cat([silence, ids[:, :-1]], 1)

    @torch.no_grad()
    def bits(self, batch: Tensor, label: Tensor | None) -> float:
        """How many bits a sample of sounds ``(B, 1, N)`` takes on average: what it did not foresee."""
        return self.loss(batch, label, Random(0), 0.0)["loss"].item() / math.log(2)

    @torch.no_grad()
    def sample(
        self, n: int, label: Tensor | None, random: Random, *, temperature: float = 0.9, samples: int | None = None
    ) -> Tensor:
        """New sounds ``(n, 1, samples)`` in [-1, 1]; label "no class", or none at all, takes any class.

        ``samples`` is the length of the works it learned from when it is not given.
        """
        steps = Steps(self.model, n, any_class(label, n, self.classes, random))
        ids = self.write(steps, random.uniform(n, samples or self.model.samples).numpy(), temperature)
        return expanded(torch.from_numpy(ids), self.model.levels)[:, None]

    def write(self, steps: Steps, draws: np.ndarray, temperature: float) -> np.ndarray:
        """One sample after another, int64 ``(n, T)``, each where its ``draws (n, T)`` in [0, 1) falls."""
        ids = np.empty(draws.shape, np.int64)
        last = np.full(len(ids), self.model.levels // 2)
        for step in range(ids.shape[1]):
            last = ids[:, step] = drawn(steps(last), draws[:, step], max(temperature, 1e-3), self.model.levels)
        return ids

    def seconds_for(self, n: int, samples: int) -> float:
        """How long writing ``n`` sounds of ``samples`` will take on this machine, from the first few steps of it."""
        label = torch.zeros(n, dtype=torch.long) if self.classes else None
        steps, draws = Steps(self.model, n, label), np.full((n, min(MEASURED, samples)), 0.5)
        self.write(steps, draws[:, :10], 1.0)  # the first ones are slower
        start = time.perf_counter()
        self.write(steps, draws, 1.0)
        return (time.perf_counter() - start) / draws.shape[1] * samples


def surprise(verdict: Tensor, ids: Tensor, levels: int) -> Tensor:
    """Nats of each of the samples ``ids (B, T)`` under mixtures ``(B, T, 3 K)``: logits, means and log spreads.

    Each level holds what lies nearest to it, the outer ones all beyond.
    """
    logits, means, spreads = verdict.chunk(3, 2)
    y, half, sharp = ids[..., None].float() * (2 / (levels - 1)) - 1, 1 / (levels - 1), torch.exp(-spreads)
    above = torch.where(ids[..., None] == levels - 1, FAR, (y + half - means) * sharp)
    below = torch.where(ids[..., None] == 0, -FAR, (y - half - means) * sharp)
    # the logarithm of sigmoid(above) - sigmoid(below), which is nought in floats where both are near nought or one
    inside = logsigmoid(above) + logsigmoid(-below) + torch.log(-torch.expm1((below - above).clamp(max=-1e-6)))
    return -torch.logsumexp(inside + logits.log_softmax(2), 2)


def drawn(verdict: np.ndarray, u: np.ndarray, temperature: float, levels: int) -> np.ndarray:
    """A level of each mixture ``(n, 3 K)``, int64 ``(n,)``, by numbers ``(n,)`` in [0, 1): each says which part of its
    mixture, and where in that part."""
    logits, means, spreads = np.split(verdict.astype(np.float64), 3, 1)
    shares = np.exp((logits - logits.max(1, keepdims=True)) / temperature)
    ends = (shares / shares.sum(1, keepdims=True)).cumsum(1)
    rows = np.arange(len(u))
    part = np.minimum((ends <= u[:, None]).sum(1), ends.shape[1] - 1)
    begin = np.where(part > 0, ends[rows, part - 1], 0.0)
    v = np.clip((u - begin) / np.maximum(ends[rows, part] - begin, 1e-12), 1e-5, 1 - 1e-5)  # again uniform
    y = means[rows, part] + temperature * np.exp(spreads[rows, part]) * np.log(v / (1 - v))
    return np.clip(np.floor((y + 1) / 2 * (levels - 1) + 0.5), 0, levels - 1).astype(np.int64)


def compressed(x: Tensor, levels: int = 256) -> Tensor:
    """Samples in [-1, 1] as one of ``levels`` numbers, int64; silence is ``levels // 2``."""
    mu = levels - 1
    y = x.clamp(-1, 1)
    y = y.sign() * torch.log1p(mu * y.abs()) / math.log1p(mu)
    return ((y + 1) / 2 * mu + 0.5).floor().long()


def expanded(ids: Tensor, levels: int = 256) -> Tensor:
    """The samples of such numbers, in [-1, 1]; those of silence are less than 0.0001."""
    mu = levels - 1
    y = ids.float() * (2 / mu) - 1
    return y.sign() * torch.expm1(y.abs() * math.log1p(mu)) / mu
