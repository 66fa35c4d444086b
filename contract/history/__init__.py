"""Keep counters and old alarms as Parquet by table, region and day, to be read by many and written by one.

Simple so far: one level of partitions, region and day; a table's form is fixed when it is first written.
"""

from contract.history.store import History, open_history
from contract.history.writing import Writer

__all__ = ["History", "Writer", "open_history"]
