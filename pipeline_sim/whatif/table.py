"""A table of many runs: columns of equal length, words coded as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pandas import DataFrame

Column = NDArray[Any]


@dataclass(frozen=True)
class Table:
    """Columns by name. A column that `words` names holds places in a tuple of words; `column` gives the words."""

    columns: Mapping[str, Column]
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __getitem__(self, name: str) -> Column:
        """A column as numbers."""
        return self.columns[name]

    def column(self, name: str) -> Column:
        """A column with its words written out."""
        values = self.columns[name]
        return np.array(self.words[name])[values] if name in self.words else values

    def rows(self) -> list[tuple[Any, ...]]:
        """Row by row, words written out: for small tables."""
        return list(zip(*(self.column(name).tolist() for name in self.columns), strict=True))

    def where(self, mask: Column) -> Table:
        """The rows that a mask or an index chooses."""
        return Table({name: column[mask] for name, column in self.columns.items()}, self.words)

    def pandas(self) -> DataFrame:
        """The same as a DataFrame; words as categories. Needs pandas."""
        from pandas import DataFrame

        words = dict.fromkeys(self.words, "category")
        return DataFrame({name: self.column(name) for name in self.columns}).astype(words)

    def _repr_html_(self) -> str:
        first = self.where(np.arange(min(20, len(self)))).pandas()
        return first.to_html(index=False, border=0, escape=True) + f"<p>{len(self):,} rows</p>"


def stacked(tables: list[Table]) -> Table:
    """Tables of the same columns, one below the other."""
    first = tables[0]
    return Table({name: np.concatenate([table.columns[name] for table in tables]) for name in first.columns}, first.words)
