"""Networks that write music as events, and hear, beside each event, what sounds at that moment."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, linear

from bottega.networks.memory import State
from bottega.networks.recurrent import REACH, Layer
from bottega.networks.recurrent import State as Memory
from bottega.networks.transformer import Norm, Transformer

UNKNOWN = 24  # the key that nobody told
NOTES, SILENT = 25, 24  # twelve of major, twelve of minor, and none
HEARD = 8  # parts that are listened to, the first of a vocabulary
LASTING = 48  # steps that a sounding note is counted down
Layout = dict[str, Sequence[int]]


class TuneRecurrent(nn.Module):
    """``ids (B, T) -> logits (B, T, vocabulary)``: layers of ``Recurrent`` that hear the chord they are writing.

    What a recurrent network forgets first is what a musician never does: where in the bar it is, what the other parts
    are holding, which key it is in. All of it follows from the events, so it is counted instead of learned, and added
    to each embedding: the words that stand before the tune, the bars that are left, the position in the bar, the last
    pitch of each part and how much longer it sounds. (TonicNet, Peracha 2019, arXiv:1911.11775, counts how long a
    voice has held for the same reason.) What was told and what sounds is heard in its key; see ``Degrees``.

    Args:
        vocabulary: how many tokens there are.
        layout: what each token says; see ``Events.layout``.
        width, layers, inner, dropout: as those of ``Recurrent``.
    """

    def __init__(
        self,
        *,
        vocabulary: int,
        layout: Layout,
        width: int = 192,
        layers: int = 4,
        inner: int = 0,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.width, self.dropout = width, dropout
        self.ear = Ear(layout)
        inner = inner or round(width * 8 / 3 / 32) * 32
        self.tokens = nn.Embedding(vocabulary, width)
        self.place = nn.Embedding(self.ear.places, width)
        self.sounding = nn.Embedding(self.ear.parts * 129, width)
        self.lasting = nn.Embedding(self.ear.parts * (LASTING + 1), width)
        self.left = nn.Embedding(self.ear.most_left + 1, width)
        self.words = nn.Embedding(self.ear.words, width)
        self.degrees = Degrees(layout, width)
        self.chord = nn.Embedding(self.ear.parts * NOTES, width)
        self.layers = nn.ModuleList(Layer(width, inner, dropout) for _layer in range(layers))
        self.norm = Norm(width)
        told = (self.place, self.left, self.words)
        for table in (self.tokens, self.sounding, self.chord, self.lasting, *told):
            nn.init.normal_(table.weight, std=width**-0.5)

    def begin(self, n: int) -> "TuneState":
        """The memory of ``n`` tunes of which nothing was heard yet."""
        new = self.tokens.weight.new_zeros
        memories = [(new(n, self.width), new(n, REACH - 1, self.width)) for _layer in self.layers]
        return self.ear.begin(n), self.degrees.begin(n), new(n, self.width), memories

    def forward(self, ids: Tensor, state: "TuneState | None" = None) -> "tuple[Tensor, TuneState]":
        """Logits of the token after each, and what is remembered then."""
        heard, key, told, memories = state or self.begin(len(ids))
        key = self.degrees.key_of(ids, key)
        place, left, pitches, lasting, heard = self.ear(ids, heard)
        word = self.ear.word[ids]
        told = told[:, None] + (self.words(word.clamp(min=0)) * (word >= 0)[..., None]).cumsum(1)  # (B, T, C)
        rows = torch.arange(self.ear.parts, device=ids.device)
        chord = self.chord(self.degrees.of_pitches(pitches, key) + NOTES * rows).sum(2)
        sounding = self.sounding(pitches + 129 * rows).sum(2) + chord + self.lasting(lasting).sum(2)
        around = self.place(place) + self.left(left) + sounding
        x = dropout(self.tokens(ids) + self.degrees(ids, key) + told + around, self.dropout, self.training)
        after = []
        for layer, before in zip(self.layers, memories, strict=True):
            x, memory = layer(x, before)
            after.append(memory)
        x = self.norm(x)
        logits = linear(x, self.tokens.weight) + self.degrees.logits(x, key)
        return logits, (heard, key, told[:, -1], after)


class TuneTransformer(Transformer):
    """The decoder-only Transformer, which reads and writes pitches in their key; attention finds by itself what
    sounds."""

    def __init__(self, *, vocabulary: int, layout: Layout, width: int = 192, layers: int = 4, heads: int = 4,
                 dropout: float = 0.0, context: int = 768) -> None:  # fmt: skip
        super().__init__(
            vocabulary=vocabulary, width=width, layers=layers, heads=heads, dropout=dropout, context=context
        )
        self.degrees = Degrees(layout, width)

    def begin(self, n: int) -> "Keyed":
        """The memory of ``n`` tunes of which nothing was read yet."""
        return Keyed(self, n)

    def forward(self, ids: Tensor, state: "Keyed | None" = None) -> "tuple[Tensor, Keyed | None]":  # type: ignore[override]
        """Logits of the token after each; with a state, after all that it remembers, and it takes these in."""
        key = self.degrees.key_of(ids, state.key if state else self.degrees.begin(len(ids)))
        if state:
            state.key = key
        x = self.features(ids, state, self.degrees(ids, key))
        return self.logits(x) + self.degrees.logits(x, key), state


class Keyed(State):
    """What a ``TuneTransformer`` remembers: also the key of each tune ``(n,)``."""

    def __init__(self, network: TuneTransformer, n: int) -> None:
        super().__init__(network, n)
        self.key = network.degrees.begin(n)

    def quick(self) -> bool:
        """Never: the quick way reads tokens without their key."""
        return False


class Degrees(nn.Module):
    """What a pitch is in the key that was told: one of the twelve notes above the tonic of a major or a minor scale.

    A tonic, a leading note, a minor third is then one thing in all keys, for reading and for writing. Without it a
    network has to learn each of twenty-four keys from the share of the tunes that were shown in it, and is weak in the
    rare ones: asked for A minor, it wrote C major, which has the same notes. The key is told before the first note.
    """

    key: Tensor
    note: Tensor

    def __init__(self, layout: Layout, width: int) -> None:
        super().__init__()
        for name in ("key", "note"):
            self.register_buffer(name, torch.tensor(layout[name]), persistent=False)
        self.table = nn.Embedding(NOTES, width, padding_idx=SILENT)
        nn.init.normal_(self.table.weight[:SILENT], std=width**-0.5)

    def begin(self, n: int) -> Tensor:
        """The key of ``n`` tunes of which nothing was told."""
        return self.key.new_full((n,), UNKNOWN)

    def key_of(self, ids: Tensor, before: Tensor) -> Tensor:
        """The last key that tokens ``(B, T)`` tell, ``before (B,)`` where they tell none."""
        return latest(self.key[ids], self.key[ids] >= 0, before)[:, -1]

    def of_pitches(self, pitches: Tensor, key: Tensor) -> Tensor:
        """Which note of the key ``(B,)`` pitches ``(B, …)`` are; ``SILENT`` where there is none, or no key."""
        key = key.view(-1, *[1] * (pitches.ndim - 1))
        known = (pitches >= 0) & (pitches < 128) & (key < UNKNOWN)
        return torch.where(known, (pitches - key) % 12 + 12 * (key // 12), SILENT)

    def forward(self, ids: Tensor, key: Tensor) -> Tensor:
        """What tokens ``(B, T)`` are in their keys, ``(B, T, C)``."""
        return self.table(self.of_pitches(self.note[ids], key))

    def logits(self, x: Tensor, key: Tensor) -> Tensor:
        """How likely each token is for what it is in the key ``(B, T, vocabulary)``, for ``x (B, T, C)``."""
        notes = self.of_pitches(self.note.expand(len(key), -1), key)  # (B, V)
        likely = linear(x, self.table.weight)  # nothing for what is no note, whose row is nought
        return likely.gather(2, notes[:, None].expand(-1, x.shape[1], -1))


Heard = tuple[Tensor, ...]
"""What an ``Ear`` remembers: begin and length of the bar, bars left, position, part, duration ``(B,)``; of each part
the last pitch and when it ends ``(B, parts)``."""
TuneState = tuple[Heard, Tensor, Tensor, Memory]
"""What was heard, the key ``(B,)``, what the words say together ``(B, C)``, and the memory of each layer."""


class Ear(nn.Module):
    """Counts where in the bar an event stands and what sounds then; it learns nothing.

    Attributes:
        parts: how many are listened to.
        places: positions there are, and one more.
        words: that can stand before a tune.
        most_left: the number that says that nobody told how many bars are left.
    """

    word: Tensor
    left: Tensor

    bar: Tensor
    position: Tensor
    part: Tensor
    duration: Tensor
    pitch: Tensor

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        for name in ("word", "left", "bar", "position", "part", "duration", "pitch"):
            self.register_buffer(name, torch.tensor(layout[name]), persistent=False)
        self.parts = min(HEARD, max(layout["part"]) + 1)
        self.places = max(layout["position"]) + 2
        self.words, self.most_left = max(layout["word"]) + 1, max(layout["left"])

    def begin(self, n: int) -> Heard:
        """Nothing was heard of ``n`` tunes: no part has sounded."""
        zero = self.bar.new_zeros(n)
        silent = self.bar.new_zeros(n, self.parts)
        return zero, zero, zero + self.most_left, zero, zero - 1, zero, silent + 128, silent

    def forward(self, ids: Tensor, heard: Heard) -> tuple[Tensor, Tensor, Tensor, Tensor, Heard]:
        """After each token: the position and the bars that are left ``(B, T)``; the last pitch of each part (128
        before its first) and its row in the table of rests of notes ``(B, T, parts)``; and what is remembered."""
        start, long, left, place, part, duration, pitches, ends = heard
        bars = self.bar[ids].clamp(min=0)  # (B, T): the length of the bar that begins here
        begins = (start + long)[:, None] + bars.cumsum(1) - bars
        new = bars > 0
        start, long = latest(begins, new, start), latest(bars, new, long)
        left = latest(self.left[ids], self.left[ids] >= 0, left)
        at = self.position[ids]
        place = latest(at.clamp(min=0), new | (at >= 0), place)
        voice, length = self.part[ids], self.duration[ids]
        part, duration = latest(voice, voice >= 0, part), latest(length, length >= 0, duration)
        now, pitch = start + place, self.pitch[ids]
        sounds = [(pitch >= 0) & (part == k) for k in range(self.parts)]
        pitches = torch.stack([latest(pitch, it, pitches[:, k]) for k, it in enumerate(sounds)], 2)  # (B, T, parts)
        ends = torch.stack([latest(now + duration, it, ends[:, k]) for k, it in enumerate(sounds)], 2)
        lasting = (ends - now[..., None]).clamp(0, LASTING)
        rows = torch.arange(self.parts, device=ids.device)
        heard = tuple(it[:, -1] for it in (start, long, left, place, part, duration, pitches, ends))
        return place, left, pitches, lasting + (LASTING + 1) * rows, heard


def latest(values: Tensor, told: Tensor, before: Tensor) -> Tensor:
    """At each time the last of the values ``(B, T)`` that was told, ``before (B,)`` where none was yet."""
    times = torch.arange(1, values.shape[1] + 1, device=values.device)
    when = torch.where(told, times, 0).cummax(1).values
    return torch.cat([before[:, None], values], 1).gather(1, when)
