"""The layout of the network's output vector, shared by training and the engines."""

from __future__ import annotations

LABELS = ("neg", "neu", "pos")
INTENTS = (
    "complaint", "technical", "question", "refund", "churn", "purchase", "suggestion", "praise",
    "warning", "chatter",
)  # fmt: skip
RISKS = ("safety", "legal", "privacy", "discrimination", "threat", "press", "fraud")
ASPECTS = (
    "quality", "price", "billing", "delivery", "returns", "service", "app", "store",
    "information", "availability", "food",
)  # fmt: skip
POLARITIES = ("+", "-", "0")

SENTIMENT = slice(0, 3)
MIX = slice(3, 4)
STARS = slice(4, 9)
INTENT = slice(9, 19)
RISK = slice(19, 26)
ASPECT = slice(26, 59)
"""Name by name, in the order of POLARITIES."""
REPLY = slice(59, 60)
SIZE = 60

ASPECT_NAMES = tuple(f"{name}{sign}" for name in ASPECTS for sign in POLARITIES)
