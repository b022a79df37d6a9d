"""More frames in the same time, or in more of it: frames in between that follow what moves."""

from fractions import Fraction
from typing import TYPE_CHECKING

from pydantic import Field

from bottega.editing.operation import FILM, Job, Made, Operation, Settings, Works
from bottega.errors import UsageError
from bottega.language import _, later

if TYPE_CHECKING:
    import numpy as np

    from bottega.media.video import Film

MOST_BYTES = 8 << 30
MOST_STRETCHED = 8.0  # times as long a sound may become
ROUND = later("The film goes round: its last frame moves on to its first.")


class InterpolateSettings(Settings):
    """What a person can choose; see the descriptions."""

    fps: float = Field(0.0, ge=0, le=1000, description=later("Frames per second; 0 is twice as many as there are."))
    loop: bool = Field(False, description=ROUND)


class SlowSettings(Settings):
    """What a person can choose; see the descriptions."""

    factor: float = Field(2.0, ge=1, le=64, description=later("How many times as long it takes."))
    loop: bool = Field(False, description=ROUND)


def interpolate(works: Works, settings: InterpolateSettings, job: Job) -> Made:
    """The film at another rate; it lasts as long and keeps its sound."""
    from bottega.media.video import Film

    film: Film = works["film"][0]
    rate = Fraction(settings.fps).limit_denominator(1001) if settings.fps else 2 * film.rate
    if not rate:
        raise UsageError(_("{fps} frames per second are too few.").format(fps=settings.fps))
    frames, cuts = _retimed(film, film.rate / rate, settings.loop, job)
    return Made([Film(frames, rate, film.sound)], {"frames": len(frames), "cuts": cuts, "fps": round(float(rate), 3)})


def slow(works: Works, settings: SlowSettings, job: Job) -> Made:
    """The film in slow motion, at the rate it has."""
    from bottega.media.video import Film

    film: Film = works["film"][0]
    factor = Fraction(settings.factor).limit_denominator(1000)
    frames, cuts = _retimed(film, 1 / factor, settings.loop, job)
    made = Film(frames, film.rate, _slowed(film, float(factor), job))
    return Made([made], {"frames": len(frames), "cuts": cuts, "seconds": round(made.seconds, 3)})


def _slowed(film: "Film", factor: float, job: Job) -> bytes | None:
    """The sound of a film, so many times as long, at its own pitch; none beyond what sounds like anything."""
    import numpy as np

    from bottega.editing.repairing.stretching import stretched
    from bottega.media.audio import Sound
    from bottega.media.films.sound import packed
    from bottega.media.video import sound_of

    sound = sound_of(film)
    if sound is None or factor == 1:
        return film.sound
    if factor > MOST_STRETCHED:
        job.say(_("The sound is left out: nothing would be left of it at that pace."))
        return None
    longer = stretched(sound.samples.astype(np.float64), factor, sound.rate)
    return packed(Sound(longer.astype(np.float32), sound.rate))


def _retimed(film: "Film", step: Fraction, loop: bool, job: Job) -> "tuple[np.ndarray, int]":
    """The frames at the new moments, and how many cuts were met."""
    from bottega.editing.moving.between import moments, retimed
    from bottega.editing.pixels import shown

    if len(film) / step * film.frames[0].nbytes > MOST_BYTES:
        message = _("That would be {count} frames, too many for memory; cut the film into shorter ones first.")
        raise UsageError(message.format(count=int(len(film) / step)))
    if len(film) == 1:
        job.say(_("The film has one frame: there is nothing in between."))
    return retimed(film.frames, moments(len(film), step, loop), shown(job))


INTERPOLATE = Operation(
    name="interpolate",
    title=later("Give a film more frames per second, drawn where they move"),
    inputs=(FILM,),
    settings=InterpolateSettings,
    run=interpolate,
    examples=(
        (later("Twice as smooth"), "interpolate clip.mp4"),
        (later("An animation of 12 frames per second at 48"), "interpolate walk.gif --fps 48 --loop"),
    ),
)

SLOW = Operation(
    name="slow",
    title=later("Slow a film down, with new frames in between"),
    inputs=(FILM,),
    settings=SlowSettings,
    run=slow,
    examples=(
        (later("Half as fast"), "slow dive.mp4"),
        (later("Eight times as long"), "slow dive.mp4 --factor 8"),
    ),
)
