"""Packages of the program: one frozen folder, and what each system wraps it in."""
