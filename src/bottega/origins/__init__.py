"""Where a work comes from: its record told as a person reads it, and the work made again from it."""

from typing import TYPE_CHECKING, Any

from bottega.origins.telling import names, origin, told

if TYPE_CHECKING:
    from bottega.origins.remaking import Remade, remake

__all__ = ["Remade", "names", "origin", "remake", "told"]


def __getattr__(name: str) -> Any:
    """What makes works again is loaded when first asked for: it brings torch along."""
    if name in ("Remade", "remake"):
        from bottega.origins import remaking

        return getattr(remaking, name)
    raise AttributeError(name)
