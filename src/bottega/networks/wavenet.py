"""WaveNet: dilated causal convolutions that read samples and predict the next (van den Oord et al. 2016,
arXiv:1609.03499), and the same network one sample at a time.

As its authors' voices were told pitch and sounds by another model, so is this one told the outline of the sound it
writes: how loud each band is and how high the sound, every 64 samples (``bottega.networks.outline``). Who writes the
outline is a network of the same layers, which reads frames instead of samples, hears the whole word, and knows the
class and the time. The samples then only have to do what is near: with the outline comes a linear prediction, a period
after which the sound comes back, and how far all that will miss. The network says what is different, in units of that,
so that what it writes does not decide how loud it goes on.

The verdict on a sample is a mixture of logistic distributions (Salimans et al. 2017, arXiv:1701.05517), that on a frame
a mixture of normal ones. With a ring of remembered inputs for each layer writing costs one column of the network for
each sample (Paine et al. 2016, arXiv:1611.09482).
"""

import math
from collections.abc import Iterator

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor, nn

from bottega.errors import UsageError
from bottega.language import _
from bottega.networks.layers import Label, processes
from bottega.networks.mu_law import expanded
from bottega.networks.outline import FRAME, LAGS, ORDER, TICK, bundled, foretold, plain, straight
from bottega.randomness import Random

PLACES = 4  # samples that a layer looks at
DILATIONS = (1, 4, 16, 64)  # between them, so that each layer looks at all that the one before has seen, four times
FRAME_PLACES, FRAME_DILATIONS = 2, (1, 2, 4, 8, 16, 32)  # the same among frames
MEMORY = -(-sum((PLACES - 1) * dilation for dilation in DILATIONS) // TICK)
"""Ticks after which a sample is forgotten by the layers."""
WAVES = 8  # of the clock
ECHO = 3  # samples around the one a period ago
LEAST, MOST = -12.0, 1.0  # logarithm of spreads of samples
WIDEST = 5.0  # logarithm of how many times the network may change a spread
SURE = -3.0  # logarithm of the smallest spread of a number in a frame


class Layer(nn.Module):
    """A gated dilated convolution; what passes the gate is added to the stream ``(B, T, width)``."""

    def __init__(self, width: int, places: int, dilation: int, told: int) -> None:
        super().__init__()
        self.places, self.dilation = places, dilation
        self.look = nn.Linear(places * width, 2 * width)  # a convolution, as the product it is
        self.told = nn.Linear(told, 2 * width, bias=False)
        self.leave = nn.Linear(width, width)

    def forward(self, x: Tensor, told: Tensor) -> Tensor:
        """``told`` is ``(B, ticks, told)``; each tick lasts as many places as it takes."""
        n, long, width = x.shape
        before = F.pad(x, (0, 0, (self.places - 1) * self.dilation, 0))
        seen = torch.cat([before[:, i * self.dilation :][:, :long] for i in range(self.places)], 2)
        h = self.look(seen).view(n, told.shape[1], -1, 2 * width) + self.told(told)[:, :, None]
        return x + self.leave(F.glu(h.view(n, long, 2 * width), 2))


class Layers(nn.ModuleList):
    """Layers of several dilations one after the other."""

    def __init__(self, width: int, places: int, dilations: tuple[int, ...], told: int) -> None:
        super().__init__(Layer(width, places, dilation, told) for dilation in dilations)

    def __iter__(self) -> Iterator[Layer]:
        return super().__iter__()  # type: ignore[return-value]

    def forward(self, x: Tensor, told: Tensor) -> Tensor:
        for layer in self:
            x = layer(x, told)
        return x

    def given(self, told: Tensor) -> list[np.ndarray]:
        """What each layer is told at each tick, and its bias: ``(ticks, n, 2 width)`` of ``(n, ticks, told)``."""
        return [_by_tick(layer.told(told) + layer.look.bias) * _half(layer) for layer in self]


class Remembered:
    """The same layers one place at a time, in numpy: small products cost what calling them costs, and numpy calls
    fastest. sigmoid(x) is (1 + tanh(x/2))/2, whose halves are folded into the weights."""

    def __init__(self, layers: Layers, n: int) -> None:
        self.looks = [_array(layer.look.weight).T * _half(layer) for layer in layers]
        self.leaves = [(_array(layer.leave.weight).T / 2, _array(layer.leave.bias)) for layer in layers]
        self.dilations = [layer.dilation for layer in layers]
        self.width = self.looks[0].shape[1] // 2
        self.places = len(self.looks[0]) // self.width
        self.rings = [np.zeros(((self.places - 1) * d, n, self.width), np.float32) for d in self.dilations]
        self.seen = np.zeros((n, self.places * self.width), np.float32)
        self.step = 0

    def __call__(self, x: np.ndarray, given: list[np.ndarray], tick: int) -> np.ndarray:
        """The next place of each stream ``(n, width)``, with what is ``given`` to the layers at this tick."""
        width, seen = self.width, self.seen
        for i, ring in enumerate(self.rings):
            for place in range(self.places - 1):
                seen[:, place * width : (place + 1) * width] = ring[(self.step + place * self.dilations[i]) % len(ring)]
            seen[:, -width:] = x
            ring[self.step % len(ring)] = x
            gates = seen @ self.looks[i]
            gates += given[i][tick]
            shut = np.tanh(gates[:, width:])
            shut += 1
            shut *= gates[:, :width]
            x = x + shut @ self.leaves[i][0]
            x += self.leaves[i][1]
        self.step += 1
        return x


class Outline(nn.Module):
    """``frames (B, ticks, FRAME), label (B,) -> logits (B, ticks, K), means and log spreads (B, ticks, K, FRAME)`` of
    each frame, by those before it, the class and the time.

    Attributes:
        least, most: of each plain number of the frames it has met, beyond which it writes none, ``(FRAME,)``.
    """

    least: Tensor
    most: Tensor

    def __init__(self, samples: int, classes: int, width: int, mixture: int, dropout: float) -> None:
        super().__init__()
        self.samples, self.mixture = samples, mixture
        self.label = Label(classes + 1, width) if classes else None
        self.clock = nn.Sequential(nn.Linear(2 * WAVES, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU())
        self.enter = nn.Linear(FRAME, width)
        self.layers = Layers(width, FRAME_PLACES, FRAME_DILATIONS, width)
        self.register_buffer("least", torch.zeros(FRAME))
        self.register_buffer("most", torch.zeros(FRAME))
        last = nn.Linear(width, mixture * (1 + 2 * FRAME))
        self.leave = nn.Sequential(nn.SiLU(), nn.Dropout(dropout), last)
        with torch.no_grad():
            last.weight.mul_(0.3)

    def forward(self, frames: Tensor, label: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        n, ticks = frames.shape[:2]
        before = F.pad(frames, (0, 0, 1, 0))[:, :-1]
        return self.verdict(self.layers(self.enter(before), self.told(ticks, label, n)), before)

    @torch.no_grad()
    def meet(self, frames: Tensor) -> None:
        """Remember how soft and how loud each band is in frames ``(B, ticks, FRAME)``."""
        numbers = plain(frames)
        self.least.copy_(torch.minimum(self.least, numbers.amin((0, 1))))
        self.most.copy_(torch.maximum(self.most, numbers.amax((0, 1))))
        if processes() > 1:
            dist.all_reduce(self.least, dist.ReduceOp.MIN)
            dist.all_reduce(self.most, dist.ReduceOp.MAX)

    def verdict(self, x: Tensor, before: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What follows from the stream ``(B, ticks, width)`` and the frames before."""
        wide = self.mixture * FRAME
        logits, means, spreads = self.leave(x).split([self.mixture, wide, wide], 2)
        shape = (*before.shape[:2], self.mixture, FRAME)
        return logits, before[:, :, None] + means.view(shape), SURE + F.softplus(spreads.view(shape) + 2)

    def told(self, ticks: int, label: Tensor | None, n: int) -> Tensor:
        """What all layers are told: the class and the time, which stops at the usual end, ``(n, ticks, width)``."""
        device = self.enter.weight.device
        time = (torch.arange(ticks, device=device) * (TICK / self.samples)).clamp(max=1)[:, None]
        angles = math.pi * time * torch.arange(WAVES, device=device)
        h = self.clock[0](torch.cat([angles.sin(), angles.cos()], 1))[None].expand(n, -1, -1)
        if self.label is not None and label is not None:
            h = h + self.label(label)[:, None]
        return self.clock[1:](h)

    @torch.no_grad()
    def write(self, n: int, ticks: int, label: Tensor | None, random: Random, temperature: float) -> Tensor:
        """New outlines ``(n, ticks, FRAME)``, one frame after another."""
        layers, device = Remembered(self.layers, n), self.enter.weight.device
        given = self.layers.given(self.told(ticks, label, n))
        draws, noise = random.uniform(n, ticks), random.normal(n, ticks, FRAME)
        least, most = self.least.cpu(), self.most.cpu()
        frame, frames, rows = torch.zeros(n, FRAME), [], torch.arange(n)
        for tick in range(ticks):
            x = layers(_array(self.enter(frame.to(device))), given, tick)
            verdict = self.verdict(torch.from_numpy(x).to(device)[:, None], frame.to(device)[:, None])
            logits, means, spreads = (part[:, 0].cpu() for part in verdict)
            ends = (logits / temperature).softmax(1).cumsum(1)
            part = (ends <= draws[:, tick, None]).sum(1).clamp(max=self.mixture - 1)
            frame = means[rows, part] + temperature * spreads[rows, part].exp() * noise[:, tick]
            frame = bundled(plain(frame).clamp(least, most))
            frames.append(frame)
        return torch.stack(frames, 1).to(device)


class WaveNet(nn.Module):
    """``ids (B, T), frames (B, T / TICK, FRAME) -> (B, T, 3 mixture)``: logits, means and log spreads of the logistic
    distributions of the samples that follow those read, for sounds of whole ticks.

    Args:
        shape: (1, N): it writes one channel; N is the usual length, at the end of which its clock stops.
        classes: 0 for none; label ``classes`` means "no class".
        levels: of loudness that a sample can take.
        width: channels between layers; skip: before the verdict; told: of what the layers are told of the outline.
        mixture: distributions in a verdict on a sample.
        outline: channels between the layers that read frames; outlines: distributions in a verdict on a frame.
        dropout: of the last thing known of a frame.

    Raises:
        UsageError: the works have more than one channel.
    """

    loud: Tensor

    def __init__(
        self,
        *,
        shape: tuple[int, int],
        classes: int = 0,
        levels: int = 256,
        width: int = 48,
        skip: int = 64,
        told: int = 96,
        mixture: int = 4,
        outline: int = 96,
        outlines: int = 4,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        if shape[0] != 1:
            raise UsageError(_("WaveNet writes one channel; prepare the works with --channels 1."))
        self.levels, self.samples = levels, shape[1]
        self.outline = Outline(shape[1], classes, outline, outlines, dropout)
        self.hear = nn.Sequential(nn.Linear(3 * FRAME, told), nn.SiLU(), nn.Linear(told, told), nn.SiLU())
        self.bend = nn.Linear(told, ORDER + 1)
        self.enter = nn.Linear(3 + ECHO, width)
        self.layers = Layers(width, PLACES, DILATIONS, told)
        self.tell = nn.Linear(width, skip)
        self.told = nn.Linear(told, skip, bias=False)
        last = nn.Linear(skip, 3 * mixture)
        self.leave = nn.Sequential(nn.ReLU(), nn.Linear(skip, skip), nn.ReLU(), last)
        self.register_buffer("loud", expanded(torch.arange(levels), levels), persistent=False)
        with torch.no_grad():
            nn.init.zeros_(self.bend.weight)
            nn.init.zeros_(self.bend.bias)
            last.weight.mul_(0.3)
            apart = torch.linspace(-1, 1, mixture)
            last.bias.copy_(torch.cat([torch.zeros(mixture), apart, torch.full((mixture,), -0.7)]))

    def forward(self, ids: Tensor, frames: Tensor, begin: Tensor | None = None, span: int | None = None) -> Tensor:
        """Of all ticks, or of ``span`` of them from tick ``begin (B,)`` of each sound, before which the layers hear
        nothing: ``(B, span * TICK, 3 mixture)``."""
        n, device = len(ids), ids.device
        begin = torch.zeros(n, dtype=torch.long, device=device) if begin is None else begin
        rows = torch.arange(n, device=device)[:, None]
        ticks = begin[:, None] + torch.arange(span or frames.shape[1], device=device)
        told, taps, level, lag = (part[rows, ticks] for part in self.conditions(frames))
        x, foreseen = self.read(F.pad(self.loud[ids], (LAGS[1], 0)), ticks, taps, level, lag)
        x = self.layers(self.enter(x.flatten(1, 2)), told)
        h = self.tell(x).view(n, ticks.shape[1], TICK, -1) + self.told(told)[:, :, None]
        logits, means, spreads = self.leave(h).chunk(3, 3)
        means = foreseen[..., None] + level.exp()[..., None, None] * means
        spreads = (level[..., None, None] + WIDEST * torch.tanh(spreads / WIDEST)).clamp(min=LEAST)
        return torch.cat([logits, means, spreads], 3).flatten(1, 2)

    def conditions(self, frames: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """What frames ``(B, ticks, FRAME)`` tell the layers ``(B, ticks, told)``, the weights of the last samples in
        what is foreseen ``(B, ticks, ORDER)``, the log spread and the period ``(B, ticks)``."""
        beside = torch.cat([frames[:, :1], frames, frames[:, -1:]], 1)
        told = self.hear(torch.cat([beside[:, :-2], frames, beside[:, 2:]], 2))
        bent, level, lag = foretold(frames)
        change = self.bend(told)
        return told, straight(bent + change[..., :-1]), (level + 2 * change[..., -1]).clamp(LEAST, MOST), lag

    @staticmethod
    def read(y: Tensor, ticks: Tensor, taps: Tensor, level: Tensor, lag: Tensor) -> tuple[Tensor, Tensor]:
        """What the layers hear of the samples in these ticks ``(B, K, TICK, 3 + ECHO)``, and what a straight line
        foresees of the next ones ``(B, K, TICK)``; ``y`` has ``LAGS[1]`` samples before its first tick."""
        n, device = len(y), y.device
        places = LAGS[1] + ticks[..., None] * TICK + torch.arange(TICK, device=device)  # (B, K, TICK)
        rows = torch.arange(n, device=device)[:, None, None]
        past = y.unfold(1, ORDER, 1)[rows, places - ORDER + 1]  # the oldest first
        foreseen = (past @ taps.flip(-1)[..., None])[..., 0]
        with torch.no_grad():
            missed = y[rows, places] - F.pad(foreseen.flatten(1), (1, 0))[:, :-1].view_as(foreseen)
            echo = [y[rows, places - lag[..., None] + i] for i in range(ECHO)]
            heard = torch.stack([y[rows, places], foreseen, missed, *echo], 3) / level.exp()[..., None, None]
            return torch.asinh(heard) / 2, foreseen


class Steps:
    """A WaveNet that reads one sample of each of ``n`` sounds at a time.

    Args:
        network: not changed, and not followed when it learns on.
        frames: the outlines of the sounds, ``(n, ticks, FRAME)``.
    """

    @torch.no_grad()
    def __init__(self, network: WaveNet, frames: Tensor) -> None:
        told, taps, level, lag = network.conditions(frames)
        n = len(frames)
        self.layers = Remembered(network.layers, n)
        self.given = network.layers.given(told)
        self.told = _by_tick(network.told(told) + network.tell.bias)
        self.taps, self.level, self.lag = _by_tick(taps.flip(-1)), _by_tick(level[..., None]), lag.T.cpu().numpy()
        self.loud = _array(network.loud)
        self.enter = _array(network.enter.weight).T, _array(network.enter.bias)
        self.tell = _array(network.tell.weight).T
        last = [part for part in network.leave if isinstance(part, nn.Linear)]
        self.last = [(_array(part.weight).T, _array(part.bias)) for part in last]
        self.past, self.foreseen = np.zeros((n, LAGS[1]), np.float32), np.zeros(n, np.float32)
        self.rows = np.arange(n)[:, None]

    def __call__(self, ids: np.ndarray) -> np.ndarray:
        """The next sample of each sound, int ``(n,)``, to the verdict on the one after, float32 ``(n, 3 mixture)``."""
        tick = self.layers.step // TICK
        spread = np.exp(self.level[tick])
        x = self.layers(self._read(self.loud[ids], tick, spread), self.given, tick)
        h = x @ self.tell + self.told[tick]
        for weight, bias in self.last:
            h = np.maximum(h, 0) @ weight + bias
        third = h.shape[1] // 3
        h[:, third : 2 * third] = self.foreseen[:, None] + spread * h[:, third : 2 * third]
        h[:, 2 * third :] = np.maximum(self.level[tick] + WIDEST * np.tanh(h[:, 2 * third :] / WIDEST), LEAST)
        return h

    def _read(self, y: np.ndarray, tick: int, spread: np.ndarray) -> np.ndarray:
        """Take samples ``(n,)`` in; what the layers hear of them."""
        missed = y - self.foreseen
        self.past[:, :-1] = self.past[:, 1:]
        self.past[:, -1] = y
        self.foreseen = (self.past[:, -ORDER:] * self.taps[tick]).sum(1)
        echo = self.past[self.rows, np.arange(ECHO) - 1 - self.lag[tick][:, None]]
        heard = np.concatenate([np.stack([y, self.foreseen, missed], 1), echo], 1) / spread
        return np.arcsinh(heard) * np.float32(0.5) @ self.enter[0] + self.enter[1]


def _array(weight: Tensor) -> np.ndarray:
    return weight.detach().float().cpu().numpy()


def _half(layer: Layer) -> np.ndarray:
    """One for what passes, a half for its gate, ``(2 width,)``."""
    return np.repeat(np.array([1, 0.5], np.float32), layer.leave.in_features)


def _by_tick(x: Tensor) -> np.ndarray:
    """``(n, ticks, …) -> (ticks, n, …)``."""
    return np.ascontiguousarray(_array(x.transpose(0, 1)))
