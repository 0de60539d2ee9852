"""Change points of series on standard input by apache-otava with its own defaults, as lists of places."""

import json
import sys

from otava.analysis import compute_change_points

series = json.load(sys.stdin)
found = [[int(point.index) for point in compute_change_points(values)[0]] for values in series]
json.dump(found, sys.stdout)
