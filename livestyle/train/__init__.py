"""From a painting to a style."""
