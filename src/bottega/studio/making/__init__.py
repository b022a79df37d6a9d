"""The Make room."""
