"""What the bot serves by HTTP."""
