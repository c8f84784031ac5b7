"""How steady and how fast a style is."""
