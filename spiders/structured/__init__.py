"""Structured data in web pages: JSON-LD and microdata, read as the same kind of node."""
