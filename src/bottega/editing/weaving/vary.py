"""New films from the parts of one."""

from pydantic import Field

from bottega.editing.operation import FILM, Job, Made, Operation, Settings, Works
from bottega.language import later


class VarySettings(Settings):
    """What a person can choose; see the descriptions."""

    distance: float = Field(
        0.5, ge=0, le=1, description=later("How far from the original: 0 a near relative, 1 a new film of its parts.")
    )
    count: int = Field(1, ge=1, le=64, description=later("How many variations, each different."))


def vary(works: Works, settings: VarySettings, job: Job) -> Made:
    """Arrange what moves in the film anew, as often as asked."""
    from bottega.editing.weaving import clips
    from bottega.media.video import Film
    from bottega.patches import measure, variation

    film = works["film"][0]
    frames, size = clips.affordable(film.frames, film.frames.shape[:3], job)
    source, show = clips.to_tensor(frames), clips.shown(job)
    films, reached, found = [], [], []
    for number in range(settings.count):

        def told(share: float, x, number: int = number) -> None:
            show((number + share) / settings.count, x)

        made = variation.vary([source], size, settings.distance, job.random("vary", number), on_level=told)
        reached.append(measure.distance(source, made))
        found.append(measure.coverage(source, made))
        films.append(Film(clips.to_frames(made), film.rate, film.sound))
    mean = {"distance": sum(reached) / len(reached), "coverage": sum(found) / len(found)}
    return Made(films, {name: round(value, 3) for name, value in mean.items()})


VARY = Operation(
    name="vary",
    title=later("New films from the parts of one: near relatives or far ones"),
    inputs=(FILM,),
    settings=VarySettings,
    run=vary,
    examples=(
        (later("Four near relatives of a clip"), "vary clip.mp4 --distance 0.25 --count 4"),
        (later("A new clip of the same parts and movements"), "vary clip.mp4 --distance 1"),
    ),
)
