"""Make a film larger, with detail from its neighbouring frames."""

from typing import TYPE_CHECKING

from pydantic import Field

from bottega.editing.moving.pace import ROUND
from bottega.editing.operation import FILM, Job, Made, Operation, Settings, Works
from bottega.errors import UsageError
from bottega.language import _, later

if TYPE_CHECKING:
    from bottega.media.video import Film

LONGEST_SIDE = 16_384  # pixels: what the usual formats of films hold


class UpscaleSettings(Settings):
    """What a person can choose; see the descriptions."""

    factor: float = Field(2.0, gt=1, le=8, description=later("How many times larger."))
    loop: bool = Field(False, description=ROUND)


def upscale(works: Works, settings: UpscaleSettings, job: Job) -> Made:
    """See ``enlarging``; the rate and the sound stay."""
    from bottega.editing.moving.enlarging import enlarged
    from bottega.editing.pixels import shown
    from bottega.media.video import Film

    film: Film = works["film"][0]
    size = wanted_size(film, settings.factor)
    if len(film) == 1:
        job.say(_("The film has one frame: there are no others to take detail from."))
    frames, cuts = enlarged(film.frames, size, settings.loop, shown(job))
    return Made([Film(frames, film.rate, film.sound)], {"width": size[1], "height": size[0], "cuts": cuts})


def wanted_size(film: "Film", factor: float) -> tuple[int, int]:
    """The size ``(H, W)`` of the result. Raises UsageError when it is no larger, or too large."""
    from bottega.media.films.shapes import MOST_PIXELS
    from bottega.media.video import MOST_BYTES
    from bottega.patches import in_proportion

    height, width = in_proportion(film.size, factor)
    if (height, width) == film.size:
        message = _("The film is {width}×{height} already; to upscale it, ask for more.")
        raise UsageError(message.format(width=width, height=height))
    if height * width > MOST_PIXELS or max(height, width) > LONGEST_SIDE:
        message = _("{width}×{height} pixels are too many for a film; at most {limit} million, {side} on a side.")
        limit = MOST_PIXELS // 1_000_000
        raise UsageError(message.format(width=width, height=height, limit=limit, side=LONGEST_SIDE))
    if len(film) * height * width * film.frames.shape[3] > MOST_BYTES:
        message = _("A film of {count:,} pictures of {width}×{height} pixels is too much: make it shorter or smaller.")
        raise UsageError(message.format(count=len(film), width=width, height=height))
    return height, width


UPSCALE = Operation(
    name="upscale",
    title=later("Make a film larger, with detail that its neighbouring frames saw"),
    inputs=(FILM,),
    settings=UpscaleSettings,
    run=upscale,
    examples=((later("A clip twice as large"), "upscale clip.mp4"),),
)
