"""Networks over the frames of a codec: one that sees a whole window at once, and one that goes from frame to frame.

Both take frames of any count; what they know of places is only how far apart two are.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bottega.errors import UsageError
from bottega.language import _
from bottega.networks.layers import Dropout, Label
from bottega.networks.recurrent import REACH, Layer, State
from bottega.networks.transformer import Norm, matrix, turned, waves
from bottega.networks.unet import TimeEmbedding


class FrameVelocity(nn.Module):
    """Velocity network ``v(x, t, label, known)`` over windows of frames, some of which may be known.

    Each layer looks at all frames (attention with rotary positions, Su et al. 2021, arXiv:2104.09864), then at the near
    ones and at the frame itself (a depthwise convolution and a dense part, as in ConvNeXt: Liu et al. 2022,
    arXiv:2201.03545); time and class scale, shift and gate both (Peebles & Xie 2023, arXiv:2212.09748).

    Args:
        shape: of a training row, ``(L, T)``.
        classes: number of classes, 0 for none.
        width: of the stream; a multiple of twice the ``heads``.
        layers, heads: how many.
        inner: width inside the dense part, as a multiple of ``width``.
        kernel: frames the convolution looks at; odd.
        embedding: width of what tells time and class.
        dropout: share of the features put out after each part, while training.
    """

    def __init__(
        self,
        *,
        shape: tuple[int, int],
        classes: int,
        width: int = 192,
        layers: int = 6,
        heads: int = 6,
        inner: float = 2.0,
        kernel: int = 7,
        embedding: int = 128,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if width % (2 * heads) or kernel % 2 == 0:
            raise UsageError(_("The width of a network of frames is a multiple of twice its heads, its kernel odd."))
        self.shape, self.classes, self.size = tuple(shape), classes, width // heads
        self.time = TimeEmbedding(embedding)
        self.label = Label(classes + 1, embedding) if classes else None
        self.enter = nn.Linear(shape[0] + 1, width)
        parts = (width, heads, round(inner * width), kernel, embedding, dropout)
        self.layers = nn.ModuleList(Both(*parts) for _layer in range(layers))
        self.norm = Norm(width)
        self.leave = nn.Linear(width, shape[0])
        for layer in (self.leave,):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor, t: Tensor, label: Tensor | None, known: Tensor) -> Tensor:
        """Velocity ``(B, L, T)``; it means nothing where frames are known.

        Args:
            x: ``(B, L, T)``: known frames as they are, the others at the time ``t`` in [0, 1], 1 being a work.
            t: ``(B,)``, or ``(B, T)`` where each frame has its own.
            label: ``(B,)``, or weights ``(B, classes + 1)``; None for a network without classes.
            known: ``(B, 1, T)`` bool.
        """
        t = t.view(len(x), -1)  # (B, 1) or (B, T)
        e = self.time(t.flatten()).view(*t.shape, -1)
        if self.label is not None and label is not None:
            e = e + self.label(label)[:, None]
        e = F.silu(e)  # (B, 1 or T, E)
        # noise and works have variance 1, what lies between them less: give the network inputs of one size
        size = ((1 - t).square() + t.square()).sqrt()[:, None]
        h = torch.cat([torch.where(known, x, x / size), known.to(x)], 1).transpose(1, 2)
        h = self.enter(h)  # (B, T, C)
        turn = waves(0, h.shape[1], self.size, h.device)
        for layer in self.layers:
            h = layer(h, e, turn)
        return self.leave(self.norm(h)).transpose(1, 2)


class Both(nn.Module):
    """Attention to all frames, then a look at the near ones; each adds to the stream ``(B, T, C)``."""

    def __init__(self, width: int, heads: int, inner: int, kernel: int, embedding: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.kernel = heads, kernel
        self.before, self.between = Norm(width), Norm(width)
        self.qkv, self.out = matrix(width, 3 * width), matrix(width, width)
        self.of_queries, self.of_keys = Norm(width // heads), Norm(width // heads)
        self.near = nn.Parameter(torch.zeros(kernel, width))
        self.up, self.down = matrix(width, 2 * inner), matrix(inner, width)
        self.modulation = nn.Linear(embedding, 6 * width)
        self.dropout = Dropout(dropout)
        nn.init.zeros_(self.modulation.weight)  # all gates shut: in the beginning a layer does nothing
        nn.init.zeros_(self.modulation.bias)
        with torch.no_grad():
            self.near[kernel // 2] = 1.0

    def forward(self, x: Tensor, e: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
        scale, shift, gate, scale2, shift2, gate2 = self.modulation(e).chunk(6, 2)  # (B, 1 or T, C)
        h = torch.addcmul(shift, self.before(x), 1 + scale)
        x = torch.addcmul(x, gate, self.dropout(self.attend(h, turn)))
        h = torch.addcmul(shift2, self.between(x), 1 + scale2)
        a, b = self.up(self.mixed(h)).chunk(2, 2)
        return torch.addcmul(x, gate2, self.dropout(self.down(F.silu(a) * b)))

    def attend(self, h: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
        """What each frame takes from all."""
        q, k, v = self.qkv(h).view(*h.shape[:2], 3, self.heads, -1).unbind(2)  # (B, T, H, D)
        q, k = turned(self.of_queries(q).transpose(1, 2), *turn), turned(self.of_keys(k).transpose(1, 2), *turn)
        y = F.scaled_dot_product_attention(q, k, v.transpose(1, 2))
        return self.out(y.transpose(1, 2).reshape(h.shape))

    def mixed(self, h: Tensor) -> Tensor:
        """A depthwise convolution; as a sum of shifted frames it is faster on a processor than as a convolution."""
        half, length = self.kernel // 2, h.shape[1]
        h = F.pad(h, (0, 0, half, half))
        seen = h[:, :length] * self.near[0]
        for i in range(1, self.kernel):
            seen = torch.addcmul(seen, h[:, i : i + length], self.near[i])
        return seen


class FrameMemory(nn.Module):
    """From frame to frame: ``frames (B, T, L) -> a mixture of Gaussians for the frame after each``, and what it keeps.

    The layers of ``Recurrent``: gates that see only the input (minGRU, Feng et al. 2024, arXiv:2410.01201). The mixture
    at the end is Bishop's (1994), as in Graves 2013, arXiv:1308.0850.

    Args:
        shape: of a training row, ``(L, T)``.
        classes: number of classes, 0 for none.
        width: of the stream and of the memory of each layer.
        layers: how many.
        inner: width inside SwiGLU; about 8/3 of ``width`` when 0.
        mixture: how many Gaussians.
        dropout: share of the features put out after each part, while training.
    """

    def __init__(
        self,
        *,
        shape: tuple[int, int],
        classes: int,
        width: int = 256,
        layers: int = 4,
        inner: int = 0,
        mixture: int = 8,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.shape, self.classes, self.width, self.mixture = tuple(shape), classes, width, mixture
        inner = inner or round(width * 8 / 3 / 32) * 32
        self.first = nn.Parameter(torch.zeros(shape[0]))
        self.label = Label(classes + 1, width) if classes else None
        self.enter = nn.Linear(shape[0], width)
        self.dropout = Dropout(dropout)
        self.layers = nn.ModuleList(Layer(width, inner, dropout) for _layer in range(layers))
        self.norm = Norm(width)
        self.leave = nn.Linear(width, mixture * (1 + 2 * shape[0]))
        with torch.no_grad():
            self.leave.weight.mul_(0.1)
            if self.label is not None:
                self.label.weight.mul_(0.1)

    def begin(self, n: int) -> State:
        """The memory of ``n`` works of which nothing was heard yet."""
        new = self.first.new_zeros
        return [(new(n, self.width), new(n, REACH - 1, self.width)) for _layer in self.layers]

    def forward(
        self, frames: Tensor, label: Tensor | None = None, state: State | None = None
    ) -> tuple[tuple[Tensor, Tensor, Tensor], State]:
        """``(weights, means, deviations)`` of the frame after each: logits ``(B, T, K)``, means and logarithms of the
        standard deviations ``(B, T, K, L)``; and what is remembered then."""
        x = self.enter(frames)
        if self.label is not None and label is not None:
            x = x + self.label(label)[:, None]
        x, after = self.dropout(x), []
        for layer, before in zip(self.layers, state or self.begin(len(frames)), strict=True):
            x, memory = layer(x, before)
            after.append(memory)
        out = self.leave(self.norm(x))
        weights, rest = out[..., : self.mixture], out[..., self.mixture :]
        means, deviations = rest.unflatten(-1, (2, self.mixture, self.shape[0])).unbind(2)
        return (weights, means, deviations), after
