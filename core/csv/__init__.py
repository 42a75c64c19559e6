from core.csv.reading import Bad, Column, Row, Table, UnreadableFile, detect_encoding, fold_heading, read
from core.csv.writing import ExportWriter, Rejects, Replaced, harmless

__all__ = [
    "Bad",
    "Column",
    "ExportWriter",
    "Rejects",
    "Replaced",
    "Row",
    "Table",
    "UnreadableFile",
    "detect_encoding",
    "fold_heading",
    "harmless",
    "read",
]
