"""From a folder of works to rows of numbers: found, prepared once, split, drawn in order."""
