"""A sound carried on by a model, and a hole in it filled so that both sides fit."""

from typing import TYPE_CHECKING, Any

from pydantic import Field

from bottega.editing.operation import CLASS, SOUND, TEMPERATURE, Job, Made, Operation, Settings, Works
from bottega.errors import UsageError
from bottega.language import _, later

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from bottega.media.audio import Sound
    from bottega.models.sounds import SoundModel

WINDOWS = 2
"""Of what the model learned from, so many are heard on each side."""
BESIDE = 1
"""Frames on each side of a hole that are made anew with it: the codec hears the hole in them."""
DRAFTS = 4
"""Fillings made for each that is kept: the one that sounds most like what stands around it."""
NEAR = 0.5
"""Seconds on each side with which a filling is compared."""
HOP, BANDS = 256, 64


class ContinueSettings(Settings):
    """What a person can choose; see the descriptions."""

    seconds: float = Field(10.0, gt=0, le=600, description=later("How many seconds to add."))
    count: int = Field(1, ge=1, le=64, description=later("How many continuations."))
    temperature: float | None = Field(None, ge=0, le=3, description=TEMPERATURE)
    label: str = Field("", description=CLASS)


class InpaintSettings(Settings):
    """What a person can choose; see the descriptions."""

    start: float = Field(ge=0, description=later("Where the hole begins, in seconds."))
    end: float = Field(gt=0, description=later("Where it ends, in seconds."))
    count: int = Field(1, ge=1, le=64, description=later("How many fillings."))
    temperature: float | None = Field(0.7, ge=0, le=3, description=later("Below 1 is careful, above 1 daring."))
    label: str = Field("", description=CLASS)


def carry_on(works: Works, settings: ContinueSettings, job: Job) -> Made:
    """The sound as it is, and after it what the model adds."""
    import numpy as np

    from bottega.editing.sounding.parts import sounding
    from bottega.media.audio import Sound

    model, sound = sounding(job, "complete"), works["sound"][0]
    added = max(1, round(settings.seconds * sound.rate))
    room = np.pad(sound.samples, ((0, 0), (0, added)))
    hole = slice(len(sound), len(sound) + added)
    made = filled(model, Sound(room, sound.rate), hole, settings, job, settings.count)
    return Made([Sound(_put(room, hole, one), sound.rate) for one in made], {"seconds added": settings.seconds})


def inpaint(works: Works, settings: InpaintSettings, job: Job) -> Made:
    """The sound with what lies between two moments made anew; every other sample stays as it is."""
    from bottega.editing.sounding.parts import sounding
    from bottega.media.audio import Sound
    from bottega.objectives.frame_flow import FrameFlow

    model, sound = sounding(job, "complete"), works["sound"][0]
    hole = slice(round(settings.start * sound.rate), min(round(settings.end * sound.rate), len(sound)))
    if hole.start >= hole.stop:
        message = _("There is nothing between {start} and {end} seconds in a sound of {seconds:.2f} seconds.")
        raise UsageError(message.format(start=settings.start, end=settings.end, seconds=sound.seconds))
    if hole.stop < len(sound) and not isinstance(model.objective, FrameFlow):
        raise UsageError(_("This model only goes forwards: a hole needs one trained with --recipe audio-flow."))
    made = filled(model, sound, hole, settings, job, DRAFTS * settings.count)
    before, after = sound.samples[:, : hole.start], sound.samples[:, hole.stop :]
    made = sorted(made, key=lambda one: unlike(one, before, after, sound.rate))[: settings.count]
    fills = [Sound(_put(sound.samples, hole, one), sound.rate) for one in made]
    return Made(fills, {"seconds made": round((hole.stop - hole.start) / sound.rate, 3)})


def filled(
    model: "SoundModel", sound: "Sound", hole: slice, settings: ContinueSettings | InpaintSettings, job: Job, count: int
) -> "list[np.ndarray]":
    """What the model puts into a hole, ``count`` times ``(C, n)``, led over from both sides.

    Args:
        hole: first and last sample; what stands there is not looked at.
    """
    import torch

    from bottega.editing.sounding.parts import back, class_of, controls, joined
    from bottega.media.audio import Sound

    objective: Any = model.objective
    heard = round(WINDOWS * objective.length * model.hop / model.waveform.rate * sound.rate)
    first, last = max(0, hole.start - heard), min(len(sound), hole.stop + heard)
    near = sound.samples[:, first:last].copy()
    inside = slice(hole.start - first, hole.stop - first)
    before, after = near[:, : inside.start], near[:, inside.stop :]
    near[:, inside] = mirrored(before, after, inside.stop - inside.start)
    z = model.encode(Sound(near, sound.rate)).expand(count, -1, -1).contiguous()
    per_sample = model.waveform.rate / sound.rate / model.hop
    mask = _mask(z, inside.start * per_sample, inside.stop * per_sample, last == hole.stop)
    asked = controls(model, temperature=settings.temperature)
    label = class_of(model, settings.label, count, job.seed)
    with torch.inference_mode():
        z = objective.complete(z, mask, label, job.random("fill"), tell=lambda share: job.show(0.9 * share), **asked)
    known = Sound(near, sound.rate)
    made = [back(model.decode(one[None]), known, near.shape[1])[:, inside] for one in z]
    return [joined(one, before, after, sound.rate) for one in made]


def unlike(made: "np.ndarray", before: "np.ndarray", after: "np.ndarray", rate: int) -> float:
    """How far each half of a filling ``(C, n)`` is from what stands next to it: nats of loudness on the mel scale."""
    half, near = -(-made.shape[1] // 2), max(1, round(NEAR * rate))
    sides = ((made[:, :half], before[:, -near:]), (made[:, -half:], after[:, :near]))
    off = [(_colour(one, rate) - _colour(other, rate)).abs().mean() for one, other in sides if other.shape[1]]
    return float(sum(off))


def _colour(samples: "np.ndarray", rate: int) -> "Tensor":
    """How loud each band of samples ``(C, N)`` is on the mean, in nats ``(BANDS,)``."""
    import torch
    from torch.nn.functional import pad

    from bottega.networks.spectral import REACH, mel_filters, power

    x = torch.from_numpy(samples.mean(0, keepdims=True))
    loud = power(pad(x, (0, -x.shape[1] % HOP)), HOP).sqrt() @ mel_filters(rate, REACH * HOP, BANDS)
    return loud[0].clamp(min=1e-4).log().mean(0)


def mirrored(before: "np.ndarray", after: "np.ndarray", count: int) -> "np.ndarray":
    """What is laid into a hole while the codec listens, float32 ``(C, count)``: both sides mirrored, because silence
    there would be heard around it too."""
    import numpy as np

    half = count if not after.shape[1] else count // 2 if before.shape[1] else 0
    parts = []
    for known, n in ((before, half), (after[:, ::-1], count - half)):
        mode = "reflect" if known.shape[1] > 1 else "constant"
        parts.append(np.pad(known, ((0, 0), (0, n)), mode=mode)[:, known.shape[1] :])
    return np.concatenate([parts[0], parts[1][:, ::-1]], 1)


def _mask(z: "Tensor", begins: float, ends: float, open_ended: bool) -> "Tensor":
    """Which frames are known, bool ``(n, 1, T)``: those that lie a little off the hole; at least one is not."""
    import torch

    place = torch.arange(z.shape[2], device=z.device)
    first = min(max(0, int(begins) - BESIDE), z.shape[2] - 1)
    known = (place < first) | ((place >= ends + BESIDE) & (not open_ended))
    return known.expand(len(z), 1, -1).contiguous()


def _put(samples: "np.ndarray", hole: slice, made: "np.ndarray") -> "np.ndarray":
    whole = samples.copy()
    whole[:, hole] = made
    return whole


CONTINUE = Operation(
    name="continue",
    title=later("Carry a sound on in the voice of a model"),
    inputs=(SOUND,),
    settings=ContinueSettings,
    run=carry_on,
    model="required",
    examples=(
        (later("Go on for twenty seconds, three ways"), "continue a.wav --model my-sounds --seconds 20 --count 3"),
    ),
)

INPAINT = Operation(
    name="inpaint",
    title=later("Make a passage of a sound anew, so that both sides fit"),
    inputs=(SOUND,),
    settings=InpaintSettings,
    run=inpaint,
    model="required",
    examples=((later("Replace half a second"), "inpaint a.wav --model my-sounds --start 3.2 --end 3.7"),),
)
