"""One clip as a loop without an end: a video texture."""

from typing import TYPE_CHECKING

from pydantic import Field

from bottega.editing.operation import FILM, Job, Made, Operation, Settings, Works
from bottega.errors import UsageError
from bottega.language import _, later

if TYPE_CHECKING:
    import numpy as np

    from bottega.editing.weaving.looping import Jump

FEWEST = 4  # frames of a clip from which a loop can be made


class TextureSettings(Settings):
    """What a person can choose; see the descriptions."""

    seconds: float = Field(
        0, ge=0, le=600, description=later("How long the loop should be, about; the best one of any length if 0.")
    )
    blend: float = Field(
        0.3, ge=0, le=2, description=later("Seconds that may be mixed on each side of a jump; 0 only cuts.")
    )


def texture(works: Works, settings: TextureSettings, job: Job) -> Made:
    """Find where the clip can jump without being seen, and play a round of such jumps."""
    import numpy as np

    from bottega.editing.pixels import shown
    from bottega.editing.weaving import looping, seams
    from bottega.media.video import Film

    film = works["film"][0]
    if len(film) < FEWEST:
        message = _("A loop needs a film of at least {least} frames; this one has {count}.")
        raise UsageError(message.format(least=FEWEST, count=len(film)))
    small = looping.glances(film.frames, lambda share: job.show(0.5 * share))
    apart = looping.distances(small)
    usual = float(np.median(apart.diagonal(1)))
    cost, longest = looping.costs(apart), round(settings.blend * float(film.rate))
    shortest = max(2, min(round(film.rate), len(film) // 2))  # a loop shorter than a second looks like a tic
    path = round_of(cost, max(2, round(settings.seconds * film.rate)), shortest, job) if settings.seconds else []
    if not path:
        alone = seams.best_loop(small, looping.jumps(cost, shortest), longest, usual).jump
        path = [alone] * max(1, round(settings.seconds * float(film.rate) / alone.length))
    order = looping.order_of(path)
    run = min(len(part) for part in np.split(order, np.flatnonzero(np.diff(order) != 1) + 1))
    found = {jump: seams.best_seam(small, jump, min(longest, run // 2), usual) for jump in dict.fromkeys(path)}
    shown(job)(0.6, film.frames[order[0]])
    frames = seams.woven(film.frames, order, [found[jump] for jump in path])
    if film.sound is not None:
        job.say(_("The sound was left out: it would jump with the picture."))
    facts: dict[str, float | int | str] = {
        "seconds": round(len(frames) / float(film.rate), 2),
        "jumps": len(path),
        "seam": round(max(seam.step for seam in found.values()), 2),
        "cut": round(max(seams.plain(small, jump, usual) for jump in path), 2),
    }
    return Made([Film(frames, film.rate)], facts)


def round_of(cost: "np.ndarray", wished: int, shortest: int, job: Job) -> "list[Jump]":
    """The jumps of the best loop of about ``wished`` frames; empty where there is none, which is said.

    Args:
        cost: see ``looping.costs``.
        wished: frames.
        shortest: frames of a loop of one jump.
        job: where a long loop gets its change from.
    """
    from bottega.editing.weaving import looping

    choices = looping.near_length(cost, wished) + looping.jumps(cost, min(shortest, wished))
    found = looping.best_round(choices, wished, max(2, shortest // 4), job.random("round")) if choices else []
    if not found:
        job.say(_("No loop of that length was found; the best one is repeated."))
    return found


TEXTURE = Operation(
    name="texture",
    title=later("One clip as a loop without an end, at its full size"),
    inputs=(FILM,),
    settings=TextureSettings,
    run=texture,
    examples=(
        (later("The best loop in a clip"), "texture waterfall.mp4"),
        (later("Half a minute that goes round without repeating itself soon"), "texture flag.mp4 --seconds 30"),
        (later("With hard cuts only"), "texture clip.mp4 --blend 0"),
    ),
)
