"""Places in latent space, what is known of a work, and the search for the place where a work lies.

Inversion of a generator: Zhu et al. 2016, arXiv:1609.03552 (with features of the discriminator beside pixels); with
incomplete observations: Yeh et al. 2017, arXiv:1607.07539.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bottega.networks.layers import one_hot
from bottega.randomness import Random

LUMINANCE = (0.299, 0.587, 0.114)
FEATURES = 0.1
"""Weight of one layer's features beside pixels, as a share of their usual size."""
MANY = 256
"""Random places that a search begins with."""
STEPS = 150
"""Steps of gradient from there."""
Tell = Callable[[float], None]
"""Told how far the work is, in [0, 1]."""


@dataclass(frozen=True)
class Place:
    """Where works lie in latent space.

    Attributes:
        z: ``(B, …)``, about standard normal: a vector for generators and decoders, a picture of noise for a flow.
        label: ``(B, classes + 1)``, the weight of each class and of "no class"; None for a model without classes.
    """

    z: Tensor
    label: Tensor | None = None

    def __getitem__(self, rows: slice) -> "Place":
        return Place(self.z[rows], None if self.label is None else self.label[rows])


@dataclass(frozen=True)
class Observation:
    """What is known of works: their image under a projection P.

    Attributes:
        values: P x, ``(B, C, H, W)``.
        project: P, from ``(B, C, H, W)`` to the same.
        guess: the simplest picture that agrees with it, ``(B, C, H, W)``.
    """

    values: Tensor
    project: Callable[[Tensor], Tensor]
    guess: Tensor

    def kept_in(self, x: Tensor) -> Tensor:
        """``x`` with what is known put in its place: x - P x + P(work)."""
        return x - self.project(x) + self.values

    def __getitem__(self, row: int) -> "Observation":
        return Observation(self.values[row : row + 1], self.project, self.guess[row : row + 1])

    def __len__(self) -> int:
        return len(self.values)


def everything(x: Tensor) -> Observation:
    """Every number of the works is known."""
    return Observation(x, lambda other: other, x)


def pixels(x: Tensor, known: Tensor) -> Observation:
    """Only some pixels are known: ``known`` is 1 there and 0 elsewhere, ``(1, 1, H, W)``."""
    mean = (x * known).sum((2, 3), keepdim=True) / known.sum().clamp(min=1)
    return Observation(x * known, lambda other: other * known, x * known + mean * (1 - known))


def luminance(x: Tensor) -> Observation:
    """Only light and dark are known, and alpha if there is any; the projection makes a picture grey."""
    weights = torch.tensor(LUMINANCE, device=x.device).view(1, 3, 1, 1)

    def project(other: Tensor) -> Tensor:
        return torch.cat([(other[:, :3] * weights).sum(1, keepdim=True).expand(-1, 3, -1, -1), other[:, 3:]], 1)

    return Observation(project(x), project, project(x))


def coarse(x: Tensor, side: int) -> Observation:
    """Only the mean of each square of ``side`` pixels is known."""

    def project(other: Tensor) -> Tensor:
        means = F.avg_pool2d(other, side, ceil_mode=True)
        return F.interpolate(means, scale_factor=float(side))[:, :, : other.shape[2], : other.shape[3]]

    means = F.avg_pool2d(x, side, ceil_mode=True)
    return Observation(project(x), project, F.interpolate(means, x.shape[2:], mode="bilinear"))


def between(first: Place, last: Place, shares: Tensor) -> Place:
    """Places on the arc from one work to another, ``(n, …)`` for ``n`` shares in [0, 1].

    Works lie on a shell around the middle; the arc stays on it (White 2016, arXiv:1609.04468).
    """
    share = shares.view(-1, *[1] * (first.z.ndim - 1))
    cosine = F.cosine_similarity(first.z.flatten(1), last.z.flatten(1)).clamp(-0.9999, 0.9999)
    angle = float(cosine.acos())
    z = (torch.sin((1 - share) * angle) * first.z + torch.sin(share * angle) * last.z) / math.sin(angle)
    if first.label is None or last.label is None:
        return Place(z, None)
    return Place(z, torch.lerp(first.label, last.label, shares[:, None]))


def near(place: Place, distance: float, n: int, random: Random) -> Place:
    """``n`` places around one: 0 is the place itself, 1 any other on the same shell."""
    noise = random.normal(n, *place.z.shape[1:]).to(place.z)
    angle = distance * math.pi / 2
    size = place.z.norm() / math.sqrt(place.z.numel())
    z = math.cos(angle) * place.z + math.sin(angle) * size * noise
    return Place(z, None if place.label is None else place.label.expand(n, -1))


@torch.enable_grad()
def search(
    make: Callable[[Tensor, Tensor | None], Tensor],
    critic: nn.Module | None,
    observation: Observation,
    start: Place,
    *,
    steps: int = 150,
    rate: float = 0.05,
    keep: int = 4,
    tell: Tell = lambda share: None,
) -> Place:
    """The place whose work agrees best with what is known of one work.

    Args:
        make: a generator or decoder.
        critic: a network whose features measure likeness beside pixels.
        observation: of one work, ``(1, C, H, W)``.
        start: places to start from; the best ``keep`` are followed, by Adam, and the best of those is returned.
        steps, rate: of Adam.
    """
    watch = Features(critic)
    with torch.no_grad():
        misfits = torch.cat([misfit(make(part.z, part.label), observation, watch) for part in batches(start, 64)])
    best = misfits.argsort()[:keep]
    start = Place(start.z[best], None if start.label is None else start.label[best])
    z = start.z.detach().clone().requires_grad_()
    adam = torch.optim.Adam([z], rate)
    longest = 1.2 * math.sqrt(z[0].numel())
    lowest, found = torch.full((len(z),), math.inf), z.detach().clone()
    for step in range(steps + 1):
        losses = misfit(make(z, start.label), observation, watch)
        with torch.no_grad():
            better = (losses < lowest.to(losses)).view(-1, *[1] * (z.ndim - 1))
            found = torch.where(better, z, found)
            lowest = torch.minimum(losses, lowest.to(losses))
        adam.param_groups[0]["lr"] = rate * 0.5 * (1 + math.cos(math.pi * step / (steps + 1)))
        (z.grad,) = torch.autograd.grad(losses.sum(), z)
        adam.step()
        with torch.no_grad():
            z.mul_((longest / z.norm(dim=1, keepdim=True)).clamp(max=1))
        tell((step + 1) / (steps + 1))
    winner = int(lowest.argmin())
    return Place(found[winner : winner + 1], None if start.label is None else start.label[winner : winner + 1])


def misfit(made: Tensor, observation: Observation, watch: "Features") -> Tensor:
    """How far made works are from what is known, ``(B,)``: in pixels, and in the features of the critic."""
    off = observation.project(made) - observation.values
    result = off.square().mean(tuple(range(1, off.ndim)))  # of pictures or films
    if watch.network is not None:
        with torch.no_grad():
            wanted = watch(observation.kept_in(made))
        for mine, other in zip(watch(made), wanted, strict=True):
            scale = other.square().flatten(1).mean(1) + 1e-6
            result = result + FEATURES * (mine - other).square().flatten(1).mean(1) / scale
    return result


class Features:
    """What the layers of a network answer on the way to its verdict; a network of None answers nothing."""

    def __init__(self, network: nn.Module | None) -> None:
        self.network = network

    def __call__(self, x: Tensor) -> list[Tensor]:
        assert self.network is not None
        answers: list[Tensor] = []
        layers = [part for part in self.network.modules() if isinstance(part, nn.LeakyReLU | nn.AvgPool2d)]

        def note(_layer: nn.Module, _in: tuple[Tensor, ...], out: Tensor) -> None:
            answers.append(out if len(out) == len(x) else out.unflatten(0, (len(x), -1)))  # frames of films

        hooks = [layer.register_forward_hook(note) for layer in layers]
        try:
            self.network(x)
        finally:
            for hook in hooks:
                hook.remove()
        return answers


def batches(place: Place, size: int) -> list[Place]:
    """The places, ``size`` at a time."""
    return [place[slice(first, first + size)] for first in range(0, len(place.z), size)]


def places(n: int, network: nn.Module, classes: int, label: Tensor | None, random: Random) -> Place:
    """``n`` places for a network with a ``latent`` vector, drawn at random; without a label, of any class."""
    device = next(network.parameters()).device
    z = random.normal(n, network.latent).to(device)
    if not classes:
        return Place(z, None)
    label = random.integers(classes, n) if label is None else label.expand(n)
    return Place(z, one_hot(label.to(device), classes))


def invert(
    network: nn.Module,
    critic: nn.Module | None,
    observation: Observation,
    first: Callable[[int], Place],
    *,
    steps: int | None = None,
    tell: Tell = lambda share: None,
) -> Place:
    """``search`` for each of several works; ``first(row)`` gives the places to start from for one of them."""
    count, found = len(observation), []
    for row in range(count):
        part = partial(_part, tell, row, count)
        found.append(search(network, critic, observation[row], first(row), steps=steps or STEPS, tell=part))
    labels = [place.label for place in found if place.label is not None]
    return Place(torch.cat([place.z for place in found]), torch.cat(labels) if labels else None)


def start_from(
    start: Place | None, network: nn.Module, classes: int, label: Tensor | None, random: Random
) -> Callable[[int], Place]:
    """For ``invert``: many random places for each work, or the one that is given for it."""

    def first(row: int) -> Place:
        if start is not None:
            return start[row : row + 1]
        wanted = label[row : row + 1] if label is not None and len(label) > 1 else label
        return places(MANY, network, classes, wanted, random.child("search", row))

    return first


def _part(tell: Tell, row: int, count: int, share: float) -> None:
    tell((row + share) / count)
