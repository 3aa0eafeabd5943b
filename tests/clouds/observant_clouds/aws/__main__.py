"""`python -m observant_clouds.aws --port 5050`: the AWS test cloud as a server; prints its address."""

import argparse

from observant_clouds.aws.server import main

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
main(parser.parse_args().port)
