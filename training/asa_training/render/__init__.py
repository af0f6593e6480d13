"""Poor singing made from good: plans, curves, engines, channels, and the truth about each."""
