"""Fill what is missing in a picture, or paint on beyond its edges, from its own patches."""

from typing import TYPE_CHECKING

from pydantic import Field

from bottega.editing.operation import MASK, PICTURE, Job, Made, Operation, Settings, Works
from bottega.errors import UsageError
from bottega.language import _, later

if TYPE_CHECKING:
    import numpy as np


class InpaintSettings(Settings):
    """What a person can choose; see the descriptions."""

    area: str = Field("", description=later("A rectangle to fill, as X,Y,WxH in pixels from the top left."))
    detail: float = Field(
        0.65, ge=0, le=1, description=later("How bold the fill is: 0 is calm and cautious, 1 crisp and inventive.")
    )
    label: str = Field("", description=later("With a model: the class it belongs to; guessed when not given."))


class ExtendSettings(Settings):
    """What a person can choose; see the descriptions."""

    left: int = Field(0, ge=0, le=20_000, description=later("Pixels to add on the left."))
    right: int = Field(0, ge=0, le=20_000, description=later("Pixels to add on the right."))
    top: int = Field(0, ge=0, le=20_000, description=later("Pixels to add at the top."))
    bottom: int = Field(0, ge=0, le=20_000, description=later("Pixels to add at the bottom."))
    size: str = Field(
        "",
        description=later(
            "Or the whole size, as WxH, with the picture in the middle; a quarter all around if neither."
        ),
    )


def inpaint(works: Works, settings: InpaintSettings, job: Job) -> Made:
    """Fill the hole: with the model if there is one, otherwise from the picture's own patches."""
    import numpy as np

    from bottega.editing import masks

    if settings.label and job.model is None:
        raise UsageError(_("A class can only be asked for with --model."))
    picture = works["picture"][0]
    hole = masks.hole(works, settings, job)
    by_transparency = not works.get("mask") and not settings.area
    if by_transparency:
        picture = np.ascontiguousarray(picture[..., :3])  # opaque where it is known, and so will be the rest
    facts: dict[str, float | int | str] = {"filled": round(float(hole.mean()), 4)}
    if job.model is not None:
        from bottega.editing.trained import completion

        made = np.where(hole[..., None], completion.fill(picture, hole, job, settings.label), picture)
    else:
        made = patched(picture, hole, settings.detail, job)
    if by_transparency:
        made = np.concatenate([made, np.full_like(made[..., :1], 255)], axis=2)
    return Made([made], facts)


def extend(works: Works, settings: ExtendSettings, job: Job) -> Made:
    """Paint on beyond the edges."""
    from bottega.editing.patchwork.filling import beyond
    from bottega.editing.pixels import checked, shown

    picture = works["picture"][0]
    height, width = picture.shape[:2]
    top, bottom, left, right = borders(settings, (height, width))
    wide, high = width + left + right, height + top + bottom
    checked((high, wide), job)
    made = beyond(
        picture,
        ((top, bottom), (left, right)),
        job.random("extend"),
        shown(job),
    )
    return Made([made])


def borders(settings: ExtendSettings, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """How many pixels to add at the top, the bottom, the left and the right of a picture of ``(H, W)``.

    Raises:
        UsageError: the whole size is smaller than the picture, or both ways of saying it are used.
    """
    given = settings.top, settings.bottom, settings.left, settings.right
    height, width = size
    if not settings.size:
        return given if any(given) else (height // 4, height // 4, width // 4, width // 4)
    if any(given):
        raise UsageError(_("Say either how many pixels to add on each side, or the whole size with --size."))
    from bottega.editing.masks import size_of

    high, wide = size_of(settings.size)
    if high < height or wide < width or (high, wide) == size:
        message = _("The picture is {width}×{height} already; to extend it, --size must be larger.")
        raise UsageError(message.format(width=width, height=height))
    down, along = high - height, wide - width
    return down // 2, down - down // 2, along // 2, along - along // 2


def patched(picture: "np.ndarray", hole: "np.ndarray", detail: float, job: Job) -> "np.ndarray":
    """Fill a hole from patches, and tell how it goes."""
    from bottega.editing.patchwork.filling import fill, is_large
    from bottega.editing.pixels import shown

    if is_large(hole):
        job.say(_("The hole is very large: it was filled at a smaller size and enlarged."))
    return fill(picture, hole, job.random("inpaint"), detail=detail, on_step=shown(job))


INPAINT = Operation(
    name="inpaint",
    title=later("Fill what is missing, or remove what disturbs"),
    inputs=(PICTURE, MASK),
    settings=InpaintSettings,
    run=inpaint,
    model="optional",
    examples=(
        (later("Fill what is white in a mask"), "inpaint photo.jpg --mask mask.png"),
        (later("Remove what stands in a rectangle"), "inpaint photo.jpg --area 120,40,60x90"),
        (later("Fill the transparent parts of a picture"), "inpaint torn.png"),
    ),
)

EXTEND = Operation(
    name="extend",
    title=later("Paint on beyond the edges of a picture"),
    inputs=(PICTURE,),
    settings=ExtendSettings,
    run=extend,
    examples=(
        (later("A quarter more on every side"), "extend photo.jpg"),
        (later("Make a portrait as wide as a landscape"), "extend portrait.jpg --size 1600x900"),
        (later("More sky"), "extend photo.jpg --top 200"),
    ),
)
