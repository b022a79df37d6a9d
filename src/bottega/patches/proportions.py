"""How often each thing comes in small pictures: measured, and put right by moving the parts a little.

More sky than the source has fits as well as the right share of it, patch by patch. So the patches of two pictures are
compared as a whole. The pictures are mirrored at their edges first: the pixels there count as much as all others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from bottega.patches.descriptors import Basis, describe, learn, one_thread
from bottega.patches.pyramid import Size, canvas_of
from bottega.patches.synthesis import patch_of

FEWEST = 8  # pixels along each side: smaller pictures have no detail to speak of
FILTERS, AROUND = 12, 4  # kinds of detail; over how many pixels their strength is averaged
KNOTS, STEPS, RATE = 6, 10, 0.015  # of the shifts that even a picture out


@dataclass(frozen=True)
class Liveliness:
    """How colours and the strength of fine detail go together in some flat pictures.

    Attributes:
        filters: ``(K, C, 3, 3)``: the principal components of patches, without their mean.
        mean: ``(D,)`` of the rows of ``lively``, D = C + K.
        covariance: ``(D, D)``.
        axes, spread: ``(D, D)`` and ``(D,)``: its eigenvectors and eigenvalues.
    """

    filters: Tensor
    mean: Tensor
    covariance: Tensor
    axes: Tensor
    spread: Tensor

    @classmethod
    def of(cls, sources: Sequence[Tensor]) -> "Liveliness":
        """Of sources ``(C, H, W)``, which are small."""
        with one_thread():
            patches = torch.cat([F.unfold(mirrored(x, (3, 3))[None], 3)[0] for x in sources], 1).double()  # (C·9, N)
            vectors = torch.linalg.eigh(torch.cov(patches))[1].flip(1)[:, :FILTERS].float()
            filters = vectors.T.reshape(-1, sources[0].shape[0], 3, 3)
            flat = (filters - filters.mean((2, 3), keepdim=True)).flatten(1)
            filters = F.normalize(flat, dim=1).view_as(filters)
            rows = torch.cat([lively(x, filters) for x in sources], 1)
            covariance = torch.cov(rows)
            spread, axes = torch.linalg.eigh(covariance.double())
        return cls(filters, rows.mean(1), covariance, axes.float(), spread.clamp_min(1e-5).float())

    def lost(self, picture: Tensor) -> Tensor:
        """How unlike a picture is: a number with a slope; 0 is alike.

        For small differences the Fréchet distance between the Gaussians of both (its Bures metric), by the variance.
        """
        rows = lively(picture, self.filters)
        apart = self.axes.T @ (torch.cov(rows) - self.covariance) @ self.axes
        far = (rows.mean(1) - self.mean).square().sum()
        return (far + (apart.square() / (self.spread[:, None] + self.spread)).sum() / 2) / self.spread.sum()


@dataclass(frozen=True)
class Balance:
    """In which proportions the patches of some pictures occur.

    Attributes:
        basis: how a patch becomes numbers.
        keys: ``(K, M)``: the descriptors of all patches, each row sorted.
        variance: of the patches.
        liveliness: of flat pictures that are not tiny.
    """

    basis: Basis
    keys: Tensor
    variance: float
    liveliness: Liveliness | None

    @classmethod
    def of(cls, sources: Sequence[Tensor], patch: int | Size) -> "Balance":
        """Of sources ``(C, *size)``, which are small."""
        sizes = [tuple(source.shape[1:]) for source in sources]
        sides = patch_of(patch, sizes)
        canvas = canvas_of([mirrored(source, sides) for source in sources], [None] * len(sources), sides)
        basis, keys = learn(canvas, torch.ones(sources[0].shape[0]))
        keys = keys[canvas.valid]
        variance = max(float((keys.double() - keys.double().mean(0)).square().sum(1).mean()), 1.0)
        detailed = len(sides) == 2 and min(map(min, sizes)) >= FEWEST
        return cls(basis, ascending(keys.T), variance, Liveliness.of(sources) if detailed else None)

    def lost(self, picture: Tensor) -> float:
        """How unlike the proportions are in a picture ``(C, *size)``: 0 is alike.

        The patches are sorted along each of their principal components: the mean squared difference by the variance.
        Of flat pictures what ``Liveliness`` lacks is added.
        """
        rows = describe(mirrored(picture, self.sides), self.basis, (False,) * len(self.sides)).flatten(0, -2).T
        apart = ascending(rows) - self.sorted_keys(rows.shape[1])  # whole numbers: one sum, in whatever order
        total = float(apart.long().square().sum()) / rows.shape[1] / self.variance
        if self.liveliness is None:
            return total
        with one_thread():
            return total + float(self.liveliness.lost(picture))

    def evened(self, picture: Tensor) -> Tensor:
        """A flat picture ``(C, H, W)`` with its parts a little moved, larger or smaller, as the proportions want it.

        A few smooth shifts follow the slope of what is lost downwards. It is done with one thread, and so the same
        however many there are.
        """
        size = (picture.shape[1], picture.shape[2])
        down, across = torch.meshgrid(*(torch.linspace(-1, 1, n) for n in size), indexing="ij")
        places, target = torch.stack([across, down])[None], self.sorted_keys(size[0] * size[1])
        shifts = torch.zeros(1, 2, KNOTS, KNOTS + 1, requires_grad=True)

        def moved() -> Tensor:
            there = places + F.interpolate(shifts, size, mode="bicubic", align_corners=True)
            there = there.permute(0, 2, 3, 1)  # (1, H, W, 2)
            return F.grid_sample(picture[None], there, "bicubic", "reflection", align_corners=True)[0]

        with one_thread():
            descent = torch.optim.Adam([shifts], RATE, (0.8, 0.9))
            for _ in range(STEPS):
                made = moved()
                rows = F.conv2d((mirrored(made, self.sides)[None] - 0.5) * 255, self.basis.filters)[0].flatten(1)
                rows = (rows - self.basis.mean[:, None]) / self.basis.unit  # (K, H·W)
                order = torch.from_numpy(rows.detach().numpy().argsort(1))
                lost = (rows - torch.empty_like(rows).scatter_(1, order, target)).square().sum()
                lost = lost / (rows.shape[1] * self.variance)
                if self.liveliness is not None:
                    lost = lost + self.liveliness.lost(made)
                (shifts.grad,) = torch.autograd.grad(lost, shifts)
                descent.step()
            return moved().detach().clamp(0, 1)

    def sorted_keys(self, count: int) -> Tensor:
        """What ``count`` patches are like, sorted, where the proportions are right: ``(K, count)``."""
        ranks = (torch.arange(count).double() + 0.5) * (self.keys.shape[1] / count)
        return self.keys[:, ranks.long()]

    @property
    def sides(self) -> Size:
        """The size of a patch."""
        return tuple(self.basis.filters.shape[2:])


def lively(x: Tensor, filters: Tensor) -> Tensor:
    """Colours and the strength of detail around every second pixel of ``(C, H, W)``: ``(C + K, places)``."""
    detail = F.conv2d(mirrored(x, (3, 3))[None], filters).abs()
    return F.avg_pool2d(torch.cat([x[None], detail], 1), AROUND, AROUND // 2)[0].flatten(1)


def ascending(rows: Tensor) -> Tensor:
    """``(K, N)``, each row sorted."""
    return torch.from_numpy(np.sort(rows.contiguous().numpy(), axis=1))  # twenty times as fast as torch's


def mirrored(x: Tensor, sides: Size) -> Tensor:
    """``(C, *size)`` with half a patch more along each edge."""
    widths = [side // 2 for side in reversed(sides) for _end in range(2)]
    return F.pad(x[None], widths, mode="reflect")[0]
