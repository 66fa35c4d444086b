"""Say what is wrong with a measurement file, and where.

Simple so far: the first fault of a file is told; what stands behind it is not looked at.
"""

from dataclasses import dataclass


@dataclass(eq=False)
class BrokenFileError(Exception):
    """Report a measurement file of which nothing can be used.

    Attributes
    ----------
    reason
        What is wrong, in one line.
    line, column
        Place of the fault, counted from 1; 0 where there is none to name.
    """

    reason: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Return reason and place.

        Examples
        --------
        >>> str(BrokenFileError("the element is not closed", 7, 3))
        'line 7, column 3: the element is not closed'
        """
        place = f"line {self.line}, column {self.column}: " if self.line else ""
        return place + self.reason
