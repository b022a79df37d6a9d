"""Outlines in a unit square (x to the right, y down): closed curves as float arrays ``(N, 2)``."""

import math
from collections.abc import Sequence
from functools import cache

import numpy as np

Points = np.ndarray


def polygon(*corners: Sequence[float]) -> Points:
    return np.array(corners, dtype=np.float64)


def rectangle(left: float, top: float, right: float, bottom: float) -> Points:
    return polygon((left, top), (right, top), (right, bottom), (left, bottom))


def ellipse(x: float, y: float, rx: float, ry: float | None = None, n: int = 32) -> Points:
    return _circle(n) * (rx, rx if ry is None else ry) + (x, y)


@cache
def _circle(n: int) -> Points:
    turn = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return np.stack([np.cos(turn), np.sin(turn)], 1)


def scallop(x: float, y: float, radius: float, lobes: int, depth: float, turn: float = 0.0) -> Points:
    """A round outline of bulging lobes: a peony's ring, a cloud, a cog."""
    angle = np.linspace(0, 2 * np.pi, 8 * lobes, endpoint=False)
    r = radius * (1 - depth + depth * np.abs(np.sin(lobes / 2 * angle)))
    return np.stack([x + r * np.cos(angle + turn), y + r * np.sin(angle + turn)], 1)


def star(x: float, y: float, radius: float, points: int, inner: float = 0.5, turn: float = -np.pi / 2) -> Points:
    angle = turn + np.arange(2 * points) * np.pi / points
    r = np.where(np.arange(2 * points) % 2 == 0, radius, radius * inner)
    return np.stack([x + r * np.cos(angle), y + r * np.sin(angle)], 1)


def leaf(length: float, width: float, belly: float = 1.0, bluntness: float = 1.0, bend: float = 0.0) -> Points:
    """A leaf or petal from the origin along +x; ``belly`` > 1 carries the widest place towards the tip."""
    t = np.linspace(0, 1, 15)
    half = width / 2 * np.sin(np.pi * t**belly).clip(0) ** bluntness
    spine = bend * length * np.sin(np.pi * t)
    x = np.concatenate([t, t[-2:0:-1]]) * length
    return np.stack([x, np.concatenate([spine + half, (spine - half)[-2:0:-1]])], 1)


def smooth(points: Points | Sequence[Sequence[float]], per: int = 6) -> Points:
    """A closed Catmull-Rom curve through the points."""
    p = np.asarray(points, dtype=np.float64)
    basis = _basis(per)  # (per, 4)
    n = np.arange(len(p))
    around = p[[n - 1, n, (n + 1) % len(p), (n + 2) % len(p)]]  # (4, N, 2)
    return np.einsum("pk,knd->npd", basis, around).reshape(-1, 2)


def curve(points: Points | Sequence[Sequence[float]], per: int = 8) -> Points:
    """An open Catmull-Rom curve through the points."""
    p = np.asarray(points, dtype=np.float64)
    p = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    around = np.stack([p[:-3], p[1:-2], p[2:-1], p[3:]])
    return np.concatenate([np.einsum("pk,knd->npd", _basis(per), around).reshape(-1, 2), p[-2:-1]])


@cache
def _basis(per: int) -> np.ndarray:
    t = np.arange(per)[:, None] / per
    return np.concatenate([-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2], 1) / 2


def stroke(path: Points, widths: float | Sequence[float]) -> Points:
    """The outline of a brush stroke along an open path; ``widths`` are spread evenly from its start to its end."""
    along = np.gradient(path, axis=0)
    along /= np.maximum(np.hypot(along[:, :1], along[:, 1:]), 1e-9)
    across = np.stack([-along[:, 1], along[:, 0]], 1)
    w = np.atleast_1d(np.asarray(widths, dtype=np.float64))
    half = np.interp(np.linspace(0, 1, len(path)), np.linspace(0, 1, len(w)), w)[:, None] / 2
    return np.concatenate([path + across * half, (path - across * half)[::-1]])


def move(
    points: Points, x: float = 0.0, y: float = 0.0, scale: float = 1.0, turn: float = 0.0, flip: bool = False
) -> Points:
    """Mirror left to right, turn by radians, scale, then carry the origin to (x, y)."""
    side = -1.0 if flip else 1.0
    c, s = math.cos(turn) * scale, math.sin(turn) * scale
    return points @ np.array([[side * c, side * s], [-s, c]]) + (x, y)


def mirror(points: Points, x: float = 0.5) -> Points:
    """The same outline on the other side of a vertical axis."""
    return points * (-1.0, 1.0) + (2 * x, 0.0)


def dense(outline: Points, longest: float = 0.035) -> Points:
    """The same outline with no edge longer than ``longest``, so that a trembling hand shows on straight edges too."""
    ahead = np.concatenate([outline[1:], outline[:1]]) - outline
    pieces = np.maximum(np.ceil(np.hypot(ahead[:, 0], ahead[:, 1]) / longest).astype(int), 1)
    if (pieces == 1).all():
        return outline
    start = np.repeat(np.arange(len(outline)), pieces)
    step = np.arange(len(start)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    return outline[start] + ahead[start] * (step / pieces[start])[:, None]
