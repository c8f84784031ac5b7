"""From a picture to a painted picture."""
