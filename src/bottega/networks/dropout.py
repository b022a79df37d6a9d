"""Dropout (Srivastava et al. 2014) with eight draws from every random number: on a CPU that costs a third."""

import torch
from torch import Tensor

LEVELS = 256


def dropout(x: Tensor, share: float, training: bool) -> Tensor:
    """``x`` with about ``share`` of it, to the nearest 256th, set to 0 and the rest made as much larger.

    What is drawn follows from torch's default generator, which the training loop sets at each step.
    """
    gone = round(share * LEVELS)
    if not training or not gone:
        return x
    draws = torch.empty(-(-x.numel() // 8), dtype=torch.int64, device=x.device).random_(-(2**63), None)
    kept = draws.view(torch.uint8)[: x.numel()].view(x.shape) >= gone
    return x * kept.to(x.dtype).mul_(LEVELS / (LEVELS - gone))
