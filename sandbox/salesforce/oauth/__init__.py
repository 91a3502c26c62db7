"""The OAuth endpoints, one module per subject; `routes` in `endpoints` puts them together."""
