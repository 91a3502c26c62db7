"""Signing in: by token (OAuth 1.0a), by certificate (OAuth 2.0), and what hands the tokens out."""
