"""Operations on works, found by name."""

from typing import TYPE_CHECKING

from bottega.errors import UsageError
from bottega.language import _
from bottega.parts import nearest

if TYPE_CHECKING:
    from bottega.editing.operation import Operation

OPERATIONS: dict[str, str] = {
    "vary": "bottega.editing.patchwork.vary:VARY",
    "retarget": "bottega.editing.patchwork.retarget:RETARGET",
    "tile": "bottega.editing.patchwork.retarget:TILE",
    "collage": "bottega.editing.patchwork.collage:COLLAGE",
    "analogy": "bottega.editing.patchwork.collage:ANALOGY",
    "inpaint": "bottega.editing.patchwork.inpaint:INPAINT",
    "extend": "bottega.editing.patchwork.inpaint:EXTEND",
    "upscale": "bottega.editing.patchwork.upscale:UPSCALE",
    "style": "bottega.editing.styling.style:STYLE",
    "dream": "bottega.editing.trained.dream:DREAM",
    "reconstruct": "bottega.editing.trained.latent:RECONSTRUCT",
    "interpolate": "bottega.editing.trained.latent:INTERPOLATE",
    "mix": "bottega.editing.trained.latent:MIX",
    "variations": "bottega.editing.trained.latent:VARIATIONS",
    "colorize": "bottega.editing.trained.restore:COLORIZE",
    "denoise": "bottega.editing.trained.restore:DENOISE",
    "continue": "bottega.editing.writing.carry_on:CONTINUE",
    "infill": "bottega.editing.writing.carry_on:INFILL",
    "rewrite": "bottega.editing.writing.rewrite:REWRITE",
    "translate": "bottega.editing.writing.rewrite:TRANSLATE",
    "morph": "bottega.editing.writing.morph:MORPH",
}
"""Name to place, in the order in which people are shown them."""


def find(name: str) -> "Operation":
    """The operation of that name. Raises UsageError for an unknown one."""
    if name not in OPERATIONS:
        message = _("There is no operation “{name}”; there are: {names}.")
        raise UsageError(message.format(name=name, names=", ".join(OPERATIONS)) + nearest(name, list(OPERATIONS)))
    from importlib import import_module

    module, attribute = OPERATIONS[name].split(":")
    return getattr(import_module(module), attribute)
