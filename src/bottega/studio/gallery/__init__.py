"""The Gallery and the Models room."""
