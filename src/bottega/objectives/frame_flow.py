"""Masked flow matching over the frames of a codec: one network generates, continues, fills holes and varies.

Flow matching as for pictures (``flow``); some frames of a window are known and stand in it as they are, and the network
learns to carry the others from noise to sound, as in Voicebox (Le et al. 2023, arXiv:2306.15687). Frames may also bear
noise each to its own degree, as in Diffusion Forcing (Chen et al. 2024, arXiv:2407.01392). A loop is made on a circle:
the windows through which the network looks at it lie elsewhere at each step, so that no seam is ever in one place.
"""

from itertools import count as counted
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from bottega.objectives.base import Objective, OptimizerSettings, Phase
from bottega.objectives.latent import Tell
from bottega.objectives.velocity import between, carried
from bottega.randomness import Random

CONTEXT = 3
"""Works longer than a window are made window after window, each with a third of it already known."""
GOLDEN = 0.6180339887
"""Share of the way from one window to the next by which they move on a circle at each step."""


class FrameFlow(Objective):
    """Flow matching with a velocity network ``v(x, t, label, known)`` over frames ``(B, L, T)``.

    Args:
        velocity: the network.
        classes: number of classes, 0 for none.
        optimizers: settings of the phase ``"velocity"``.
        time_mean, time_std: training times are ``sigmoid(N(time_mean, time_std²))``.
        unlabelled: share of rows shown without their class, so that guidance is possible.
        masked: share of rows in which some frames are known: the beginning, the end, or both.
        noise: most noise that known frames bear in training, as a share of their size, so that a long work made in
            windows does not stray when a window is not perfect.
        apart: share of rows in which each frame is at a time of its own.
    """

    averaged = ("velocity",)
    controls: ClassVar[dict[str, float]] = {"steps": 16.0, "guidance": 1.5, "temperature": 1.0}
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
        masked: float = 0.5,
        noise: float = 0.1,
        apart: float = 0.0,
    ) -> None:
        super().__init__()
        self.velocity: Any = velocity
        self.classes = classes
        self.optimizer = optimizers.get("velocity", OptimizerSettings())
        self.time_mean, self.time_std = time_mean, time_std
        self.unlabelled, self.masked, self.noise, self.apart = unlabelled, masked, noise, apart
        self.width, self.length = self.velocity.shape

    def phases(self) -> list[Phase]:
        return [Phase("velocity", ("velocity",), self.loss, self.optimizer)]

    def prepare(self, frames: Tensor, label: Tensor | None) -> None:
        """Lets the network look at all frames ``(N, L)`` and their classes ``(N,)`` first, if it wants to."""
        if hasattr(self.velocity, "prepare"):
            self.velocity.prepare(frames, label)

    def loss(self, x: Tensor, label: Tensor | None, random: Random, progress: float) -> dict[str, Tensor]:
        """Mean squared error of the velocity where frames of ``x`` (B, L, T) are hidden."""
        if label is not None:
            unlabelled = random.child("unlabelled").uniform(len(x)).to(x.device) < self.unlabelled
            label = torch.where(unlabelled, self.classes, label)
        known = spans(len(x), x.shape[2], self.masked, random.child("mask")).to(x.device)  # (B, 1, T)
        x_t, t, v = between(x, random, self.time_mean, self.time_std, self.apart)
        level = self.noise * random.child("level").uniform(len(x), 1, 1).to(x)
        told = x + level * random.child("blur").normal(*x.shape).to(x)
        out = self.velocity(torch.where(known, told, x_t), t, label, known)
        off = (out - v).square().mean(1, keepdim=True)  # (B, 1, T)
        return {"loss": (off * ~known).sum() / (~known).sum()}

    def sample(
        self,
        n: int,
        label: Tensor | None,
        random: Random,
        *,
        frames: int | None = None,
        loop: bool = False,
        steps: float = 16,
        guidance: float = 1.5,
        temperature: float = 1.0,
        tell: Tell = lambda share: None,
    ) -> Tensor:
        """New works ``(n, L, frames)``, of any length.

        Args:
            loop: whether the first frame follows the last.
            steps: of the solver, for each window; each costs one evaluation of the network, or two with guidance.
            guidance: 1 follows the class, above 1 exaggerates it.
            temperature: scale of the first noise; below 1 gives calmer works.
        """
        x = next(self.parameters()).new_zeros(n, self.width, frames or self.length)
        nothing = torch.zeros(n, 1, x.shape[2], dtype=torch.bool, device=x.device)
        controls = {"steps": steps, "guidance": guidance, "temperature": temperature}
        return self.complete(x, nothing, label, random, loop=loop, tell=tell, **controls)

    @torch.no_grad()
    def complete(
        self,
        known: Tensor,
        mask: Tensor,
        label: Tensor | None,
        random: Random,
        *,
        loop: bool = False,
        steps: float = 16,
        guidance: float = 1.5,
        temperature: float = 1.0,
        near: float = 0.0,
        tell: Tell = lambda share: None,
    ) -> Tensor:
        """``known`` (B, L, T) with its frames outside of ``mask`` (B, 1, T), which is True where they are known, made.

        Args:
            loop, steps, guidance, temperature: as for ``sample``.
            near: how much of what stands in ``known`` outside the mask is kept, in [0, 1] (SDEdit: Meng et al. 2022,
                arXiv:2108.01073): it is laid under noise, the less the nearer, and taken out of it again.
            tell: told how far the work is, in [0, 1].
        """
        count = known.shape[2]
        beyond = 0 if loop else max(0, self.length - count)  # a short work is the beginning of a window
        x = nn.functional.pad(known, (0, beyond))
        done = nn.functional.pad(mask, (0, beyond))
        e = temperature * random.child("start").normal(*x.shape).to(x)
        start = near * x + (1 - near) * e
        if loop:
            return torch.where(done, x, self._round(x, done, start, near, label, steps, guidance, tell))
        hidden = int((~done).sum())
        while (~done).any() and near < 1:
            first = int((~done).any(1).any(0).int().argmax()) - self.length // CONTEXT
            here = slice(first := max(0, min(first, x.shape[2] - self.length)), first + self.length)
            made = self._carry(x[..., here], done[..., here], start[..., here], near, label, steps, guidance)
            x[..., here] = torch.where(done[..., here], x[..., here], made)
            done[..., here] = True
            tell(1 - int((~done).sum()) / hidden)
        return x[..., :count]

    def vary(self, z: Tensor, distance: float, random: Random, label: Tensor | None = None, **controls: Any):
        """Works near ``z`` (B, L, T): at distance 0 the works themselves, at 1 any other."""
        nothing = torch.zeros(len(z), 1, z.shape[2], dtype=torch.bool, device=z.device)
        return self.complete(z, nothing, label, random, near=1 - distance, **controls)

    def _carry(
        self, x: Tensor, known: Tensor, start: Tensor, since: float, label: Tensor | None, steps: float, guidance: float
    ) -> Tensor:
        """A window ``(B, L, length)`` made from where it starts at the time ``since``."""

        def velocity(x_t: Tensor, t: float) -> Tensor:
            return self._seen(torch.where(known, x, x_t), t, known, label, guidance)

        return carried(velocity, start, since, 1.0, max(1, round(steps * (1 - since))))

    def _round(
        self,
        x: Tensor,
        known: Tensor,
        start: Tensor,
        since: float,
        label: Tensor | None,
        steps: float,
        guidance: float,
        tell: Tell,
    ) -> Tensor:
        """As ``_carry``, for a circle ``(B, L, T)`` of any length: each frame lies in about two windows at each step,
        and counts the more the nearer it is to the middle of one."""
        count, length = x.shape[2], self.length
        windows = max(2, -(-2 * count // length))
        turns = counted()
        weight = torch.arange(1, length + 1, device=x.device).float()
        weight = torch.minimum(weight, weight.flip(0))

        def velocity(x_t: Tensor, t: float) -> Tensor:
            first = next(turns) * GOLDEN * count / windows
            begins = torch.tensor([round(first + i * count / windows) for i in range(windows)], device=x.device)
            places = (begins[:, None] + torch.arange(length, device=x.device)) % count  # (W, length)
            parts = (torch.where(known, x, x_t), known)
            shown, mask = (part[:, :, places].permute(0, 2, 1, 3).flatten(0, 1) for part in parts)
            of_each = None if label is None else label.repeat_interleave(windows, 0)
            v = self._seen(shown, t, mask, of_each, guidance) * weight  # (B·W, L, length)
            v = v.unflatten(0, (-1, windows)).transpose(1, 2).flatten(2)
            total = weight.new_zeros(count).index_add(0, places.flatten(), weight.repeat(windows))
            return torch.zeros_like(x).index_add(2, places.flatten(), v) / total

        return carried(velocity, start, since, 1.0, max(1, round(steps * (1 - since))), tell)

    def _seen(self, x_t: Tensor, t: float, known: Tensor, label: Tensor | None, guidance: float) -> Tensor:
        """The velocity of windows at one time, with guidance."""
        times = torch.full((len(x_t),), t, device=x_t.device)
        none = torch.full((len(x_t),), self.classes, device=x_t.device) if self.classes else None
        if label is None or none is None or guidance == 1:
            return self.velocity(x_t, times, none if label is None else label, known)
        both = torch.cat([label, none])
        twice = torch.cat([x_t, x_t]), torch.cat([times, times]), both, torch.cat([known, known])
        with_label, without = self.velocity(*twice).chunk(2)
        return without + guidance * (with_label - without)


def spans(n: int, length: int, share: float, random: Random) -> Tensor:
    """Which frames are known, bool ``(n, 1, length)``: in ``share`` of the rows all but one span, which lies at the
    beginning, at the end or between; in the others none."""
    ends = (random.child("ends").uniform(n, 2) * (length + 1)).long().clamp(max=length).sort(1).values
    first, last = ends[:, :1], ends[:, 1:]
    kind = random.child("kind").integers(3, n, 1)
    first = torch.where(kind == 0, 0, first)
    last = torch.where(kind == 1, length, last)
    first = first.clamp(max=length - 1)
    last = torch.maximum(last, first + 1)  # something is always hidden
    place = torch.arange(length)
    known = (place < first) | (place >= last)
    some = random.child("some").uniform(n, 1) < share
    return (known & some)[:, None]
