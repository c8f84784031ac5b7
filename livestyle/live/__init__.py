"""A picture that people watch and steer while it runs."""
