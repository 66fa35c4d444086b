"""Tell a share or a probability in per cent.

Simple so far: whole per cents.
"""

LEAST = 0.005


def percentage(share: float) -> str:
    """Return a share as per cent; what isn't quite nothing or everything is not rounded to it.

    Examples
    --------
    >>> percentage(0.974), percentage(0.004), percentage(0.0)
    ('97 %', '<1 %', '0 %')
    >>> percentage(0.998), percentage(1.0)
    ('>99 %', '100 %')
    """
    if 0 < share < LEAST:
        return "<1 %"
    return ">99 %" if 1 - LEAST <= share < 1 else f"{100 * share:.0f} %"
