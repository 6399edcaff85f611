"""Composing alerts and delivering them."""
