"""Plots of a take: one time axis, rows that share it, the clip strip and the pitch histogram."""
