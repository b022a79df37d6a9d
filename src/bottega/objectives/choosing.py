"""Which token comes next: the one way of drawing it, for all that writes."""

import numpy as np


def choose(
    logits: np.ndarray, chance: np.ndarray, temperature: float = 1.0, top_p: float = 1.0, min_p: float = 0.0
) -> np.ndarray:
    """A token for each text: int64 ``(n,)``. Never one of share 0, such as those whose logit is minus infinity.

    In numpy, which begins an operation in a tenth of torch's time; for one text that is all the time there is.

    Args:
        logits: float32 ``(n, V)``, on a processor.
        chance: the number that decides, ``(n,)`` in [0, 1).
        temperature: 0 takes the likeliest; below 1 is careful, above 1 daring.
        top_p: only the likeliest tokens that hold this share together (Holtzman et al. 2020, arXiv:1904.09751).
        min_p: only tokens at least this share as likely as the likeliest (Nguyen et al. 2024, arXiv:2407.01082).
    """
    if not temperature:
        return logits.argmax(1)
    p = logits - np.maximum.reduce(logits, 1, keepdims=True)
    p /= np.float32(temperature)
    np.exp(p, out=p)  # the likeliest has 1
    order = None
    if min_p:
        p *= p >= min_p
    if top_p < 1:
        order = np.argsort(-p, 1, kind="stable")
        p = np.take_along_axis(p, order, 1)
        rising = p.cumsum(1)
        p *= rising - p < top_p * rising[:, -1:]
    rising = p.cumsum(1)
    whole = rising[:, -1:]
    below = np.minimum(chance[:, None] * whole, np.nextafter(whole, np.float32(0)))  # rounding must not reach the end
    chosen = (rising > below).argmax(1)
    return chosen if order is None else np.take_along_axis(order, chosen[:, None], 1)[:, 0]
