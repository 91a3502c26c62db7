"""Frozen data and pure rules. No I/O, no clock, no configuration."""
