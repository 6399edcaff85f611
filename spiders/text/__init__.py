"""From bytes and markup to plain text, dates and numbers."""
