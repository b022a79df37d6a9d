"""WaveNet: dilated causal convolutions that read samples and predict the next (van den Oord et al. 2016,
arXiv:1609.03499), and the same network one sample at a time.

Each layer looks at one sample and one ``dilation`` earlier; the dilations double, so that few layers hear far back.
Writing would cost the whole network's hearing for every sample; with a ring of remembered inputs for each layer it
costs one column (Paine et al. 2016, arXiv:1611.09482).

Three things make it learn sooner. A linear prediction from the last samples is there from the start, as in LPCNet
(Valin & Skoglund 2019, arXiv:1810.11846), and how far it missed of late says how sure it is; the network only says what
is different. The verdict is a mixture of logistic distributions (Salimans et al. 2017, arXiv:1701.05517), which knows
that steps of loudness lie next to each other, as 256 separate ones do not. And a clock tells how far the sound is,
since a word is longer than what the layers hear.
"""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bottega.errors import UsageError
from bottega.language import _
from bottega.networks.layers import Label, one_hot

TICK = 64  # samples in which the clock stands still
WAVES = 8  # of the clock
TAPS = 16  # samples from which the next one is foreseen in a straight line
FIRST = {-1: 1.5, -2: -0.65}  # of those what counts before anything was learned: most sounds are mostly low
MISSED = 32  # samples over which it is told how far that missed
LEAST = -7.0  # logarithm of the smallest spread


class Layer(nn.Module):
    """A gated dilated convolution; what passes the gate is added to the stream, and goes to the verdict too."""

    def __init__(self, width: int, dilation: int, clock: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.look = nn.Linear(2 * width, 2 * width)  # a convolution of two places, as the product it is
        self.told = nn.Linear(clock, 2 * width, bias=False)
        self.leave = nn.Linear(width, width)

    def forward(self, x: Tensor, told: Tensor) -> tuple[Tensor, Tensor]:
        """``(B, T, width)`` and what is told at each tick ``(B, ticks, clock)`` to ``(B, T, width)`` twice."""
        before = F.pad(x, (0, 0, self.dilation, 0))[:, : x.shape[1]]
        h = self.look(torch.cat([before, x], 2))
        n, long, wide = h.shape
        h = (h.view(n, -1, TICK, wide) + self.told(told)[:, :, None]).view(n, long, wide)
        h = F.glu(h, 2)
        return x + self.leave(h), h


class WaveNet(nn.Module):
    """``ids (B, T), label (B,) -> (B, T, 3 mixture)``: logits, means and log spreads of the logistic distributions of
    the samples that follow, on the scale of loudness on which ``levels`` steps go from -1 to 1.

    Args:
        shape: (1, N): it writes one channel; N is the usual length, at the end of which its clock stops.
        classes: 0 for none; label ``classes`` means "no class".
        levels: of loudness that a sample can take.
        width: channels between layers; skip: before the verdict; clock: of what is told of class and time.
        dilations: how many times they double; cycles: how often they begin again at 1.
        mixture: distributions in a verdict.

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
        clock: int = 64,
        dilations: int = 10,
        cycles: int = 2,
        mixture: int = 8,
    ) -> None:
        super().__init__()
        if shape[0] != 1:
            raise UsageError(_("WaveNet writes one channel; prepare the works with --channels 1."))
        self.levels, self.samples, self.mixture = levels, shape[1], mixture
        self.line = nn.Linear(TAPS, 1, bias=False)
        self.enter = nn.Linear(TAPS + 2, width)
        self.label = Label(classes + 1, clock) if classes else None
        self.clock = nn.Sequential(nn.Linear(2 * WAVES, clock), nn.SiLU(), nn.Linear(clock, clock), nn.SiLU())
        self.layers = nn.ModuleList(
            Layer(width, 2**power, clock) for _cycle in range(cycles) for power in range(dilations)
        )
        self.tell = nn.Linear(width * len(self.layers), skip)
        self.leave = nn.Sequential(nn.ReLU(), nn.Linear(skip, skip), nn.ReLU(), nn.Linear(skip, 3 * mixture))
        with torch.no_grad():
            self.line.weight.zero_()
            for place, weight in FIRST.items():
                self.line.weight[0, place] = weight
            self.leave[-1].weight.mul_(0.3)
            self.leave[-1].bias.copy_(torch.cat([torch.zeros(mixture), torch.linspace(-1, 1, mixture),
                                                 torch.full((mixture,), -0.7)]))  # fmt: skip

    def forward(self, ids: Tensor, label: Tensor | None = None) -> Tensor:
        count = ids.shape[1]
        ids = F.pad(ids, (0, -count % TICK), value=self.levels // 2)  # what comes later changes nothing before
        y = ids.float() * (2 / (self.levels - 1)) - 1
        foreseen, spread = self.straight(y)
        x = self.enter(torch.cat([_past(y, TAPS), foreseen[..., None], spread[..., None].log() / 2], 2))
        told, held = self.told(torch.arange(y.shape[1] // TICK, device=y.device), label, len(y)), []
        for layer in self.layers:
            x, h = layer(x, told)
            held.append(h)
        logits, means, spreads = self.leave(self.tell(torch.cat(held, 2))).chunk(3, 2)
        means = foreseen[..., None] + spread[..., None] * means
        spreads = (spread[..., None].log() + spreads).clamp(min=LEAST)
        return torch.cat([logits, means, spreads], 2)[:, :count]

    def straight(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """After each sample ``(B, T)`` the one that a straight line foresees, and how far it missed of late."""
        mu = self.levels - 1
        foreseen = self.line(_past(_loud(y, mu), TAPS))[..., 0].clamp(-1, 1)
        foreseen = foreseen.sign() * torch.log1p(mu * foreseen.abs()) / math.log1p(mu)
        missed = F.pad((y[:, 1:] - foreseen[:, :-1]).abs(), (1, 0))
        return foreseen, _past(missed, MISSED).mean(2) + 1 / mu

    def told(self, ticks: Tensor, label: Tensor | None, n: int) -> Tensor:
        """What all layers are told at these ticks ``(K,)``: the class and the time, ``(n, K, clock)``."""
        time = (ticks * (TICK / self.samples)).clamp(max=1)[:, None]
        angles = math.pi * time * torch.arange(WAVES, device=ticks.device)
        h = self.clock[0](torch.cat([angles.sin(), angles.cos()], 1))[None].expand(n, -1, -1)
        if self.label is not None and label is not None:
            h = h + self.label(label)[:, None]
        return self.clock[1:](h)


class Steps:
    """A WaveNet that reads one sample of each of ``n`` sounds at a time, in numpy: small products cost what calling
    them costs, and numpy calls fastest.

    sigmoid(x) is (1 + tanh(x/2))/2, whose halves are folded into the weights.

    Args:
        network: not changed, and not followed when it learns on.
        label: of the sounds, ``(n,)`` or weights ``(n, classes + 1)``.
    """

    def __init__(self, network: WaveNet, n: int, label: Tensor | None) -> None:
        self.network, self.n, self.mu = network, n, np.float32(network.levels - 1)
        classes = 0 if network.label is None else len(network.label.weight) - 1
        device = next(network.parameters()).device
        self.label = None if label is None or not classes else one_hot(label, classes).to(device)
        self.width = width = network.enter.weight.shape[0]
        self.line = _array(network.line.weight)[0]
        self.enter = _array(network.enter.weight).T, _array(network.enter.bias)
        self.half = np.repeat(np.float32([1, 0.5]), width)
        self.rings, self.looks, self.leaves, self.biases = [], [], [], []
        for layer in network.layers:
            self.rings.append(np.zeros((layer.dilation, n, width), np.float32))
            self.looks.append(_array(layer.look.weight).T * self.half)  # (2 width: before and now, 2 width: gates)
            self.leaves.append(np.ascontiguousarray(_array(layer.leave.weight).T * np.float32(0.5)))
            self.biases.append(_array(layer.leave.bias))
        # what all layers tell the verdict is one product of everything they hold
        self.tell = _array(network.tell.weight).T * np.float32(0.5), _array(network.tell.bias)
        self.last = [(_array(network.leave[i].weight).T, _array(network.leave[i].bias)) for i in (1, 3)]
        self.seen = np.zeros((n, 2 * width), np.float32)
        self.gates = np.zeros((n, 2 * width), np.float32)
        self.held = np.zeros((n, len(self.leaves), width), np.float32)
        # the last samples, how far they were missed, and what was foreseen of the next
        self.past, self.missed = np.zeros((n, TAPS), np.float32), np.zeros((n, MISSED), np.float32)
        self.foreseen = np.zeros(n, np.float32)
        self.step = 0

    def __call__(self, ids: np.ndarray) -> np.ndarray:
        """The next sample of each sound, int ``(n,)``, to the verdict on the one after, float32 ``(n, 3 mixture)``."""
        if self.step % TICK == 0:
            self._tick(self.step // TICK)
        spread = self._straight(ids.astype(np.float32) * (2 / self.mu) - 1)
        x = np.concatenate([self.past, self.foreseen[:, None], np.log(spread) / 2], 1) @ self.enter[0] + self.enter[1]
        width, seen, gates = self.width, self.seen, self.gates
        for i, ring in enumerate(self.rings):
            place = ring[self.step % len(ring)]
            seen[:, :width], seen[:, width:] = place, x
            place[:] = x
            np.matmul(seen, self.looks[i], out=gates)
            np.add(gates, self.given[i], out=gates)
            held, shut = self.held[:, i], np.tanh(gates[:, width:])
            np.add(shut, 1, out=held)
            np.multiply(held, gates[:, :width], out=held)
            x = x + held @ self.leaves[i]
            x += self.biases[i]
        self.step += 1
        h = self.held.reshape(self.n, -1) @ self.tell[0] + self.tell[1]
        for weight, bias in self.last:
            h = np.maximum(h, 0) @ weight + bias
        third = h.shape[1] // 3
        h[:, third : 2 * third] = self.foreseen[:, None] + spread * h[:, third : 2 * third]
        h[:, 2 * third :] = np.maximum(np.log(spread) + h[:, 2 * third :], LEAST)
        return h

    @torch.no_grad()
    def _tick(self, tick: int) -> None:
        """What the layers are told from now on."""
        told = self.network.told(torch.tensor([tick], device=self.network.line.weight.device), self.label, self.n)[:, 0]
        self.given = [_array(layer.told(told) + layer.look.bias) * self.half for layer in self.network.layers]

    def _straight(self, y: np.ndarray) -> np.ndarray:
        """Take samples ``(n,)`` in; foresee the next ones, and say how far that missed of late, ``(n, 1)``."""
        self.missed[:, :-1] = self.missed[:, 1:]
        self.missed[:, -1] = np.abs(y - self.foreseen) if self.step else 0
        self.past[:, :-1] = self.past[:, 1:]
        self.past[:, -1] = y
        scale = math.log1p(self.mu)
        linear = np.sign(self.past) * np.expm1(np.abs(self.past) * scale) / self.mu
        foreseen = np.clip(linear @ self.line, -1, 1)
        self.foreseen = np.sign(foreseen) * np.log1p(self.mu * np.abs(foreseen)) / np.float32(scale)
        return self.missed.mean(1, keepdims=True) + 1 / self.mu


def _past(x: Tensor, count: int) -> Tensor:
    """Of each of ``(B, T)`` the last ``count``, itself included, ``(B, T, count)``; nought before the first."""
    return F.pad(x, (count - 1, 0)).unfold(1, count, 1)


def _loud(y: Tensor, mu: int) -> Tensor:
    """Samples in [-1, 1] from the scale of loudness."""
    return y.sign() * torch.expm1(y.abs() * math.log1p(mu)) / mu


def _array(weight: Tensor) -> np.ndarray:
    return weight.detach().float().cpu().numpy()
