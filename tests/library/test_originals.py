"""A person's own pictures, from which an edit made works: their lineage shows them."""

import numpy as np

from bottega.events import nobody
from bottega.library import jobs, works
from bottega.media import kinds


def test_an_edit_remembers_what_it_was_made_from(home, tmp_path):
    photo = tmp_path / "photo.png"
    noise = np.random.default_rng(0).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    kinds.write(photo, noise)
    jobs.run_here("edit", {"operation": "vary", "works": [photo], "seed": 1, "count": 1}, on_event=nobody)
    page = works.find()
    assert page.total >= 1
    kin = works.lineage(page.entries[0].id)
    assert "photo" in {node.name for node in kin.nodes if not node.missing}
    assert "photo" not in {entry.name for entry in page.entries}
