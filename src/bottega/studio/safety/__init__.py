"""What keeps strangers out and what is dropped in harmless."""
