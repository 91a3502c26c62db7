"""The record service: employees, vendors, sales orders and the metadata catalogue."""
