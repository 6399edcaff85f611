"""Pure rules and records; standard library only."""
