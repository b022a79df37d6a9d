"""The workshop of one artist: models that learn from a folder of works and make new ones.

>>> import bottega
>>> model = bottega.train("my-works/", minutes=10)
>>> model.generate(16, seed=1)
"""

from typing import TYPE_CHECKING

__version__ = "0.1.0"
__all__ = ["__version__", "edit", "evaluate", "export", "generate", "load_model", "load_work", "train"]

if TYPE_CHECKING:
    from bottega.models import load_model, load_work
    from bottega.verbs import edit, evaluate, export, generate, train

_HOMES = {
    "train": "verbs",
    "generate": "verbs",
    "edit": "verbs",
    "evaluate": "verbs",
    "export": "verbs",
    "load_model": "models",
    "load_work": "models",
}


def __getattr__(name: str) -> object:
    """Import a verb when it is first used: ``import bottega`` alone stays far under half a second."""
    if name not in _HOMES:
        raise AttributeError(f"module 'bottega' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"bottega.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
