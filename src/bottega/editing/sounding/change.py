"""Sounds through a model: varied at a chosen distance, changed into each other, given the sound of another."""

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from bottega.editing.operation import CLASS, SOUND, Input, Job, Made, Operation, Settings, Works
from bottega.language import _, later

if TYPE_CHECKING:
    from torch import Tensor

    from bottega.media.audio import Sound
    from bottega.models.sounds import SoundModel


LIFT = 8.0
"""How many times louder or softer a sound between two others is made, at most."""


class VarySettings(Settings):
    """What a person can choose; see the descriptions."""

    distance: float = Field(0.4, ge=0, le=1, description=later("How far from the sound: 0 rebuilds it, 1 forgets it."))
    count: int = Field(1, ge=1, le=64, description=later("How many variations."))
    label: str = Field("", description=CLASS)


class MorphSettings(Settings):
    """What a person can choose; see the descriptions."""

    form: Literal["steps", "glide"] = Field(
        "steps", description=later("A sound for each step, or one sound that turns from the first into the second.")
    )
    steps: int = Field(5, ge=2, le=60, description=later("Sounds on the way, both ends as rebuilt included."))
    distance: float = Field(
        0.2, ge=0, le=1, description=later("How freely the model may change what lies between, if it is an audio-flow.")
    )
    label: str = Field("", description=CLASS)


class TransferSettings(Settings):
    """What a person can choose; see the descriptions."""

    distance: float = Field(
        0.3, ge=0, le=1, description=later("How freely the model may change the sound, if it is an audio-flow.")
    )
    count: int = Field(1, ge=1, le=64, description=later("How many sounds."))
    label: str = Field("", description=CLASS)


def vary(works: Works, settings: VarySettings, job: Job) -> Made:
    """Sounds near the given one; the distance is told beside that of the sound only rebuilt."""
    from bottega.editing.sounding.parts import sounding

    return _through(sounding(job, "vary"), works["sound"][0], settings, job)


def transfer(works: Works, settings: TransferSettings, job: Job) -> Made:
    """The course of a sound in the voice of a model that has learned from others."""
    from bottega.editing.sounding.parts import sounding

    model = sounding(job)
    if not can_vary(model) and settings.distance:
        job.say(_("This model has only one way to say a sound: the distance counts for an audio-flow."))
    return _through(model, works["sound"][0], settings, job)


def morph(works: Works, settings: MorphSettings, job: Job) -> Made:
    """The way from one sound to another: along the frames of both, moment for moment."""
    import torch

    from bottega.editing.sounding.parts import back, class_of, sounding
    from bottega.media.audio import Sound

    model, (first, last) = sounding(job), works["sound"]
    objective: Any = model.objective
    a, b = model.encode(first), model.encode(last)
    shares = torch.linspace(0, 1, settings.steps)
    count = [round((1 - s) * a.shape[2] + s * b.shape[2]) for s in shares.tolist()]
    if settings.form == "glide":
        shares, count = None, [max(a.shape[2], b.shape[2])]
    levels = [_level(model.decode(z)) for z in (a, b)] if shares is not None else []
    channels = max(first.channels, last.channels)
    like = first if first.channels == channels else Sound(last.samples, first.rate)
    made: list[Sound] = []
    facts: dict[str, float | int | str] = {}
    for number, frames in enumerate(count):
        share = torch.linspace(0, 1, frames) if shares is None else shares[number].expand(frames)
        z = between(stretched(a, frames), stretched(b, frames), share.to(a))
        ends = shares is not None and number in (0, len(count) - 1)
        if can_vary(model) and settings.distance and not ends:
            label = class_of(model, settings.label, 1, job.seed)
            z = objective.vary(z, settings.distance, job.random("morph"), label=label)
        sound = model.decode(z)
        if shares is not None and not ends:
            sound = Sound(sound.samples * _lift(sound, levels, float(shares[number])), sound.rate)
        made.append(Sound(back(sound, like, round(sound.seconds * first.rate)), first.rate))
        job.show((number + 1) / len(count))
    if settings.form == "steps":
        facts = {"first rebuilt": _apart(model, first, made[0]), "last rebuilt": _apart(model, last, made[-1])}
    return Made(made, facts)


def _level(sound: "Sound") -> float:
    """The root mean square of a sound, above 0."""
    return max(1e-6, float((sound.samples.astype("float64") ** 2).mean()) ** 0.5)


def _lift(sound: "Sound", levels: list[float], share: float) -> float:
    """How many times louder a sound on the way between two of these levels has to be: halfway between a tone and a rest
    lies nearly a rest. Never so loud that it would be clipped."""
    wanted = levels[0] ** (1 - share) * levels[1] ** share / _level(sound)
    peak = max(1e-6, float(abs(sound.samples).max(initial=0)))
    return min(max(1 / LIFT, wanted), LIFT, max(1.0, 1 / peak))


def _through(model: "SoundModel", sound: "Sound", settings: VarySettings | TransferSettings, job: Job) -> Made:
    """The sound taken apart into frames, which the model may change as far as it is told, and put together again."""
    import torch

    from bottega.editing.sounding.parts import back, class_of, controls
    from bottega.media.audio import Sound

    objective: Any = model.objective
    z, count = model.encode(sound), settings.count if can_vary(model) else 1
    rebuilt = Sound(back(model.decode(z), sound, len(sound)), sound.rate)
    several = z.expand(count, -1, -1).contiguous()
    if can_vary(model) and settings.distance:
        label = class_of(model, settings.label, count, job.seed)
        random, told = job.random("vary"), {"tell": lambda share: job.show(0.9 * share)}
        with torch.inference_mode():
            several = objective.vary(several, settings.distance, random, label=label, **controls(model), **told)
    made = [Sound(back(model.decode(one[None]), sound, len(sound)), sound.rate) for one in several]
    reached = sum(_apart(model, sound, one) for one in made) / len(made)
    return Made(made, {"distance": round(reached, 4), "only rebuilt": _apart(model, sound, rebuilt)})


def can_vary(model: "SoundModel") -> bool:
    """Whether it knows sounds near a given one."""
    from bottega.objectives.frame_flow import FrameFlow

    return isinstance(model.objective, FrameFlow)


def stretched(z: "Tensor", frames: int) -> "Tensor":
    """Frames ``(1, L, T)`` over another time, ``(1, L, frames)``."""
    import torch.nn.functional as F

    return z if z.shape[2] == frames else F.interpolate(z, size=frames, mode="linear", align_corners=True)


def between(a: "Tensor", b: "Tensor", share: "Tensor") -> "Tensor":
    """Frames between two ``(1, L, T)``, ``share`` (T,) of the way. Halfway between two vectors lies nearer to the mean
    sound than either: each frame is given back the size it ought to have."""
    import torch

    z = torch.lerp(a, b, share)
    size = torch.lerp(a.norm(dim=1, keepdim=True), b.norm(dim=1, keepdim=True), share)
    return z * size / z.norm(dim=1, keepdim=True).clamp(min=1e-6)


def _apart(model: "SoundModel", one: "Sound", other: "Sound") -> float:
    """The multi-resolution STFT distance of what two sounds have in common in time, as the model hears them."""
    import torch

    from bottega.evaluation.sounds.distances import stft_distance
    from bottega.media.audio import Sound, in_channels, resampled

    rate = model.waveform.rate
    heard = [resampled(Sound(in_channels(s.samples, 1), s.rate), rate).samples for s in (one, other)]
    count = min(part.shape[1] for part in heard)
    return round(stft_distance(*(torch.from_numpy(part[:, :count]) for part in heard)).total, 4)


VARY = Operation(
    name="vary",
    title=later("A sound again, as near or as far as you wish"),
    inputs=(SOUND,),
    settings=VarySettings,
    run=vary,
    model="required",
    examples=((later("Four sounds not far from this one"), "vary a.wav --model my-sounds --distance 0.3 --count 4"),),
)

MORPH = Operation(
    name="morph",
    title=later("From one sound to another in small steps"),
    inputs=(Input("sound", later("Two sounds."), least=2, most=2, kind="sound"),),
    settings=MorphSettings,
    run=morph,
    model="required",
    examples=(
        (later("Seven sounds on the way from one to another"), "morph a.wav b.wav --model my-sounds --steps 7"),
        (later("One sound that turns into another"), "morph a.wav b.wav --model my-sounds --form glide"),
    ),
)

TRANSFER = Operation(
    name="transfer",
    title=later("The course of a sound in the voice of a model"),
    inputs=(SOUND,),
    settings=TransferSettings,
    run=transfer,
    model="required",
    examples=((later("Your voice through a model of bells"), "transfer voice.wav --model my-bells"),),
)
