"""A recurrent network that reads a film frame by frame and says what the next frame will be.

Its memory is two layers of convolutional GRU (Ballas et al. 2016, arXiv:1511.06432), one fine and one coarse. It draws
the next frame as what was there, moved, and what is new: each pixel is a mixture of the last frame seen through some
kernels of motion and of paint (after Finn et al. 2016, arXiv:1605.07157). Where Finn's kernels are square, these go
down and across one after the other (Niklaus et al. 2017, arXiv:1708.01692). A kernel weighs all distances at once, so
its gradient points to the right one from afar, which that of a field of motion does not. What only moves stays sharp
for as long as it moves, and before it has learned anything the network nearly copies the last frame.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bottega.errors import UsageError
from bottega.language import _
from bottega.networks.layers import Label
from bottega.networks.residual import SLOPE, convolution

STILL = 3.0
"""How much likelier it is, at first, that a pixel stays where it is than that it moves anywhere: a logit."""
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
        moves: kernels for each place, so that things can cross.
        reach: the farthest that a pixel can come from in one frame, in pixels down and across.
    """

    down_to: Tensor
    across_to: Tensor

    def __init__(
        self,
        *,
        shape: tuple[int, int, int, int],
        classes: int = 0,
        widths: tuple[int, int] = (32, 64),
        patch: int = 4,
        moves: int = 2,
        reach: int = 5,
    ) -> None:
        super().__init__()
        channels, _frames, height, width = shape
        if height % (2 * patch) or width % (2 * patch):
            message = _("frame-rnn needs frames whose sides are multiples of {side}, not {width}×{height}.")
            raise UsageError(message.format(side=2 * patch, width=width, height=height))
        fine, coarse = widths
        self.shape, self.widths, self.patch = tuple(shape), (fine, coarse), patch
        self.moves, self.reach = moves, reach
        # bilinear enlargement as two products of matrices: torch's own took as long as all the convolutions
        self.register_buffer("down_to", _enlargement(height // patch, height), persistent=False)
        self.register_buffer("across_to", _enlargement(width // patch, width), persistent=False)
        self.enter = convolution(2, 2 * channels * patch**2, fine, 3, 1.0)
        self.place = nn.Parameter(torch.zeros(1, fine, height // patch, width // patch))  # where the walls are
        self.label = Label(classes + 1, fine) if classes else None
        self.fine, self.coarse = Gru(fine, fine), Gru(coarse, coarse)
        self.down = nn.Conv2d(fine, coarse, 3, 2, 1)
        self.up = convolution(2, coarse, fine, 1, 1.0)
        self.merge = convolution(2, 3 * fine, fine, 3, 1.0)
        self.motion = convolution(2, fine, moves * 2 * (2 * reach + 1), 3, 0.3)
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
        logits = self.motion(h).unflatten(1, (self.moves, 2, -1))  # (B, K, 2, 2·reach + 1, H/patch, W/patch)
        still = torch.arange(-self.reach, self.reach + 1, device=h.device) == 0
        weights = (logits + STILL * still.view(-1, 1, 1)).softmax(3)
        weights = self.down_to @ weights.contiguous() @ self.across_to.mT  # (B, K, 2, 2·reach + 1, H, W)
        frame = frame.contiguous()
        moved = [Mixture.apply(Mixture.apply(frame, w[:, 0], 2), w[:, 1], 3) for w in weights.unbind(1)]
        painted = F.pixel_shuffle(self.paint(h), self.patch)
        logits, paint = painted[:, : self.moves + 1], painted[:, self.moves + 1 :]
        shares = torch.cat([logits[:, :-1], logits[:, -1:] + PAINT], 1).softmax(1)[:, :, None]  # (B, K + 1, 1, H, W)
        return sum((shares[:, k] * one for k, one in enumerate(moved)), shares[:, -1] * paint)


class Gru(nn.Module):
    """``x (B, inputs, H, W), h (B, width, H, W) -> h``: a GRU whose products of matrices are convolutions."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.gates = convolution(2, inputs + width, 2 * width, 3, 1.0)
        self.new = convolution(2, inputs + width, width, 3, 1.0)

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        renew, heed = torch.sigmoid(self.gates(torch.cat([x, h], 1))).chunk(2, 1)
        return torch.lerp(h, torch.tanh(self.new(torch.cat([x, heed * h], 1))), renew)


class Mixture(torch.autograd.Function):
    """Each pixel of ``x`` (B, C, H, W) as a mixture of its neighbours along ``axis``.

    The weights are (B, 2·reach + 1, H, W); beyond the edges is what is at the edges. Done one distance after the other
    and in place, so that nothing is ever held for all distances at once.
    """

    @staticmethod
    def forward(ctx, x: Tensor, weights: Tensor, axis: int) -> Tensor:
        count, size = weights.shape[1], x.shape[axis]
        reach = count // 2
        wide = F.pad(x, (0, 0, reach, reach) if axis == 2 else (reach, reach, 0, 0), mode="replicate")
        out = wide.narrow(axis, 0, size) * weights[:, :1]
        for k in range(1, count):
            out.addcmul_(wide.narrow(axis, k, size), weights[:, k : k + 1])
        ctx.save_for_backward(wide, weights)
        ctx.axis = axis
        return out

    @staticmethod
    def backward(ctx, gradient: Tensor):
        (wide, weights), axis = ctx.saved_tensors, ctx.axis
        count, size = weights.shape[1], gradient.shape[axis]
        reach = count // 2
        of_wide, of_weights = torch.zeros_like(wide), torch.empty_like(weights)
        for k in range(count):
            of_wide.narrow(axis, k, size).addcmul_(gradient, weights[:, k : k + 1])
            torch.sum(gradient * wide.narrow(axis, k, size), 1, out=of_weights[:, k])
        inside = of_wide.narrow(axis, reach, size)
        inside.narrow(axis, 0, 1).add_(of_wide.narrow(axis, 0, reach).sum(axis, keepdim=True))
        inside.narrow(axis, size - 1, 1).add_(of_wide.narrow(axis, reach + size, reach).sum(axis, keepdim=True))
        return inside, of_weights, None


def _enlargement(small: int, large: int) -> Tensor:
    """The matrix ``(large, small)`` that enlarges a row of pixels."""
    return F.interpolate(torch.eye(small)[None], large, mode="linear")[0].mT.contiguous()
