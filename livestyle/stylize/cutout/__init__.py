"""Tells people from their surroundings, and lets only one of the two be painted."""
