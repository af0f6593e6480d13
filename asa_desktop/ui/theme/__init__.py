"""Colours, lettering, signs and distances: `tokens` names them, the rest puts them to use."""
