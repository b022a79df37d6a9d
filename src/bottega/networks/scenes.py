"""A network over the latent frames of films that keeps to their grid: what is near in a frame is near in it."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bottega.errors import UsageError
from bottega.language import _
from bottega.networks.film import Beside
from bottega.networks.layers import Label
from bottega.networks.transformer import turned, waves
from bottega.networks.unet import WIDTH_OF_HEAD, Block, TimeEmbedding, even

GAIN = 1.0
SPANS = (0.1, 2.0, 8.0, 1e4)
"""Frames over which a number of theirs stays what it is: not at all, while something passes, for a scene, for good."""
LASTING, EAGER = (-0.4, 0.1, 0.0, 0.3), 5.0
"""How much of a number lasts so long, to begin with, between what drawn scenes and bouncing digits showed; and how much
faster that is learned than weights are."""
FAINT = 1e-3
"""Square of the noise that known frames may bear."""


class SceneVelocity(nn.Module):
    """Velocity network ``v(x, t, label, known)`` over windows of latent frames, each of them a grid of places.

    A U-Net of two levels (Ronneberger et al. 2015, arXiv:1505.04597) with the frames in the batch; after each block a
    frame looks at the two beside it, place by place, and at the coarse level all places of all frames at each other
    (as films are factorised in Ho et al. 2022, arXiv:2204.03458), with rotary positions in time. It only says how the
    velocity differs from the one that would be right if the films of a class were Gaussian, alike in all frames: what
    stands still, and what usually goes together in a frame, need not be learned (``prepare`` looks at it). Where works
    are made, and nothing is learned, it goes on in the same direction: the Gaussian is the worse model that guides it
    (autoguidance, Karras et al. 2024, arXiv:2406.02507).

    Args:
        shape: of a training row, ``(L, T)``.
        classes: number of classes, 0 for none.
        grid: places of a frame, ``(h, w)``; L is a multiple of their number.
        channels: width of the fine and of the coarse level.
        blocks: at the fine level on the way down, at the coarse level, at the fine level on the way up.
        embedding: width of what tells time and class.
        dropout: inside blocks.
        beyond: how much farther from the Gaussian's velocity it goes where works are made, as a factor.
    """

    def __init__(
        self,
        *,
        shape: tuple[int, int],
        classes: int,
        grid: tuple[int, int],
        channels: tuple[int, int] = (64, 128),
        blocks: tuple[int, int, int] = (1, 2, 1),
        embedding: int = 128,
        dropout: float = 0.0,
        beyond: float = 1.0,
    ) -> None:
        super().__init__()
        if any(c % WIDTH_OF_HEAD for c in channels):
            raise UsageError(_("The channels of a network of scenes are multiples of {n}.").format(n=WIDTH_OF_HEAD))
        self.shape, self.classes, self.grid, self.beyond = tuple(shape), classes, tuple(grid), beyond
        numbers, (fine, coarse) = shape[0] // math.prod(grid), channels
        self.time = TimeEmbedding(embedding)
        self.label = Label(classes + 1, embedding) if classes else None
        groups = len(sizes(shape[0]))
        self.steady = nn.Parameter(torch.tensor(LASTING).repeat(groups, 1))
        self.register_buffer("usual", torch.zeros(classes + 1, shape[0]))
        self.register_buffer("basis", torch.eye(shape[0]))
        self.register_buffer("variance", torch.ones(groups))
        self.enter = nn.Conv2d(numbers + 1, fine, 3, padding=1)
        self.before = nn.ModuleList(Scene(fine, embedding, dropout) for _block in range(blocks[0]))
        self.down = nn.Conv2d(fine, coarse, 2, stride=2)
        self.middle = nn.ModuleList(Scene(coarse, embedding, dropout, among=True) for _block in range(blocks[1]))
        self.up = nn.Conv2d(coarse, 4 * fine, 1)
        self.after = nn.ModuleList(Scene(fine, embedding, dropout) for _block in range(blocks[2]))
        self.norm = nn.GroupNorm(fine // 16, fine)
        self.leave = nn.Conv2d(fine, numbers, 3, padding=1)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, x: Tensor, t: Tensor, label: Tensor | None, known: Tensor) -> Tensor:
        """Velocity ``(B, L, T)``; it means nothing where frames are known. Arguments as ``FrameVelocity``'s."""
        n, count = len(x), x.shape[2]
        t = t.view(n, -1)  # (B, 1) or (B, T)
        e = self.time(t.flatten()).view(*t.shape, -1)
        if self.label is not None and label is not None:
            e = e + self.label(label)[:, None]
        e = F.silu(e).expand(n, count, -1).flatten(0, 1)  # (B·T, E)
        size = ((1 - t).square() + t.square()).sqrt()[:, None]
        h = torch.where(known, x, x / size).transpose(1, 2).reshape(n * count, -1, *self.grid)
        told = known.transpose(1, 2).reshape(-1, 1, 1, 1).expand(-1, 1, *self.grid).to(h)
        h = self.enter(torch.cat([h, told], 1).contiguous(memory_format=torch.channels_last))
        for scene in self.before:
            h = scene(h, e, count)
        skip, h = h, self.down(even(h))
        for scene in self.middle:
            h = scene(h, e, count)
        h = F.pixel_shuffle(self.up(h), 2)[:, :, : skip.shape[2], : skip.shape[3]]
        h = (h + skip) * math.sqrt(0.5)
        for scene in self.after:
            h = scene(h, e, count)
        out = self.leave(F.silu(self.norm(h)))  # (B·T, numbers, h, w)
        out = out.reshape(n, count, -1).transpose(1, 2) * (1.0 if self.training else self.beyond)
        return out + self.straight(x, t, label, known)

    def straight(self, x: Tensor, t: Tensor, label: Tensor | None, known: Tensor) -> Tensor:
        """The mean velocity ``(B, L, T)`` if films were Gaussian; t is ``(B, 1)`` or ``(B, T)``."""
        if label is None:
            label = torch.full((len(x),), self.classes, device=x.device)
        usual = (self.usual[label] if label.ndim == 1 else label @ self.usual)[:, :, None]  # (B, L, 1)
        there = torch.where(known, 1.0, t[:, None])  # (B, 1, T)
        parts = (self.basis.mT @ (x - there * usual)).split(sizes(self.shape[0]), 1)
        k = self.variance[:, None, None] * lasting(self.steady, x.shape[2])  # (G, T, T)
        ways = gain(k, t.expand(len(x), x.shape[2]), known).unbind(1)
        return usual + self.basis @ torch.cat([part @ way for part, way in zip(parts, ways, strict=True)], 1)

    def prepare(self, frames: Tensor, label: Tensor | None) -> None:
        """Look at frames ``(N, L)`` and at their classes: their means, and what varies together, most first."""
        self.usual[:] = frames.mean(0)
        for one in range(self.classes if label is not None else 0):
            if (label == one).any():
                self.usual[one] = frames[label == one].mean(0)
        rest = frames - self.usual[torch.full((len(frames),), self.classes) if label is None else label]
        values, vectors = torch.linalg.eigh(rest.mT.double() @ rest.double() / len(rest))
        self.basis[:] = vectors.flip(1).float()
        groups = values.flip(0).clamp(min=1e-3).split(sizes(self.shape[0]))
        self.variance[:] = torch.stack([group.mean() for group in groups]).float()


def sizes(count: int) -> list[int]:
    """How many numbers are treated alike, those that vary most first: 1, 1, 2, 4, 8 … of them, ``count`` in all."""
    edges = [0, *(min(1 << i, count) for i in range(count.bit_length()))]
    return [after - before for before, after in zip(edges, [*edges[1:], count], strict=True) if after > before]


class Scene(nn.Module):
    """One block: within each frame, then across the frames beside it, then, ``among``, across all."""

    def __init__(self, width: int, embedding: int, dropout: float, among: bool = False) -> None:
        super().__init__()
        self.within, self.beside = Block(width, width, embedding, dropout), Beside(width, GAIN)
        self.among = Among(width) if among else None

    def forward(self, x: Tensor, e: Tensor, count: int) -> Tensor:
        """``(B·T, width, h, w)`` to the same; ``count`` is T."""
        x = self.beside(self.within(x, e), count)
        return x if self.among is None else self.among(x, count)


class Among(nn.Module):
    """Attention of all places of all frames to each other, beside the identity; positions in time are rotary
    (Su et al. 2021, arXiv:2104.09864)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.heads = width // WIDTH_OF_HEAD
        self.norm = nn.GroupNorm(width // 16, width)
        self.qkv, self.out = nn.Conv2d(width, 3 * width, 1), nn.Conv2d(width, width, 1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor, count: int) -> Tensor:
        n, places = len(x) // count, x.shape[2] * x.shape[3]
        parts = self.qkv(self.norm(x)).permute(0, 2, 3, 1).reshape(n, count * places, 3, self.heads, -1)
        q, k, v = parts.permute(2, 0, 3, 1, 4)  # (B, heads, T·places, D)
        turn = tuple(one.repeat_interleave(places, 0) for one in waves(0, count, WIDTH_OF_HEAD, x.device))
        mixed = F.scaled_dot_product_attention(turned(q, *turn), turned(k, *turn), v)
        mixed = mixed.transpose(1, 2).reshape(len(x), *x.shape[2:], -1).permute(0, 3, 1, 2)
        return x + self.out(mixed)


def lasting(steady: Tensor, count: int) -> Tensor:
    """How numbers of ``count`` frames vary together, ``(…, T, T)``.

    Args:
        steady: how much of a number lasts as long as each of ``SPANS``, ``(…, spans)``; ``EAGER`` times that, before a
            softmax.
    """
    place = torch.arange(count, device=steady.device).float()
    spans = torch.tensor(SPANS, device=steady.device)[:, None, None]
    alike = (-(place[:, None] - place).abs() / spans).exp()  # (spans, T, T)
    return ((EAGER * steady).softmax(-1)[..., None, None] * alike).sum(-3)


def gain(k: Tensor, t: Tensor, known: Tensor) -> Tensor:
    """What turns frames on their way into their mean velocity, for each of G covariances ``k`` (G, T, T):
    ``(B, G, T, T)``, to be multiplied from the right.

    With A and N the diagonals of t and of the squares of 1 - t, frames on their way have the covariance A K A + N; a
    work and its noise follow from them by regression, and the velocity is one less the other.
    """
    t = torch.where(known[:, 0], 1.0, t)[:, None]  # (B, 1, T)
    noise = torch.where(known, FAINT, (1 - t).square()) + 1e-5  # (B, 1, T)
    frames = t[..., :, None] * k * t[..., None, :] + torch.diag_embed(noise)  # (B, G, T, T)
    return torch.linalg.solve(frames, (k * t[..., None, :] - torch.diag_embed(1 - t)).mT)
