"""Operations on works, found by medium and name; several media may have one of the same name."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bottega.errors import UsageError
from bottega.language import _
from bottega.parts import nearest

if TYPE_CHECKING:
    from bottega.editing.operation import Operation

OPERATIONS: dict[str, dict[str, str]] = {
    "image": {
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
        "walk": "bottega.editing.trained.walk:WALK",
        "mix": "bottega.editing.trained.latent:MIX",
        "variations": "bottega.editing.trained.latent:VARIATIONS",
        "colorize": "bottega.editing.trained.restore:COLORIZE",
        "denoise": "bottega.editing.trained.restore:DENOISE",
        "animate": "bottega.editing.weaving.animate:ANIMATE",
    },
    "audio": {
        "repair": "bottega.editing.repairing.repair:REPAIR",
        "stretch": "bottega.editing.repairing.change:STRETCH",
        "pitch": "bottega.editing.repairing.change:PITCH",
        "continue": "bottega.editing.sounding.carry_on:CONTINUE",
        "inpaint": "bottega.editing.sounding.carry_on:INPAINT",
        "vary": "bottega.editing.sounding.change:VARY",
        "morph": "bottega.editing.sounding.change:MORPH",
        "transfer": "bottega.editing.sounding.change:TRANSFER",
    },
    "score": {
        "continue": "bottega.editing.scoring.carry_on:CONTINUE",
        "infill": "bottega.editing.scoring.carry_on:INFILL",
        "harmonize": "bottega.editing.scoring.harmonize:HARMONIZE",
        "re-mood": "bottega.editing.scoring.harmonize:RE_MOOD",
    },
    "text": {
        "continue": "bottega.editing.writing.carry_on:CONTINUE",
        "infill": "bottega.editing.writing.carry_on:INFILL",
        "rewrite": "bottega.editing.writing.rewrite:REWRITE",
        "translate": "bottega.editing.writing.rewrite:TRANSLATE",
        "morph": "bottega.editing.writing.morph:MORPH",
    },
    "video": {
        "texture": "bottega.editing.weaving.texture:TEXTURE",
        "vary": "bottega.editing.weaving.vary:VARY",
        "retarget": "bottega.editing.weaving.retarget:RETARGET",
        "inpaint": "bottega.editing.weaving.inpaint:INPAINT",
        "stylize": "bottega.editing.moving.stylize:STYLIZE",
        "interpolate": "bottega.editing.moving.pace:INTERPOLATE",
        "slow": "bottega.editing.moving.pace:SLOW",
        "upscale": "bottega.editing.moving.upscale:UPSCALE",
        "continue": "bottega.editing.filming.carry_on:CONTINUE",
        "infill": "bottega.editing.filming.carry_on:INFILL",
        "loop": "bottega.editing.filming.carry_on:LOOP",
    },
}
"""Medium, name and place, in the order in which people are shown them."""


def names() -> list[str]:
    """Every name, once."""
    return list(dict.fromkeys(name for operations in OPERATIONS.values() for name in operations))


def media(name: str) -> list[str]:
    """The media that have an operation of that name. Raises UsageError when there are none."""
    found = [medium for medium, operations in OPERATIONS.items() if name in operations]
    if not found:
        message = _("There is no operation “{name}”; there are: {names}.").format(name=name, names=", ".join(names()))
        raise UsageError(message + nearest(name, names()))
    return found


def find(name: str, medium: str | None = None) -> "Operation":
    """The operation of that name, of a medium or of the first that has it. Raises UsageError for an unknown one."""
    from importlib import import_module

    module, attribute = OPERATIONS[medium or media(name)[0]][name].split(":")
    return getattr(import_module(module), attribute)


def meant(name: str, works: Sequence[str | Path], of_model: str | None) -> "Operation":
    """The operation that a person means by a name: of the first work's medium, or of the model's.

    Args:
        of_model: the medium of the model, when one is given.

    Raises:
        UsageError: an unknown name, works of a medium that has no such operation, or a work without a name or words.
    """
    from bottega.media import kinds

    found = media(name)
    if not all(str(work).strip() for work in works):
        raise UsageError(_("One of the works given is empty: name a file, or write the words themselves."))
    of_work = kinds.medium_of_file(Path(works[0])) if works else None
    medium = of_work or of_model or ("text" if works and not os.path.exists(works[0]) else None)
    if len(found) == 1 or medium is None:
        return find(name, found[0])
    if medium not in found:
        message = _("“{operation}” is there for: {media}; {work} is none of them.")
        raise UsageError(message.format(operation=name, media=", ".join(map(_, found)), work=works[0]))
    return find(name, medium)
