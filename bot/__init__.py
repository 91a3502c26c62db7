"""Handover: who every integration logs in as, said before it breaks, and moved with proof."""
