"""Proves, over a whole observation period, that access to a company's cloud estate was under control."""

__version__ = "0.1.0"
