"""Exports that people already have: the answers of the AWS command line and the credential report, saved to files."""

from observant.collect.files.folder import read_folder

__all__ = ["read_folder"]
