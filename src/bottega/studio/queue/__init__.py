"""The Queue room."""
