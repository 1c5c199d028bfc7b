"""A strict stand-in for TikTok: consent page, API, upload host, webhooks."""
