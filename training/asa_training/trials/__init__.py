"""Networks that differ in one thing, trained alike and measured on the same renditions."""
