"""`python -m observant`."""

from observant.cli import main

main()
