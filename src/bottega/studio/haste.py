"""Gradio in less time.

At every import it writes stubs of its components into its own folder, which takes a third of that time: editors want
them, a page does not. And each page makes two servers of its own that nobody asks. Where a version of Gradio has no
such functions, nothing is changed.
"""

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

WRITER = "gradio.component_meta"
WRITES = "create_or_modify_pyi"


class _Finder(MetaPathFinder):
    """Finds the module that writes stubs, once, and takes the pen away from it."""

    def find_spec(self, fullname: str, path: Any, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname != WRITER:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def without_stubs(module: ModuleType) -> None:
            execute(module)
            if hasattr(module, WRITES):
                setattr(module, WRITES, lambda *_component: None)

        spec.loader.exec_module = without_stubs  # type: ignore[method-assign]
        return spec


def hasten() -> None:
    """Before Gradio is imported for the first time; afterwards it does nothing."""
    if WRITER not in sys.modules and not any(isinstance(one, _Finder) for one in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


@contextmanager
def without_servers() -> Iterator[None]:
    """Within, pages come without the servers of their own that they make for ``launch``: ours are mounted."""
    from gradio.routes import App

    made = App.create_app
    App.create_app = staticmethod(lambda *_page, **_how: None)  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        App.create_app = staticmethod(made)  # type: ignore[method-assign]
