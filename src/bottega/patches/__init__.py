"""Pictures from patches of pictures, without training.

- ``synthesise(sources, size, random, …)``: a new picture or film from the patches of others, coarse to fine.
- ``Search``: how it searches (patch, first level, rounds, completeness); ``Guide``: channels that steer it.
- ``nearest_field(queries, keys, completeness)``: which row of ``keys`` is nearest to each row of ``queries``.
- ``in_proportion(size, scale)``: a size made larger or smaller.
- ``resize(x, size)``: ``(C, *old)`` to ``(C, *size)`` without aliasing.

Tensors are float32 ``(C, H, W)`` or ``(C, T, H, W)`` in [0, 1]; this room knows neither files nor uint8 pictures.
"""

from bottega.patches.fields import nearest_field
from bottega.patches.pyramid import in_proportion, resize
from bottega.patches.synthesis import Guide, Search, synthesise

__all__ = ["Guide", "Search", "in_proportion", "nearest_field", "resize", "synthesise"]
