"""Fill what is missing in a film, or take out what disturbs."""

from typing import TYPE_CHECKING

from pydantic import Field

from bottega.editing.operation import FILM, Input, Job, Made, Operation, Settings, Works
from bottega.errors import UsageError
from bottega.language import _, later

if TYPE_CHECKING:
    import numpy as np

    from bottega.media.video import Film

MOVING_MASK = Input(
    "mask",
    later("A picture or a film of the same shape: white is changed, black is kept; in a film it may move."),
    least=0,
    kind="mask",
    option=True,
)


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
    """What a person marked: in all frames alike, by a mask that moves, or what is transparent: bool ``(T, H, W)``.

    Raises:
        UsageError: nothing is marked, or everything.
    """
    import numpy as np

    from bottega.editing import masks
    from bottega.media.video import Film

    film: Film = works["film"][0]
    given = works.get("mask", [])
    moving = [mask for mask in given if isinstance(mask, Film)]
    if not moving and (given or settings.area or film.frames.shape[3] == 3):
        hole = masks.hole({"picture": [film.frames[0]], "mask": given}, settings, job)
        return np.broadcast_to(hole, film.frames.shape[:3])
    hole = film.frames[..., 3] < 255 if not moving else np.zeros(film.frames.shape[:3], bool)
    for mask in moving:
        hole |= in_step(mask, film, job)
    if settings.area:
        hole |= masks.rectangle(settings.area, film.size)
    if not hole.any():
        raise UsageError(
            _("The mask marks nothing: paint white what is to be changed.")
            if moving
            else _("Say what to change: paint it (--mask), say where (--area X,Y,WxH) or make it clear.")
        )
    if hole.all():
        raise UsageError(
            _("The mask marks the whole film: leave something to take the rest from.")
            if moving
            else _("The film is transparent everywhere: leave something to take the rest from.")
        )
    return hole


def in_step(mask: "Film", film: "Film", job: Job) -> "np.ndarray":
    """A mask that moves, at the size of a film and frame by frame as it goes: bool ``(T, H, W)``.

    As many frames as the film has belong to its frames, whatever their rate; others go by time. Where a mask ends
    before its film, its last frame holds; that is said, and that it was stretched.
    """
    import numpy as np

    from bottega.editing import masks
    from bottega.media import image

    count = len(film)
    times = np.arange(count) if len(mask) == count else (np.arange(count) + 0.5) * float(mask.rate / film.rate)
    if len(mask) != count:
        said = _("The mask lasts {mask:.1f} and the film {film:.1f} seconds: its last frame holds for the rest.")
        if mask.seconds > film.seconds:
            said = _("The mask lasts {mask:.1f} and the film {film:.1f} seconds: what is too long was left out.")
        if abs(mask.seconds - film.seconds) > 1 / min(mask.rate, film.rate):
            job.say(said.format(mask=mask.seconds, film=film.seconds))
    hole = np.empty((count, *film.size), bool)
    for number, time in enumerate(times.astype(int)):
        white = image.light(mask.frames[min(time, len(mask) - 1)])
        hole[number] = masks.fitted(white, film.size, job) > masks.WHITE
    return hole


INPAINT = Operation(
    name="inpaint",
    title=later("Fill what is missing in a film, or take out what disturbs"),
    inputs=(FILM, MOVING_MASK),
    settings=InpaintSettings,
    run=inpaint,
    examples=(
        (later("Take out a mark in the corner"), "inpaint clip.mp4 --area 560,20,60x30"),
        (later("Fill what is white in a mask, in all frames"), "inpaint clip.mp4 --mask mask.png"),
        (later("Take out something that moves: a film of masks"), "inpaint clip.mp4 --mask masks.mp4"),
    ),
)
