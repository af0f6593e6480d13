"""Features of many recordings: kept by content, computed by workers that may die."""
