"""One file per key figure."""
