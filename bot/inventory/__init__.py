"""Accounts, credentials and applications: what listings showed, who owns them, and when they are used.

Promises: ``catalogue`` answers every "which credential acts as whom, for what, owned by whom" from memory;
``ownership`` and ``ownership_reviews`` say who is accountable; ``holdings`` is one person's part; nothing is
marked as gone unless a complete listing lacked it. May import: ``bot.people``, ``bot.audit``, and the layers
below.
"""
