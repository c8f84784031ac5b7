"""What the command ``livestyle`` and ``python -m livestyle`` run: Ctrl-C ends it quietly from the start."""

import sys


def main() -> None:
    """Run the command that ``sys.argv`` names."""
    try:
        from livestyle.cli import main as run  # takes a third of a second

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
