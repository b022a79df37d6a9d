"""Style transfer as an optimisation of the picture itself, coarse to fine.

Style is what the eyes' answers are wherever they stand: their second moments (Gatys, Ecker & Bethge 2016, "Image Style
Transfer Using Convolutional Neural Networks") or their whole distribution, compared along random directions (Heitz,
Vanhoey, Chambon & Belcour 2021, "A Sliced Wasserstein Loss for Neural Texture Synthesis"). Content is what they are
where they stand. Most steps are taken where pictures are small and steps cheap; each level begins with the last one's
picture.

The same seed gives the same picture on the same machine with the same number of threads; convolutions round
differently with another number, so ``painting`` fixes it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from bottega.patches import resize
from bottega.randomness import Random

POOL = 8192  # answers of a style that stand for all of them
ASKED = 4096  # places of the picture that are compared in one step
DIRECTIONS = 32
WIDTH = 7
SMALLEST = 24
REMEMBERED = 10  # steps, from which L-BFGS guesses how the loss bends
STRENGTHS = {"sliced": 8.0, "colours": 30.0, "patches": 73.0}


class Eyes(Protocol):
    """What sees: ``(1, 3, H, W)`` in [0, 1] to a list of answers ``(1, C, h, w)``.

    Attributes:
        content: which answers tell the content.
        octaves: on so many octaves the raw patches of pixels are compared too.
    """

    content: tuple[int, ...]
    octaves: int

    def __call__(self, picture: Tensor) -> list[Tensor]: ...


@dataclass
class Style:
    """A picture ``(3, H, W)`` to take the style of, how much of it, and bool ``(H, W)`` where it is a picture."""

    picture: Tensor
    weight: float = 1.0
    seen: Tensor | None = None


@dataclass
class Region:
    """Where on the content, float32 ``(H, W)`` in [0, 1] or everywhere, which styles apply; weights sum to 1."""

    styles: list[Style]
    where: Tensor | None = None


@dataclass(frozen=True)
class Plan:
    """How to optimise.

    Attributes:
        sizes: of the levels, coarse to fine; steps: on each.
        content: weight of the content next to the style.
        loss: which statistic is compared.
        rate: of Adam, in units of the range of a pixel.
    """

    sizes: Sequence[tuple[int, int]]
    steps: Sequence[int]
    content: float = 0.3
    loss: str = "sliced"
    rate: float = 0.02


def transfer(
    content: Tensor,
    regions: Sequence[Region],
    eyes_for: Callable[[list[Tensor]], Eyes],
    plan: Plan,
    random: Random,
    on_step: Callable[[float, Tensor], None] = lambda share, picture: None,
) -> Tensor:
    """The content in the styles.

    Args:
        content: ``(3, H, W)`` in [0, 1]; styles and regions at the same scale.
        regions: where which styles apply.
        eyes_for: makes the eyes for one level, given the styles and the content there, each ``(1, 3, h, w)``.
        plan: sizes, steps, weights.
        random: where chance comes from.
        on_step: told the share of the work done and the picture ``(3, h, w)``.

    Returns:
        ``(3, *plan.sizes[-1])`` in [0, 1].
    """
    picture = None
    costs = [h * w * n for (h, w), n in zip(plan.sizes, plan.steps, strict=True)]
    for level, (size, steps) in enumerate(zip(plan.sizes, plan.steps, strict=True)):
        scale = size[0] / content.shape[1], size[1] / content.shape[2]
        here = resize(content, size).clamp(0, 1)
        views = [[at_scale(style.picture, scale) for style in region.styles] for region in regions]
        wide = [as_batch(view) for pictures in [*views, [here]] for view in pictures]
        goal = Goal(eyes_for(wide), here, regions, views, plan, random.child("level", level))
        picture = here if picture is None else grown(picture, here)
        before = sum(costs[:level])
        picture = descend(
            picture, goal, steps, plan.rate,
            lambda share, shown, b=before, c=costs[level]: on_step((b + share * c) / sum(costs), shown),
        )  # fmt: skip
    assert picture is not None
    return picture


def grown(picture: Tensor, content: Tensor) -> Tensor:
    """The picture at the content's size, with the fine detail of the content that enlarging cannot give."""
    size = content.shape[1], content.shape[2]
    coarse = resize(content, (picture.shape[1], picture.shape[2]))
    return (resize(picture, size) + content - resize(coarse, size)).clamp(0, 1)


def descend(picture: Tensor, goal: "Goal", steps: int, rate: float, on_step: Callable[[float, Tensor], None]) -> Tensor:
    """The pixels of ``(3, h, w)`` brought nearer to a goal, in as many steps."""
    return by_lbfgs(picture, goal, steps, on_step) if goal.steady else by_adam(picture, goal, steps, rate, on_step)


def by_lbfgs(picture: Tensor, goal: "Goal", steps: int, on_step: Callable[[float, Tensor], None]) -> Tensor:
    """Where the loss stays the same, as far as Adam in less than half its steps; Gatys et al. took it, too."""
    pixels = picture[None].clone(memory_format=torch.contiguous_format).requires_grad_()  # as L-BFGS has it
    optimizer = torch.optim.LBFGS(
        [pixels], max_iter=steps, max_eval=steps, history_size=REMEMBERED, line_search_fn="strong_wolfe",
        tolerance_grad=0, tolerance_change=0,
    )  # fmt: skip
    step = 0

    def loss() -> Tensor:
        nonlocal step
        step += 1
        optimizer.zero_grad()
        found = goal.loss(pixels.contiguous(memory_format=torch.channels_last), step)
        found.backward()
        on_step(min(1.0, step / steps), pixels.detach()[0].clamp(0, 1))
        return found.detach()

    optimizer.step(loss)
    return pixels.detach()[0].clamp(0, 1)


def by_adam(picture: Tensor, goal: "Goal", steps: int, rate: float, on_step: Callable[[float, Tensor], None]) -> Tensor:
    """Ever more slowly: for a loss that compares along other directions in each step."""
    pixels = as_batch(picture).clone(memory_format=torch.channels_last).requires_grad_()
    optimizer = torch.optim.Adam([pixels], lr=rate, betas=(0.9, 0.99), fused=True)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = rate * (1 - 0.9 * step / steps)
        optimizer.zero_grad()
        goal.loss(pixels, step).backward()
        optimizer.step()
        with torch.no_grad():
            pixels.clamp_(0, 1)
        on_step((step + 1) / steps, pixels.detach()[0])
    return pixels.detach()[0].contiguous()


class Goal:
    """What the picture of one level should be like; the statistics of the styles are computed once.

    Attributes:
        steady: whether the loss is the same function in each step.
    """

    def __init__(
        self,
        eyes: Eyes,
        content: Tensor,
        regions: Sequence[Region],
        views: list[list[Tensor]],
        plan: Plan,
        random: Random,
    ) -> None:
        self.eyes, self.plan, self.random = eyes, plan, random
        self.targets: list[tuple[int, Tensor | None, Target]] = []
        with torch.no_grad():
            for number, (region, pictures) in enumerate(zip(regions, views, strict=True)):
                looks = [self.look(as_batch(picture)) for picture in pictures]
                seen = [as_mask(style.seen) for style in region.styles]
                weights = [style.weight for style in region.styles]
                for index, (kind, _answer) in enumerate(looks[0]):
                    chance = random.child("style", number, index)
                    target = Target(kind, [look[index][1] for look in looks], weights, seen, chance)
                    self.targets.append((index, as_mask(region.where), target))
            answers = eyes(as_batch(content))
        self.steady = all(target.kind == "gram" for _index, _where, target in self.targets)
        self.content = [
            (index, answers[index], plan.content / float(answers[index].square().mean().clamp_min(1e-3)))
            for index in eyes.content
        ]

    def look(self, picture: Tensor) -> list[tuple[str, Tensor]]:
        """What is compared, and how: the eyes' answers, the colours, and each octave, whose patches are."""
        found = [(self.plan.loss, answer) for answer in self.eyes(picture)]
        for octave in range(self.eyes.octaves):
            picture = F.avg_pool2d(picture, 2) if octave else picture
            found += [("patches", picture)] if octave else [("colours", picture), ("patches", picture)]
        return found

    def loss(self, pixels: Tensor, step: int) -> Tensor:
        """How far ``(1, 3, h, w)`` is from the goal."""
        views = self.look(pixels)
        total = pixels.new_zeros(())
        for index, wanted, weight in self.content:
            total = total + weight * (views[index][1] - wanted).square().mean()
        for number, (index, where, target) in enumerate(self.targets):
            total = total + target.distance(views[index][1], where, self.random.child("step", step, number))
        return total


class Target:
    """The statistics of one answer over the styles, and how far a picture's answer is from them.

    Args:
        kind: ``gram``, ``sliced``, ``colours`` or ``patches``.
        answers: of each style ``(1, C, h, w)``; weights: of the styles; seen: masks ``(1, 1, H, W)``.
    """

    def __init__(
        self, kind: str, answers: list[Tensor], weights: list[float], seen: list[Tensor | None], random: Random
    ) -> None:
        self.kind, self.weights = kind, weights
        if kind == "patches":
            answers = [neighbourhoods(answer) for answer in answers]
        rows = [rows_of(answer, mask) for answer, mask in zip(answers, seen, strict=True)]  # (N, C) each
        if kind == "gram":
            self.moments = blend([second_moments(r) for r in rows], weights)  # (C + 1, C)
            self.scale = (
                2 / self.moments[:-1].square().sum().clamp_min(1e-6),
                2 / rows[0].square().mean().clamp_min(1e-6),
            )
            return
        self.pools = [r[random.child(i).permutation(len(r))[:POOL]] for i, r in enumerate(rows)]
        power = {"sliced": sum(float(r.square().mean()) for r in self.pools) / len(rows)}
        self.weight = STRENGTHS[kind] / max(power.get(kind, 1.0), 1e-6)

    def distance(self, answer: Tensor, where: Tensor | None, random: Random) -> Tensor:
        """Between the answer ``(1, C, h, w)``, where the mask says so, and the styles."""
        if self.kind == "gram":
            rows = rows_of(answer, where)
            if not len(rows):
                return answer.new_zeros(())
            moments = second_moments(rows)
            apart = (moments - self.moments).square()
            return self.scale[0] * apart[:-1].sum() + self.scale[1] * apart[-1].mean()
        width = self.pools[0].shape[1]
        directions = F.normalize(random.normal(width, DIRECTIONS), dim=0)  # (C, D)
        if self.kind == "patches":  # a direction of patches is a filter
            wide = F.pad(answer, (WIDTH // 2,) * 4, mode="reflect")
            answer = F.conv2d(wide, directions.T.reshape(-1, answer.shape[1], WIDTH, WIDTH).contiguous())
            rows = some(answer, where, random.child("where"))
        else:
            rows = some(answer, where, random.child("where")) @ directions
        if not len(rows):
            return answer.new_zeros(())
        wanted = blend([quantiles((pool @ directions).sort(0).values, len(rows)) for pool in self.pools], self.weights)
        return self.weight * (rows.sort(0).values - wanted).square().mean()


def second_moments(rows: Tensor) -> Tensor:
    """``(N, C)`` to ``(C + 1, C)``: the Gram matrix, and below it the mean."""
    return torch.cat([rows.T @ rows, rows.sum(0, keepdim=True)]) / len(rows)


def quantiles(ordered: Tensor, count: int) -> Tensor:
    """``count`` of the sorted rows ``(N, D)``, evenly: ``(count, D)``."""
    place = (torch.arange(count, dtype=torch.float64) + 0.5) * (len(ordered) / count)
    return ordered[place.long().clamp_max(len(ordered) - 1)]


def blend(parts: list[Tensor], weights: list[float]) -> Tensor:
    """The weighted sum."""
    total = parts[0] * weights[0]
    for part, weight in zip(parts[1:], weights[1:], strict=True):
        total = total + part * weight
    return total


def rows_of(answer: Tensor, where: Tensor | None = None) -> Tensor:
    """``(1, C, h, w)`` to ``(N, C)``: the places where the mask ``(1, 1, H, W)``, brought to that size, is set."""
    rows = answer.permute(0, 2, 3, 1).flatten(0, 2)
    if where is None:
        return rows
    kept = F.adaptive_avg_pool2d(where, answer.shape[2:]).flatten() > 0.5
    return rows[kept]


def some(answer: Tensor, where: Tensor | None, random: Random) -> Tensor:
    """About ``ASKED`` places of ``(1, C, h, w)`` on a grid that begins anywhere: ``(N, C)``."""
    step = max(1, math.isqrt(answer.shape[2] * answer.shape[3] // ASKED))
    top, left = random.integers(step, 2).tolist()
    if where is None:
        return rows_of(answer[:, :, top::step, left::step])
    where = F.adaptive_avg_pool2d(where, answer.shape[2:])[:, :, top::step, left::step]
    return rows_of(answer[:, :, top::step, left::step], where)


def neighbourhoods(picture: Tensor) -> Tensor:
    """Every pixel's patch, ``(1, C, h, w)`` to ``(1, C·WIDTH², h, w)``."""
    wide = F.pad(picture, (WIDTH // 2,) * 4, mode="reflect")
    return F.unfold(wide, WIDTH).view(1, -1, *picture.shape[2:])


def at_scale(picture: Tensor, scale: tuple[float, float]) -> Tensor:
    """A style ``(3, H, W)`` at the scale of a level, but never too small to see anything in."""
    size = max(SMALLEST, round(picture.shape[1] * scale[0])), max(SMALLEST, round(picture.shape[2] * scale[1]))
    return resize(picture, size).clamp(0, 1)


def as_mask(where: Tensor | None) -> Tensor | None:
    """Bool ``(H, W)`` to ``(1, 1, H, W)``."""
    return None if where is None else where[None, None].float()


def as_batch(picture: Tensor) -> Tensor:
    """``(3, H, W)`` to ``(1, 3, H, W)`` in the layout that convolutions like."""
    return picture[None].contiguous(memory_format=torch.channels_last)
