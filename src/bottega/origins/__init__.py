"""Where a work comes from: its record told as a person reads it, and the work made again from it."""

from bottega.origins.remaking import Remade, remake
from bottega.origins.telling import names, origin, told

__all__ = ["Remade", "names", "origin", "remake", "told"]
