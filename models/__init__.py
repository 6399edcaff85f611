"""Sentiment models: scoring, language, evaluation, training."""
