"""A small real operation for the tests of what all operations share: it turns colours into their opposites."""

from fractions import Fraction
from typing import Literal

import numpy as np
from pydantic import Field

from bottega.editing.operation import MASK, Input, Job, Made, Operation, Settings, Works
from bottega.media.video import Film


class Negative(Settings):
    """One setting of each kind."""

    strength: float = Field(1.0, ge=0, le=1, description="How much.")
    count: int = Field(1, ge=1, le=8, description="How many.")
    channel: Literal["all", "red"] = Field("all", description="Which.")
    film: bool = Field(False, description="As a film.")
    weights: list[float] = Field([], description="Of each picture.")
    area: str | None = Field(None, description="Where.")


def negative(works: Works, settings: Negative, job: Job) -> Made:
    """The picture, and its opposite by ``strength``; later ones are darker."""
    picture = works["picture"][0].copy()
    job.show(0.0)
    colours = slice(0, 1) if settings.channel == "red" else slice(0, 3)
    opposite = picture.copy()
    opposite[..., colours] = 255 - opposite[..., colours]
    where = (works["mask"][0] > 127)[..., None] if works["mask"] else True
    mixed = picture * (1 - settings.strength) + opposite * settings.strength
    picture = (mixed * where + picture * (1 - where) if where is not True else mixed).astype(picture.dtype)
    job.say(f"{len(works['others'])} others, channels {picture.shape[2]}")
    job.show(1.0, picture)
    pictures = [picture // (i + 1) for i in range(settings.count)]
    made = [Film(np.stack(pictures), Fraction(10))] if settings.film else pictures
    return Made(made, {"strength": settings.strength})


NEGATIVE = Operation(
    name="negative",
    title="Turn colours into their opposites.",
    inputs=(Input("picture", "The picture."), Input("others", "More.", least=0, most=2), MASK),
    settings=Negative,
    run=negative,
    model="optional",
    makes=("image", "video"),
    examples=(("half of it", "negative cat.png --strength 0.5"),),
)
