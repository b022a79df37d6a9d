"""Two works of a generator crossed over: the arrangement of one, the colours and textures of the other.

What a channel answers on average over the picture, and how strongly it varies, is its style (Huang & Belongie 2017,
arXiv:1703.06868); what is left is where things are. Karras et al. 2019, arXiv:1812.04948, mix styles so in networks
built for it; here any generator of convolutions will do.
"""

import torch
from torch import Tensor, nn


def crossed(network: nn.Module, first: tuple, second: tuple, share: float) -> Tensor | None:
    """Works with the arrangement of ``first`` and the style of ``second``, ``(B, C, H, W)``.

    Args:
        network: a generator or decoder whose ``body`` is a sequence of layers.
        first, second: what it is given for each, ``(z, label)``.
        share: 0 takes over the finest layers' style only, 1 that of all layers.

    Returns:
        None when the network has no layers with places, as those of dense layers.
    """
    layers = list(network.body.children())
    begin = round((1 - share) * (len(layers) - 2))
    answers: list[Tensor] = []
    _run(network, first=second, hooks=[(layer, lambda _layer, _in, out: answers.append(out)) for layer in layers])
    if answers[0].ndim < 3:
        return None

    def restyled(number: int):
        def hook(_layer: nn.Module, _in: tuple, out: Tensor) -> Tensor:
            places = tuple(range(2, out.ndim))
            other = answers[number]
            own_size = out.std(places, keepdim=True) + 1e-5
            other_mean, other_size = other.mean(places, keepdim=True), other.std(places, keepdim=True)
            return (out - out.mean(places, keepdim=True)) / own_size * other_size + other_mean

        return hook

    return _run(
        network, first, [(layer, restyled(i)) for i, layer in enumerate(layers) if begin <= i < len(layers) - 1]
    )


@torch.no_grad()
def _run(network: nn.Module, first: tuple, hooks: list) -> Tensor:
    handles = [layer.register_forward_hook(hook) for layer, hook in hooks]
    try:
        return network(*first)
    finally:
        for handle in handles:
            handle.remove()
