"""Films carried on by a model, filled between two moments, and made into loops."""

from typing import TYPE_CHECKING

from pydantic import Field

from bottega.editing.operation import CLASS, FILM, TEMPERATURE, Input, Job, Made, Operation, Settings, Works
from bottega.errors import UsageError
from bottega.language import _, later

if TYPE_CHECKING:
    import numpy as np

    from bottega.media.video import Film

LEAST = 2
"""Frames of a film, at the model's rate, without which there is nothing to go on from."""


class ContinueSettings(Settings):
    """What a person can choose; see the descriptions."""

    seconds: float = Field(2.0, gt=0, le=600, description=later("How many seconds to add."))
    count: int = Field(1, ge=1, le=64, description=later("How many continuations."))
    temperature: float | None = Field(None, ge=0, le=3, description=TEMPERATURE)
    label: str = Field("", description=CLASS)


class InfillSettings(Settings):
    """What a person can choose; see the descriptions."""

    seconds: float = Field(1.0, gt=0, le=60, description=later("How many seconds lie between two films."))
    start: float | None = Field(None, ge=0, description=later("Where the hole in one film begins, in seconds."))
    end: float | None = Field(None, gt=0, description=later("Where it ends, in seconds."))
    count: int = Field(1, ge=1, le=64, description=later("How many fillings."))
    temperature: float | None = Field(None, ge=0, le=3, description=TEMPERATURE)
    label: str = Field("", description=CLASS)


class LoopSettings(Settings):
    """What a person can choose; see the descriptions."""

    seconds: float = Field(1.0, gt=0, le=60, description=later("How many seconds lead from the end to the beginning."))
    count: int = Field(1, ge=1, le=64, description=later("How many ways to lead there."))
    temperature: float | None = Field(None, ge=0, le=3, description=TEMPERATURE)
    label: str = Field("", description=CLASS)


def carry_on(works: Works, settings: ContinueSettings, job: Job) -> Made:
    """The film as it is, at the size of the model, and after it what the model adds."""
    from bottega.editing.filming.parts import filled, filming, fitted, frames_of
    from bottega.media.video import Film

    model = filming(job)
    film = fitted(model, works["film"][0], job)
    hole = frames_of(model, settings.seconds)
    made = filled(model, film.frames, film.frames[:0], hole, settings.model_dump(), job)
    facts: dict[str, float | int | str] = {"frames kept": len(film), "frames made": hole}
    _say_of_sound(film, job)
    return Made([Film(_laid(film.frames, one), film.rate, film.sound) for one in made], facts)


def infill(works: Works, settings: InfillSettings, job: Job) -> Made:
    """One film whose middle is made anew, or two with what leads from the first to the second."""
    from bottega.editing.filming.parts import filled, filming, fitted, frames_of
    from bottega.media.video import Film

    model = filming(job, both_sides=True)
    films = [fitted(model, film, job) for film in works["film"]]
    if len(films) == 2:
        if settings.start is not None or settings.end is not None:
            raise UsageError(_("Between two films the hole has no start or end: say how long it is with --seconds."))
        before, after, hole = films[0].frames, films[1].frames, frames_of(model, settings.seconds)
        sound = None
        if any(film.sound for film in films):
            job.say(_("The sound is left out: the film has another length now."))
    else:
        if settings.start is None or settings.end is None:
            raise UsageError(_("Where is the hole? Give --start and --end in seconds, or two films."))
        first, last = (round(moment * model.rate) for moment in (settings.start, settings.end))
        before, after, hole = films[0].frames[:first], films[0].frames[last:], last - first
        sound = films[0].sound
        if hole < 1 or min(len(before), len(after)) < 1:
            message = _(
                "The hole has to lie inside of the film, which lasts {seconds:.2f} s, with frames on both sides."
            )
            raise UsageError(message.format(seconds=films[0].seconds))
    made = filled(model, before, after, hole, settings.model_dump(), job)
    facts: dict[str, float | int | str] = {"frames made": hole}
    return Made([Film(_laid(before, one, after), model.rate, sound) for one in made], facts)


def loop(works: Works, settings: LoopSettings, job: Job) -> Made:
    """The film as it is, and after it frames that lead back to its beginning."""
    from bottega.editing.filming.parts import filled, filming, fitted, frames_of
    from bottega.media.video import Film

    model = filming(job, both_sides=True)
    film = fitted(model, works["film"][0], job)
    if len(film) < LEAST:
        raise UsageError(_("A loop needs a film of at least {count} frames.").format(count=LEAST))
    hole = frames_of(model, settings.seconds)
    made = filled(model, film.frames, film.frames, hole, settings.model_dump(), job)
    loops = [_laid(film.frames, one) for one in made]
    ends, before = [len(film) - 1, len(film) + hole - 1], jump(film.frames, [len(film) - 1])
    reached = sum(jump(frames, ends) for frames in loops) / len(loops)
    facts: dict[str, float | int | str] = {
        "frames made": hole,
        "jump": round(reached, 2),
        "jump before": round(before, 2),
    }
    _say_of_sound(film, job)
    return Made([Film(frames, film.rate, film.sound) for frames in loops], facts)


def jump(frames: "np.ndarray", places: list[int]) -> float:
    """The largest step that a loop uint8 ``(T, H, W, C)`` takes after one of these places, the last frame standing
    before the first, in steps such as it usually takes: 1 is no jump."""
    import numpy as np

    steps = np.abs(np.roll(frames, -1, 0).astype(np.float32) - frames).mean((1, 2, 3))  # (T,)
    return float(steps[places].max() / max(float(np.median(steps)), 0.1))


def _say_of_sound(film: "Film", job: Job) -> None:
    if film.sound:
        job.say(_("The film keeps its sound; what was added to it is silent."))


def _laid(*parts: "np.ndarray") -> "np.ndarray":
    import numpy as np

    return np.concatenate(parts)


CONTINUE = Operation(
    name="continue",
    title=later("Carry a film on with a model"),
    inputs=(FILM,),
    settings=ContinueSettings,
    run=carry_on,
    model="required",
    examples=((later("Three ways to go on for two seconds"), "continue a.mp4 --model my-films --count 3"),),
)

INFILL = Operation(
    name="infill",
    title=later("What lies between two films, or a hole in one made anew"),
    inputs=(Input("film", later("Two films, or one with a hole to fill."), least=1, most=2, kind="film"),),
    settings=InfillSettings,
    run=infill,
    model="required",
    examples=(
        (later("Lead from one film to another in one second"), "infill a.mp4 b.mp4 --model my-films"),
        (later("Make half a second anew"), "infill a.mp4 --model my-films --start 1 --end 1.5"),
    ),
)

LOOP = Operation(
    name="loop",
    title=later("A film that leads back to its beginning, through frames by a model"),
    inputs=(FILM,),
    settings=LoopSettings,
    run=loop,
    model="required",
    examples=((later("Close a film with half a second of new frames"), "loop a.mp4 --model my-films --seconds 0.5"),),
)
