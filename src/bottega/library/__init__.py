"""The library: an index of works, models, collections and jobs, over plain files that a person can browse.

The files are what counts: the database is made again from them by ``bottega library scan``, and what files cannot hold
(ratings, tags, titles) stands in ``notes.jsonl`` beside it as well. Nothing is ever deleted.
"""
