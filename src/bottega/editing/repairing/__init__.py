"""Repairs and changes of sounds that need no model: holes, clicks, clipped peaks, noise, tempo and pitch."""
