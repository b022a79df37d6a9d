"""Style transfer without weights, and with VGG-19 against the plain loop of Gatys et al. 2016.

    python -m benchmarks style [FOLDER] [--side 256] [--iterations 150]

FOLDER holds ``photos/tubingen.jpg`` and ``paintings/starry_night_google.jpg``; without it both are drawn.
VGG-19 has random weights of the right shape (He's), as the network's speed does not depend on what it has learned. The
plain loop is what most tutorials write: all layers up to conv5_1, average pooling as in the paper, plain layout, style
from relu1_1 … relu5_1, content from relu4_2, Adam on the pixels of one scale. Both start from the content.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bottega.editing.operation import Job
from bottega.editing.styling.style import STYLE, StyleSettings
from bottega.editing.styling.transfer import Plan, Region, Style, transfer
from bottega.editing.styling.vgg import LAYERS, VGG
from bottega.media import image
from bottega.randomness import Random

CHANNELS = (64, 64, 0, 128, 128, 0, 256, 256, 256, 256, 0, 512, 512, 512, 512, 0, 512)  # 0: pooling
STYLE_LAYERS, CONTENT_LAYER = (0, 5, 10, 19, 28), 21
CONTENT_WEIGHT = 0.15


def plain_vgg() -> nn.Sequential:
    """VGG-19 up to conv5_1 with random weights, numbered as in torchvision."""
    torch.manual_seed(0)
    layers, before = [], 3
    for width in CHANNELS:
        if not width:
            layers.append(nn.AvgPool2d(2))
            continue
        layers += [nn.Conv2d(before, width, 3, padding=1), nn.ReLU()]
        nn.init.kaiming_normal_(layers[-2].weight)
        nn.init.normal_(layers[-2].bias, std=0.1)
        before = width
    return nn.Sequential(*layers).requires_grad_(False)


class PlainLoss:
    """The loss of Gatys et al., each term relative to its target so that the layers weigh alike."""

    def __init__(self, network: nn.Sequential, content: Tensor, style: Tensor) -> None:
        self.network = network
        with torch.no_grad():
            self.content = self.look(content)[CONTENT_LAYER]
            self.grams = {index: gram(self.look(style)[index]) for index in STYLE_LAYERS}

    def look(self, picture: Tensor) -> dict[int, Tensor]:
        """What each convolution gives, after its ReLU."""
        mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
        x, found = (picture - mean.view(1, 3, 1, 1)) / deviation.view(1, 3, 1, 1), {}
        for index, layer in enumerate(self.network):
            x = layer(x)
            found[index - 1] = x
        return found

    def __call__(self, picture: Tensor, layers: tuple[int, ...] = STYLE_LAYERS) -> Tensor:
        found = self.look(picture)
        loss = CONTENT_WEIGHT * F.mse_loss(found[CONTENT_LAYER], self.content) / self.content.square().mean()
        for index in layers:
            wanted = self.grams[index]
            loss = loss + 2 * F.mse_loss(gram(found[index]), wanted) / wanted.square().mean()
        return loss


def gram(x: Tensor) -> Tensor:
    """``(1, C, h, w)`` to ``(C, C)``."""
    rows = x.flatten(2)[0]
    return rows @ rows.T / rows.shape[1]


def plain_loop(loss: PlainLoss, content: Tensor, iterations: int) -> tuple[Tensor, float]:
    """The picture and the seconds it took."""
    picture = content.clone().requires_grad_()
    optimizer = torch.optim.Adam([picture], lr=0.02)
    began = time.perf_counter()
    for _step in range(iterations):
        optimizer.zero_grad()
        loss(picture).backward()
        optimizer.step()
        picture.data.clamp_(0, 1)
    return picture.detach(), time.perf_counter() - began


def ours(network: VGG, content: Tensor, style: Tensor, sizes, steps) -> tuple[Tensor, float]:
    """The same with Bottega's engine, its statistics of the styles included in the time."""
    plan = Plan(sizes, steps, CONTENT_WEIGHT, "gram", 0.03)
    began = time.perf_counter()
    made = transfer(content[0], [Region([Style(style[0])])], lambda _views: network, plan, Random(0, "benchmark"))
    return made[None], time.perf_counter() - began


def picture(folder: Path | None, name: str, side: int) -> np.ndarray:
    """A picture of the collection, or waves and noise where there is none."""
    if folder is not None:
        pixels = image.read(folder / name)
        share = side / max(pixels.shape[:2])
        return image.fit(pixels, (round(pixels.shape[0] * share), round(pixels.shape[1] * share)), "stretch")
    y, x = np.mgrid[:side, :side] / side
    waves = np.stack([np.sin(9 * x + len(name) * y * k) for k in (1, 2, 3)], 2) * 80 + 128
    return (waves + np.random.default_rng(len(name)).normal(0, 25, waves.shape)).clip(0, 255).astype(np.uint8)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--iterations", type=int, default=150)
    options = parser.parse_args()
    folder = options.folder
    photo, painting = "photos/tubingen.jpg", "paintings/starry_night_google.jpg"

    def tensor(name: str) -> Tensor:
        return torch.from_numpy(picture(folder, name, options.side)).permute(2, 0, 1)[None].float() / 255

    content, style = tensor(photo), tensor(painting)
    plain = plain_vgg()
    fast = VGG(
        {f"features.{i}.{part}": getattr(plain[i], part).detach() for i in LAYERS for part in ("weight", "bias")}
    )
    loss, size = PlainLoss(plain, content, style), tuple(content.shape[2:])
    for _warm in range(2):
        plain_loop(loss, content, 1), ours(fast, content, style, [size], [1])

    def told(made: Tensor) -> str:
        return f"{loss(made):.4f} (without relu5_1 {loss(made, STYLE_LAYERS[:-1]):.4f})"

    ratios = []
    for _turn in range(3):  # by turns, so that what else the machine does meets both
        each = plain_loop(loss, content, 4)[1] / 4
        longer, shorter = ours(fast, content, style, [size], [6])[1], ours(fast, content, style, [size], [2])[1]
        ratios.append((each, (longer - shorter) / 4))
    one, other = min(r[0] for r in ratios), min(r[1] for r in ratios)
    print(f"per iteration at {size}: plain {one:.3f} s, bottega {other:.3f} s, ratio {one / other:.2f}")
    made, seconds = plain_loop(loss, content, options.iterations)
    with torch.no_grad():
        print(f"plain loop: loss {told(content)} -> {told(made)} in {seconds:.1f} s")
        small = [tuple(round(n * share) for n in size) for share in (0.25, 0.5, 1.0)]
        for steps in ((20, 25, 30), (20, 25, 40), (30, 40, 45)):
            with torch.enable_grad():
                made, took = ours(fast, content, style, small, steps)
            print(f"bottega {steps}: loss {told(made)} in {took:.1f} s, {took / seconds:.2f} of its time")
    works = {"content": [picture(folder, photo, 512)], "style": [picture(folder, painting, 512)]}
    began = time.perf_counter()
    STYLE.run(works, StyleSettings(vgg="off"), Job())
    print(f"style at 512 px without weights: {time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
