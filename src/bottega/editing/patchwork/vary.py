"""New pictures from the parts of one."""

from pydantic import Field

from bottega.editing.operation import PICTURE, Job, Made, Operation, Settings, Works
from bottega.language import later


class VarySettings(Settings):
    """What a person can choose; see the descriptions."""

    distance: float = Field(
        0.5,
        ge=0,
        le=1,
        description=later("How far from the original: 0 a near relative, 1 a new picture of its parts."),
    )
    count: int = Field(1, ge=1, le=64, description=later("How many variations, each different."))
    size: str = Field("", description=later("The size of the result as WxH; that of the picture if empty."))


def vary(works: Works, settings: VarySettings, job: Job) -> Made:
    """Arrange the parts of the picture anew, as often as asked."""
    from bottega.editing import pixels
    from bottega.editing.masks import size_of
    from bottega.patches import measure, variation

    picture = works["picture"][0]
    size = pixels.checked(size_of(settings.size) if settings.size else picture.shape[:2], job)
    source = pixels.no_larger(pixels.to_tensor(picture), size)
    pictures, reached, found = [], [], []
    for number in range(settings.count):

        def told(share: float, x, number: int = number) -> None:
            job.show((number + share) / settings.count, pixels.preview(x))

        made = variation.vary([source], size, settings.distance, job.random("vary", number), on_level=told)
        reached.append(measure.distance(source, made))
        found.append(measure.coverage(source, made))
        pictures.append(pixels.to_picture(made))
    mean = {"distance": sum(reached) / len(reached), "coverage": sum(found) / len(found)}
    return Made(pictures, {name: round(value, 3) for name, value in mean.items()})


VARY = Operation(
    name="vary",
    title=later("New pictures from the parts of one: near relatives or far ones"),
    inputs=(PICTURE,),
    settings=VarySettings,
    run=vary,
    examples=(
        (later("Four near relatives of a picture"), "vary picture.jpg --distance 0.25 --count 4"),
        (later("A new picture of the same parts"), "vary picture.jpg --distance 1"),
        (later("The same, twice as wide"), "vary picture.jpg --distance 0.7 --size 1024x512"),
    ),
)
