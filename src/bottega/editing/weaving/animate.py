"""A picture set in motion in the manner of a clip."""

from typing import TYPE_CHECKING

from pydantic import Field

from bottega.editing.operation import MASK, PICTURE, Input, Job, Made, Operation, Settings, Works
from bottega.errors import UsageError
from bottega.language import _, later

if TYPE_CHECKING:
    import numpy as np

SMOOTH = 20  # frames a second, at least: slower clips are drawn with more
MOST = 250_000_000  # pixels of all frames together
FASTEST = 0.15  # of the longer side in a second, at strength 1: what goes faster cannot be followed in a picture


class AnimateSettings(Settings):
    """What a person can choose; see the descriptions."""

    seconds: float = Field(3, ge=0.5, le=30, description=later("The length of the loop."))
    strength: float = Field(1, ge=0.05, le=4, description=later("How far things move, next to the clip."))
    follow: float = Field(
        0.5, ge=0, le=1, description=later("What moves: 0 the same places as in the clip, 1 what looks alike.")
    )


def animate(works: Works, settings: AnimateSettings, job: Job) -> Made:
    """Find what moves in the clip, carry it over to the picture, and let the picture drift."""
    import numpy as np

    from bottega.editing.weaving import clips, drifting
    from bottega.media.video import Film

    picture, clip = works["picture"][0], works["motion"][0]
    if len(clip) < 2:
        raise UsageError(_("Nothing moves in a film of one frame: give a longer clip with --motion."))
    times = max(1, -(-SMOOTH // round(float(clip.rate)))) if clip.rate < SMOOTH else 1
    rate = clip.rate * times
    count = max(2, round(settings.seconds * rate))
    first = clip.frames[: round(settings.seconds * float(clip.rate)) + 1]
    found = drifting.flows(first, lambda share: job.show(0.2 * share))
    moves = drifting.carried_over(found, first[0], picture, settings.follow)
    moves = drifting.going_around(moves, count, 1 / times)
    count = len(moves) * max(1, round(count / len(moves)))
    moves *= slowed(moves, float(rate), job) * settings.strength
    if works.get("mask"):
        moves = within(moves, works["mask"][0])
    scale = min(1.0, (MOST / (count * picture[..., 0].size)) ** 0.5)
    if scale < 1:
        picture = clips.scaled(picture[None], scale)[0]
        message = _("So many frames of that size are too large: they were made {width}×{height} pixels.")
        job.say(message.format(width=picture.shape[1], height=picture.shape[0]))
    frames = np.empty((count, *picture.shape), np.uint8)
    for number, frame in enumerate(drifting.adrift(picture, moves, count, job.random("animate"))):
        frames[number] = frame
        job.show(0.2 + 0.8 * (number + 1) / count, frame if number % 8 == 0 else None)
    speed = float(np.quantile(np.linalg.norm(moves.mean(0), axis=-1), 0.9)) * float(rate)
    return Made([Film(frames, rate)], {"seconds": round(count / float(rate), 2), "speed": round(speed, 3)})


def slowed(moves: "np.ndarray", rate: float, job: Job) -> float:
    """By how much motion ``(T, h, w, 2)`` is slowed down so that it can be followed; that it is, is said."""
    import numpy as np

    speed = float(np.quantile(np.linalg.norm(moves, axis=-1), 0.9)) * rate
    if speed < 1e-4:
        job.say(_("Almost nothing moves in the clip, so neither does the picture."))
    if speed > 1.2 * FASTEST:
        job.say(_("The clip moves so fast that the picture moves more slowly; --strength makes it faster."))
    return min(1.0, FASTEST / max(speed, 1e-6))


def within(moves: "np.ndarray", mask: "np.ndarray") -> "np.ndarray":
    """Motion ``(T, h, w, 2)`` where the mask, uint8 ``(·, ·)``, is white; at its edge it fades."""
    from bottega.editing.moving.flow import opencv

    cv2 = opencv()
    share = cv2.resize(mask, (moves.shape[2], moves.shape[1]), interpolation=cv2.INTER_AREA)
    return moves * (share.astype("float32") / 255)[None, ..., None]


ANIMATE = Operation(
    name="animate",
    title=later("Set a picture in motion in the manner of a clip, as an endless loop"),
    inputs=(
        PICTURE,
        Input("motion", later("The clip whose motion it takes."), kind="film", option=True),
        MASK,
    ),
    settings=AnimateSettings,
    run=animate,
    makes=("video",),
    examples=(
        (later("A painting that flows like water"), "animate painting.jpg --motion waterfall.mp4"),
        (later("Only what is white in a mask moves"), "animate photo.jpg --motion clouds.mp4 --mask sky.png"),
        (later("Calmly, for ten seconds"), "animate photo.jpg --motion sea.mp4 --strength 0.4 --seconds 10"),
    ),
)
