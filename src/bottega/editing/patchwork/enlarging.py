"""Make a picture larger, with detail from the patches of works: of others, or of the picture itself.

Each patch that is looked for has two parts: what the small picture says about the place (as a guide, at every level),
and what the coarser level has drawn there. The works have both parts too: themselves, and themselves seen as coarsely
as the small picture (Freeman, Jones & Pasztor 2002, "Example-Based Super-Resolution"; Glasner, Bagon & Irani 2009,
"Super-Resolution from a Single Image"). At the end the low frequencies are put right: seen from afar, the result is the
small picture.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from bottega.editing.pixels import to_picture, to_tensor
from bottega.patches import Guide, Search, in_proportion, resize, synthesise
from bottega.patches.descriptors import one_thread
from bottega.patches.sliced import optimise
from bottega.randomness import Random

CANDIDATES = 128  # works that are looked at closely
GLANCE = 16  # pixels a side when works are compared with a layout
CRISP = 14  # steps
TILE, OVERLAP = 704, 48  # pixels: larger pictures are made in parts that overlap
SOURCES = 1_000_000  # pixels of all sources together
Size = tuple[int, int]


def enlarged(
    layout: Tensor,
    sources: Sequence[Tensor],
    size: Size,
    random: Random,
    *,
    faithful: float = 2.0,
    told: Callable[[float, Tensor], None] = lambda share, picture: None,
) -> Tensor:
    """A small picture ``(C, h, w)`` at ``size``, drawn with the patches of ``sources`` ``(C, *any)``: ``(C, *size)``.

    Args:
        layout: float32 in [0, 1].
        sources: at the scale of the result.
        size: ``(H, W)``, at least that of the layout.
        random: where chance comes from.
        faithful: how much the layout matters, next to how well patches fit each other.
        told: the share that is done, and the picture so far.
    """
    share = min(1.0, max(layout.shape[1] / size[0], layout.shape[2] / size[1]))
    guide = Guide(resize(layout, size), [coarse(source, share) for source in sources], faithful)
    how = Search(start=share, ratio=0.6, rounds=(3, 1), sweeps=2, completeness=None)
    made = synthesise(sources, size, random, how=how, guess=layout, guide=guide, on_level=told)
    return corrected(crisped(made, list(sources[:2]), random.child("crisp")), layout)


def crisped(made: Tensor, sources: Sequence[Tensor], random: Random) -> Tensor:
    """Give back what votes have averaged away: detail ``(C, H, W)`` distributed like that of the sources.

    Only the detail is compared; the colours below it differ from place to place and from work to work.
    """
    fine = made - coarse(made, 0.25)
    others = [source - coarse(source, 0.25) for source in sources]
    with one_thread():
        wished = optimise(fine[None], others, random, steps=CRISP, rate=0.01, patch=5)[0]
    return (made + wished - fine).clamp(0, 1)


def coarse(source: Tensor, share: float) -> Tensor:
    """A picture as it looks when it was ``share`` of its size."""
    size = (source.shape[1], source.shape[2])
    small = in_proportion(size, share)
    return resize(resize(source, small), size)


def corrected(made: Tensor, layout: Tensor) -> Tensor:
    """The picture ``(C, H, W)``, shifted smoothly so that from afar it is the layout ``(C, h, w)``.

    From four times as far as the layout: nearer, its blurred edges would be drawn around the sharp ones.
    """
    size = ((layout.shape[1] + 3) // 4, (layout.shape[2] + 3) // 4)
    missed = resize(layout, size) - resize(made, size)
    return (made + resize(missed, tuple(made.shape[1:]))).clamp(0, 1)


@dataclass(frozen=True)
class Library:
    """Works in three sizes.

    Attributes:
        works: uint8 ``(·, ·, C)``, at the scale of the result.
        small: float32 ``(C, ·, ·)``, at the scale of the layouts, in whole numbers 0 … 255.
        glances: float64 ``(n, 2, C, GLANCE, GLANCE)``, upright and mirrored.
    """

    works: Sequence[np.ndarray]
    small: list[Tensor]
    glances: Tensor


def library(works: Sequence[np.ndarray], share: float) -> Library:
    """Works uint8 ``(·, ·, C)``, whose layouts would be ``share`` of their size."""
    small, glances = [], []
    for work in works:
        x = to_tensor(work)
        small.append(whole(resize(x, in_proportion(x.shape[1:], share))))
        seen = whole(resize(small[-1] / 255, (GLANCE, GLANCE)))
        glances.append(torch.stack([seen, seen.flip(2)]))
    return Library(works, small, torch.stack(glances).double())


def whole(x: Tensor) -> Tensor:
    """Colours as whole numbers: sums of their products are exact, so the choice is the same with any threads."""
    return (x * 255).round()


def kindred(layout: Tensor, shelf: Library, count: int) -> list[Tensor]:
    """The ``count`` works that together have what a layout ``(C, h, w)`` needs, ``(C, ·, ·)``, mirrored where better.

    The first is the one that looks most like it from afar; each other is taken because it has patches that those
    before it lack.
    """
    wanted = whole(resize(layout, (GLANCE, GLANCE))).double()
    apart = (shelf.glances - wanted).square().flatten(2).sum(2)  # (n, 2)
    nearest = apart.amin(1).argsort(stable=True)[:CANDIDATES].tolist()
    mirrored = [bool(apart[number, 1] < apart[number, 0]) for number in nearest]
    queries = patches(whole(layout))
    rows = []
    for number, turned in zip(nearest, mirrored, strict=True):
        keys = patches(shelf.small[number].flip(2) if turned else shelf.small[number])
        rows.append((keys.square().sum(1) - 2 * queries @ keys.T).amin(1))  # how well this work fits each place
    fits = torch.stack(rows).double()  # (candidates, Q)
    best, chosen = fits[0], [0]
    while len(chosen) < min(count, len(nearest)):
        gains = (best - fits).clamp_min(0).sum(1)
        gains[chosen] = -1
        chosen.append(int(gains.argmax()))
        best = torch.minimum(best, fits[chosen[-1]])
    found = [(to_tensor(shelf.works[nearest[each]]), mirrored[each]) for each in chosen]
    return [work.flip(2) if turned else work for work, turned in found]


def patches(x: Tensor) -> Tensor:
    """All patches of ``(C, h, w)``, of five pixels a side; beyond the edges the picture goes on: ``(n, C·25)``."""
    x = F.pad(x[None], (2, 2, 2, 2), mode="replicate")[0]
    return x.unfold(1, 5, 1).unfold(2, 5, 1).permute(1, 2, 0, 3, 4).flatten(2).flatten(0, 1).contiguous()


def in_tiles(
    picture: np.ndarray,
    works: Sequence[np.ndarray],
    size: Size,
    random: Random,
    faithful: float,
    told: Callable[[float, np.ndarray], None],
) -> np.ndarray:
    """Enlarge uint8 ``(h, w, C)`` to ``size``; what is too large for one piece is made in tiles that overlap.

    Args:
        picture: what to enlarge; its own patches serve too.
        works: uint8 ``(·, ·, C)``, at the scale of the result.
        size: ``(H, W)``.
        random, faithful: as for ``enlarged``.
        told: the share that is done, and the picture so far.
    """
    made = np.zeros((*size, picture.shape[2]), np.uint8)
    others = [to_tensor(limited(work, SOURCES // max(2, len(works)))) for work in works]
    rows, columns = starts(size[0]), starts(size[1])
    done = 0
    for top, high in rows:
        for left, wide in columns:
            part = picture_part(picture, size, (top, left, high, wide))

            def shown(share: float, level: Tensor, done: int = done) -> None:
                told((done + share) / (len(rows) * len(columns)), made)

            own = to_tensor(limited(part, SOURCES // 2))
            tile = enlarged(
                to_tensor(part), [own, *others], (high, wide), random.child(top, left), faithful=faithful, told=shown
            )
            paste(made, to_picture(tile), top, left)
            done += 1
            told(done / (len(rows) * len(columns)), made)
    return made


def starts(length: int) -> list[tuple[int, int]]:
    """Where tiles begin along one axis, and how long they are."""
    if length <= TILE:
        return [(0, length)]
    count = math.ceil((length - OVERLAP) / (TILE - OVERLAP))
    step = (length - TILE) / (count - 1)
    return [(round(number * step), TILE) for number in range(count)]


def picture_part(picture: np.ndarray, size: Size, tile: tuple[int, int, int, int]) -> np.ndarray:
    """What lies under a tile (top, left, height, width) of the enlarged picture."""
    top, left, high, wide = tile
    down, along = picture.shape[0] / size[0], picture.shape[1] / size[1]
    first, last = math.floor(top * down), math.ceil((top + high) * down)
    begin, end = math.floor(left * along), math.ceil((left + wide) * along)
    return picture[first:last, begin:end]


def paste(made: np.ndarray, tile: np.ndarray, top: int, left: int) -> None:
    """Lay a tile into the picture; over what is there already it fades in."""
    high, wide = tile.shape[:2]
    fade = np.ones((high, wide), np.float32)
    if top:
        fade[:OVERLAP] *= np.linspace(0, 1, OVERLAP, dtype=np.float32)[:, None]
    if left:
        fade[:, :OVERLAP] *= np.linspace(0, 1, OVERLAP, dtype=np.float32)
    target = made[top : top + high, left : left + wide]
    np.copyto(target, np.rint(target + (tile.astype(np.float32) - target) * fade[..., None]).astype(np.uint8))


def limited(picture: np.ndarray, pixels: int) -> np.ndarray:
    """The middle of a picture, no more than that many pixels: patches keep their size, so it is cut, not scaled."""
    height, width = picture.shape[:2]
    if height * width <= pixels:
        return picture
    share = math.sqrt(pixels / (height * width))
    high, wide = max(1, int(height * share)), max(1, int(width * share))
    top, left = (height - high) // 2, (width - wide) // 2
    return picture[top : top + high, left : left + wide]
