import numpy as np

from bottega.forms.constraint import Both


class Only:
    def __init__(self, *tokens: int, done: bool = False) -> None:
        self.tokens, self.done, self.taken = tokens, done, []

    def allowed(self) -> np.ndarray:
        return np.isin(np.arange(5), self.tokens)

    def take(self, token: int) -> None:
        self.taken.append(token)


class Anything(Only):
    def allowed(self) -> None:
        return None


def test_what_all_allow():
    assert Both([Only(1, 2), Anything(), Only(2, 3)]).allowed().tolist() == [False, False, True, False, False]
    assert Both([Anything(), Anything()]).allowed() is None


def test_the_first_is_kept_when_all_cannot_be():
    assert Both([Only(1, 2), Only(3), Only(2)]).allowed().tolist() == [False, False, True, False, False]


def test_all_are_told_and_one_is_enough_to_be_done():
    first, second = Only(1), Only(2, done=True)
    both = Both([first, second])
    both.take(1)
    assert first.taken == second.taken == [1] and both.done and not Both([first]).done
