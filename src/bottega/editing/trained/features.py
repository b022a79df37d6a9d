"""What a trained model sees in a picture of any size: the layers of its classifier, discriminator or encoder.

The head of such a network knows one size only; its stages are convolutions and take any. They are read one after the
other here, and the head is left out.
"""

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bottega.errors import UsageError
from bottega.language import _

if TYPE_CHECKING:
    from bottega.models import Model

EYES = ("classifier", "discriminator", "encoder")
CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)


def eye_of(model: "Model") -> nn.Module:
    """The network of a model that looks at works.

    Raises:
        UsageError: it has none (a flow only predicts velocities), or one of dense layers, which knows a single size.
    """
    for name in EYES:
        network = getattr(model.objective, name, None)
        if network is None:
            continue
        if stages(network):
            return network
        message = _("The {name} of this model is made of dense layers, which see no neighbourhoods of pixels.")
        raise UsageError(message.format(name=name))
    message = _("A {recipe} model has no network that looks at works; take a classifier, a GAN or a VAE.")
    raise UsageError(message.format(recipe=model.recipe.name))


def layers_of(model: "Model") -> dict[str, nn.Module]:
    """The layers of a model that can be dreamt, or read for style: ``layer1`` (nearest the pixels), ``layer2``, …

    Each is the last module of one stage, whose output is ``(B, C, h, w)`` for pictures of any size.

    Raises:
        UsageError: as for ``eye_of``.
    """
    return {f"layer{number}": parts[-1] for number, parts in enumerate(stages(eye_of(model)), 1)}


def stages(network: nn.Module) -> list[list[nn.Module]]:
    """The stages of a network: each a convolution and what follows it up to the next one; [] without convolutions."""
    if isinstance(listed := getattr(network, "stages", None), nn.ModuleList):
        return [[part] for part in listed]
    groups: list[list[nn.Module]] = []
    for part in getattr(network, "body", nn.Sequential()).children():
        if isinstance(part, CONVOLUTIONS):
            groups.append([])
        elif not groups:
            return []
        groups[-1].append(part)
    return groups


def answers(model: "Model", picture: Tensor, layers: list[str] | None = None) -> dict[str, Tensor]:
    """What the layers answer to pictures of any size; gradients flow back to the picture.

    Args:
        model: a classifier, a GAN, or a VAE.
        picture: float32 ``(B, C, H, W)`` in [-1, 1], C as in the model's works.
        layers: names from ``layers_of``; all when not given.

    Returns:
        name to ``(B, width, h, w)``, as far as the picture is large enough for the layer.
    """
    network = eye_of(model)
    wanted = set(layers if layers is not None else layers_of(model))
    found: dict[str, Tensor] = {}
    x = entrance(network, picture)
    for number, parts in enumerate(stages(network), 1):
        if min(x.shape[2:]) < 2 or wanted <= set(found):
            break
        for part in parts:
            x = part(x)
        if hasattr(network, "pool"):  # the classifier's stages leave ReLU and pooling to its forward
            x = F.relu(x)
        if f"layer{number}" in wanted:
            found[f"layer{number}"] = x
        if hasattr(network, "pool") and min(x.shape[2:]) > 1:
            x = network.pool(x, 2)
    return found


def entrance(network: nn.Module, picture: Tensor) -> Tensor:
    """The picture as the first convolution expects it: in patches of pixels, or beside the channel "no class"."""
    first = stages(network)[0][0]
    channels = picture.shape[1]
    inputs = getattr(first, "in_channels", channels)
    if inputs == 4 * channels:
        down, right = picture.shape[2] % 2, picture.shape[3] % 2
        return F.pixel_unshuffle(F.pad(picture, (0, right, 0, down), mode="replicate"), 2)
    if inputs == channels + 1:
        label = network.label.weight[-1]  # one number for each pixel of the size it was trained at
        side = round(label.numel() ** 0.5)
        shape = (1, 1, side, label.numel() // side)
        beside = F.interpolate(label.detach().view(shape), picture.shape[2:], mode="bilinear", align_corners=False)
        return torch.cat([picture, beside.expand(len(picture), -1, -1, -1)], 1)
    return picture


class ModelEyes:
    """A trained model as the eyes of style transfer: its layers' answers on two octaves.

    Attributes:
        content: the second layer of each octave; octaves: on which raw patches are compared too, since a network
            trained at 32 or 64 pixels knows little of brushwork.
    """

    octaves = 3

    def __init__(self, model: "Model", picture: Tensor) -> None:
        self.model = model
        self.counts = [len(found) for found in self.look(picture)]
        starts = [sum(self.counts[:octave]) for octave in range(len(self.counts))]
        self.content = tuple(start + min(1, count - 1) for start, count in zip(starts, self.counts, strict=True))

    def look(self, picture: Tensor) -> list[list[Tensor]]:
        """The answers to ``(1, 3, H, W)`` in [0, 1], octave by octave."""
        channels = self.model.shape[0]
        picture = picture * 2 - 1
        if channels == 1:
            picture = picture.mean(1, keepdim=True)
        elif channels == 4:  # opaque everywhere
            picture = torch.cat([picture, torch.ones_like(picture[:, :1])], 1)
        halved = F.avg_pool2d(picture, 2)
        return [list(answers(self.model, octave).values()) for octave in (picture, halved)]

    def __call__(self, picture: Tensor) -> list[Tensor]:
        return [answer for octave in self.look(picture) for answer in octave]
