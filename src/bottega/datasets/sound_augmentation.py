"""Changes to sounds that real and generated ones undergo alike before a critic hears them (Zhao et al. 2020)."""

import torch
import torch.nn.functional as F
from torch import Tensor

from bottega.randomness import Random

REACH = 1 / 16
"""Share of its length by which a sound moves at most."""
DECIBELS = 6.0
"""By how much it gets louder or softer at most."""


def differentiable(sounds: Tensor, random: Random, probability: float) -> Tensor:
    """Shift in time, loudness and polarity, each applied to a share ``probability`` of the sounds ``(B, C, N)``.

    Gradients flow through; what comes in from beyond the ends is silence.
    """
    if probability <= 0:
        return sounds
    n, _channels, length = sounds.shape
    u = random.uniform(n, 3)
    on = random.uniform(n, 3) < probability
    louder = 10 ** (DECIBELS / 20 * (2 * u[:, 0] - 1) * on[:, 0])
    sign = 1.0 - 2 * (on[:, 1] & (u[:, 1] < 0.5))
    reach = max(1, round(length * REACH))
    by = torch.where(on[:, 2], (u[:, 2] * (2 * reach + 1)).long() - reach, 0).to(sounds.device)
    places = torch.arange(length, device=sounds.device) + reach - by[:, None]  # (B, N)
    moved = F.pad(sounds, (reach, reach)).gather(2, places[:, None].expand_as(sounds))
    return moved * (louder * sign).to(sounds)[:, None, None]
