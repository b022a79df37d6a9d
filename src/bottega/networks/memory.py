"""What a decoder remembers of the texts it reads, and how it takes in one more token in the least time.

Memory does not grow with the text: the keys and values of the last tokens lie in rings.
"""

import numpy as np
import torch
from torch import Tensor

EPS = 1e-6
BASE = 10_000.0  # of the slowest wave, as in Llama
LARGEST = 60.0  # product of a query and a key whose exponential needs no care
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

    def step(self, ids: Tensor) -> Tensor:
        """Logits ``(n, 1, vocabulary)`` after one more token each, ``(n, 1)``: the same as ``Transformer.forward``."""
        if self.writer is None:
            self.writer = Writer(self.network, self.layers, len(ids))
        logits = self.writer(ids.numpy()[:, 0], self.read)
        self.read += 1
        return logits[:, None]


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
    numpy less than one. So torch only multiplies by the matrices, which lie here side by side with the weights of the
    norms in them, and numpy does the rest in place, in memory that both share.
    """

    def __init__(self, network, rings: list[Ring], n: int) -> None:
        self.heads, self.width, self.turns, self.block = network.heads, network.width, network.turns, -1
        self.size = network.width // network.heads
        self.embedding = network.model.embed_tokens.weight.numpy()
        self.norm = network.model.norm.weight.numpy() * np.float32(self.width**0.5)
        pairs = zip(network.model.layers, rings, strict=True)
        self.layers = [LayerWriter(network, layer, ring) for layer, ring in pairs]
        self.x, self.h, self.found = (Shared(n, self.width) for _which in range(3))
        self.qkv, self.both = Shared(n, 3 * self.width), Shared(n, 2 * network.inner)
        self.qk, self.v = np.split(self.qkv.array.reshape(n, 3, self.heads, self.size), [2], 1)  # (n, 2, H, D)
        self.gate, self.up = np.split(self.both.array, 2, 1)  # (n, inner)
        self.inner, self.words = Shared(n, network.inner), network.model.embed_tokens.weight.mT.contiguous()

    def __call__(self, ids: np.ndarray, read: int) -> Tensor:
        """Logits ``(n, vocabulary)`` after tokens ``(n,)``, of which each text had ``read`` before."""
        block, at = divmod(read, AHEAD)
        if block != self.block:
            self._prepare(block)
        x = self.x.array
        np.take(self.embedding, ids, 0, out=x)
        if not self.turns:
            x += self.waves[at]
        with np.errstate(over="ignore"):  # of exp(-gate), where the gate is shut
            for layer in self.layers:
                layer(self, at)
        np.multiply(x, self.norm / length(x, self.width * EPS), out=self.h.array)
        return torch.mm(self.h.tensor, self.words)

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
    """One layer of a ``Writer``."""

    def __init__(self, network, layer, ring: Ring) -> None:
        self.ring, self.context, self.normed = ring, ring.context, network.normed
        self.keys, self.values = ring.keys.numpy(), ring.values.numpy()
        size, width, attention, mlp = network.width // network.heads, network.width, layer.self_attn, layer.mlp
        qkv = torch.cat([attention.q_proj.weight, attention.k_proj.weight, attention.v_proj.weight])
        self.qkv = (qkv * layer.input_layernorm.weight * width**0.5).mT.contiguous()
        both = torch.cat([-mlp.gate_proj.weight, mlp.up_proj.weight])  # silu(x) = x / (1 + exp(-x))
        self.both = (both * layer.post_attention_layernorm.weight * width**0.5).mT.contiguous()
        self.out, self.down = attention.o_proj.weight.mT.contiguous(), -mlp.down_proj.weight.mT.contiguous()
        queries, keys = np.full(size, size**-0.5, np.float32), np.ones(size, np.float32)
        if network.normed:
            queries, keys = attention.q_norm.weight.numpy(), attention.k_norm.weight.numpy() * np.float32(size**0.5)
        self.scale = np.stack([queries, keys])[:, None]  # (2, 1, D)
        self.bounded = network.normed and np.prod(np.abs(self.scale).max(2)) < LARGEST

    def prepare(self, cos: np.ndarray, sin: np.ndarray) -> None:
        """Take the waves of the next ``AHEAD`` places, ``(AHEAD, D / 2)`` each, with the weights of the norms."""
        size = self.scale.shape[2]
        same, other = np.concatenate([cos, cos], 1), np.concatenate([-sin, sin], 1)  # (AHEAD, D)
        same, other = same[:, None, None] * self.scale, other[:, None, None] * np.roll(self.scale, size // 2, 2)
        halves = (AHEAD, 2, 1, 2, size // 2)
        self.same, self.other = same.reshape(halves), other.reshape(halves)

    def __call__(self, shared: Writer, at: int) -> None:
        """The layer for the stream ``shared.x``, at place ``at`` of those prepared."""
        x, h, found, ring = shared.x, shared.h, shared.found, self.ring
        least, qk = shared.width * EPS, shared.qk
        np.divide(x.array, length(x.array, least), out=h.array)
        torch.mm(h.tensor, self.qkv, out=shared.qkv.tensor)
        if self.normed:
            qk /= length(qk, shared.size * EPS)
        halves = qk.reshape(*qk.shape[:3], 2, -1)  # (n, 2, H, 2, D / 2)
        qk = (halves * self.same[at] + halves[..., ::-1, :] * self.other[at]).reshape(qk.shape)
        place = ring.read % self.context
        self.keys[..., place], self.values[:, :, place] = qk[:, 1], shared.v[:, 0]
        ring.read += 1
        keys, values = self.keys, self.values
        if ring.read < self.context:
            keys, values = keys[..., : ring.read], values[:, :, : ring.read]
        p = np.matmul(qk[:, 0, :, None], keys)  # (n, H, 1, T)
        if not self.bounded:
            p -= np.maximum.reduce(p, 3, keepdims=True)
        np.exp(p, out=p)
        y = np.matmul(p, values)  # (n, H, 1, D)
        np.divide(y, np.add.reduce(p, 3, keepdims=True), out=found.array.reshape(y.shape))
        torch.addmm(x.tensor, found.tensor, self.out, out=x.tensor)
        np.divide(x.array, length(x.array, least), out=h.array)
        torch.mm(h.tensor, self.both, out=shared.both.tensor)
        shut = np.exp(shared.gate)
        shut += 1
        np.divide(shared.gate, shut, out=shut)
        np.multiply(shut, shared.up, out=shared.inner.array)
        torch.addmm(x.tensor, shared.inner.tensor, self.down, out=x.tensor)


class Shared:
    """Numbers ``(n, size)`` that numpy and torch both see."""

    def __init__(self, n: int, size: int) -> None:
        self.array = np.zeros((n, size), np.float32)
        self.tensor = torch.from_numpy(self.array)


def length(x: np.ndarray, least: float) -> np.ndarray:
    """Of the vectors ``(…, D)``, ``(…, 1)``; ``least`` is added to its square."""
    square = np.vecdot(x, x)
    square += np.float32(least)
    return np.sqrt(square, out=square)[..., None]


def waves(start: int, n: int, width: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Cosine and sine ``(n, width / 2)`` of places ``start …``, in double precision: a text may grow very long."""
    speeds = BASE ** (-torch.arange(0, width, 2, dtype=torch.float64, device=device) / width)
    angles = torch.arange(start, start + n, dtype=torch.float64, device=device)[:, None] * speeds
    return angles.cos().float(), angles.sin().float()
