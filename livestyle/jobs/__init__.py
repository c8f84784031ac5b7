"""Work with a beginning and an end: painting video files."""
