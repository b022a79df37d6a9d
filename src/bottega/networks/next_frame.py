"""A recurrent network that reads a film frame by frame and says what the next frame will be.

Its memory is two layers of convolutional GRU (Ballas et al. 2016, arXiv:1511.06432), one fine and one coarse. It draws
the next frame as what was there, moved, and what is new: each pixel is a mixture of the last frame seen through some
smooth fields of motion and of paint (after Finn et al. 2016, arXiv:1605.07157, and Jaderberg et al. 2015,
arXiv:1506.02025). What only moves stays sharp for as long as it moves, and before it has learned anything the network
copies the last frame.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bottega.errors import UsageError
from bottega.language import _
from bottega.networks.layers import Label
from bottega.networks.residual import SLOPE, convolution

FARTHEST = 0.25
"""The farthest that a pixel can come from in one frame, as a share of the frame's sides."""
PAINT = -2.0
"""How willing the network is to paint rather than to move, at first: a logit."""


class State(NamedTuple):
    """What is remembered of a film."""

    frame: Tensor | None
    """The last frame but one, ``(B, C, H, W)``; None before the second."""
    fine: Tensor
    """``(B, widths[0], H/patch, W/patch)``"""
    coarse: Tensor
    """``(B, widths[1], H/patch/2, W/patch/2)``"""


class FrameGru(nn.Module):
    """``frame (B, C, H, W), state -> the next frame (B, C, H, W), state``, all in about [-1, 1].

    Args:
        shape: (C, T, H, W) of a training row; H and W multiples of twice ``patch``.
        classes: 0 for none; label ``classes`` means "no class".
        widths: of the fine and of the coarse memory.
        patch: side of the squares of pixels that the fine memory has one cell for.
        moves: fields of motion, so that things can cross.
    """

    def __init__(
        self,
        *,
        shape: tuple[int, int, int, int],
        classes: int = 0,
        widths: tuple[int, int] = (32, 64),
        patch: int = 4,
        moves: int = 2,
    ) -> None:
        super().__init__()
        channels, _frames, height, width = shape
        if height % (2 * patch) or width % (2 * patch):
            message = _("frame-rnn needs frames whose sides are multiples of {side}, not {width}×{height}.")
            raise UsageError(message.format(side=2 * patch, width=width, height=height))
        fine, coarse = widths
        self.shape, self.widths, self.patch, self.moves = tuple(shape), (fine, coarse), patch, moves
        self.enter = convolution(2, 2 * channels * patch**2, fine, 3, 1.0)
        self.place = nn.Parameter(torch.zeros(1, fine, height // patch, width // patch))  # where the walls are
        self.label = Label(classes + 1, fine) if classes else None
        self.fine, self.coarse = Gru(fine, fine), Gru(coarse, coarse)
        self.down = nn.Conv2d(fine, coarse, 3, 2, 1)
        self.up = convolution(2, coarse, fine, 1, 1.0)
        self.merge = convolution(2, 3 * fine, fine, 3, 1.0)
        self.motion = convolution(2, fine, 2 * moves, 3, 0.1)
        self.paint = convolution(2, fine, (moves + 1 + channels) * patch**2, 3, 0.1)
        if self.label is not None:
            nn.init.normal_(self.label.weight, std=0.1)

    def begin(self, n: int) -> State:
        """The memory of ``n`` films of which nothing was seen yet."""
        new, (_c, _t, height, width) = self.place.new_zeros, self.shape
        height, width = height // self.patch, width // self.patch
        fine, coarse = self.widths
        return State(None, new(n, fine, height, width), new(n, coarse, height // 2, width // 2))

    def forward(self, frame: Tensor, state: State, label: Tensor | None = None) -> tuple[Tensor, State]:
        """What is expected after ``frame``, and what is remembered then."""
        before = frame if state.frame is None else state.frame
        x = self.enter(F.pixel_unshuffle(torch.cat([frame, frame - before], 1), self.patch)) + self.place
        if self.label is not None and label is not None:
            x = x + self.label(label)[:, :, None, None]
        x = F.leaky_relu(x, SLOPE)
        fine = self.fine(x, state.fine)
        coarse = self.coarse(F.leaky_relu(self.down(fine), SLOPE), state.coarse)
        wide = F.interpolate(self.up(coarse), scale_factor=2.0, mode="bilinear")
        h = F.leaky_relu(self.merge(torch.cat([x, fine, wide], 1)), SLOPE)
        return self._drawn(frame, h), State(frame, fine, coarse)

    def _drawn(self, frame: Tensor, h: Tensor) -> Tensor:
        """The frame moved and painted, from features ``(B, widths[0], H/patch, W/patch)``."""
        n, _c, height, width = frame.shape
        motion = F.interpolate(self.motion(h), size=(height, width), mode="bilinear")
        motion = 2 * FARTHEST * torch.tanh(motion).unflatten(1, (self.moves, 2)).movedim(2, -1)  # (B, K, H, W, 2)
        grid = (motion + _everywhere(height, width).to(frame)).flatten(0, 1)
        sources = frame.contiguous().repeat_interleave(self.moves, 0)
        moved = F.grid_sample(sources, grid, padding_mode="border", align_corners=False)
        moved = moved.unflatten(0, (n, self.moves))  # (B, K, C, H, W)
        painted = F.pixel_shuffle(self.paint(h), self.patch)
        logits, paint = painted[:, : self.moves + 1], painted[:, self.moves + 1 :]
        shares = torch.cat([logits[:, :-1], logits[:, -1:] + PAINT], 1).softmax(1)[:, :, None]  # (B, K + 1, 1, H, W)
        return (shares[:, :-1] * moved).sum(1) + shares[:, -1] * paint


class Gru(nn.Module):
    """``x (B, inputs, H, W), h (B, width, H, W) -> h``: a GRU whose products of matrices are convolutions."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.gates = convolution(2, inputs + width, 2 * width, 3, 1.0)
        self.new = convolution(2, inputs + width, width, 3, 1.0)

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        renew, heed = torch.sigmoid(self.gates(torch.cat([x, h], 1))).chunk(2, 1)
        return torch.lerp(h, torch.tanh(self.new(torch.cat([x, heed * h], 1))), renew)


def _everywhere(height: int, width: int) -> Tensor:
    """Where each pixel's middle lies, x and y in [-1, 1]: ``(H, W, 2)``."""
    y = (torch.arange(height) + 0.5) * 2 / height - 1
    x = (torch.arange(width) + 0.5) * 2 / width - 1
    return torch.stack([x.expand(height, width), y[:, None].expand(height, width)], -1)
