"""Scans: one connection listed whole, compared, judged, and committed with the messages that follow.

Promises: a failed or partial listing changes nothing and resolves nothing. The highest subject: it calls findings,
alerts and the inventory in one transaction.
"""
