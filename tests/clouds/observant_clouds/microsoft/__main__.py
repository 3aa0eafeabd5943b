"""`python -m observant_clouds.microsoft --users 10000`: a seeded tenant as a server; prints where it is, as JSON."""

import argparse

from observant_clouds.microsoft.server import main

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
parser.add_argument("--users", type=int, default=100, help="how many users to seed")
parser.add_argument("--limits", action="store_true", help="throttle as Microsoft documents")
given = parser.parse_args()
main(given.port, given.users, limits=given.limits)
