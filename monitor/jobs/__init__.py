"""One file per thing the clock wakes."""
