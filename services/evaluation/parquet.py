"""A published index as Parquet, for those who work with data frames. The same index is the same bytes.

Written by arro3 (Rust): 33 MB installed, no other package; pyarrow is 170 MB, fastparquet needs pandas.
"""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import arro3.io
from arro3.core import Array, DataType, Table

from services.evaluation.domain import canonical
from services.evaluation.domain.publications import AreaFigure
from shared.spreadsheet import File

MEDIA_TYPE = "application/vnd.apache.parquet"
COLUMNS = {
    "rank": DataType.int64(),
    "area_id": DataType.utf8(),
    "name_zh": DataType.utf8(),
    "name_en": DataType.utf8(),
    "residents": DataType.int64(),
    "index": DataType.float64(),
    "index_4": DataType.float64(),
    "index_exact": DataType.utf8(),
    "grade": DataType.utf8(),
    "half_width": DataType.float64(),
    "progress": DataType.float64(),
    "progress_exact": DataType.utf8(),
    "progress_rank": DataType.int64(),
    "complaints_per_10k": DataType.float64(),
}
"""`index_exact` and `progress_exact` are fractions as text: what is a float here is rounded, they are not."""


def written(name: str, figures: Sequence[AreaFigure], about: Mapping[str, str]) -> File:
    """`about`: kept in the file's metadata as JSON: of several entries the order is not the same twice."""
    columns = {name: [getattr(figure, name) for figure in figures] for name in COLUMNS}
    table = Table.from_pydict({name: _array(kind, columns[name]) for name, kind in COLUMNS.items()})
    out = io.BytesIO()
    arro3.io.write_parquet(table, out, compression="zstd(3)", key_value_metadata={"about": canonical.written(dict(about))})
    return File(f"{name}.parquet", MEDIA_TYPE, out.getvalue())


def _array(kind: DataType, values: Sequence[Any]) -> Array:
    if kind == DataType.float64():
        values = [None if value is None else float(value) for value in values]
    return Array(values, kind)
