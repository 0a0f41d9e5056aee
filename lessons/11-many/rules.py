"""Three ways to make one light of many."""

from statistics import fmean, median

RULES = {
    "any": min,  # the darkest one: is it dark at any seat?
    "mean": fmean,  # add all, divide by how many there are
    "median": median,  # sort them, take the one in the middle
}
