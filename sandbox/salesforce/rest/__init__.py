"""The data API: one call in, one reply out, so that composite requests can hold others."""
