"""Neural style transfer: one picture painted in the style of others."""

from typing import Literal

from pydantic import Field

from bottega.editing.operation import Input, Job, Made, Operation, Settings, Works
from bottega.language import later


class StyleSettings(Settings):
    """What a person can choose; see the descriptions."""

    strength: float = Field(
        0.7, ge=0, le=1, description=later("How much of the style: 0 is the content itself, 1 mostly style.")
    )
    keep_colours: bool = Field(False, description=later("Keep the content's own colours; take only the brushwork."))
    weights: str = Field("", description=later("How much of each style, such as 2,1; equal when left out."))
    scale: float = Field(1.0, ge=0.1, le=4, description=later("The size of the brushwork: 2 is twice as broad."))
    size: int = Field(
        0, ge=0, le=16384, description=later("The longer side of the result in pixels; 0 is the content's.")
    )
    loss: Literal["auto", "gram", "sliced"] = Field(
        "auto", description=later("How styles are compared: by second moments or by whole distributions.")
    )
    effort: float = Field(1.0, ge=0.1, le=10, description=later("How long to work: 2 takes twice as many steps."))
    vgg: str = Field(
        "",
        exclude=True,
        description=later(
            "VGG-19's weights: a safetensors file, “download”, or “off”; looked for in the caches when left out."
        ),
    )


def run(works: Works, settings: StyleSettings, job: Job) -> Made:
    """See ``painting.paint``."""
    from bottega.editing.styling.painting import paint

    return paint(works["content"][0], works["style"], works.get("mask", []), settings, job)


STYLE = Operation(
    name="style",
    title=later("Paint a picture in the style of others"),
    inputs=(
        Input("content", later("The picture to paint.")),
        Input("style", later("Pictures to take the style of."), most=None),
        Input(
            "mask",
            later("Where to paint, white on black; or one for each style: where it goes."),
            least=0,
            most=None,
            kind="mask",
            option=True,
        ),
    ),
    settings=StyleSettings,
    run=run,
    model="optional",
    examples=(
        (later("A photograph as a painting"), "style town.jpg starry-night.jpg"),
        (later("Only the brushwork, in the photograph's own colours"), "style town.jpg scream.jpg --keep-colours"),
        (later("Two styles, one more than the other"), "style cat.png scream.jpg ship.jpg --weights 2,1"),
    ),
)
