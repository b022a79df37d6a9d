"""DeepDream with a trained model: the picture, with more of what a layer or a class sees in it."""

from fractions import Fraction

from pydantic import Field

from bottega.editing.operation import PICTURE, Job, Made, Operation, Settings, Works
from bottega.language import later

RATE = 10
"""Frames a second."""


class DreamSettings(Settings):
    """What a person can choose; see the descriptions."""

    layer: str = Field(
        "", description=later("The layer to dream with: layer1 (lines), layer2, …; the deepest if none.")
    )
    label: str = Field("", description=later("Or a class that the model knows, to see it everywhere."))
    strength: float = Field(0.35, ge=0, le=1, description=later("How strong the dream is."))
    octaves: int = Field(7, ge=1, le=20, description=later("In how many sizes to dream; more makes larger figures."))
    smooth: float = Field(0.4, ge=0, le=0.95, description=later("0 is fine and sharp, near 1 broad and soft."))
    steps: int = Field(10, ge=1, le=200, description=later("Steps in each size."))
    zoom: int = Field(
        0, ge=0, le=600, description=later("Pictures of a film that flies into the dream; 0 makes one picture.")
    )


def dream(works: Works, settings: DreamSettings, job: Job) -> Made:
    """Dream once, or again and again on a picture that grows towards us."""
    import numpy as np

    from bottega.editing.trained import dreaming
    from bottega.media.video import Film

    dreamer = dreaming.Dreamer(job.model, settings.layer, settings.label)
    frames = dreamer.frames(works["picture"][0], settings, job)
    made = [Film(np.stack(frames), Fraction(RATE))] if settings.zoom else frames
    return Made(made, {"seen": dreamer.what})


DREAM = Operation(
    name="dream",
    title=later("Let a trained model see its own motifs in a picture"),
    inputs=(PICTURE,),
    settings=DreamSettings,
    run=dream,
    model="required",
    makes=("image", "video"),
    examples=(
        (later("What the deepest layer sees"), "dream photo.jpg --model my-classifier"),
        (later("One class everywhere"), "dream photo.jpg --model my-classifier --class bird"),
        (later("A film that flies into the dream"), "dream photo.jpg --model my-gan --layer layer2 --zoom 60"),
    ),
)
