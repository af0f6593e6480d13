"""ASA Desktop: a singing coach that shows how each three-second clip of a take went, and why."""

__version__ = "0.1.0"
