"""The audit log: append-only, hash-chained, and readable as OCSF events. The lowest subject.

Promises: an entry is written in the transaction of what it records; ``AuditLog.verify`` notices any change to it.
"""
