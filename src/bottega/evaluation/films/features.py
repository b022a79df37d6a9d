"""What films are measured by: fixed numbers that tell how a clip looks and how it moves, with no weights from anywhere.

Four groups of numbers for each clip, whatever its length:

- ``look``: the scattering features of its pictures (``bottega.evaluation.features``), mean over the clip;
- ``texture in time``: how strongly a pyramid of fixed random three-dimensional filters responds, and how much that
  changes from frame to frame; half of the filters see only what changes;
- ``motion``: how fast and which way its parts move, how abruptly that changes, and how much of what changes is motion,
  by dense optical flow (Kroeger et al. 2016, DIS);
- ``rhythm``: how much it changes over one, two, four and eight frames, and the temporal spectrum of its pixels.

The usual Fréchet video distance hardly sees motion (Ge et al. 2024, arXiv:2404.12391); of these groups three see little
else.
"""

from functools import cache
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from bottega.evaluation.features import fixed_features, to_rgb
from bottega.randomness import Random

SIDE = 64  # pixels of a frame as it is seen
LOOKS = 4  # pictures of a clip of which the look is taken
FILTERS, REACH = 16, (3, 5, 5)  # of each level of the pyramid: how many, and frames, rows and columns that each sees
LEVELS = 3
SOFTEN = 0.02  # log(1 + response / soften): below it, noise; above it, contrast
SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)  # pixels a frame between which speeds are told apart
WAYS = 8  # directions
SLOW = 0.05  # pixels a frame: what is slower stands still
LAGS = (1, 2, 4, 8)  # frames
WAVES = 8  # bands of the temporal spectrum
SMALL = 16  # pixels of a frame of which the spectrum is taken
FAINT = 1e-4  # of variance and power: what is less is stillness
CHUNK = 8  # clips at a time

GROUPS = ("look", "texture", "motion", "rhythm")


def features(clips: np.ndarray) -> np.ndarray:
    """The numbers of clips.

    Args:
        clips: uint8 ``(N, T, H, W, 1|3|4)``, N at least 1, T at least 2.

    Returns:
        float32 ``(N, D)``; which of them belong to which group is told by ``slices``.
    """
    if clips.shape[1] < 2:
        raise ValueError("motion is told from two frames at least")
    parts = []
    for start in range(0, len(clips), CHUNK):
        some = clips[start : start + CHUNK]
        seen = frames_of(some)  # (B, 3, T, S, S)
        with torch.inference_mode():
            groups = (look(some), texture(seen), motion(seen), rhythm(seen))
        parts.append(np.concatenate([np.asarray(group, np.float32) for group in groups], 1))
    return np.concatenate(parts)


@cache
def slices() -> dict[str, slice]:
    """Where the numbers of each group stand."""
    clip = np.zeros((1, 2, SIDE, SIDE, 3), np.uint8)
    seen = frames_of(clip)
    ends = np.cumsum([0, *(group.shape[1] for group in (look(clip), texture(seen), motion(seen), rhythm(seen)))])
    return {name: slice(int(a), int(b)) for name, a, b in zip(GROUPS, ends[:-1], ends[1:], strict=True)}


def frames_of(clips: np.ndarray) -> Tensor:
    """uint8 ``(B, T, H, W, C)`` -> float ``(B, 3, T, 64, 64)`` in [0, 1]: luminance and two opponent colours."""
    count, frames = clips.shape[:2]
    x = to_rgb(clips.reshape(count * frames, *clips.shape[2:]))
    if x.shape[-2:] != (SIDE, SIDE):
        x = F.interpolate(x, (SIDE, SIDE), mode="bilinear", antialias=True)
    red, green, blue = x.unbind(1)
    grey = 0.299 * red + 0.587 * green + 0.114 * blue
    x = torch.stack([grey, (red - green) / 2, (red + green - 2 * blue) / 4], 1)
    return x.reshape(count, frames, 3, SIDE, SIDE).transpose(1, 2).contiguous()


# --- look ---------------------------------------------------------------------------------------------------------


def look(clips: np.ndarray) -> np.ndarray:
    """The mean look of some pictures of each clip: ``(B, 128)``."""
    at = np.linspace(0, clips.shape[1] - 1, min(LOOKS, clips.shape[1])).round().astype(int)
    some = clips[:, at]
    told = fixed_features(32)(some.reshape(-1, *clips.shape[2:]))
    return told.reshape(len(clips), len(at), -1).mean(1)


# --- texture in time ----------------------------------------------------------------------------------------------


@cache
def filters() -> Tensor:
    """Orthonormal random filters ``(F, 3, 3, 5, 5)``; none sees an even surface, the second half nothing that stays."""
    raw = Random("filters of films").normal(FILTERS, 3, *REACH).double()
    raw[:, 1:] *= 0.7  # colour tells less than light
    raw -= raw.mean((3, 4), keepdim=True)
    raw[FILTERS // 2 :] -= raw[FILTERS // 2 :].mean(2, keepdim=True)
    raw[: FILTERS // 2] = raw[: FILTERS // 2].mean(2, keepdim=True)
    return (raw / raw.flatten(1).norm(dim=1)[:, None, None, None, None]).float()


def texture(x: Tensor) -> Tensor:
    """Mean response of each filter and how much it changes, by level: ``(B, 2 · levels · F)``."""
    told = []
    for level in range(LEVELS):
        if level:
            x = F.avg_pool3d(x, (1, 2, 2))
        response = F.conv3d(F.pad(x, (2, 2, 2, 2, 1, 1), mode="replicate"), filters()).abs()  # (B, F, T, h, w)
        over_time = response.mean((3, 4))  # (B, F, T)
        change = (response[:, :, 1:] - response[:, :, :-1]).abs().mean((2, 3, 4))
        told += [_log(over_time.mean(2), SOFTEN), _log(change, SOFTEN)]
    return torch.cat(told, 1)


# --- motion -------------------------------------------------------------------------------------------------------


def motion(x: Tensor) -> np.ndarray:
    """Shares of speeds, of directions, of changes of both, and how smooth all that is: ``(B, 26)``."""
    grey = (x[:, 0] * 255).round().clamp(0, 255).to(torch.uint8).numpy()
    return np.stack([_moves(clip, flows(clip)) for clip in grey])


def flows(grey: np.ndarray) -> np.ndarray:
    """Where everything in a frame uint8 ``(T, H, W)`` is in the next one: float32 ``(T - 1, H, W, 2)`` in pixels."""
    import cv2

    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    return np.stack([flow.calc(one, other, None) for one, other in pairwise(grey)])


def _moves(grey: np.ndarray, flow: np.ndarray) -> np.ndarray:
    speed = np.hypot(flow[..., 0], flow[..., 1])  # (T - 1, H, W)
    angle = np.arctan2(flow[..., 1], flow[..., 0])
    way = ((angle + np.pi) / (2 * np.pi) * WAYS).astype(int) % WAYS
    ways = np.bincount(way.ravel(), speed.ravel(), WAYS) / (speed.sum() + speed.size * SLOW)
    turned = np.diff(flow, axis=0) if len(flow) > 1 else np.zeros_like(flow)
    jerk = np.hypot(turned[..., 0], turned[..., 1])
    pace = speed.mean((1, 2))
    smooth = [
        pace.mean() + SLOW,
        (jerk.mean() + SLOW) / (pace.mean() + SLOW),
        (pace.std() + SLOW) / (pace.mean() + SLOW),
        _unexplained(grey, flow),
    ]
    return np.concatenate([np.sqrt(_shares(speed)), np.sqrt(ways), np.sqrt(_shares(jerk)), np.log(smooth)])


def _shares(speed: np.ndarray) -> np.ndarray:
    """The share of each band of speeds ``(7,)``."""
    return np.bincount(np.digitize(speed.ravel(), SPEEDS), minlength=len(SPEEDS) + 1) / speed.size


def _unexplained(grey: np.ndarray, flow: np.ndarray) -> float:
    """How much of the change from frame to frame is left when everything is moved along."""
    import cv2

    rows, columns = np.mgrid[: grey.shape[1], : grey.shape[2]].astype(np.float32)
    left = change = 1.0  # grey level, squared
    for one, other, way in zip(grey[:-1], grey[1:], flow, strict=True):
        moved = cv2.remap(
            other, columns + way[..., 0], rows + way[..., 1], cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE
        )
        left += float(np.square(moved.astype(np.float32) - one).mean()) / len(flow)
        change += float(np.square(other.astype(np.float32) - one).mean()) / len(flow)
    return left / change


# --- rhythm -------------------------------------------------------------------------------------------------------


def rhythm(x: Tensor) -> Tensor:
    """Change from frame to frame against the contrast of all, how it grows with time, and the shares of the temporal
    spectrum: ``(B, 12)``."""
    small = F.avg_pool3d(x[:, :1], (1, SIDE // SMALL, SIDE // SMALL))[:, 0].flatten(2)  # (B, T, 256)
    contrast = small.var((1, 2), correction=0) + FAINT
    lags = [min(lag, small.shape[1] - 1) for lag in LAGS]
    changes = [(small[:, lag:] - small[:, :-lag]).square().mean((1, 2)) + FAINT for lag in lags]
    told = [torch.log(changes[0] / contrast), *(torch.log(b / a) for a, b in pairwise(changes))]
    window = torch.hann_window(small.shape[1] + 2, periodic=False)[1:-1, None]
    centred = (small - small.mean(1, keepdim=True)) * window
    power = torch.fft.rfft(centred, dim=1).abs().square().mean(2)[:, 1:]  # (B, T // 2)
    bands = F.interpolate(power[:, None], WAVES, mode="linear", align_corners=True)[:, 0]
    shares = torch.log(bands / (bands.sum(1, keepdim=True) + WAVES * FAINT) + 0.01)
    return torch.cat([torch.stack(told, 1), shares], 1)


def _log(values: Tensor, soften: float) -> Tensor:
    return torch.log1p(values / soften)
