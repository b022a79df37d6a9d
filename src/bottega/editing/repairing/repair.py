"""Find what is wrong with a sound, mend it, and touch nothing else."""

from typing import TYPE_CHECKING

from pydantic import Field

from bottega.editing.operation import SOUND, Input, Job, Made, Operation, Settings, Works
from bottega.errors import UsageError
from bottega.language import _, later

if TYPE_CHECKING:
    import numpy as np

    from bottega.editing.repairing.mending import Filled
    from bottega.media.audio import Sound

LEAST_ALIKE = 0.4


class RepairSettings(Settings):
    """What a person can choose; see the descriptions."""

    clicks: bool = Field(False, description=later("Only what is asked for: clicks of up to 2 ms."))
    holes: bool = Field(False, description=later("Only what is asked for: places where the sound stands still."))
    clipping: bool = Field(False, description=later("Only what is asked for: peaks that were cut off."))
    noise: bool = Field(False, description=later("Steady noise, such as hiss; changes the whole sound."))
    at: str = Field("", description=later("Holes to fill, as START-END in seconds, separated by commas."))
    quiet: str = Field("", description=later("Where there is only noise, as START-END in seconds."))


def repair(works: Works, settings: RepairSettings, job: Job) -> Made:
    """Mend holes, clicks and clipped peaks where there are any, or what is asked for."""
    from bottega.editing.repairing import mending
    from bottega.media.audio import Sound

    sound: Sound = works["sound"][0]
    named = spans(settings.at, sound)
    quiet = spans(settings.quiet, sound)
    if len(quiet) > 1:
        raise UsageError(_("One place with only noise is enough for --quiet; write it as START-END."))
    chosen = settings.clicks or settings.holes or settings.clipping or settings.noise or named or quiet
    samples, facts = sound.samples, {}
    if settings.holes or named or not chosen:
        others = [_alike(other, sound) for other in works.get("others", [])]
        samples, filled = mending.holes(samples, sound.rate, named, others, look=settings.holes or not chosen)
        facts |= _told_of_holes(filled, sound.rate, job)
    job.show(0.2)
    if settings.clicks or not chosen:
        samples, count = mending.clicks(samples, sound.rate)
        facts |= {"clicks": count} if count or settings.clicks else {}
    job.show(0.4)
    if settings.clipping or not chosen:
        samples, count, peak = mending.peaks(samples, sound.rate, lambda share: job.show(0.4 + 0.4 * share))
        facts |= {"clipped samples": count} if count or settings.clipping else {}
        if count and peak > 1:
            job.say(
                _(
                    "The rebuilt peaks reach {peak:.2f} times full scale: a WAV keeps them, other files cut them."
                ).format(peak=peak)
            )
    if settings.noise or quiet:
        samples, by = mending.noise(samples, sound.rate, quiet[0] if quiet else None)
        facts |= {"noise lowered by dB": round(by, 1)}
    changed = samples != sound.samples
    facts |= {"samples changed": int(changed.sum())}
    if not changed.any():
        job.say(_("Nothing to repair was found; the sound is as it was."))
    job.show(1.0)
    return Made([Sound(samples, sound.rate)], facts)


def spans(words: str, sound: "Sound") -> list[tuple[int, int]]:
    """Places of a sound, in samples, from ``"START-END,START-END"`` in seconds.

    Raises:
        UsageError: not written so, or not inside the sound.
    """
    found = []
    for part in filter(None, (part.strip() for part in words.split(","))):
        start, dash, end = part.partition("-")
        try:
            a, b = float(start), float(end)
        except ValueError:
            message = _("“{part}” is no place in a sound: write START-END in seconds, such as 1.20-1.25.")
            raise UsageError(message.format(part=part)) from None
        first, last = round(a * sound.rate), round(b * sound.rate)
        if not dash or not 0 <= first < last <= len(sound):
            message = _("The place {part} does not lie inside the sound, which lasts {seconds:.3f} seconds.")
            raise UsageError(message.format(part=part, seconds=sound.seconds))
        if first == 0 and last == len(sound):
            raise UsageError(_("A hole as long as the sound leaves nothing to repair it from."))
        found.append((first, last))
    return found


def _alike(other: "Sound", sound: "Sound") -> "np.ndarray":
    """The samples of another sound at the rate and in the channels of this one."""
    from bottega.media.audio import in_channels, resampled

    return in_channels(resampled(other, sound.rate).samples, sound.channels)


def _told_of_holes(filled: "Filled", rate: int, job: Job) -> dict[str, float | int | str]:
    if filled.copied and filled.alike < LEAST_ALIKE:
        job.say(_("Nothing very like the surroundings of a long hole was found; name more sounds to look in."))
    for start, end in filled.left:
        message = _("The hole at {start:.3f}–{end:.3f} seconds was left: no other place is long enough to copy from.")
        job.say(message.format(start=start / rate, end=end / rate))
    holes = filled.predicted + filled.copied
    if not holes:
        return {}
    facts: dict[str, float | int | str] = {"holes": holes, "ms filled": round(1000 * filled.seconds, 2)}
    return facts | ({"copied": filled.copied, "alike": round(filled.alike, 3)} if filled.copied else {})


REPAIR = Operation(
    name="repair",
    title=later("Repair a sound: clicks, holes, clipped peaks, noise"),
    inputs=(
        SOUND,
        Input("others", later("Other sounds to fill long holes from."), least=0, most=None, kind="sound"),
    ),
    settings=RepairSettings,
    run=repair,
    examples=(
        (later("Find what is wrong and repair it"), "repair tape.wav"),
        (later("Only the clicks of a record"), "repair record.flac --clicks"),
        (later("Fill a hole, from another take if need be"), "repair take1.wav take2.wav --at 12.30-12.85"),
        (later("Take out hiss, as heard in the first half second"), "repair voice.wav --noise --quiet 0-0.5"),
    ),
)
