"""The scripts and the style sheets of the page."""

from importlib import resources


def asset(*names: str) -> str:
    """Files of this folder, such as ``page.css``, one after the other."""
    folder = resources.files("bottega.studio.page")
    return "\n".join(folder.joinpath(name).read_text(encoding="utf-8") for name in names)
