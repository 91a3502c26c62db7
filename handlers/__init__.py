"""One file, one command, with its buttons and its form. They know services, and neither Slack nor a vendor."""
