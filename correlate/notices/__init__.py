"""Tell callers of a fault before they call: what a notice holds, when it is issued, how it lives and what it did."""
