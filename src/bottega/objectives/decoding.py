"""The loop that writes: token after token, many texts at once, each with its own form to keep.

Memory does not grow with the text: a decoder remembers its context in a ring, a recurrent network its state.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from bottega.forms.constraint import Constraint
from bottega.networks.memory import State
from bottega.objectives.autoregressive import Autoregressive
from bottega.objectives.choosing import choose
from bottega.randomness import Random

DRAWN = 256  # random numbers drawn ahead for each text
REST = 32  # tokens of a word that may still be written when a text is long enough


@torch.inference_mode()
def write(
    objective: Autoregressive,
    openings: Sequence[np.ndarray],
    random: Random,
    *,
    length: int,
    temperature: float = 0.8,
    top_p: float = 1.0,
    min_p: float = 0.05,
    guidance: float = 1.5,
    repeat: float = 8,
    never: Sequence[int] = (),
    goes_on: Callable[[int, int], bool] = lambda before, token: False,
    constraints: Sequence[Constraint | None] | None = None,
    on_token: Callable[[int, int], None] = lambda text, token: None,
) -> list[np.ndarray]:
    """Carry every opening on until its work ends, its form is complete, or ``length`` tokens are written.

    Args:
        openings: as ``objective.opening`` or ``objective.around`` gives them; several may be the same.
        length: the most tokens added to each, at least 1.
        temperature: 0 takes the likeliest token; below 1 is careful, above 1 daring.
        top_p: only the likeliest tokens that hold this share together (Holtzman et al. 2020, arXiv:1904.09751).
        min_p: only tokens at least this share as likely as the likeliest (Nguyen et al. 2024, arXiv:2407.01082).
        guidance: how much more than average a text belongs to its class; 1 asks for no more than was learned.
        repeat: tokens in a row that may be repeated freely; beyond, each makes the next one less likely. 0: any number.
        never: tokens that are not to be drawn where the form leaves any other; ``Tokens.spelling``, as a rule.
        goes_on: whether a token goes on with the word that the one before it stands in, as ``Tokens.goes_on``: what
            has begun when a text reaches ``length`` is finished.
        constraints: one for each text, or ``None``.
        on_token: called with the number of a text and a token as soon as it is written, the end of a work not included.

    Returns:
        What was added to each: int64 without special tokens.
    """
    n = len(openings)
    reader = _Reader(objective, n, guidance)
    forms = list(constraints or [None] * n)
    echoes = [Echo(int(repeat)) for _opening in openings]
    texts: list[list[int]] = [[] for _opening in openings]
    running = [True] * n
    common = min(map(len, openings))
    logits = reader.read(torch.from_numpy(np.stack([opening[:common] for opening in openings])))
    for echo, opening in zip(echoes, openings, strict=True):
        for token in opening.tolist():
            echo.take(token)
    special = np.array([number for name, number in objective.special.items() if name != "eos"])
    closed = np.concatenate([special, np.array(never, np.int64)])
    numbers = _numbers(random, n)
    place = common
    while True:
        for i in range(n):
            if place >= len(openings[i]) and running[i]:
                restrict(logits[i], special, closed, forms[i], echoes[i])
        drawn = choose(logits, next(numbers), temperature, top_p, min_p).tolist()
        for i, opening in enumerate(openings):
            if place < len(opening):  # a longer opening than the others' is still being read
                drawn[i] = int(opening[place])
                continue
            if not running[i]:
                continue
            token, text = drawn[i], texts[i]
            whole = len(text) >= length and (len(text) >= length + REST or not goes_on(text[-1], token))
            if token == objective.special["eos"] or whole:
                running[i] = False
                continue
            texts[i].append(token)
            echoes[i].take(token)
            on_token(i, token)
            if forms[i] is not None:
                forms[i].take(token)
            running[i] = not (forms[i] is not None and forms[i].done)
        place += 1
        if not any(running):
            return [np.array(text, np.int64) for text in texts]
        logits = reader.step(drawn)


class _Reader:
    """The network with its memory; with guidance also what it would say of any class.

    Guidance reads every text twice: with its class, and with "any" in its place.
    """

    def __init__(self, objective: Autoregressive, n: int, guidance: float) -> None:
        self.objective, self.guidance = objective, guidance
        self.twice = bool(objective.classes) and guidance != 1
        self.device = next(objective.model.parameters()).device
        self.state = objective.model.begin(2 * n if self.twice else n)
        self.quick = not self.twice and isinstance(self.state, State) and self.state.quick()

    def read(self, ids: Tensor) -> np.ndarray:
        """Logits ``(n, V)`` after the tokens ``(n, T)``."""
        for piece in ids.to(self.device).split(256, 1):
            logits = self._take(piece)
        return logits

    def step(self, ids: list[int]) -> np.ndarray:
        """Logits ``(n, V)`` after one more token each."""
        if self.quick:
            return self.state.step(np.array(ids))
        return self._take(torch.tensor(ids, device=self.device)[:, None])

    def _take(self, ids: Tensor) -> np.ndarray:
        if self.twice:
            ids = torch.cat([ids, ids.masked_fill(self.objective.is_class(ids), self.objective.special["any"])])
        logits, self.state = self.objective.model(ids, self.state)
        return self._guided(logits[:, -1].float()).cpu().numpy()

    def _guided(self, logits: Tensor) -> Tensor:
        if not self.twice:
            return logits
        steered, free = logits.log_softmax(1).chunk(2)
        return free + self.guidance * (steered - free)


def restrict(
    logits: np.ndarray, special: np.ndarray, closed: np.ndarray, form: Constraint | None, echo: "Echo"
) -> None:
    """Rule out, in place, what the form forbids of ``logits (V,)``; make what would repeat less likely.

    ``closed`` are the ``special`` tokens, which no text has, and others that only a form with no other way may take.
    """
    allowed = form.allowed() if form is not None else None
    if allowed is None:
        logits[closed] = -np.inf
    else:
        wanted = allowed.copy()
        wanted[closed] = False
        logits[~(wanted if wanted.any() else allowed)] = -np.inf
        logits[special] = -np.inf
    for token, penalty in echo.penalties():
        logits[token] -= penalty


def _numbers(random: Random, n: int) -> Iterator[np.ndarray]:
    """Uniform numbers ``(n,)`` for each token."""
    while True:
        yield from random.uniform(DRAWN, n, 1).numpy()[:, :, 0]


class Echo:
    """Tells which token would repeat more than ``free`` tokens of a text, and makes it less likely the longer.

    Single words may come back as often as they like, which a refrain and every language need; loops end. (The sampler
    known as DRY.)
    """

    BASE, SCALE, LONGEST = 1.5, 1.0, 16

    def __init__(self, free: int) -> None:
        self.free = free
        self.tokens: list[int] = []
        self.ends: dict[tuple[int, ...], int] = {}

    def take(self, token: int) -> None:
        """Note a token of the text."""
        if self.free:
            if len(self.tokens) >= self.free:
                self.ends[tuple(self.tokens[-self.free :])] = len(self.tokens)
            self.tokens.append(token)

    def penalties(self) -> list[tuple[int, float]]:
        """The token that would prolong a repetition, with what to take from its logit."""
        at = self.ends.get(tuple(self.tokens[-self.free :])) if self.free else None
        if at is None:
            return []
        long, tokens = self.free, self.tokens
        while long < self.free + self.LONGEST and long < at and tokens[at - long - 1] == tokens[-long - 1]:
            long += 1
        return [(tokens[at], self.SCALE * self.BASE ** (long - self.free))]
