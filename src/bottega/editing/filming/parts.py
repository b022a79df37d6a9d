"""What a model of films puts where frames are missing, and how it is joined to the frames that a person gave."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bottega.editing.operation import Job
from bottega.errors import UsageError
from bottega.language import _

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from bottega.media.video import Film
    from bottega.models.films import FilmModel

WINDOWS = 2
"""Of what the model learned from, so many are seen on each side of a hole."""
FADE = 0.4
"""Seconds over which the detail that the codec lost fades away after the last frame that is known."""


def filming(job: Job, both_sides: bool = False) -> "FilmModel":
    """The model of an operation, ready.

    Args:
        both_sides: whether it has to know what comes after, too.

    Raises:
        UsageError: it is no model of films, or cannot.
    """
    from bottega.models.films import FilmModel
    from bottega.objectives.frame_flow import FrameFlow

    model = job.model
    if not isinstance(model, FilmModel):
        raise UsageError(_("This needs a model of films: train one with --recipe video-flow."))
    if not carries_on(model):
        raise UsageError(_("This model cannot go on from a film: train one with --recipe video-flow."))
    if both_sides and not isinstance(model.objective, FrameFlow):
        raise UsageError(_("This model only goes forwards: what lies between needs one trained with video-flow."))
    model.objective.eval().requires_grad_(False)
    return model


def carries_on(model: "FilmModel") -> bool:
    """Whether it can go on from a film: its objective does not only inherit ``complete``, which then refuses."""
    from bottega.objectives.base import Objective

    return type(model.objective).complete is not Objective.complete


def fitted(model: "FilmModel", film: "Film", job: Job) -> "Film":
    """A film at the model's size and rate, with its sound; what changes is told to the person."""
    small = replace(model.fitted(film), sound=film.sound)
    if film.size != small.size or film.rate != small.rate:
        message = _("The film is brought to what the model knows: {width}×{height} pixels, {rate:.3g} frames a second.")
        job.say(message.format(width=small.size[1], height=small.size[0], rate=float(small.rate)))
    return small


def frames_of(model: "FilmModel", seconds: float) -> int:
    """So many seconds in frames of the model, at least one."""
    return max(1, round(seconds * model.rate))


def filled(
    model: "FilmModel", before: "np.ndarray", after: "np.ndarray", hole: int, asked: dict[str, Any], job: Job
) -> "list[np.ndarray]":
    """What the model puts into a hole, ``asked["count"]`` times uint8 ``(hole, H, W, C)``, led over from both sides.

    Args:
        before, after: the known frames around it, uint8 ``(T, H, W, C)`` of the model's size; ``after`` may be empty.
        asked: ``count``, ``temperature``, ``label``.
    """
    import numpy as np
    import torch

    length = getattr(model.objective, "length", model.clip.shape[1])
    before, after = before[-WINDOWS * length :], after[: WINDOWS * length]
    known = np.concatenate([before, np.repeat(before[-1:], hole, 0), after])
    inside = slice(len(before), len(before) + hole)
    objective: Any = model.objective
    count, temperature = asked["count"], asked.get("temperature")
    controls = {**model.recipe.controls, **({} if temperature is None else {"temperature": temperature})}
    label = model.labels(count, job.seed, asked["label"]) if asked.get("label") else None
    x = _seen(model, known)
    x = x.expand(count, *x.shape[1:]).contiguous()
    mask = torch.ones(count, 1, len(known), dtype=torch.bool, device=x.device)
    mask[..., inside] = False
    if len(after) and hole > length // 2:
        controls["loop"] = True  # all windows of a long hole at once: none goes its way before it knows where to
    with torch.inference_mode():
        x = objective.complete(x, mask, label, job.random("film"), tell=lambda share: job.show(0.9 * share), **controls)
        films = [_drawn(model, one[None]) for one in x]
    return [joined(film, known, inside, bool(len(after)), float(model.rate)) for film in films]


def _seen(model: "FilmModel", frames: "np.ndarray") -> "Tensor":
    """Frames uint8 ``(T, H, W, C)`` as the objective takes them, ``(1, L, T)`` or ``(1, C, T, H, W)``."""
    from bottega.media.video import Film

    film = Film(frames, model.rate)
    return model.encode(film) if model.codec else model.tensor(film)


def _drawn(model: "FilmModel", made: "Tensor") -> "np.ndarray":
    """Frames uint8 ``(T, H, W, C)`` of what the objective made."""
    return model.decode(made).frames if model.codec else model.clip.decode(made)[0].cpu().numpy()


def joined(drawn: "np.ndarray", known: "np.ndarray", hole: slice, closed: bool, rate: float) -> "np.ndarray":
    """The frames of a hole as they were drawn; the detail that the frames beside it lose when they are drawn fades in
    and out, so that nothing jumps.

    Args:
        drawn, known: uint8 ``(T, H, W, C)``: all frames as the model draws them, and as they are outside of the hole.
        closed: whether known frames come after it.
    """
    import numpy as np

    made = drawn[hole].astype(np.float32)
    far = np.arange(1, len(made) + 1, dtype=np.float32)[:, None, None, None] / (1 + FADE * rate)
    for place, distance in ((hole.start - 1, far), (hole.stop, far[::-1]))[: 2 if closed else 1]:
        lost = known[place].astype(np.float32) - drawn[place]
        made += np.clip(1 - distance, 0, None) * lost
    return np.clip(np.rint(made), 0, 255).astype(np.uint8)
