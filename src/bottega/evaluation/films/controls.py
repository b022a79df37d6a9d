"""Clips that no model may be worse than: their pictures are real, and only their motion is wrong."""

import numpy as np

from bottega.randomness import Random


def shuffled(clips: np.ndarray, seed: int = 0) -> np.ndarray:
    """The frames of each clip in random order: ``(N, T, H, W, C)``."""
    random = Random(seed, "shuffled frames")
    orders = np.stack([random.permutation(clips.shape[1]).numpy() for _clip in range(len(clips))])
    return np.take_along_axis(clips, orders[:, :, None, None, None], axis=1)


def frozen(clips: np.ndarray) -> np.ndarray:
    """The middle frame of each clip, held: ``(N, T, H, W, C)``."""
    middle = clips.shape[1] // 2
    return np.repeat(clips[:, middle : middle + 1], clips.shape[1], axis=1)
