"""Checks about people and the accounts behind which they stand."""
