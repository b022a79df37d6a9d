"""Sound sample by sample: every sample is predicted from those before it (van den Oord et al. 2016, arXiv:1609.03499),
and from the outline of the sound, whose every frame is predicted from those before it.

Samples are heard in 256 steps of the μ-law, which are fine where it is soft and coarse where it is loud. How likely
each step is, a mixture of logistic distributions says (Salimans et al. 2017, arXiv:1701.05517).
"""

import math
import time
from typing import ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.functional import logsigmoid

from bottega.networks.mu_law import borders, compressed, expanded
from bottega.networks.outline import FRAME, TICK, outlined
from bottega.networks.wavenet import MEMORY, Steps, WaveNet
from bottega.objectives.adversarial import any_class
from bottega.objectives.base import Objective, OptimizerSettings, Phase
from bottega.randomness import Random

FAR = 50.0
"""Spreads from the middle of a logistic distribution beyond which there is nothing."""
MEASURED = 3
"""Ticks from which the time of all of them is told."""
NORMAL = math.log(2 * math.pi) / 2


class NextSample(Objective):
    """Next-sample and next-frame prediction.

    Args:
        model: reads ``ids (B, T)`` and frames, predicts as ``bottega.networks.wavenet`` does.
        classes: how many; 0 when nothing steers.
        span: ticks of each sound whose samples are learned from in a step; all of its frames are.
        noise: on the frames before each, so that a network that reads its own does not go astray.
        unclear: noise on the frames that samples are told.
        optimizers: for the one phase, "model".
    """

    averaged = ("model",)
    controls: ClassVar[dict[str, float]] = {"temperature": 0.7}

    def __init__(
        self,
        *,
        model: WaveNet,
        classes: int = 0,
        span: int = 8,
        noise: float = 0.15,
        unclear: float = 0.05,
        optimizers: dict[str, OptimizerSettings] | None = None,
    ) -> None:
        super().__init__()
        self.model, self.classes, self.span, self.noise, self.unclear = model, classes, span, noise, unclear
        self.optimizers = optimizers or {}

    def phases(self) -> list[Phase]:
        return [Phase("model", ("model",), self.loss, self.optimizers.get("model", OptimizerSettings()))]

    def loss(self, batch: Tensor, label: Tensor | None, random: Random, progress: float) -> dict[str, Tensor]:
        """Mean nats of a sample and of a number in a frame, of sounds ``(B, 1, N)``."""
        ids, frames = self.read(batch)
        if self.training:
            self.model.outline.meet(frames)
        rough, unclear = (random.normal(*frames.shape).to(frames.device) for _ in range(2))
        outline = self.outline_nats(frames, label, self.noise * rough)
        ticks = frames.shape[1]
        span = min(ticks, self.span + MEMORY)  # what the layers have not heard enough before does not count
        places = (random.uniform(len(ids)).to(ids.device) * (ticks - span + MEMORY + 1)).long()
        begin = (places - MEMORY).clamp(min=0)
        at = begin[:, None] + torch.arange(span, device=ids.device)
        verdict = self.model(self.before(ids), frames + self.unclear * unclear, begin, span)
        wanted = ids.view(len(ids), ticks, TICK)[torch.arange(len(ids), device=ids.device)[:, None], at].flatten(1)
        counts = ((at >= begin[:, None] + MEMORY) | (begin[:, None] == 0)).repeat_interleave(TICK, 1)
        samples = (surprise(verdict, wanted, self.model.levels) * counts).sum() / counts.sum()
        return {"loss": samples + outline, "samples": samples, "outline": outline}

    def read(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        """The levels ``(B, T)`` and the frames ``(B, T / TICK, FRAME)`` of sounds ``(B, 1, N)``, with silence until the
        last tick is full."""
        sounds = F.pad(batch[:, 0], (0, -batch.shape[2] % TICK))
        return compressed(sounds, self.model.levels), outlined(sounds)

    def before(self, ids: Tensor) -> Tensor:
        """What is known of each sample ``(B, T)``: the one before it; before the first, silence."""
        silence = torch.full_like(ids[:, :1], self.model.levels // 2)
        return torch.cat([silence, ids[:, :-1]], 1)

    def outline_nats(self, frames: Tensor, label: Tensor | None, noise: Tensor | float = 0.0) -> Tensor:
        """Mean nats of the numbers in frames ``(B, ticks, FRAME)``, foreseen from those before with noise on them."""
        logits, means, spreads = self.model.outline(frames + noise, label)
        off = (frames[:, :, None] - means) * torch.exp(-spreads)
        inside = -(off.square() / 2 + spreads + NORMAL).sum(3)
        return -torch.logsumexp(inside + logits.log_softmax(2), 2).mean() / FRAME

    @torch.no_grad()
    def bits(self, batch: Tensor) -> float:
        """How many bits a sample of sounds ``(B, 1, N)`` takes on average, for one who knows their outline."""
        ids, frames = self.read(batch)
        nats = surprise(self.model(self.before(ids), frames), ids, self.model.levels)
        return nats[:, : batch.shape[2]].mean().item() / math.log(2)

    @torch.no_grad()
    def sample(
        self, n: int, label: Tensor | None, random: Random, *, temperature: float = 0.7, samples: int | None = None
    ) -> Tensor:
        """New sounds ``(n, 1, samples)`` in [-1, 1]; label "no class", or none at all, takes any class.

        The samples are written at the square root of the outline's temperature: colder ones lose what hisses.
        ``samples`` is the length of the works it learned from when it is not given.
        """
        samples, temperature = samples or self.model.samples, max(temperature, 1e-3)
        label = any_class(label, n, self.classes, random)
        frames = self.outlines(n, samples, label, random, temperature)
        ids = self.write(Steps(self.model, frames), random.uniform(n, samples).numpy(), temperature**0.5)
        return expanded(torch.from_numpy(ids), self.model.levels)[:, None]

    def outlines(self, n: int, samples: int, label: Tensor | None, random: Random, temperature: float) -> Tensor:
        """Frames of new sounds ``(n, ticks, FRAME)``."""
        outline = self.model.outline
        label = None if label is None else label.to(outline.enter.weight.device)
        return outline.write(n, -(-samples // TICK), label, random.child("outline"), temperature)

    def write(self, steps: Steps, draws: np.ndarray, temperature: float) -> np.ndarray:
        """One sample after another, int64 ``(n, T)``, each where its ``draws (n, T)`` in [0, 1) falls."""
        ids, levels = np.empty(draws.shape, np.int64), self.model.levels
        last, between = np.full(len(ids), levels // 2), borders(levels).numpy().astype(np.float64)
        for step in range(draws.shape[1]):
            last = ids[:, step] = drawn(steps(last), draws[:, step], temperature, between)
        return ids

    @torch.no_grad()
    def seconds_for(self, n: int, samples: int) -> float:
        """How long writing ``n`` sounds of ``samples`` will take on this machine, from the first few steps of it."""
        label = torch.zeros(n, dtype=torch.long) if self.classes else None
        few = TICK * MEASURED
        self.outlines(n, TICK, label, Random(0), 1.0)  # the first ones are slower
        start = time.perf_counter()
        self.write(Steps(self.model, self.outlines(n, few, label, Random(0), 1.0)), np.full((n, few), 0.5), 1.0)
        return (time.perf_counter() - start) / few * samples


def surprise(verdict: Tensor, ids: Tensor, levels: int) -> Tensor:
    """Nats of each of the samples ``ids (B, T)`` under mixtures ``(B, T, 3 K)``: logits, means and log spreads.

    Each level holds what lies nearest to it, the outer ones all beyond.
    """
    logits, means, spreads = verdict.chunk(3, 2)
    between, sharp, ids = borders(levels).to(verdict.device), torch.exp(-spreads), ids[..., None]
    above = torch.where(ids == levels - 1, FAR, ((between[ids + 1] - means) * sharp).clamp(max=FAR))
    below = torch.where(ids == 0, -FAR, ((between[ids] - means) * sharp).clamp(min=-FAR))
    # the logarithm of sigmoid(above) - sigmoid(below), which is nought in floats where both are near nought or one
    inside = logsigmoid(above) + logsigmoid(-below) + torch.log(-torch.expm1((below - above).clamp(max=-1e-6)))
    return -torch.logsumexp(inside + logits.log_softmax(2), 2)


def drawn(verdict: np.ndarray, u: np.ndarray, temperature: float, between: np.ndarray) -> np.ndarray:
    """A level of each mixture ``(n, 3 K)``, int64 ``(n,)``, by numbers ``(n,)`` in [0, 1): each says which part of its
    mixture, and where in that part. The levels lie ``between`` these borders."""
    logits, means, spreads = np.split(verdict.astype(np.float64), 3, 1)
    shares = np.exp((logits - logits.max(1, keepdims=True)) / temperature)
    ends = (shares / shares.sum(1, keepdims=True)).cumsum(1)
    rows = np.arange(len(u))
    part = np.minimum((ends <= u[:, None]).sum(1), ends.shape[1] - 1)
    begin = np.where(part > 0, ends[rows, part - 1], 0.0)
    v = np.clip((u - begin) / np.maximum(ends[rows, part] - begin, 1e-12), 1e-5, 1 - 1e-5)  # again uniform
    x = means[rows, part] + temperature * np.exp(spreads[rows, part]) * np.log(v / (1 - v))
    return np.clip(np.searchsorted(between, x) - 1, 0, len(between) - 2)
