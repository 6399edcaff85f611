"""Earshot's core: what is true, what is stored, when things happen, what people see."""
