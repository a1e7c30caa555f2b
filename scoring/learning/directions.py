"""Directions the data suggest, for columns nobody declared: the way a column's monotone bins run, if they run one
way.
"""

from dataclasses import replace

import numpy as np

from scoring.learning.binning import bin_numbers
from scoring.learning.table import Column, Table


def suggested(table: Table) -> Table:
    """The table with a direction for every number whose bins rise or fall throughout; declared ones stay as they
    are.
    """
    return replace(table, columns=tuple(_with_direction(column, table) for column in table.columns))


def _with_direction(column: Column, table: Table) -> Column:
    if column.direction or not column.is_number:
        return column
    steps = np.diff(bin_numbers(np.asarray(table.values[column.name], dtype=np.float64), table.bad).parts)
    if not len(steps) or ((steps > 0).any() and (steps < 0).any()):
        return column
    return replace(column, direction=1 if steps.sum() > 0 else -1)
