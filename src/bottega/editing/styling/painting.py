"""From uint8 works to a painting: sizes, colours, masks and transparency around ``transfer``.

What sees is VGG-19 where its weights are on the machine, else the person's own model, else filters learned from the
pictures' patches. The picture is optimised at a bounded size, repainted larger with patches of the styles, and beyond
that enlarged along the content's edges. The same seed gives the same bytes on the same kind of processor.
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from bottega.editing.masks import fitted
from bottega.editing.operation import Job, Made
from bottega.editing.pixels import to_picture, to_tensor
from bottega.editing.styling.canvas import blended, opaque, shrunk, with_alpha
from bottega.editing.styling.colours import matched, moments, relit
from bottega.editing.styling.lift import PAINTED, enlarge, repaint
from bottega.editing.styling.transfer import SMALLEST, Eyes, Plan, Region, Style, transfer
from bottega.errors import DataError, UsageError
from bottega.language import _
from bottega.media import image
from bottega.patches import in_proportion, resize

if TYPE_CHECKING:
    from bottega.editing.styling.style import StyleSettings

OPTIMISED = 256 * 256  # pixels: the last level of the optimisation without VGG
OPTIMISED_BY_VGG = 448 * 448
STEPS, VGG_STEPS = (50, 50, 15), (50, 40, 25)  # on the levels, coarse to fine
CONTENT, VGG_CONTENT = 0.2, 0.15  # weight next to the style
GUIDED = 1.1  # weight of the content's light while strokes are chosen
SHOWN = 0.5  # seconds between previews


@dataclass(frozen=True)
class Looks:
    """What sees, and how to work with it.

    Attributes:
        name: told to the person.
        eyes: makes the eyes for the views of one level.
        most: pixels of the last level of the optimisation.
        loss: ``gram`` or ``sliced``.
        content: weight of the content next to the style.
        steps: on the levels, coarse to fine.
        repainted: where the styles' patches take over, as a share of the last level.
    """

    name: str
    eyes: Callable[[list[Tensor]], Eyes]
    most: int
    loss: str
    content: float
    steps: tuple[int, ...]
    repainted: float


def paint(
    content: np.ndarray, styles: list[np.ndarray], masks: list[np.ndarray], settings: "StyleSettings", job: Job
) -> Made:
    """One picture in the style of others.

    Args:
        content: uint8 ``(H, W, 3|4)``; styles: the same, any size.
        masks: uint8 ``(h, w)``: none, one (where to paint), or one for each style (where it goes).
        settings: see ``StyleSettings``.
        job: who listens; a model whose layers are the eyes, if the person wants that.

    Returns:
        the picture, with the content's alpha; facts say what saw.

    Raises:
        UsageError: weights or masks that do not fit the styles, a style that is wholly transparent, a model that does
            not look at works.
    """
    weights = weights_of(settings.weights, len(styles))
    check(styles, masks)
    if settings.size:
        content = image.fit(
            content, in_proportion(content.shape[:2], settings.size / max(content.shape[:2])), "stretch"
        )
    height, width = content.shape[:2]
    covers = [fitted(mask, (height, width), job) for mask in masks]
    hidden = content.shape[2] == 4 and not content[..., 3].any()
    if hidden or settings.strength == 0 or (covers and not any(cover.any() for cover in covers)):
        job.say(_("Nothing was painted: the strength is 0, the picture is transparent, or the mask is black."))
        return Made([content])
    flat = opaque(content)
    looks = looks_for(settings, job)
    size = in_proportion((height, width), min(1.0, math.sqrt(PAINTED / (height * width))), SMALLEST)
    canvas = to_tensor(image.fit(flat, size, "stretch"))
    given = [style_at(style, weight, canvas, settings.scale) for style, weight in zip(styles, weights, strict=True)]
    regions = regions_of(given, [shrunk(cover, size) for cover in covers])
    with two_threads():
        painting, like = painted(canvas, regions, looks, settings, job)
    if size == (height, width):
        made = to_picture(painting)
    else:
        if height * width > PAINTED:
            message = _("Painted at {width}×{height} and enlarged along the picture's own edges.")
            job.say(message.format(width=size[1], height=size[0]))
        made = enlarge(painting, flat, like)
    made = blended(made, flat, covers, min(1.0, settings.strength / 0.2))
    if content.shape[2] == 4:
        made = with_alpha(made, content[..., 3])
    job.show(1.0, made)
    return Made([made], {"features": looks.name, "loss": looks.loss})


def painted(
    canvas: Tensor, regions: list[Region], looks: Looks, settings: "StyleSettings", job: Job
) -> tuple[Tensor, Tensor]:
    """The painting at the size of the canvas ``(3, H, W)``, and the content in the colours that it was given."""
    size = canvas.shape[1], canvas.shape[2]
    regions = regions if not settings.keep_colours else [in_colours_of(canvas, region) for region in regions]
    content = canvas if settings.keep_colours else recoloured(canvas, regions)
    looser = 10 ** (2 * (0.7 - settings.strength))
    last = in_proportion(size, min(1.0, math.sqrt(looks.most / (size[0] * size[1]))), SMALLEST)
    sizes = [in_proportion(last, 0.5**level, SMALLEST) for level in reversed(range(len(looks.steps)))]
    steps = [max(1, round(count * settings.effort)) for count in looks.steps]
    plan = Plan(sizes, steps, looks.content * looser, looks.loss)
    picture = transfer(content, regions, looks.eyes, plan, job.random("style"), Teller(job, 0.9))
    parts = [
        repaint(
            picture,
            content,
            [style.picture for style in region.styles],
            [None if style.seen is None else inside(style.seen) for style in region.styles],
            job.random("repaint", number),
            guided=GUIDED * looser**0.5,
            start=min(1.0, last[0] / size[0]) * looks.repainted,
            on_level=Teller(job, 0.1 / len(regions), 0.9 + 0.1 * number / len(regions)),
        )
        for number, region in enumerate(regions)
    ]
    picture = composed(parts, regions, resize(picture, size))
    if settings.keep_colours:
        picture = relit(content, picture)
    return picture, content


def looks_for(settings: "StyleSettings", job: Job) -> Looks:
    """What sees: VGG-19 if its weights are there, else the person's model, else filters learned here and now."""
    from bottega.editing.styling.learned import LearnedEyes
    from bottega.editing.trained.features import ModelEyes, eye_of

    kind = "gram" if settings.loss == "auto" else settings.loss
    # a model is named on purpose; it gives way only to weights that are named on purpose too
    if job.model is None or settings.vgg not in ("", "off"):
        network = vgg_for(settings.vgg, job)
        if network is not None:
            return Looks("vgg19", lambda views: network, OPTIMISED_BY_VGG, kind, VGG_CONTENT, VGG_STEPS, 1.0)
    if job.model is not None:
        model = job.model
        eye_of(model)  # says at once if it cannot see
        return Looks("model", lambda views: ModelEyes(model, views[-1]), OPTIMISED, kind, CONTENT, STEPS, 0.85)
    random = job.random("filters")
    learn: Callable[[list[Tensor]], Eyes] = lambda views: LearnedEyes(views, random.child(*views[-1].shape))  # noqa: E731
    kind = "sliced" if settings.loss == "auto" else settings.loss
    return Looks("patches", learn, OPTIMISED, kind, CONTENT, STEPS, 0.85)


def vgg_for(wish: str, job: Job) -> Eyes | None:
    """VGG-19 from where the person says, or from where it is found; None, with a note, if it is nowhere."""
    from bottega.editing.styling import vgg

    if wish == "off":
        return None
    if wish not in ("", "download"):
        return vgg.load(Path(wish))
    found = vgg.find()
    if found.file is not None:
        return vgg.load(found.file)
    if wish == "download":
        try:
            return vgg.load(vgg.download())
        except DataError as error:
            job.say(str(error))
    if found.pickle is not None:
        message = _("{file} is a pickle, which is not opened; “--vgg download” fetches VGG-19 as 14 MB of safetensors.")
        job.say(message.format(file=found.pickle.name))
    return None


@contextmanager
def two_threads() -> Iterator[None]:
    """Computes with two threads, whatever the environment says: convolutions and sums round differently with another
    number, and the same seed is to give the same picture on the same machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class Teller:
    """Passes progress on to the job, as a stretch of the whole, with a preview now and then."""

    def __init__(self, job: Job, length: float, begin: float = 0.0) -> None:
        self.job, self.length, self.begin, self.last = job, length, begin, 0.0

    def __call__(self, share: float, picture: Tensor) -> None:
        now = time.monotonic()
        if now - self.last >= SHOWN:
            self.last = now
            self.job.show(self.begin + self.length * share, to_picture(picture))


def regions_of(styles: list[Style], covers: list[Tensor]) -> list[Region]:
    """One region with all styles, or one for each style that has a mask of its own and is seen at all."""
    if len(covers) <= 1:
        return [Region(styles, covers[0] if covers else None)]
    pairs = zip(styles, covers, strict=True)
    return [
        Region([Style(style.picture, 1.0, style.seen)], cover) for style, cover in pairs if bool((cover > 0.5).any())
    ]


def recoloured(canvas: Tensor, regions: list[Region]) -> Tensor:
    """The content ``(3, H, W)`` in the colours of the styles, region by region."""
    parts = [matched(canvas, moments(canvas, set_(region.where)), colours_of(region.styles)) for region in regions]
    return composed(parts, regions, canvas)


def in_colours_of(canvas: Tensor, region: Region) -> Region:
    """The region with its styles in the content's colours."""
    wanted = moments(canvas, set_(region.where))
    styles = [
        Style(matched(style.picture, moments(style.picture, style.seen), wanted), style.weight, style.seen)
        for style in region.styles
    ]
    return Region(styles, region.where)


def colours_of(styles: list[Style]) -> tuple[Tensor, Tensor]:
    """Mean and covariance of the colours of styles, blended by their weights."""
    both = [moments(style.picture, style.seen) for style in styles]
    mean, spread = (
        sum(part * style.weight for part, style in zip(parts, styles, strict=True)) for parts in zip(*both, strict=True)
    )
    return mean, spread


def composed(parts: list[Tensor], regions: list[Region], ground: Tensor) -> Tensor:
    """Pictures ``(3, H, W)`` one over the other, each where its region is."""
    if len(regions) == 1:
        return parts[0]
    for part, region in zip(parts, regions, strict=True):
        assert region.where is not None
        ground = torch.lerp(ground, part, region.where)
    return ground


def style_at(style: np.ndarray, weight: float, canvas: Tensor, scale: float) -> Style:
    """A style brought to the canvas's scale: about as many pixels, times the square of ``scale``."""
    share = scale * math.sqrt(canvas.shape[1] * canvas.shape[2] / (style.shape[0] * style.shape[1]))
    share = min(share, math.sqrt(2 * PAINTED / (style.shape[0] * style.shape[1])))
    size = in_proportion(style.shape[:2], share, SMALLEST)
    seen = None
    if style.shape[2] == 4 and style[..., 3].min() < 128:
        seen = shrunk(style[..., 3], size) > 0.5
    return Style(to_tensor(image.fit(opaque(style), size, "stretch")), weight, seen)


def inside(seen: Tensor) -> Tensor | None:
    """Where patches may be taken from, or None when what is seen is too thin for any."""
    thick = -torch.nn.functional.max_pool2d(-seen[None].float(), 15, 1, 7)
    return seen if bool(thick.any()) else None


def weights_of(text: str, count: int) -> list[float]:
    """``"2,1"`` as shares that sum to 1. Raises UsageError."""
    try:
        numbers = [float(part) for part in text.split(",")] if text.strip() else [1.0] * count
    except ValueError:
        numbers = []
    if len(numbers) != count or not all(0 <= number < math.inf for number in numbers) or sum(numbers) <= 0:
        message = _("--weights takes one number for each style, {count} here, such as 2,1; not “{text}”.")
        raise UsageError(message.format(count=count, text=text))
    return [number / sum(numbers) for number in numbers]


def check(styles: list[np.ndarray], masks: list[np.ndarray]) -> None:
    """Raises UsageError for styles and masks that cannot be used together."""
    if len(masks) > 1 and len(masks) != len(styles):
        message = _("Give one mask (where to paint) or one for each style; there are {masks} for {styles} styles.")
        raise UsageError(message.format(masks=len(masks), styles=len(styles)))
    for number, style in enumerate(styles, 1):
        if style.shape[2] == 4 and style[..., 3].max() < 128:
            raise UsageError(
                _("Style {number} is transparent: there is nothing to take from it.").format(number=number)
            )


def set_(where: Tensor | None) -> Tensor | None:
    """A soft mask as a hard one."""
    return None if where is None else where > 0.5
