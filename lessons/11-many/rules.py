"""Three ways to make one light of many."""

from statistics import fmean, median

RULES = {
    "any": min,  # is it dark at any seat? The darkest one tells
    "mean": fmean,  # add all, divide by how many there are
    "median": median,  # sort them, take the one in the middle
}
