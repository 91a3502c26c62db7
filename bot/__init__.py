"""Handover: who every integration logs in as, said before it breaks, and moved with proof."""

__version__ = "0.1.0"  # as pyproject.toml says
