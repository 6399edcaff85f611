"""Readers that turn feed documents of every shape into raw entries."""
