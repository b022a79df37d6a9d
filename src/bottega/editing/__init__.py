"""Operations on works, found by name."""

from typing import TYPE_CHECKING

from bottega.errors import UsageError
from bottega.language import _
from bottega.parts import nearest

if TYPE_CHECKING:
    from bottega.editing.operation import Operation

OPERATIONS: dict[str, str] = {
    "vary": "bottega.editing.vary:VARY",
    "retarget": "bottega.editing.retarget:RETARGET",
    "tile": "bottega.editing.retarget:TILE",
    "collage": "bottega.editing.collage:COLLAGE",
    "analogy": "bottega.editing.collage:ANALOGY",
    "inpaint": "bottega.editing.inpaint:INPAINT",
    "extend": "bottega.editing.inpaint:EXTEND",
    "upscale": "bottega.editing.upscale:UPSCALE",
    "style": "bottega.editing.style:STYLE",
    "dream": "bottega.editing.dream:DREAM",
    "reconstruct": "bottega.editing.latent:RECONSTRUCT",
    "interpolate": "bottega.editing.latent:INTERPOLATE",
    "mix": "bottega.editing.latent:MIX",
    "variations": "bottega.editing.latent:VARIATIONS",
    "colorize": "bottega.editing.restore:COLORIZE",
    "denoise": "bottega.editing.restore:DENOISE",
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
