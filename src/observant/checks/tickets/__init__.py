"""Checks about tickets and pull requests themselves."""
