"""A hole filled by a trained model: what should be there at the model's size, then the picture's own detail."""

import numpy as np
import torch

from bottega.editing.operation import Job
from bottega.editing.patchwork import filling
from bottega.editing.pixels import to_picture, to_tensor
from bottega.editing.trained.fitting import class_of, from_model, maker, shaped_like, to_model
from bottega.language import _
from bottega.media import image
from bottega.objectives import latent

SURROUNDINGS = 0.5
"""What the model sees around a hole, as a share of the hole's longer side, at least."""
OWN_DETAIL = 1.5
"""From this enlargement on, the model's fill is too soft and gets detail from the picture's own patches."""


def fill(picture: np.ndarray, hole: np.ndarray, job: Job, label: str = "") -> np.ndarray:
    """A picture ``(H, W, 3|4)`` with its hole ``(H, W)`` filled; every other pixel stays as it is.

    ``label`` is the class it belongs to, guessed when empty.
    """
    if not hole.any():
        return picture.copy()
    model = maker(job)
    height, width = model.shape[1:]
    top, bottom, left, right = window(hole, height / width)
    part, missing = picture[top:bottom, left:right], hole[top:bottom, left:right]
    if part.shape[:2] != (height, width):
        message = _("The model knows works of {width}×{height} pixels: it draws the fill at that size.")
        job.say(message.format(width=width, height=height))
    drawn = draw(part, missing, job, label)
    scale = max(part.shape[0] / height, part.shape[1] / width)
    guess = picture.copy()
    guess[top:bottom, left:right][missing] = drawn[missing]
    if scale <= OWN_DETAIL or hole.all() or missing.all():
        return guess
    return filling.fill(
        picture,
        hole,
        job.random("detail"),
        detail=0.0,
        guess=guess,
        on_step=lambda share, made: job.show(0.6 + 0.4 * share, made),
    )


def draw(part: np.ndarray, missing: np.ndarray, job: Job, label: str) -> np.ndarray:
    """The part ``(h, w, 3|4)`` with what is missing drawn by the model, brought to its size and back."""
    model, size = maker(job), part.shape[:2]
    calm = to_picture(filling.membrane(to_tensor(part), torch.from_numpy(missing)))
    x = to_model([calm], Job(model=model), "stretch")
    holes = np.repeat(missing[..., None].astype(np.uint8) * 255, 3, 2)
    known = torch.from_numpy(image.fit(holes, tuple(model.shape[1:]), "stretch")[..., 0] < 32)
    preview = part[:: max(1, size[0] // 512), :: max(1, size[1] // 512)]
    made = model.objective.complete(
        latent.pixels(x, known[None, None].to(x)),
        class_of(model, label),
        job.random("fill"),
        tell=lambda share: job.show(0.6 * share, preview),
    ).clamp(-1, 1)
    # light and colour are brought to agree where the fill meets the picture
    joined = filling.blended((made[0].cpu() + 1) / 2, (x[0].cpu() + 1) / 2, ~known)
    pixels = from_model(joined[None] * 2 - 1)[0]
    return image.fit(shaped_like([pixels], image.fit(part, pixels.shape[:2], "stretch"))[0], size, "stretch")


def window(hole: np.ndarray, aspect: float) -> tuple[int, int, int, int]:
    """``(top, bottom, left, right)`` around a hole, of the aspect height / width where there is room."""
    height, width = hole.shape
    rows, columns = np.flatnonzero(hole.any(1)), np.flatnonzero(hole.any(0))
    high, wide = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    around = 2 * max(4, round(SURROUNDINGS * max(high, wide)))
    high, wide = high + around, wide + around
    high, wide = max(high, round(wide * aspect)), max(wide, round(high / aspect))
    if high > height or wide > width:  # no room for it: as much as there is, in the same aspect if the hole allows
        shrunk = min(height / high, width / wide)
        high = max(rows[-1] - rows[0] + 1, min(height, round(high * shrunk)))
        wide = max(columns[-1] - columns[0] + 1, min(width, round(wide * shrunk)))
    top = min(max(0, (rows[0] + rows[-1] + 1 - high) // 2), height - high)
    left = min(max(0, (columns[0] + columns[-1] + 1 - wide) // 2), width - wide)
    return int(top), int(top + high), int(left), int(left + wide)
