"""A film of a walk through the latent space of a model: smooth, closed, past pictures, and in time with music."""

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from pydantic import Field

from bottega.editing.operation import Input, Job, Made, Operation, Settings, Works
from bottega.errors import UsageError
from bottega.language import _, later

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from bottega.editing.trained.walking import Pace, Way
    from bottega.media.rhythm import Rhythm
    from bottega.objectives.latent import Place

BATCH = 32
"""Frames that are made at a time; a frame's numbers depend on its batch, so it is fixed for good."""
USUAL = 0.5
"""Works passed in a second without music."""
BAR = 4
"""Beats for each work with music."""
LONG = 10.0
"""Seconds of a film without music."""
MEASURED = 12
"""Pictures for each work passed that are made to see where the way changes fast."""
ROUNDS = 3
"""How often steep parts of the way are measured more finely."""
NEAR = 0.15
"""Seconds, less than half a beat, in which pictures may come early or late."""
FOUND, MEASURE = 0.1, 0.15
"""Shares of the work before the first frame: to find pictures, and to measure the way."""
Facts = dict[str, float | int | str]


class WalkSettings(Settings):
    """What a person can choose; see the descriptions."""

    seconds: float | None = Field(
        None, ge=0.1, le=3600, description=later("How long; as the music, or 10 seconds, when not given.")
    )
    fps: int = Field(24, ge=1, le=60, description=later("Frames a second."))
    speed: float | None = Field(
        None,
        ge=0.01,
        le=10,
        description=later(
            "Works passed in a second. When not given: one in two seconds, with music one in four beats; without music "
            "straight from one picture to the next."
        ),
    )
    loop: bool = Field(False, description=later("Come back to the beginning at the end, without a seam."))
    react: float = Field(
        0.8, ge=0, le=1, description=later("How much the music moves the film: 0 not at all, 1 nothing else does.")
    )
    label: str = Field("", description=later("The class to stay in; from class to class when not given."))
    size: int | None = Field(
        None, ge=16, le=2160, description=later("Pixels of the shorter side; as the model makes them when not given.")
    )


def walk(works: Works, settings: WalkSettings, job: Job) -> Made:
    """A film of the way, with what was measured of it."""
    from bottega.media.audio import Sound
    from bottega.media.rhythm import heard
    from bottega.media.video import Film, packed

    pictures, music = works["picture"], works["music"][0] if works["music"] else None
    rhythm = heard(music) if music else None
    seconds = settings.seconds or LONG
    if music:
        seconds = min(settings.seconds or music.seconds, music.seconds)
        if settings.seconds and settings.seconds > seconds:
            job.say(_("The film ends with its music."))
    count = max(2, round(seconds * settings.fps))
    size = _size(count, settings, job)
    way, length = _way(pictures, settings, count / settings.fps, rhythm, job)
    pace = _pace(way, length, rhythm, count, pictures, settings, job)
    frames = _frames(way, pace, size, pictures, job)
    track = packed(Sound(music.samples[:, : round(count / settings.fps * music.rate)], music.rate)) if music else None
    return Made([Film(frames, Fraction(settings.fps), track)], _facts(frames, pace, rhythm, settings))


def _size(count: int, settings: WalkSettings, job: Job) -> tuple[int, int]:
    """Height and width of the film. Raises UsageError when it would not fit into memory."""
    from bottega.editing.trained.fitting import maker
    from bottega.media.video import MOST_BYTES

    channels, height, width = maker(job).shape
    scale = settings.size / min(height, width) if settings.size else 1.0
    size = round(height * scale), round(width * scale)
    if count * channels * size[0] * size[1] > MOST_BYTES:
        message = _("A film of {count:,} pictures of {width}×{height} pixels is too much: make it shorter or smaller.")
        raise UsageError(message.format(count=count, width=size[1], height=size[0]))
    return size


def _way(
    pictures: "list[np.ndarray]", settings: WalkSettings, seconds: float, rhythm: "Rhythm | None", job: Job
) -> "tuple[Way, float]":
    """The way, and how many works it passes in all."""
    import numpy as np

    from bottega.editing.trained.fitting import class_of, from_model, maker, to_model
    from bottega.editing.trained.walking import APART, NODES, Way

    objective, label = maker(job).objective, class_of(maker(job), settings.label)
    usual = rhythm.tempo / 60 / BAR if rhythm and rhythm.tempo else USUAL
    length = seconds * (settings.speed or usual)
    stops = len(pictures) if settings.loop else len(pictures) - 1  # ways from one picture to the next
    if len(pictures) > 1:
        length = max(stops, length) if settings.speed or rhythm else float(stops)
    period = length if settings.loop else length + APART
    noise = objective.places(max(2, round(period * NODES)), label, job.random("way")).z
    if not pictures:
        turns = np.arange(max(1, round(period))) * period / max(1, round(period))
        return Way(noise, period, objective.places(len(turns), label, job.random("classes")).label, turns), length
    x = to_model(pictures, job)
    preview = from_model(x[:1])[0]
    place = objective.to_latent(x, label, job.random("place"), lambda share: job.show(FOUND * share, preview))
    turns = np.arange(len(pictures)) * length / max(1, stops)
    return Way(noise, period, place.label, turns).past(place.z, turns), length


def _pace(
    way: "Way",
    length: float,
    rhythm: "Rhythm | None",
    count: int,
    pictures: "list[np.ndarray]",
    settings: WalkSettings,
    job: Job,
) -> "Pace":
    """How fast it goes: slowly where the pictures change much, so that the film moves evenly, or with the music."""
    from dataclasses import replace

    import numpy as np

    from bottega.editing.trained import walking

    if rhythm is None:
        pace = walking.even(count, length, settings.loop)
    else:
        pace = walking.in_time(rhythm, count, settings.fps, length, settings.loop, settings.react)
    stops = max(1, len(pictures) if settings.loop else len(pictures) - 1)
    ends = np.linspace(0, length, stops * max(2, round(min(count, length * MEASURED) / stops)) + 1)
    moved = _moved(way, ends, pictures, job)
    most = 1.5 * moved.mean()
    for round_ in range(ROUNDS):  # between classes pictures may change all at once
        job.show(FOUND + MEASURE * (round_ + 1) / (ROUNDS + 1))
        parts = walking.steep(ends, moved, most)
        if not len(parts):
            break
        between = np.append(_moved(way, parts.ravel(), pictures, job), 0).reshape(parts.shape)[:, :-1]
        ends, moved = walking.finer(ends, moved, parts, between)
    return replace(pace, far=walking.evened(pace.far, ends, moved, settings.loop, stops))


def _moved(way: "Way", far: "np.ndarray", pictures: "list[np.ndarray]", job: Job) -> "np.ndarray":
    """How much the pictures so ``far`` along ``(n,)`` differ from one to the next, ``(n - 1,)``."""
    import numpy as np
    import torch

    moved, last = [], None
    for first in range(0, len(far), BATCH):
        made = _made(way.at(far[first : first + BATCH]), pictures, job)
        made = made if last is None else torch.cat([last, made])
        moved += (made[1:] - made[:-1]).square().mean((1, 2, 3)).sqrt().tolist()
        last = made[-1:]
    return np.array(moved)


def _made(place: "Place", pictures: "list[np.ndarray]", job: Job) -> "Tensor":
    """The works at places: as a model makes new ones, or so that given pictures are found again."""
    from bottega.editing.trained.fitting import maker

    model = maker(job)
    if pictures:
        return model.objective.from_latent(place)
    return model.objective.made_at(place, **{**model.objective.controls, **model.recipe.controls})


def _frames(way: "Way", pace: "Pace", size: tuple[int, int], pictures: "list[np.ndarray]", job: Job) -> "np.ndarray":
    """The pictures along the way, uint8 ``(T, *size, 3|4)``."""
    import numpy as np
    import torch

    from bottega.editing.trained.fitting import from_model, maker, shaped_like
    from bottega.media import image
    from bottega.objectives.latent import Place

    count, begun = len(pace.far), FOUND + MEASURE
    aside = maker(job).objective.places(1, None, job.random("aside")).z
    frames = None
    for first in range(0, count, BATCH):
        place = way.at(pace.far[first : first + BATCH])
        angle = torch.from_numpy(pace.shiver[first : first + BATCH]).to(place.z).view(-1, *[1] * (place.z.ndim - 1))
        place = Place(angle.cos() * place.z + angle.sin() * aside, place.label)
        some = from_model(_made(place, pictures, job))
        some = [image.fit(one, size, "stretch") for one in shaped_like(some, pictures[0] if pictures else some[0])]
        if frames is None:
            frames = np.empty((count, *some[0].shape), np.uint8)
        frames[first : first + BATCH] = some
        job.show(begun + (1 - begun) * min(1, (first + BATCH) / count), some[-1])
    assert frames is not None
    return frames


def _facts(frames: "np.ndarray", pace: "Pace", rhythm: "Rhythm | None", settings: WalkSettings) -> Facts:
    """How smooth the film is, and how well it keeps time."""
    import numpy as np

    from bottega.editing.trained.walking import in_step

    moved = np.array([_far(a, b) for a, b in pairwise(frames)])
    if rhythm is not None and pace.onsets is not None:
        together, late = in_step(moved, pace.onsets[1:], max(2, round(NEAR * settings.fps)))
        return {"beats a minute": round(rhythm.tempo, 1), "in time": round(together, 3), "frames late": late}
    facts: Facts = {"fastest to mean": round(float(moved.max() / (moved.mean() or 1.0)), 2)}
    if settings.loop:
        facts["seam"] = round(_far(frames[-1], frames[0]) / (float(np.median(moved)) or 1.0), 2)
    return facts


def _far(first: "np.ndarray", second: "np.ndarray") -> float:
    """Root mean square of the difference of two pictures, in [0, 255]."""
    import numpy as np

    return float(np.sqrt(np.square(first.astype(np.float32) - second).mean()))


WALK = Operation(
    name="walk",
    title=later("A film of a walk through what a model can make"),
    inputs=(
        Input("picture", later("Pictures that the walk passes; without any, it goes where chance leads."), 0, None),
        Input("music", later("A sound: the film is as long and moves with it."), 0, 1, kind="sound", option=True),
    ),
    settings=WalkSettings,
    run=walk,
    model="required",
    makes=("video",),
    examples=(
        (later("Twenty seconds that play for ever"), "walk --model my-model --seconds 20 --loop"),
        (later("A film that moves with a song"), "walk --model my-model --music song.mp3"),
        (later("Past three pictures and back"), "walk a.png b.png c.png --model my-model --loop"),
    ),
)
