"""Channel-neutral rendering."""
