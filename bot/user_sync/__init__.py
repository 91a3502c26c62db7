"""The NetSuite to Nexonia user sync: its rules, its forecast, and its plan.

Promises: ``rules`` are pure functions over two complete listings; ``forecast`` says what tonight's sync will do
with everybody and whether it must be stopped. May import: ``bot.alerts``, ``bot.requests`` and below.
"""
