"""Make up an operator to practise on: a bundle with its truth inside.

Nothing here is shared with the program it is to be tried on: land, radio, faults, feeds and
callers follow rules of their own.

Simple so far: one maker of equipment per county, a plain without terrain, and people who differ
only by where they are, what phone they hold and how they speak.
"""
