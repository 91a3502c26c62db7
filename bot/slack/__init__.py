"""Everything between Slack and our own Request and Reply. Only ``bot.app`` names this package."""
