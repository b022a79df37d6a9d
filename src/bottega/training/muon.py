"""Muon: momentum made orthogonal, for the kernels of convolutions and the matrices between wide layers.

Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks". A step moves a whole matrix by the
nearest orthogonal one to its momentum, so no direction of its weights is left behind. The Newton–Schulz iteration
that finds it runs here on the small Gram matrices, all kernels of one shape in one batch: on a CPU that costs a
fourth of the textbook form.
"""

from collections import defaultdict

import torch
from torch import Tensor, nn

MOMENTUM = 0.95
NARROW = 32
ROUNDS = 5
A, B, C = 3.4445, -4.7750, 2.0315  # of the quintic iteration, tuned by its authors for speed, not exactness


def suits(p: nn.Parameter, matrices: bool = False) -> bool:
    """Whether Muon takes this parameter: a kernel, or if wished a matrix, of at least 32 channels on both sides."""
    return p.ndim >= (2 if matrices else 3) and min(p.shape[:2]) >= NARROW


class Muon:
    """Moves ``parameters``, each seen as a matrix of its first dimension by all others.

    Args:
        named: parameters by name; ``p.grad`` has to be there when stepping.
    """

    def __init__(self, named: dict[str, nn.Parameter]) -> None:
        self.named = named
        groups: dict[torch.Size, list[str]] = defaultdict(list)
        for name, p in named.items():
            groups[p.flatten(1).shape].append(name)
        self.groups = list(groups.values())
        # one tensor a group, of which ``tensors`` gives views: stacking momenta anew at each step would copy them all
        self.momenta = [
            torch.zeros(len(g), *named[g[0]].flatten(1).shape, device=named[g[0]].device) for g in self.groups
        ]

    @torch.no_grad()
    def step(self, lr: float) -> None:
        """One step with the gradients at hand."""
        for group, momentum in zip(self.groups, self.momenta, strict=True):
            parameters = [self.named[name] for name in group]
            gradient = torch.stack([p.grad.flatten(1) for p in parameters])  # (K, rows, columns)
            momentum.lerp_(gradient, 1 - MOMENTUM)
            update = orthogonal(torch.lerp(gradient, momentum, MOMENTUM))
            rows, columns = update.shape[1:]
            scale = -lr * max(1.0, rows / columns) ** 0.5
            for p, direction in zip(parameters, update, strict=True):
                p.add_(direction.view(p.shape), alpha=scale)

    def tensors(self) -> dict[str, Tensor]:
        """The momenta by name of their parameters."""
        return {
            name: momentum[i]
            for group, momentum in zip(self.groups, self.momenta, strict=True)
            for i, name in enumerate(group)
        }


def orthogonal(matrices: Tensor) -> Tensor:
    """Roughly orthogonal matrices near the given ones, ``(K, rows, columns)``: singular values from 0.7 to 1.2.

    Every round multiplies X by a polynomial of X Xᵀ; keeping the product of the polynomials and the Gram matrix
    apart from X leaves one multiplication of the full size in all.
    """
    x = matrices if matrices.shape[1] <= matrices.shape[2] else matrices.mT
    x = x / (x.flatten(1).norm(dim=1)[:, None, None] + 1e-12)
    gram = x @ x.mT
    identity = torch.eye(gram.shape[1], device=x.device)
    product = None
    for left in reversed(range(ROUNDS)):
        polynomial = A * identity + B * gram + C * gram @ gram
        product = polynomial if product is None else polynomial @ product
        gram = polynomial @ gram @ polynomial if left else gram
    x = product @ x
    return x if matrices.shape[1] <= matrices.shape[2] else x.mT
