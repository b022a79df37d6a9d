"""Pictures as a model knows them, its size and its channels, and back."""

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from bottega.editing.pixels import with_channels
from bottega.errors import UsageError
from bottega.language import _
from bottega.media import image
from bottega.representations.pixels import Pixels

if TYPE_CHECKING:
    from bottega.editing.operation import Job
    from bottega.models import Model


def maker(job: "Job") -> "Model":
    """The model of the job, ready. Raises UsageError when it makes no works, and so has no latent space."""
    model = job.model
    if model is None or not model.objective.has_latent:
        raise UsageError(_("This needs a model that makes works: a flow, a GAN or a VAE."))
    model.objective.eval().requires_grad_(False)
    return model


def class_of(model: "Model", name: str) -> Tensor | None:
    """The class of that name, ``(1,)``; None when nothing is named, so that it is guessed. Raises UsageError."""
    if not name:
        return None
    return model.labels(1, 0, name).to(next(model.objective.parameters()).device)


def to_model(pictures: list[np.ndarray], job: "Job", how: image.Fit = "crop") -> Tensor:
    """Pictures at the model's size and with its channels, ``(B, C, H, W)`` in [-1, 1]; what changes is said."""
    model = maker(job)
    channels, height, width = model.shape
    if any(picture.shape[:2] != (height, width) for picture in pictures):
        message = _("The model knows works of {width}×{height} pixels: pictures of other sizes are brought to that.")
        job.say(message.format(width=width, height=height))
    fitted = [image.fit(with_channels(picture, channels), (height, width), how) for picture in pictures]
    device = next(model.objective.parameters()).device
    return Pixels(model.shape).encode(torch.from_numpy(np.stack(fitted))).to(device)


def from_model(values: Tensor) -> list[np.ndarray]:
    """Works ``(B, C, H, W)`` as uint8 pictures."""
    return list(Pixels(tuple(values.shape[1:])).decode(values.detach().cpu()).numpy())


def shaped_like(pictures: list[np.ndarray], like: np.ndarray) -> list[np.ndarray]:
    """Pictures with as many channels as ``like``; one that had transparency gets its own again, fitted."""
    if like.shape[2] == 3:
        return [with_channels(picture, 3) for picture in pictures]
    return [picture if picture.shape[2] == 4 else veiled(picture, like) for picture in pictures]


def veiled(picture: np.ndarray, like: np.ndarray) -> np.ndarray:
    """A picture ``(H, W, 3)`` on white, with the transparency of another taken out of it: ``(H, W, 4)``."""
    opacity = image.fit(like, picture.shape[:2], "crop")[..., 3:]
    colour = picture.astype(np.int32) - (255 - opacity.astype(np.int32))
    return np.concatenate([np.clip(colour, 0, opacity).astype(np.uint8), opacity], 2)


def likeness(made: Tensor, work: Tensor) -> tuple[float, float]:
    """How near two works ``(C, H, W)`` in [-1, 1] are: PSNR in dB (at most 99), and root mean square in [0, 1]."""
    error = (made.clamp(-1, 1) - work).square().mean().item() / 4
    return min(99.0, -10 * float(np.log10(max(error, 1e-10)))), error**0.5


def extended(x: Tensor, margin: tuple[int, int, int, int]) -> Tensor:
    """A picture ``(C, H, W)`` mirrored beyond its edges as often as needed: left, right, top, bottom."""
    rows, columns = x.shape[1:]
    down = torch.arange(-margin[2], rows + margin[3]).remainder(2 * rows)
    along = torch.arange(-margin[0], columns + margin[1]).remainder(2 * columns)
    down, along = torch.minimum(down, 2 * rows - 1 - down), torch.minimum(along, 2 * columns - 1 - along)
    return x[:, down][:, :, along]
