"""`python -m observant`."""

from observant.cli import main

if __name__ == "__main__":  # a process that is spawned imports this module under another name
    main()
