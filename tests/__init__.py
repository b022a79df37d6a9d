"""The tests; a package, so that no other one of this name (some wheels bring theirs) is taken for it."""
