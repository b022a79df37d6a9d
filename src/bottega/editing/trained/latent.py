"""Works in the latent space of a model: rebuild them, walk between them, mix and vary them, fill their holes."""

from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from bottega.editing.operation import Input, Job, Made, Operation, Settings, Works
from bottega.errors import UsageError
from bottega.language import _, later

if TYPE_CHECKING:
    from torch import Tensor

    from bottega.objectives.latent import Place

CLASS = later("The class it belongs to; guessed when not given.")
WORK = Input("picture", later("A picture, brought to the model's size."), least=1, most=None)
WORKS = Input("picture", later("Two or more pictures; without any, works are drawn by chance."), least=0, most=None)
RATE = 12
"""Frames a second."""


class ReconstructSettings(Settings):
    """What a person can choose; see the descriptions."""

    label: str = Field("", description=CLASS)


class InterpolateSettings(Settings):
    """What a person can choose; see the descriptions."""

    count: int = Field(24, ge=2, le=600, description=later("Pictures from one work to the next, both included."))
    stops: int = Field(4, ge=2, le=64, description=later("Works drawn by chance when no pictures are given."))
    form: Literal["film", "strip"] = Field("film", description=later("A film, or one wide picture of all in a row."))
    loop: bool = Field(False, description=later("Return to the first work at the end."))
    even: bool = Field(False, description=later("Pass each work at even speed instead of slowing down there."))
    label: str = Field("", description=CLASS)


class MixSettings(Settings):
    """What a person can choose; see the descriptions."""

    share: float = Field(0.5, ge=0, le=1, description=later("How much comes from the second picture."))
    label: str = Field("", description=CLASS)


class VariationsSettings(Settings):
    """What a person can choose; see the descriptions."""

    distance: float = Field(
        0.4, ge=0, le=1, description=later("How far from the picture: 0 rebuilds it, 1 forgets it.")
    )
    count: int = Field(8, ge=1, le=256, description=later("How many variations."))
    label: str = Field("", description=CLASS)


def reconstruct(works: Works, settings: ReconstructSettings, job: Job) -> Made:
    """Each picture as the model can draw it."""
    from bottega.editing.trained.fitting import from_model, likeness, shaped_like, to_model

    x = to_model(works["picture"], job)
    place = _places(x, settings.label, job, until=0.95)
    made = job.model.objective.from_latent(place)
    near = [likeness(one, work) for one, work in zip(made, x, strict=True)]
    pictures = [shaped_like([one], like)[0] for one, like in zip(from_model(made), works["picture"], strict=True)]
    facts = {"psnr": round(sum(p for p, _d in near) / len(near), 2)}
    facts["distance"] = round(sum(d for _p, d in near) / len(near), 4)
    return Made(pictures, facts)


def interpolate(works: Works, settings: InterpolateSettings, job: Job) -> Made:
    """The way from work to work, on the arc between their places."""
    import numpy as np
    import torch

    from bottega.editing.trained.fitting import class_of, from_model, maker, shaped_like, to_model
    from bottega.media.video import Film
    from bottega.objectives.latent import between

    objective, pictures = maker(job).objective, works["picture"]
    if len(pictures) == 1:
        raise UsageError(
            _("There is no way from one picture to itself: give two or more, or none for works by chance.")
        )
    if pictures:
        place = _places(to_model(pictures, job), settings.label, job, until=0.5)
    else:
        place = objective.places(settings.stops, class_of(job.model, settings.label), job.random("interpolate"))
    shares = torch.linspace(0, 1, settings.count, device=place.z.device)
    if not settings.even:
        shares = shares * shares * (3 - 2 * shares)
    frames: list[np.ndarray] = []
    ways = len(place.z) if settings.loop else len(place.z) - 1
    for number in range(ways):
        following = (number + 1) % len(place.z)
        whole = number == ways - 1 and not settings.loop  # the last picture of a way is the first of the next
        stops = between(place[number : number + 1], place[following : following + 1], shares if whole else shares[:-1])
        for first in range(0, len(stops.z), 32):
            frames += from_model(objective.from_latent(stops[first : first + 32]))
            done = (number + first / len(stops.z)) / ways
            job.show(0.5 + 0.5 * done if pictures else done, frames[-1])
    frames = shaped_like(frames, pictures[0] if pictures else frames[0])
    if settings.form == "strip":
        return Made([np.concatenate(frames, axis=1)])
    return Made([Film(np.stack(frames), Fraction(RATE))])


def mix(works: Works, settings: MixSettings, job: Job) -> Made:
    """The arrangement of the first picture with the detail of the second."""
    from bottega.editing.trained.fitting import from_model, likeness, shaped_like, to_model

    x = to_model(works["picture"], job)
    place = _places(x, settings.label, job, until=0.6)
    made = job.model.objective.mix(place[:1], place[1:], settings.share, job.random("mix"))
    facts = {"from the first": round(likeness(made[0], x[0])[1], 4)}
    facts["from the second"] = round(likeness(made[0], x[1])[1], 4)
    return Made(shaped_like(from_model(made), works["picture"][0]), facts)


def variations(works: Works, settings: VariationsSettings, job: Job) -> Made:
    """Works near a picture."""
    from bottega.editing.trained.fitting import from_model, likeness, shaped_like, to_model

    x = to_model(works["picture"], job)
    place = _places(x, settings.label, job, until=0.6)
    pictures, distances = [], []
    for first in range(0, settings.count, 32):
        number = min(32, settings.count - first)
        made = job.model.objective.vary(place, settings.distance, number, job.random("vary", first))
        pictures += from_model(made)
        distances += [likeness(one, x[0])[1] for one in made]
        job.show(0.6 + 0.4 * (first + number) / settings.count, pictures[-1])
    distance = round(sum(distances) / len(distances), 4)
    return Made(shaped_like(pictures, works["picture"][0]), {"distance": distance})


def _places(x: "Tensor", label: str, job: Job, until: float) -> "Place":
    """Where works lie, told as the first part of the job."""
    from bottega.editing.trained.fitting import class_of, from_model

    preview = from_model(x[:1])[0]
    return job.model.objective.to_latent(
        x, class_of(job.model, label), job.random("place"), lambda share: job.show(until * share, preview)
    )


RECONSTRUCT = Operation(
    name="reconstruct",
    title=later("Rebuild a picture as a trained model can draw it"),
    inputs=(WORK,),
    settings=ReconstructSettings,
    run=reconstruct,
    model="required",
    examples=((later("See what your model keeps of a picture"), "reconstruct photo.jpg --model my-model"),),
)

INTERPOLATE = Operation(
    name="interpolate",
    title=later("Walk from one work to another"),
    inputs=(WORKS,),
    settings=InterpolateSettings,
    run=interpolate,
    model="required",
    makes=("video", "image"),
    examples=(
        (later("A film from one picture to another and back"), "interpolate a.png b.png --model my-model --loop"),
        (later("A walk past six works drawn by chance"), "interpolate --model my-model --stops 6"),
    ),
)

MIX = Operation(
    name="mix",
    title=later("The arrangement of one picture, the detail of another"),
    inputs=(Input("picture", later("Two pictures: what is where, then how it looks."), least=2, most=2),),
    settings=MixSettings,
    run=mix,
    model="required",
    examples=((later("Mix two pictures"), "mix a.png b.png --model my-model --share 0.6"),),
)

VARIATIONS = Operation(
    name="variations",
    title=later("Works near a picture, drawn by a trained model"),
    inputs=(Input("picture", later("The picture to vary, brought to the model's size.")),),
    settings=VariationsSettings,
    run=variations,
    model="required",
    examples=((later("Sixteen works a little like this one"), "variations a.png --model my-model --count 16"),),
)
