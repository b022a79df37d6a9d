"""What a model can look for in a picture of any size: more of a layer's answers, or of a class."""

from collections.abc import Callable

import torch
from torch import Tensor

from bottega.editing.trained import features
from bottega.errors import UsageError
from bottega.language import _
from bottega.models import Model
from bottega.objectives.classification import Classification
from bottega.objectives.flow import Flow
from bottega.parts import nearest

Score = Callable[[Tensor], Tensor]


def of(model: Model, layer: str, label: str) -> tuple[Score, int, str]:
    """What is climbed, the fewest pixels a side that it sees, and the name of the layer or class.

    Raises:
        UsageError: both a layer and a class are named, the model has no such layer or class, or it sees nothing.
    """
    if layer and label:
        raise UsageError(_("Name a layer or a class to dream of, not both."))
    if label:
        number = int(model.labels(1, 0, label)[0])
        return class_of(model, number), max(model.shape[1:]), label
    flow = isinstance(model.objective, Flow)
    names = [f"layer{i + 1}" for i in range(len(model.objective.velocity.encoder))] if flow else None
    names = names or list(features.layers_of(model))
    if layer and layer not in names:
        message = _("This model sees no layer “{layer}”; it sees: {layers}.")
        raise UsageError(message.format(layer=layer, layers=", ".join(names)) + nearest(layer, names))
    chosen = layer or names[-1]
    look = answers_of_flow if flow else answers_of_eye
    least = (model.objective.velocity.patch if flow else 2) * 2 ** len(names)
    return strongest(lambda x: look(model, x, chosen)), least, chosen


def strongest(look: Callable[[Tensor], Tensor]) -> Score:
    """More of what stands out: squares of the answers, each channel as a share of its usual size.

    What is usual is measured anew on each size of picture, on the first look at it.
    """
    usual: dict[tuple[int, ...], tuple[Tensor, Tensor]] = {}

    def score(x: Tensor) -> Tensor:
        out = look(x)
        key = tuple(x.shape[2:])
        if key not in usual:
            size = out.detach().std((0, 2, 3), correction=0, keepdim=True)
            usual[key] = out.detach().mean((0, 2, 3), keepdim=True), size + 0.1 * out.detach().std(correction=0) + 1e-6
        mean, size = usual[key]
        return ((out - mean) / size).relu().square().mean()

    return score


def answers_of_eye(model: Model, x: Tensor, layer: str) -> Tensor:
    """``(B, C, H, W)`` to ``(B, width, h, w)``, of a classifier, discriminator or encoder."""
    return features.answers(model, x, [layer])[layer]


def answers_of_flow(model: Model, x: Tensor, layer: str) -> Tensor:
    """The same of a flow's U-Net, which is told that the picture is nearly finished."""
    network, answers = model.objective.velocity, []
    blocks = network.encoder[int(layer.removeprefix("layer")) - 1]
    hook = blocks[-1].register_forward_hook(lambda _block, _in, out: answers.append(out))
    rows, columns = (-x.shape[2] % network.patch), (-x.shape[3] % network.patch)
    try:
        network(torch.nn.functional.pad(x, (0, columns, 0, rows), mode="replicate"), x.new_full((len(x),), 0.9))
    finally:
        hook.remove()
    return answers[0]


def class_of(model: Model, number: int) -> Score:
    """How surely windows of the model's own size show a class, summed over all of them."""
    objective, (_channels, height, width) = model.objective, model.shape

    def verdict(windows: Tensor) -> Tensor:
        label = torch.full((len(windows),), number, device=windows.device)
        if isinstance(objective, Classification):
            return objective.classifier(windows)[:, number].sum()
        if isinstance(objective, Flow):  # where guidance leads: what the class foretells more than "no class" does
            x = 0.8 * windows + 0.2 * torch.zeros_like(windows)
            times = torch.full((len(windows),), 0.8, device=windows.device)
            with torch.no_grad():
                none = objective.velocity(x, times, torch.full_like(label, objective.classes))
                way = objective.velocity(x, times, label) - none
            return (way * windows).sum()
        if hasattr(objective, "discriminator"):
            return objective.discriminator(windows, label).sum()
        raise UsageError(_("A {recipe} model cannot tell classes apart in pictures.").format(recipe=model.recipe.name))

    def score(x: Tensor) -> Tensor:
        parts = x.unfold(2, height, max(1, height // 2)).unfold(3, width, max(1, width // 2))  # (B, C, ny, nx, h, w)
        return verdict(parts.permute(0, 2, 3, 1, 4, 5).reshape(-1, x.shape[1], height, width))

    return score
