"""FID's own feature space, for whoever has its weights on this machine: Inception v3 as Heusel et al. 2017 used it.

The network is that of Szegedy et al. 2015, arXiv:1512.00567, in the TensorFlow version of 2015-12-05, whose average
pools leave out the padding and whose last block pools by the maximum. Names of its parts are those under which its
weights travel in PyTorch, so that a safetensors copy of ``pt_inception-2015-12-05`` fits as it is.
"""

import os
from functools import partial
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bottega.errors import DataError
from bottega.evaluation.features import FeatureSpace
from bottega.language import _

WEIGHTS = "pt_inception-2015-12-05*.safetensors"
SIDE = 299

average = partial(F.avg_pool2d, kernel_size=3, stride=1, padding=1, count_include_pad=False)
largest = partial(F.max_pool2d, kernel_size=3, stride=1, padding=1)
halving = partial(F.max_pool2d, kernel_size=3, stride=2)


def find_weights() -> Path | None:
    """The weights: the file BOTTEGA_INCEPTION names, or one in the caches of Torch and Hugging Face; None if absent."""
    if named := os.environ.get("BOTTEGA_INCEPTION"):
        return Path(named)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    torch_hub = Path(os.environ.get("TORCH_HOME") or cache / "torch") / "hub" / "checkpoints"
    hugging_face = Path(os.environ.get("HF_HOME") or cache / "huggingface") / "hub"
    found = [*torch_hub.glob(WEIGHTS), *hugging_face.glob(f"models--*/snapshots/*/{WEIGHTS}")]
    return found[0] if found else None


def inception_features(weights: Path) -> FeatureSpace:
    """The space of FID: 2,048 numbers after the last average pool.

    Raises:
        DataError: the file cannot be read or holds another network.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    network = Inception().eval()
    try:
        state = {
            name: tensor for name, tensor in load_file(weights).items() if not name.startswith(("fc.", "AuxLogits."))
        }
        network.load_state_dict(state)
    except (OSError, SafetensorError, RuntimeError) as error:
        message = _("{file} does not hold the weights of Inception for FID; remove it or set BOTTEGA_INCEPTION.")
        raise DataError(message.format(file=weights)) from error
    return FeatureSpace("inception-2015-12-05", _("the space of FID (Inception v3)"), network)


class Convolution(nn.Module):
    """Convolution, batch norm, ReLU."""

    def __init__(self, entering: int, leaving: int, kernel: int | tuple[int, int], stride: int = 1, padding=0) -> None:
        super().__init__()
        self.conv = nn.Conv2d(entering, leaving, kernel, stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(leaving, eps=0.001)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn(self.conv(x)), inplace=True)


def row(entering: int, leaving: int, length: int = 7) -> Convolution:
    """A convolution over a row of pixels."""
    return Convolution(entering, leaving, (1, length), padding=(0, length // 2))


def column(entering: int, leaving: int, length: int = 7) -> Convolution:
    """A convolution over a column of pixels."""
    return Convolution(entering, leaving, (length, 1), padding=(length // 2, 0))


class Near(nn.Module):
    """35 × 35 places: 1×1, 5×5, double 3×3 and pooled branches."""

    def __init__(self, entering: int, pooled: int) -> None:
        super().__init__()
        self.branch1x1 = Convolution(entering, 64, 1)
        self.branch5x5_1, self.branch5x5_2 = Convolution(entering, 48, 1), Convolution(48, 64, 5, padding=2)
        self.branch3x3dbl_1, self.branch3x3dbl_2 = Convolution(entering, 64, 1), Convolution(64, 96, 3, padding=1)
        self.branch3x3dbl_3 = Convolution(96, 96, 3, padding=1)
        self.branch_pool = Convolution(entering, pooled, 1)

    def forward(self, x: Tensor) -> Tensor:
        double = self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x)))
        parts = [self.branch1x1(x), self.branch5x5_2(self.branch5x5_1(x)), double, self.branch_pool(average(x))]
        return torch.cat(parts, 1)


class Shrink(nn.Module):
    """35 × 35 to 17 × 17 places."""

    def __init__(self) -> None:
        super().__init__()
        self.branch3x3 = Convolution(288, 384, 3, stride=2)
        self.branch3x3dbl_1, self.branch3x3dbl_2 = Convolution(288, 64, 1), Convolution(64, 96, 3, padding=1)
        self.branch3x3dbl_3 = Convolution(96, 96, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        double = self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x)))
        return torch.cat([self.branch3x3(x), double, halving(x)], 1)


class Wide(nn.Module):
    """17 × 17 places: rows and columns of seven."""

    def __init__(self, inner: int) -> None:
        super().__init__()
        self.branch1x1 = Convolution(768, 192, 1)
        self.branch7x7_1, self.branch7x7_2 = Convolution(768, inner, 1), row(inner, inner)
        self.branch7x7_3 = column(inner, 192)
        self.branch7x7dbl_1, self.branch7x7dbl_2 = Convolution(768, inner, 1), column(inner, inner)
        self.branch7x7dbl_3, self.branch7x7dbl_4 = row(inner, inner), column(inner, inner)
        self.branch7x7dbl_5 = row(inner, 192)
        self.branch_pool = Convolution(768, 192, 1)

    def forward(self, x: Tensor) -> Tensor:
        single = self.branch7x7_3(self.branch7x7_2(self.branch7x7_1(x)))
        double = self.branch7x7dbl_3(self.branch7x7dbl_2(self.branch7x7dbl_1(x)))
        double = self.branch7x7dbl_5(self.branch7x7dbl_4(double))
        return torch.cat([self.branch1x1(x), single, double, self.branch_pool(average(x))], 1)


class ShrinkAgain(nn.Module):
    """17 × 17 to 8 × 8 places."""

    def __init__(self) -> None:
        super().__init__()
        self.branch3x3_1, self.branch3x3_2 = Convolution(768, 192, 1), Convolution(192, 320, 3, stride=2)
        self.branch7x7x3_1, self.branch7x7x3_2 = Convolution(768, 192, 1), row(192, 192)
        self.branch7x7x3_3, self.branch7x7x3_4 = column(192, 192), Convolution(192, 192, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        long = self.branch7x7x3_4(self.branch7x7x3_3(self.branch7x7x3_2(self.branch7x7x3_1(x))))
        return torch.cat([self.branch3x3_2(self.branch3x3_1(x)), long, halving(x)], 1)


class Far(nn.Module):
    """8 × 8 places: branches that split into a row and a column of three."""

    def __init__(self, entering: int, pool) -> None:
        super().__init__()
        self.pool = pool
        self.branch1x1 = Convolution(entering, 320, 1)
        self.branch3x3_1 = Convolution(entering, 384, 1)
        self.branch3x3_2a, self.branch3x3_2b = row(384, 384, 3), column(384, 384, 3)
        self.branch3x3dbl_1, self.branch3x3dbl_2 = Convolution(entering, 448, 1), Convolution(448, 384, 3, padding=1)
        self.branch3x3dbl_3a, self.branch3x3dbl_3b = row(384, 384, 3), column(384, 384, 3)
        self.branch_pool = Convolution(entering, 192, 1)

    def forward(self, x: Tensor) -> Tensor:
        single = self.branch3x3_1(x)
        double = self.branch3x3dbl_2(self.branch3x3dbl_1(x))
        parts = [self.branch1x1(x), self.branch3x3_2a(single), self.branch3x3_2b(single)]
        parts += [self.branch3x3dbl_3a(double), self.branch3x3dbl_3b(double), self.branch_pool(self.pool(x))]
        return torch.cat(parts, 1)


class Inception(nn.Module):
    """Pictures ``(B, 3, H, W)`` in [0, 1] to ``(B, 2048)``."""

    def __init__(self) -> None:
        super().__init__()
        self.Conv2d_1a_3x3 = Convolution(3, 32, 3, stride=2)
        self.Conv2d_2a_3x3 = Convolution(32, 32, 3)
        self.Conv2d_2b_3x3 = Convolution(32, 64, 3, padding=1)
        self.Conv2d_3b_1x1 = Convolution(64, 80, 1)
        self.Conv2d_4a_3x3 = Convolution(80, 192, 3)
        self.Mixed_5b, self.Mixed_5c, self.Mixed_5d = Near(192, 32), Near(256, 64), Near(288, 64)
        self.Mixed_6a = Shrink()
        self.Mixed_6b, self.Mixed_6c, self.Mixed_6d, self.Mixed_6e = Wide(128), Wide(160), Wide(160), Wide(192)
        self.Mixed_7a = ShrinkAgain()
        self.Mixed_7b, self.Mixed_7c = Far(1280, average), Far(2048, largest)

    def forward(self, x: Tensor) -> Tensor:
        x = F.interpolate(x, (SIDE, SIDE), mode="bilinear", align_corners=False) * 2 - 1
        x = halving(self.Conv2d_2b_3x3(self.Conv2d_2a_3x3(self.Conv2d_1a_3x3(x))))
        x = halving(self.Conv2d_4a_3x3(self.Conv2d_3b_1x1(x)))
        for block in (self.Mixed_5b, self.Mixed_5c, self.Mixed_5d, self.Mixed_6a, self.Mixed_6b, self.Mixed_6c):
            x = block(x)
        for block in (self.Mixed_6d, self.Mixed_6e, self.Mixed_7a, self.Mixed_7b, self.Mixed_7c):
            x = block(x)
        return x.mean((2, 3))
