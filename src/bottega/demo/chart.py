"""Loss curves as inline SVG, coloured by the page's own variables so that they follow light and dark."""

import math
from collections.abc import Sequence
from html import escape
from itertools import pairwise

import numpy as np

WIDTH, HEIGHT = 360, 190
LEFT, RIGHT, TOP, BOTTOM = 48, 12, 34, 26
MOST_POINTS = 240


def curve(name: str, points: Sequence[tuple[float, float]]) -> str:
    """One small chart: the values as they came, faint, and their running mean over it.

    Args:
        name: written above it.
        points: (step, value), at least two, finite.
    """
    at = np.array(points, dtype=np.float64)
    if len(at) > MOST_POINTS:  # a line on a screen shows no more than that
        edges = np.linspace(0, len(at), MOST_POINTS + 1).astype(int)
        at = np.stack([at[a:b].mean(0) for a, b in pairwise(edges)])
    even = _running_mean(at[:, 1], max(1, len(at) // 12))
    low, high = _range(at[:, 1], even)
    first, last = at[0, 0], max(at[-1, 0], at[0, 0] + 1)

    def path(values: np.ndarray) -> str:
        x = LEFT + (at[:, 0] - first) / (last - first) * (WIDTH - LEFT - RIGHT)
        y = TOP + (high - values.clip(low, high)) / (high - low) * (HEIGHT - TOP - BOTTOM)
        return "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True))

    lines = []
    for tick in _ticks(low, high):
        y = TOP + (high - tick) / (high - low) * (HEIGHT - TOP - BOTTOM)
        lines.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{LEFT - 7}" y="{y + 3.5:.1f}" text-anchor="end">{tick:.3g}</text>'
        )
    ends = f"{even[0]:.3g} → {even[-1]:.3g}"
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(name)}: {ends}">'
        f'<text class="name" x="{LEFT}" y="18">{escape(name)}</text>'
        f'<text x="{WIDTH - RIGHT}" y="18" text-anchor="end">{ends}</text>{"".join(lines)}'
        f'<path class="raw" d="{path(at[:, 1])}"/><path class="even" d="{path(even)}"/>'
        f'<text x="{LEFT}" y="{HEIGHT - 8}">{first:,.0f}</text>'
        f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 8}" text-anchor="end">{at[-1, 0]:,.0f}</text></svg>'
    )


def _running_mean(values: np.ndarray, window: int) -> np.ndarray:
    """Mean over ``window`` values around each; at the ends over those there are."""
    total = np.concatenate([[0.0], values.cumsum()])
    i = np.arange(len(values))
    low, high = np.maximum(i - window // 2, 0), np.minimum(i + window // 2 + 1, len(values))
    return (total[high] - total[low]) / (high - low)


def _range(values: np.ndarray, even: np.ndarray) -> tuple[float, float]:
    """From the lowest to the highest worth showing: one early spike must not flatten everything after it."""
    low, high = (
        min(np.quantile(values, 0.01), even.min()),
        max(np.quantile(values, 0.97), even[len(even) // 20 :].max()),
    )
    room = max((high - low) * 0.08, abs(high) * 1e-3, 1e-6)
    return float(low - room), float(high + room)


def _ticks(low: float, high: float) -> list[float]:
    """Three to five round numbers in the range."""
    rough = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * k for k in (1, 2, 2.5, 5, 10) if power * k >= rough)
    return [k * step + 0.0 for k in range(math.ceil(low / step), math.floor(high / step) + 1)]
