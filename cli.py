"""Run cellcause from a terminal."""


def main() -> int:
    """Answer nothing yet."""
    return 0
