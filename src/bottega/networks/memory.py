"""What a decoder remembers of the texts it reads, and how it takes in one more token in the least time.

Memory does not grow with the text: the keys and values of the last tokens lie in rings.
"""

import numpy as np
import torch
from torch import Tensor

EPS = 1e-6
BASE = 10_000.0  # of the slowest wave, as in Llama
LARGEST = 60.0  # product of a query and a key whose exponential needs no care
ONE = np.float32(1)
AHEAD = 64  # places of which the waves are made at once while writing


class State:
    """What a decoder remembers of ``n`` texts: keys and values of the last ``context`` tokens of each layer.

    Attributes:
        read: tokens read so far, those forgotten included.
    """

    def __init__(self, network, n: int) -> None:
        self.network, self.read = network, 0
        self.layers = [Ring(network, n) for _layer in network.model.layers]
        weight = network.model.norm.weight
        self.near = weight.device.type == "cpu" and weight.dtype == torch.float32
        self.writer: Writer | None = None

    def mask(self, new: int) -> Tensor:
        """Which of the remembered and the new keys each new token sees, ``(new, keys)``."""
        context = self.network.context
        old = min(self.read, context)
        device = self.network.model.norm.weight.device
        query = torch.arange(new, device=device)[:, None] + old
        key = torch.arange(old + new, device=device)
        return (key <= query) & (key > query - context)

    def quick(self) -> bool:
        """Whether ``step`` is there: on a processor, when no gradients are wanted."""
        return self.near and not torch.is_grad_enabled()

    def step(self, ids: np.ndarray) -> np.ndarray:
        """Logits ``(n, vocabulary)`` after one more token each, ``(n,)``: the same as ``Transformer.forward``."""
        if self.writer is None:
            self.writer = Writer(self.network, self.layers, len(ids))
        logits = self.writer(ids, self.read)
        self.read += 1
        return logits


class Ring:
    """Keys ``(n, H, D, context)`` and values ``(n, H, context, D)`` of one layer; a new token replaces the oldest.

    The order of keys means nothing to attention: their places are turned into them.
    """

    def __init__(self, network, n: int) -> None:
        self.context, self.read = network.context, 0
        new, size = network.model.norm.weight.new_zeros, network.width // network.heads
        self.keys = new(n, network.heads, size, self.context)
        self.values = new(n, network.heads, self.context, size)

    def take(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Take in new keys and values ``(n, H, T, D)``; all that the new tokens may see, the oldest first."""
        new, old = k.shape[2], min(self.read, self.context)
        order = torch.arange(self.read - old, self.read, device=k.device) % self.context
        all_k = torch.cat([self.keys[..., order].mT, k], 2)
        all_v = torch.cat([self.values[:, :, order], v], 2)
        kept = min(new, self.context)
        places = torch.arange(self.read + new - kept, self.read + new, device=k.device) % self.context
        self.keys[..., places], self.values[:, :, places] = k[:, :, -kept:].mT, v[:, :, -kept:]
        self.read += new
        return all_k, all_v


class Writer:
    """A decoder for one token of each of ``n`` texts at a time.

    A single row costs little more than the way to it: an operation of torch takes several microseconds to begin, one of
    numpy less than one, a view of an array a fourth of that. So torch only multiplies by the matrices, which lie here
    side by side with the weights of the norms in them, and numpy does the rest in place, in memory that both share and
    of which all views are made beforehand.
    """

    def __init__(self, network, rings: list[Ring], n: int) -> None:
        self.heads, self.width, self.turns, self.block = network.heads, network.width, network.turns, -1
        self.size = network.width // network.heads
        self.embedding = network.model.embed_tokens.weight.numpy()
        self.norm = network.model.norm.weight.numpy() * np.float32(self.width**0.5)
        self.x, self.h, self.found = (Shared(n, self.width) for _which in range(3))
        self.qkv, self.both = Shared(n, 3 * self.width), Shared(n, 2 * network.inner)
        self.gate, self.up = np.split(self.both.array, 2, 1)  # (n, inner)
        self.inner, self.words = Shared(n, network.inner), network.model.embed_tokens.weight.mT.contiguous()
        self.long = Length(self.x.array, self.width * EPS)
        pairs = zip(network.model.layers, rings, strict=True)
        self.layers = [LayerWriter(network, layer, ring, self, n) for layer, ring in pairs]

    def __call__(self, ids: np.ndarray, read: int) -> np.ndarray:
        """Logits ``(n, vocabulary)`` after tokens ``(n,)``, of which each text had ``read`` before."""
        block, at = divmod(read, AHEAD)
        if block != self.block:
            self._prepare(block)
        x = self.x.array
        np.take(self.embedding, ids, 0, x)
        if not self.turns:
            x += self.waves[at]
        with np.errstate(over="ignore"):  # of exp(-gate), where the gate is shut
            for layer in self.layers:
                layer(at)
        np.multiply(x, self.norm / self.long(), self.h.array)
        return torch.mm(self.h.tensor, self.words).numpy()

    def _prepare(self, block: int) -> None:
        """Make the waves of the next places."""
        self.block = block
        cpu = torch.device("cpu")
        waved = waves(block * AHEAD, AHEAD, self.size if self.turns else self.width, cpu)
        cos, sin = (part.numpy() for part in waved)
        self.waves = self.width**-0.5 * np.concatenate([cos, sin], 1)
        if not self.turns:
            cos, sin = np.ones((AHEAD, self.size // 2), np.float32), np.zeros((AHEAD, self.size // 2), np.float32)
        for layer in self.layers:
            layer.prepare(cos, sin)


class LayerWriter:
    """One layer of a ``Writer`` for ``n`` texts."""

    def __init__(self, network, layer, ring: Ring, shared: Writer, n: int) -> None:
        self.ring, self.context, self.normed, self.shared = ring, ring.context, network.normed, shared
        self.keys, self.values = ring.keys.numpy(), ring.values.numpy()
        size, width, attention, mlp = network.width // network.heads, network.width, layer.self_attn, layer.mlp
        qkv = torch.cat([attention.q_proj.weight, attention.k_proj.weight, attention.v_proj.weight])
        self.to_qkv = (qkv * layer.input_layernorm.weight * width**0.5).mT.contiguous()
        both = torch.cat([-mlp.gate_proj.weight, mlp.up_proj.weight])  # silu(x) = x / (1 + exp(-x))
        self.to_both = (both * layer.post_attention_layernorm.weight * width**0.5).mT.contiguous()
        self.out, self.down = attention.o_proj.weight.mT.contiguous(), -mlp.down_proj.weight.mT.contiguous()
        queries, keys = np.full(size, size**-0.5, np.float32), np.ones(size, np.float32)
        if network.normed:
            queries, keys = attention.q_norm.weight.numpy(), attention.k_norm.weight.numpy() * np.float32(size**0.5)
        self.scale = np.stack([queries, keys])[:, None]  # (2, 1, D)
        self.bounded = network.normed and np.prod(np.abs(self.scale).max(2)) < LARGEST
        qkv = shared.qkv.array.reshape(n, 3, network.heads, size)
        self.qk, self.v = qkv[:, :2], qkv[:, 2]  # (n, 2, H, D), (n, H, D)
        self.long = Length(self.qk, size * EPS)
        self.halves = self.qk.reshape(n, 2, network.heads, 2, size // 2)
        self.swapped = self.halves[..., ::-1, :]
        self.turned, self.partly = np.empty_like(self.halves), np.empty_like(self.halves)
        turned = self.turned.reshape(self.qk.shape)
        self.q, self.k = turned[:, 0, :, None], turned[:, 1]  # (n, H, 1, D), (n, H, D)
        self.y = np.empty((n, network.heads, 1, size), np.float32)
        self.found = shared.found.array.reshape(self.y.shape)
        self.shut = np.empty_like(shared.gate)

    def prepare(self, cos: np.ndarray, sin: np.ndarray) -> None:
        """Take the waves of the next ``AHEAD`` places, ``(AHEAD, D / 2)`` each, with the weights of the norms."""
        size = self.scale.shape[2]
        same, other = np.concatenate([cos, cos], 1), np.concatenate([-sin, sin], 1)  # (AHEAD, D)
        same, other = same[:, None, None] * self.scale, other[:, None, None] * np.roll(self.scale, size // 2, 2)
        halves = (AHEAD, 2, 1, 2, size // 2)
        self.same, self.other = list(same.reshape(halves)), list(other.reshape(halves))

    def __call__(self, at: int) -> None:
        """The layer for the stream ``shared.x``, at place ``at`` of those prepared."""
        shared = self.shared
        x, h, both = shared.x, shared.h, shared.both
        np.divide(x.array, shared.long(), h.array)
        torch.mm(h.tensor, self.to_qkv, out=shared.qkv.tensor)
        self.attend(at)
        torch.addmm(x.tensor, shared.found.tensor, self.out, out=x.tensor)
        np.divide(x.array, shared.long(), h.array)
        torch.mm(h.tensor, self.to_both, out=both.tensor)
        shut = np.exp(shared.gate, self.shut)
        shut += ONE
        np.divide(shared.gate, shut, shut)
        np.multiply(shut, shared.up, shared.inner.array)
        torch.addmm(x.tensor, shared.inner.tensor, self.down, out=x.tensor)

    def attend(self, at: int) -> None:
        """From ``shared.qkv`` to ``shared.found``."""
        if self.normed:
            np.divide(self.qk, self.long(), self.qk)
        np.multiply(self.halves, self.same[at], self.turned)
        np.multiply(self.swapped, self.other[at], self.partly)
        np.add(self.turned, self.partly, self.turned)
        ring, keys, values = self.ring, self.keys, self.values
        place = ring.read % self.context
        keys[:, :, :, place], values[:, :, place] = self.k, self.v
        ring.read += 1
        if ring.read < self.context:
            keys, values = keys[:, :, :, : ring.read], values[:, :, : ring.read]
        p = np.matmul(self.q, keys)  # (n, H, 1, T)
        if not self.bounded:
            p -= np.maximum.reduce(p, 3, keepdims=True)
        np.exp(p, p)
        np.matmul(p, values, self.y)
        np.divide(self.y, np.add.reduce(p, 3, keepdims=True), self.found)


class Shared:
    """Numbers ``(n, size)`` that numpy and torch both see."""

    def __init__(self, n: int, size: int) -> None:
        self.array = np.zeros((n, size), np.float32)
        self.tensor = torch.from_numpy(self.array)


class Length:
    """Measures the vectors of ``x (…, D)``: ``(…, 1)``, with ``least`` added to the squares."""

    def __init__(self, x: np.ndarray, least: float) -> None:
        self.x, self.least = x, np.full(x.shape[:-1], least, np.float32)
        self.length = np.empty_like(self.least)
        self.column = self.length[..., None]

    def __call__(self) -> np.ndarray:
        np.vecdot(self.x, self.x, self.length)
        np.add(self.length, self.least, self.length)
        np.sqrt(self.length, self.length)
        return self.column


def waves(start: int, n: int, width: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Cosine and sine ``(n, width / 2)`` of places ``start …``, in double precision: a text may grow very long."""
    speeds = BASE ** (-torch.arange(0, width, 2, dtype=torch.float64, device=device) / width)
    angles = torch.arange(start, start + n, dtype=torch.float64, device=device)[:, None] * speeds
    return angles.cos().float(), angles.sin().float()
