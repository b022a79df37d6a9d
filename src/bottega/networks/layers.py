"""Layers that mean the same in one, two or three dimensions, and on one machine or many.

``dims`` is 1 for sound, 2 for pictures, 3 for clips. A layer that looks at the whole batch or draws random numbers
gives, when processes share a batch, exactly what one process would give for the whole of it.
"""

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

CONVOLUTIONS = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
TRANSPOSED = {1: nn.ConvTranspose1d, 2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}


def conv(dims: int, inputs: int, outputs: int, kernel: int = 3, stride: int = 1, *, bias: bool = True) -> nn.Module:
    """A convolution that keeps the size, or divides it by ``stride``: ``(B, inputs, …) -> (B, outputs, …/stride)``."""
    return CONVOLUTIONS[dims](inputs, outputs, kernel, stride, padding=(kernel - 1) // 2, bias=bias)


def conv_transpose(dims: int, inputs: int, outputs: int, kernel: int = 4, stride: int = 2, *, bias: bool = True):
    """The transposed convolution that multiplies every side by ``stride``, for odd and even kernels."""
    padding = (kernel - stride + 1) // 2
    beyond = stride + 2 * padding - kernel  # odd kernels leave one row to add on the far side
    return TRANSPOSED[dims](inputs, outputs, kernel, stride, padding, output_padding=beyond, bias=bias)


def stages(size: tuple[int, ...], smallest: int = 4) -> int:
    """How often all sides can be halved while the shortest keeps ``smallest``: 3 for 32x48, 2 for 28x28."""
    count, sides = 0, list(size)
    while all(side % 2 == 0 for side in sides) and min(sides) // 2 >= smallest:
        count, sides = count + 1, [side // 2 for side in sides]
    return count


def flat(x: Tensor) -> Tensor:
    """``(B, C, H, W) -> (B, H·W·C)``, channels last: no copy, and the gradients of all layers before stay in the fast
    layout too (a plain ``flatten`` turns them all, which costs a quarter of a training step)."""
    return x.movedim(1, -1).flatten(1)


def unflat(x: Tensor, grid: tuple[int, ...]) -> Tensor:
    """``(B, H·W·C) -> (B, C, H, W)`` for ``grid = (C, H, W)``: the inverse of ``flat``."""
    channels, *size = grid
    return x.view(-1, *size, channels).movedim(-1, 1)


class Label(nn.Embedding):
    """What a network knows of each class: a row for each, the last for "no class".

    A label is a class ``(B,)``, or a weight for each row ``(B, classes + 1)``: works between two classes.
    """

    def forward(self, label: Tensor) -> Tensor:
        return label @ self.weight if label.is_floating_point() else super().forward(label)


def one_hot(label: Tensor, classes: int) -> Tensor:
    """Classes ``(B,)`` as weights ``(B, classes + 1)``; weights stay as they are."""
    if label.is_floating_point():
        return label
    return nn.functional.one_hot(label, classes + 1).float()


def normal_(module: nn.Module, std: float = 0.02) -> None:
    """DCGAN's start: weights from N(0, std), scales of batch norm from N(1, std), all biases 0."""
    for part in module.modules():
        if isinstance(part, _BatchNorm):
            nn.init.normal_(part.weight, 1.0, std)
            nn.init.zeros_(part.bias)
        elif isinstance(part, nn.Linear | nn.Embedding | nn.modules.conv._ConvNd):
            nn.init.normal_(part.weight, 0.0, std)
            if getattr(part, "bias", None) is not None:
                nn.init.zeros_(part.bias)


def processes() -> int:
    """How many processes share each batch."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


class _Total(torch.autograd.Function):
    """The sum over all processes; since every process's loss depends on it, so is its gradient."""

    @staticmethod
    def forward(ctx, part: Tensor) -> Tensor:  # type: ignore[override]
        total = part.contiguous().clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:  # type: ignore[override]
        return _Total.apply(gradient)


def average(part: Tensor) -> Tensor:
    """The mean of a number over all processes, with its gradient; the number itself when there is one process."""
    world = processes()
    return part if world == 1 else _Total.apply(part) / world


class BatchNorm(_BatchNorm):
    """Batch norm over ``(B, C, …)`` of any dimension, with the statistics of the whole batch of all processes."""

    def _check_input_dim(self, x: Tensor) -> None:
        """Any number of dimensions will do."""

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or processes() == 1:
            return super().forward(x)
        axes = [0, *range(2, x.ndim)]
        wide = (1, -1) + (1,) * (x.ndim - 2)
        count = x.numel() // x.shape[1] * processes()
        mean = _Total.apply(x.sum(axes)) / count  # (C,)
        centred = x - mean.view(wide)
        variance = _Total.apply(centred.square().sum(axes)) / count
        with torch.no_grad():
            self.num_batches_tracked += 1
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * count / max(count - 1, 1), self.momentum)
        scale = self.weight * (variance + self.eps).rsqrt()
        return centred * scale.view(wide) + self.bias.view(wide)


class Dropout(nn.Module):
    """Dropout whose mask is drawn for the whole batch, the same in every process, of which each keeps its rows.

    The training loop seeds torch's default generator at every step, so the mask is a function of seed and step.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.share == 0:
            return x
        world = processes()
        layout = torch.channels_last if x.ndim == 4 and x.stride(1) == 1 else torch.contiguous_format
        shape = (len(x) * world, *x.shape[1:])
        keep = torch.empty(shape, dtype=x.dtype, device=x.device, memory_format=layout).bernoulli_(1 - self.share)
        if world > 1:
            keep = keep.chunk(world)[dist.get_rank()]
        return x * keep.mul_(1 / (1 - self.share))
