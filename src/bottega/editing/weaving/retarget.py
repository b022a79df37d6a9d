"""The same film at another shape, or longer or shorter."""

from pydantic import Field

from bottega.editing.operation import FILM, Job, Made, Operation, Settings, Works
from bottega.errors import UsageError
from bottega.language import _, later

BLEND = 0.3  # seconds that are mixed on each side of a jump, at most


class RetargetSettings(Settings):
    """What a person can choose; see the descriptions."""

    size: str = Field("", description=later("The new size as WxH, or a shape such as 16:9; the same if empty."))
    seconds: float = Field(0, ge=0, le=60, description=later("The new length, at the same pace; the same if 0."))


def retarget(works: Works, settings: RetargetSettings, job: Job) -> Made:
    """Bring the film to another shape without squashing what is in it, or to another length without haste."""
    from bottega.editing.patchwork.retarget import natural_scale, wanted
    from bottega.editing.weaving import clips, seams
    from bottega.media.video import Film
    from bottega.patches import arranging, measure

    film = works["film"][0]
    if not settings.size and not settings.seconds:
        raise UsageError(_("Say the new size with --size, such as 1024x512 or 16:9, or the new length with --seconds."))
    high, wide = wanted(settings.size, film.size) if settings.size else film.size
    count = max(1, round(settings.seconds * film.rate)) if settings.seconds else len(film)
    scale = natural_scale(film.size, (high, wide))
    frames = film.frames if scale == 1 else clips.scaled(film.frames, scale)
    if scale > 1.01:
        job.say(_("The new size is larger on both sides: the film was enlarged first, and is softer than before."))
    if count != len(film):
        frames = seams.at_length(frames, count, round(BLEND * float(film.rate)))
    frames, size = clips.affordable(frames, (count, high, wide), job)
    made = source = clips.to_tensor(frames)
    if size[1:] != source.shape[2:]:
        made = arranging.reshape(source, size, job.random("retarget"), clips.shown(job))
    if film.sound is not None and count != len(film):
        job.say(_("The sound was left out: the film has another length now."))
    facts: dict[str, float | int | str] = {
        "coverage": round(measure.coverage(source, made), 3),
        "strangeness": round(measure.strangeness(source, made), 4),
    }
    return Made([Film(clips.to_frames(made), film.rate, film.sound if count == len(film) else None)], facts)


RETARGET = Operation(
    name="retarget",
    title=later("The same film at another shape or length, nothing squashed or hurried"),
    inputs=(FILM,),
    settings=RetargetSettings,
    run=retarget,
    examples=(
        (later("A film made wide"), "retarget clip.mp4 --size 21:9"),
        (later("Twice as long, at the same pace"), "retarget clip.mp4 --seconds 6"),
    ),
)
