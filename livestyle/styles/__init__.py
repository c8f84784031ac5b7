"""What a style is, and where styles are kept."""
