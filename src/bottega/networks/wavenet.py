"""WaveNet: dilated causal convolutions that read samples and predict the next (van den Oord et al. 2016,
arXiv:1609.03499), and the same network one sample at a time.

Each layer looks at one sample and one ``dilation`` earlier; the dilations double, so that few layers hear far back.
Writing would cost the whole network's hearing for every sample; with a ring of remembered inputs for each layer it
costs one column (Paine et al. 2016, arXiv:1611.09482).
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bottega.errors import UsageError
from bottega.language import _
from bottega.networks.layers import Label, one_hot


class Layer(nn.Module):
    """tanh times sigmoid of a dilated convolution; to the next layer it is added, to the verdict too."""

    def __init__(self, width: int, skip: int, dilation: int, classes: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.look = nn.Linear(2 * width, 2 * width)  # a convolution of two places, as the product it is
        self.label = Label(classes + 1, 2 * width) if classes else None
        self.leave = nn.Linear(width, width + skip)
        if self.label is not None:
            nn.init.normal_(self.label.weight, std=0.3)

    def forward(self, x: Tensor, label: Tensor | None) -> tuple[Tensor, Tensor]:
        """``(B, T, width)`` to the same and ``(B, T, skip)``."""
        before = F.pad(x, (0, 0, self.dilation, 0))[:, : x.shape[1]]
        h = self.look(torch.cat([before, x], 2))
        if self.label is not None and label is not None:
            h = h + self.label(label)[:, None]
        first, second = h.chunk(2, 2)
        h = self.leave(first.tanh() * second.sigmoid())
        return x + h[:, :, : x.shape[2]], h[:, :, x.shape[2] :]


class WaveNet(nn.Module):
    """``ids (B, T), label (B,) -> logits (B, T, levels)`` of the samples that follow.

    Args:
        shape: (1, N): it writes one channel; N is the usual length.
        classes: 0 for none; label ``classes`` means "no class".
        levels: of loudness that a sample can take.
        width: channels between layers; skip: of what each tells the last ones.
        dilations: how many times they double; cycles: how often they begin again at 1.

    Raises:
        UsageError: the works have more than one channel.
    """

    def __init__(
        self,
        *,
        shape: tuple[int, int],
        classes: int = 0,
        levels: int = 256,
        width: int = 32,
        skip: int = 64,
        dilations: int = 10,
        cycles: int = 2,
    ) -> None:
        super().__init__()
        if shape[0] != 1:
            raise UsageError(_("WaveNet writes one channel; prepare the works with --channels 1."))
        self.levels, self.samples = levels, shape[1]
        self.enter = nn.Embedding(levels, width)
        self.layers = nn.ModuleList(
            Layer(width, skip, 2**power, classes) for _cycle in range(cycles) for power in range(dilations)
        )
        self.leave = nn.Sequential(nn.ReLU(), nn.Linear(skip, skip), nn.ReLU(), nn.Linear(skip, levels))

    def forward(self, ids: Tensor, label: Tensor | None = None) -> Tensor:
        x = self.enter(ids)  # (B, T, width)
        verdict = torch.zeros((), device=ids.device)
        for layer in self.layers:
            x, told = layer(x, label)
            verdict = verdict + told
        return self.leave(verdict / len(self.layers) ** 0.5)


class Steps:
    """A WaveNet that reads one sample of each of ``n`` sounds at a time, in numpy: small products cost what calling
    them costs, and numpy calls fastest.

    sigmoid(x) is (1 + tanh(x/2))/2, and both halves are folded into the weights: one tanh serves both gates.

    Args:
        network: not changed, and not followed when it learns on.
        label: of the sounds, ``(n,)`` or weights ``(n, classes + 1)``.
    """

    def __init__(self, network: WaveNet, n: int, label: Tensor | None) -> None:
        self.enter = _array(network.enter.weight)
        self.width = width = self.enter.shape[1]
        self.rings, self.looks, self.given, self.leaves = [], [], [], []
        half = np.repeat(np.float32([1, 0.5]), width)
        biases = []
        for layer in network.layers:
            self.rings.append(np.zeros((layer.dilation, n, width), np.float32))
            self.looks.append(_array(layer.look.weight).T * half)  # (2 width: before and now, 2 width: gates)
            given = np.tile(_array(layer.look.bias), (n, 1))
            if layer.label is not None and label is not None:
                weights = one_hot(label.cpu(), len(layer.label.weight) - 1).numpy()
                given = given + weights @ _array(layer.label.weight)
            self.given.append(np.ascontiguousarray(given * half, np.float32))
            self.leaves.append(np.ascontiguousarray(_array(layer.leave.weight).T * np.float32(0.5)))
            biases.append(_array(layer.leave.bias))
        self.biases = [bias[:width] for bias in biases]
        self.told = np.stack(biases)[:, width:].sum(0)
        # what all layers tell the verdict is one product of everything they hold
        self.tell = np.concatenate([leave[:, width:] for leave in self.leaves])  # (layers · width, skip)
        self.leaves = [np.ascontiguousarray(leave[:, :width]) for leave in self.leaves]
        self.scale = np.float32(len(self.leaves) ** -0.5)
        self.last = [(_array(network.leave[i].weight).T, _array(network.leave[i].bias)) for i in (1, 3)]
        self.seen = np.zeros((n, 2 * width), np.float32)
        self.gates = np.zeros((n, 2 * width), np.float32)
        self.held = np.zeros((n, len(self.leaves), width), np.float32)
        self.step = 0

    def __call__(self, ids: np.ndarray) -> np.ndarray:
        """The next sample of each sound, int ``(n,)``, to the logits of the one after, float32 ``(n, levels)``."""
        x, width, seen, gates = self.enter[ids], self.width, self.seen, self.gates
        for i, ring in enumerate(self.rings):
            place = ring[self.step % len(ring)]
            seen[:, :width], seen[:, width:] = place, x
            place[:] = x
            np.matmul(seen, self.looks[i], out=gates)
            np.add(gates, self.given[i], out=gates)
            np.tanh(gates, out=gates)
            held = self.held[:, i]
            np.add(gates[:, width:], 1, out=held)
            np.multiply(held, gates[:, :width], out=held)
            x = x + held @ self.leaves[i]
            x += self.biases[i]
        self.step += 1
        h = (self.held.reshape(len(x), -1) @ self.tell + self.told) * self.scale
        for weight, bias in self.last:
            h = np.maximum(h, 0) @ weight + bias
        return h


def _array(weight: Tensor) -> np.ndarray:
    return weight.detach().float().cpu().numpy()
