"""Fill what is missing in a film, or take out what disturbs."""

from typing import TYPE_CHECKING

from pydantic import Field

from bottega.editing.operation import FILM, MASK, Job, Made, Operation, Settings, Works
from bottega.errors import UsageError
from bottega.language import _, later

if TYPE_CHECKING:
    import numpy as np


class InpaintSettings(Settings):
    """What a person can choose; see the descriptions."""

    area: str = Field(
        "", description=later("A rectangle to fill in all frames, as X,Y,WxH in pixels from the top left.")
    )


def inpaint(works: Works, settings: InpaintSettings, job: Job) -> Made:
    """Fill the hole from what the film shows elsewhere and at other times."""
    import numpy as np

    from bottega.editing.weaving import clips
    from bottega.editing.weaving.filling import fill
    from bottega.media.video import Film

    film = works["film"][0]
    hole = marked(works, settings, job)
    frames = film.frames
    by_transparency = not works.get("mask") and not settings.area
    if by_transparency:
        frames = np.ascontiguousarray(frames[..., :3])  # opaque where it is known, and so will be the rest
    made = fill(frames, hole, job.random("inpaint"), clips.shown(job))
    return Made([Film(made, film.rate, film.sound)], {"filled": round(float(hole.mean()), 4)})


def marked(works: Works, settings: InpaintSettings, job: Job) -> "np.ndarray":
    """What a person marked, in all frames alike, or what is transparent in each: bool ``(T, H, W)``.

    Raises:
        UsageError: nothing is marked, or everything.
    """
    import numpy as np

    from bottega.editing import masks

    frames = works["film"][0].frames
    if works.get("mask") or settings.area or frames.shape[3] == 3:
        hole = masks.hole({"picture": [frames[0]], "mask": works.get("mask", [])}, settings, job)
        return np.broadcast_to(hole, frames.shape[:3])
    hole = frames[..., 3] < 255
    if not hole.any():
        raise UsageError(_("Say what to change: paint it (--mask), say where (--area X,Y,WxH) or make it clear."))
    if hole.all():
        raise UsageError(_("The film is transparent everywhere: leave something to take the rest from."))
    return hole


INPAINT = Operation(
    name="inpaint",
    title=later("Fill what is missing in a film, or take out what disturbs"),
    inputs=(FILM, MASK),
    settings=InpaintSettings,
    run=inpaint,
    examples=(
        (later("Take out a mark in the corner"), "inpaint clip.mp4 --area 560,20,60x30"),
        (later("Fill what is white in a mask, in all frames"), "inpaint clip.mp4 --mask mask.png"),
    ),
)
