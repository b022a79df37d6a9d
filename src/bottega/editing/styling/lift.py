"""A picture that was painted small brought to its full size, with brushwork of the size it should have.

Up to ``PAINTED`` pixels the style's own patches replace those of the enlarged picture, steered by the content's light
(Elad & Milanfar 2017, "Style Transfer Via Texture Synthesis", take patches so on every scale). Beyond, the picture is
enlarged and the content's fine edges are added with the contrast they have in the painting (after He, Sun & Tang 2013,
"Guided Image Filtering").
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from bottega.editing.styling.colours import luma
from bottega.patches import Guide, Search, synthesise
from bottega.randomness import Random

PAINTED = 1_500_000
STRIP = 256  # rows that are finished at once
REACH = 2  # pixels around which light and colour go together in a painting


def repaint(
    picture: Tensor,
    content: Tensor,
    styles: Sequence[Tensor],
    seen: Sequence[Tensor | None],
    random: Random,
    *,
    guided: float,
    start: float,
    on_level: Callable[[float, Tensor], None],
) -> Tensor:
    """The picture ``(3, h, w)`` at the size of the content, made of the styles' patches: ``(3, H, W)``.

    Args:
        picture: what was optimised.
        content: ``(3, H, W)``, in the styles' colours, whose light steers the patches.
        styles: ``(3, *any)`` at the content's scale; seen: where they are pictures.
        random: where chance comes from.
        guided: how much the content's light matters next to the colours.
        start: the first level as a share of the full size.
        on_level: told the share of the work done, and the picture.
    """
    guide = Guide(luma(content), [luma(style) for style in styles], guided)
    how = Search(patch=5, start=start, rounds=(2, 1), completeness=None)
    size = tuple(content.shape[1:])
    return synthesise(styles, size, random, how=how, guess=picture, guide=guide, allowed=seen, on_level=on_level)


def enlarge(painting: Tensor, content: np.ndarray, like: Tensor) -> np.ndarray:
    """The painting at the size of the content, with the content's fine edges.

    Args:
        painting: ``(3, h, w)`` in [0, 1].
        content: uint8 ``(H, W, 3)``, at least as large.
        like: the content at the painting's size, ``(3, h, w)``.

    Returns:
        uint8 ``(H, W, 3)``; it takes strips, so memory stays bounded.
    """
    height, width = content.shape[:2]
    light = luma(like)
    gain = together(light, painting)  # (3, h, w)
    wide = [F.interpolate(x[None], (x.shape[1], width), mode="bilinear")[0] for x in (painting, gain, light)]
    made = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, STRIP):
        strip = torch.from_numpy(content[top : top + STRIP]).permute(2, 0, 1).float().div_(255)
        colour, slope, soft = (between(x, top, strip.shape[1], height) for x in wide)
        colour = colour + slope * (luma(strip) - soft)
        made[top : top + STRIP] = (colour.clamp_(0, 1) * 255).round_().byte().permute(1, 2, 0).numpy()
    return made


def together(light: Tensor, painting: Tensor, softly: float = 2e-3) -> Tensor:
    """How much each colour changes with the light around each pixel, ``(3, h, w)``: the slope of a local line."""

    def mean(x: Tensor) -> Tensor:
        return F.avg_pool2d(F.pad(x[None], (REACH,) * 4, mode="replicate"), 2 * REACH + 1, 1)[0]

    around, spread = mean(light), mean(light * light) - mean(light).square()
    return (mean(light * painting) - around * mean(painting)) / (spread.clamp_min(0) + softly)


def between(x: Tensor, top: int, rows: int, height: int) -> Tensor:
    """Rows ``top …`` of ``(C, h, W)`` brought to ``height`` rows: ``(C, rows, W)``."""
    place = (torch.arange(top, top + rows, dtype=torch.float64) + 0.5) * (x.shape[1] / height) - 0.5
    place = place.clamp(0, x.shape[1] - 1)
    above = place.long()
    below = (above + 1).clamp_max(x.shape[1] - 1)
    return torch.lerp(x[:, above], x[:, below], (place - above).float()[:, None])


__all__ = ["PAINTED", "enlarge", "repaint"]
