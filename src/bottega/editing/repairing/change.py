"""Slower or faster at the same pitch, higher or lower at the same tempo."""

from pydantic import Field

from bottega.editing.operation import SOUND, Job, Made, Operation, Settings, Works
from bottega.errors import UsageError
from bottega.language import _, later

MOST_VALUES = 1 << 28  # a gigabyte


class StretchSettings(Settings):
    """What a person can choose; see the descriptions."""

    factor: float = Field(1.25, ge=0.1, le=10, description=later("How many times as long: above 1 is slower."))


class PitchSettings(Settings):
    """What a person can choose; see the descriptions."""

    semitones: float = Field(2.0, ge=-24, le=24, description=later("How many semitones higher; below 0 is lower."))


def stretch(works: Works, settings: StretchSettings, job: Job) -> Made:
    """The sound in another tempo."""
    import numpy as np

    from bottega.editing.repairing.stretching import stretched
    from bottega.media.audio import Sound

    sound = works["sound"][0]
    _check_length(sound.samples.size * max(1.0, settings.factor))
    made = stretched(sound.samples.astype(np.float64), settings.factor, sound.rate)
    made = Sound(made.astype(np.float32), sound.rate)
    return Made([made], {"seconds": round(made.seconds, 3)})


def pitch(works: Works, settings: PitchSettings, job: Job) -> Made:
    """The sound in another key."""
    import numpy as np

    from bottega.editing.repairing.stretching import pitched
    from bottega.media.audio import Sound

    sound = works["sound"][0]
    _check_length(sound.samples.size * max(1.0, 2 ** (settings.semitones / 12)))
    made = pitched(sound.samples.astype(np.float64), settings.semitones, sound.rate)
    return Made([Sound(made.astype(np.float32), sound.rate)], {"ratio": round(2 ** (settings.semitones / 12), 4)})


def _check_length(values: float) -> None:
    if values > MOST_VALUES:
        raise UsageError(_("The result would be too long for memory; cut the sound into shorter ones first."))


STRETCH = Operation(
    name="stretch",
    title=later("Make a sound slower or faster, at the same pitch"),
    inputs=(SOUND,),
    settings=StretchSettings,
    run=stretch,
    examples=(
        (later("A quarter slower"), "stretch song.wav"),
        (later("Twice as fast"), "stretch song.wav --factor 0.5"),
    ),
)

PITCH = Operation(
    name="pitch",
    title=later("Make a sound higher or lower, in the same tempo"),
    inputs=(SOUND,),
    settings=PitchSettings,
    run=pitch,
    examples=(
        (later("A fifth higher"), "pitch voice.wav --semitones 7"),
        (later("An octave lower"), "pitch voice.wav --semitones -12"),
    ),
)
