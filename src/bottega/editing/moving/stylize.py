"""A film painted in the style of pictures, without flicker."""

from typing import TYPE_CHECKING

from pydantic import Field

from bottega.editing.operation import FILM, Input, Job, Made, Operation, Works
from bottega.editing.styling.style import StyleSettings
from bottega.errors import UsageError
from bottega.language import _, later

if TYPE_CHECKING:
    import numpy as np

OWN = {"keyframes", "frames", "loop"}  # settings that the painter of pictures does not have
KEYFRAME = 100  # frames that take as long as painting a keyframe, about


class StylizeSettings(StyleSettings):
    """What a person can choose; see the descriptions."""

    keyframes: int = Field(
        3, ge=1, le=100, description=later("At most so many frames of each take are painted; the others follow them.")
    )
    frames: str = Field(
        "",
        description=later(
            "Which frames the paintings given with --keyframe are, such as 1,48; found by likeness when left out."
        ),
    )
    loop: bool = Field(False, description=later("The film goes round: its last frame moves on to its first."))


def stylize(works: Works, settings: StylizeSettings, job: Job) -> Made:
    """See ``stylizing``."""
    import numpy as np

    from bottega.editing.moving.painted import placed
    from bottega.editing.moving.stylizing import Stylizer
    from bottega.editing.styling.canvas import with_alpha
    from bottega.media.video import Film

    film: Film = works["film"][0]
    styles, paintings = works["style"], works.get("keyframe", [])
    if not styles and not paintings:
        raise UsageError(
            _("Say how it should look: give pictures of the style, or frames that you painted (--keyframe).")
        )
    if settings.frames.strip() and not paintings:
        raise UsageError(_("--frames says which frames your paintings are: give them with --keyframe."))
    frames = _sized(film.frames, settings.size)
    opaque = frames if frames.shape[3] == 3 else np.stack([_over_grey(frame) for frame in frames])
    given = placed(paintings, settings.frames, opaque, job)
    painter = Painter(styles, settings, job, len(frames))
    stylizer = Stylizer(painter.paint if styles else None, settings.keyframes, given, painter.tell)
    made = np.empty_like(frames)
    for number, painting in enumerate(stylizer.paintings(opaque, settings.loop)):
        made[number] = painting if frames.shape[3] == 3 else with_alpha(painting, frames[number, ..., 3])
        painter.show(made[number])
    facts = {**painter.facts, "keyframes": stylizer.keyframes, "cuts": stylizer.cuts}
    if given:
        facts["frames"] = ", ".join(str(number + 1) for number in given)
    if stylizer.errors:
        of_film, of_painting = np.mean(stylizer.errors, 0)
        facts |= {"warp_error": round(float(of_painting), 7), "warp_error_of_film": round(float(of_film), 7)}
    return Made([Film(made, film.rate, film.sound)], facts)


class Painter:
    """Paints keyframes as ``style`` does, and tells how far the whole film is."""

    def __init__(self, styles: list["np.ndarray"], settings: StylizeSettings, job: Job, count: int) -> None:
        self.styles, self.job = styles, job
        self.settings = StyleSettings(**settings.model_dump(exclude={"size", *OWN}), vgg=settings.vgg)
        self.facts: dict[str, float | int | str] = {}
        self.done, self.steps, self.keyframes, self.share = 0, count, 0, 0.0

    def paint(self, frame: "np.ndarray") -> "np.ndarray":
        """A keyframe, in the same light of chance as the others."""
        from bottega.editing.styling.painting import paint

        before = self.keyframes
        job = Job(self.job.seed, self.job.model, self._heard, self.job.notes)
        made = paint(frame, self.styles, [], self.settings, job)
        self.facts, self.keyframes = made.facts, before + 1
        return made.works[0]  # pyright: ignore

    def tell(self, done: int, steps: int) -> None:
        """So many frames of so many were carried."""
        self.done, self.steps = done, steps
        self.show(None)

    def show(self, painting: "np.ndarray | None") -> None:
        """A frame is painted."""
        self._heard(0.0, painting)

    def _heard(self, share: float, picture: "np.ndarray | str | None") -> None:
        keys = max(1, self.keyframes + (share > 0)) if self.styles else 0
        known = max(1, self.steps + KEYFRAME * keys)
        self.share = max(self.share, (self.done + KEYFRAME * (self.keyframes + share)) / known)
        self.job.show(min(1.0, self.share), picture)


def _sized(frames: "np.ndarray", size: int) -> "np.ndarray":
    """The frames with ``size`` pixels on their longer side, or as they are for 0."""
    import numpy as np

    from bottega.media.image import fit
    from bottega.patches import in_proportion

    if not size:
        return frames
    height, width = in_proportion(frames.shape[1:3], size / max(frames.shape[1:3]))
    return np.stack([fit(frame, (height, width), "stretch") for frame in frames])


def _over_grey(frame: "np.ndarray") -> "np.ndarray":
    """Premultiplied ``(H, W, 4)`` laid over grey: ``(H, W, 3)``."""
    return frame[..., :3] + (255 - frame[..., 3:]) // 2


STYLIZE = Operation(
    name="stylize",
    title=later("Paint a film in the style of pictures, without flicker"),
    inputs=(
        FILM,
        Input("style", later("Pictures to take the style of; none are needed for your own keyframes."), 0, None),
        Input("keyframe", later("A frame of the film that you painted; the film follows it."), 0, None, option=True),
    ),
    settings=StylizeSettings,
    run=stylize,
    model="optional",
    either=("style", "keyframe"),
    examples=(
        (later("A clip as a painting that moves"), "stylize dance.mp4 starry-night.jpg"),
        (later("Only the brushwork, in the film's own colours"), "stylize dance.mp4 scream.jpg --keep-colours"),
        (
            later("As you painted two of its frames"),
            "stylize dance.mp4 --keyframe first.png --keyframe last.png --frames 1,48",
        ),
    ),
)
