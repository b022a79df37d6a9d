"""Where to change a picture: a mask, a rectangle written as text, or the transparency of the picture itself."""

import re
from typing import Any

import numpy as np
from PIL import Image

from bottega.editing.operation import Job, Works
from bottega.errors import UsageError
from bottega.language import _

WHITE = 127  # from here on a mask means: change


def hole(works: Works, settings: Any, job: Job) -> np.ndarray:
    """What a person marked, by the mask, by ``settings.area``, by both, or else by transparency.

    Args:
        works: ``picture`` uint8 ``(H, W, 3|4)``, and ``mask`` uint8 ``(h, w)``, none or one.
        settings: with the field ``area``.
        job: told when the mask was fitted.

    Returns:
        bool ``(H, W)``, True where to change; neither empty nor everything.

    Raises:
        UsageError: nothing is marked, or everything.
    """
    picture = works["picture"][0]
    size = picture.shape[:2]
    marked = np.zeros(size, bool)
    masks = works.get("mask", [])
    for mask in masks:
        marked |= fitted(mask, size, job) > WHITE
    if settings.area:
        marked |= rectangle(settings.area, size)
    if not masks and not settings.area:
        if picture.shape[2] == 3 or picture[..., 3].all():
            raise UsageError(_("Say what to change: paint it (--mask), say where (--area X,Y,WxH) or make it clear."))
        marked = picture[..., 3] < 255
    if not marked.any():
        raise UsageError(_("The mask marks nothing: paint white what is to be changed."))
    if marked.all():
        raise UsageError(_("The mask marks the whole picture: leave something to take the rest from."))
    return marked


def fitted(mask: np.ndarray, size: tuple[int, int], job: Job) -> np.ndarray:
    """A mask uint8 ``(h, w)`` at the size of the picture ``(H, W)``; that it was stretched is said."""
    if mask.shape == size:
        return mask
    said = _("The mask is {mask} and the picture {picture} pixels: the mask was stretched.")
    job.say(said.format(mask=f"{mask.shape[1]}×{mask.shape[0]}", picture=f"{size[1]}×{size[0]}"))
    return np.array(Image.fromarray(mask).resize((size[1], size[0]), Image.Resampling.BILINEAR))


def rectangle(area: str, size: tuple[int, int]) -> np.ndarray:
    """``"X,Y,WxH"`` as bool ``(H, W)``; what lies beyond the picture is left out.

    Raises:
        UsageError: it is written otherwise, or lies outside.
    """
    found = re.fullmatch(r"\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*[x×]\s*(\d+)\s*", area)
    if not found:
        message = _("An area is written X,Y,WxH in pixels from the top left, such as 40,60,120x80, not {area}.")
        raise UsageError(message.format(area=area))
    x, y, width, height = map(int, found.groups())
    marked = np.zeros(size, bool)
    marked[y : y + height, x : x + width] = True
    if not marked.any():
        message = _("The area {area} marks nothing of the picture, which is {width}×{height} pixels.")
        raise UsageError(message.format(area=area, width=size[1], height=size[0]))
    return marked


def size_of(text: str) -> tuple[int, int]:
    """``"WxH"`` as ``(H, W)``. Raises UsageError when it is written otherwise."""
    found = re.fullmatch(r"\s*([1-9]\d{0,5})\s*[x×]\s*([1-9]\d{0,5})\s*", text)
    if not found:
        raise UsageError(_("A size is written WxH in pixels, such as 640x480, not {size}.").format(size=text))
    return int(found[2]), int(found[1])
