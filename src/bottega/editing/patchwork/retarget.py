"""The same picture at another shape, or without a seam."""

import math

from pydantic import Field

from bottega.editing.operation import PICTURE, Job, Made, Operation, Settings, Works
from bottega.errors import UsageError
from bottega.language import _, later


class RetargetSettings(Settings):
    """What a person can choose; see the descriptions."""

    size: str = Field("", description=later("The new size as WxH, or a shape such as 16:9."))


class TileSettings(Settings):
    """What a person can choose; see the descriptions."""

    across: bool = Field(True, description=later("Seamless from left to right."))
    down: bool = Field(True, description=later("Seamless from top to bottom."))
    preview: bool = Field(False, description=later("Also show four tiles side by side."))


def retarget(works: Works, settings: RetargetSettings, job: Job) -> Made:
    """Bring the picture to another shape without squashing what is in it."""
    from bottega.editing import pixels
    from bottega.patches import arranging, in_proportion, measure, resize

    picture = works["picture"][0]
    size = pixels.checked(wanted(settings.size, picture.shape[:2]), job)
    source = pixels.to_tensor(picture)
    scale = natural_scale(picture.shape[:2], size)
    if scale != 1:
        source = resize(source, in_proportion(picture.shape[:2], scale))
    if scale > 1.01:
        job.say(_("The new size is larger on both sides: the picture was enlarged first, and is softer than before."))
    made = arranging.reshape(source, size, job.random("retarget"), lambda share, x: job.show(share, pixels.preview(x)))
    facts = {
        "coverage": round(measure.coverage(source, made), 3),
        "strangeness": round(measure.strangeness(source, made), 4),
    }
    return Made([pixels.to_picture(made)], facts)


def wanted(text: str, size: tuple[int, int]) -> tuple[int, int]:
    """``"WxH"``, ``"W"`` or ``"16:9"`` as ``(H, W)``; a shape keeps the number of pixels.

    Raises:
        UsageError: nothing, or none of these.
    """
    if not text:
        raise UsageError(_("Say the new size with --size, such as 1024x512, or the new shape, such as 16:9."))
    if ":" in text:
        across, mark, down = text.partition(":")
        try:
            shape = float(across) / float(down)
        except (ValueError, ZeroDivisionError):
            shape = 0.0
        if not (mark and math.isfinite(shape) and 0.02 <= shape <= 50):
            raise UsageError(_("A shape is two numbers such as 16:9, at most 50:1; it is “{text}”.").format(text=text))
        area = size[0] * size[1]
        return max(1, round(math.sqrt(area / shape))), max(1, round(math.sqrt(area * shape)))
    from bottega.editing.masks import size_of

    return size_of(text)


def natural_scale(size: tuple[int, int], goal: tuple[int, int]) -> float:
    """The least by which a picture must be scaled, in proportion, so that only one of its sides has to change."""
    ratios = sorted((goal[0] / size[0], goal[1] / size[1]))
    return min(max(1.0, ratios[0]), ratios[1])


def tile(works: Works, settings: TileSettings, job: Job) -> Made:
    """Make the picture go on where it began."""
    import numpy as np

    from bottega.editing import pixels
    from bottega.patches import arranging

    if not (settings.across or settings.down):
        raise UsageError(_("A tile is seamless across, down, or both: say at least one."))
    source = pixels.to_tensor(works["picture"][0])
    pixels.checked((source.shape[1], source.shape[2]), job)
    around = (settings.down, settings.across)
    made = arranging.seamless(source, around, job.random("tile"), lambda share, x: job.show(share, pixels.preview(x)))
    axes = [axis for axis, goes in enumerate(around, start=1) if goes]
    facts: dict[str, float | int | str] = {
        "seam_before": round(max(arranging.seam(source, axis) for axis in axes), 2),
        "seam": round(max(arranging.seam(made, axis) for axis in axes), 2),
    }
    tiles = [pixels.to_picture(made)]
    if settings.preview:
        tiles.append(np.tile(tiles[0], (1 + settings.down, 1 + settings.across, 1)))
    return Made(tiles, facts)


RETARGET = Operation(
    name="retarget",
    title=later("The same picture at another shape, nothing squashed"),
    inputs=(PICTURE,),
    settings=RetargetSettings,
    run=retarget,
    examples=(
        (later("A picture made wide"), "retarget picture.jpg --size 16:9"),
        (later("A picture for a square frame"), "retarget picture.jpg --size 512x512"),
    ),
)

TILE = Operation(
    name="tile",
    title=later("A picture that repeats without a seam"),
    inputs=(PICTURE,),
    settings=TileSettings,
    run=tile,
    examples=(
        (later("A pattern for cloth or wallpaper"), "tile picture.jpg --preview"),
        (later("A frieze that goes on from left to right"), "tile picture.jpg --no-down"),
    ),
)
