"""Lets ``python -m livestyle`` work."""

from livestyle.cli import main

main()
