"""Listeners for what people do in a channel."""
