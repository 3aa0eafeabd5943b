"""Exports of Entra ID and Azure: answers of Graph and ARM, `az` lists, folders with a file for each object."""
