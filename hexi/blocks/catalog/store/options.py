"""Options of the store: what one question may take, and how large a file may be."""

from hexi.kernel.options import Option

SECONDS = Option(
    "catalog.seconds", int, 10,
    "一次数据查询最多算几秒。 / Seconds one question to a data set may take.",
)  # fmt: skip
MEMORY = Option(
    "catalog.memory", int, 1_000,
    "每个进程查询数据最多用多少 MB 内存。 / Megabytes of memory each process may take for questions to data sets.",
)  # fmt: skip
THREADS = Option(
    "catalog.threads", int, 2,
    "每个进程用几个线程查询数据。 / Threads each process answers questions to data sets with.",
)  # fmt: skip
BYTES = Option(
    "catalog.file_bytes", int, 500_000_000,
    "一个数据集文件的最大字节数。 / Largest file of a data set, in bytes.",
)  # fmt: skip
ROWS = Option("catalog.file_rows", int, 20_000_000, "一个数据集最多几行。 / Most rows a data set may have.")
PRIVATE = Option(
    "catalog.fetch_private", bool, False,
    "也从内网地址取数据集的数据。 / Fetch rows of data sets from addresses inside private networks as well.",
)  # fmt: skip
FOLDER = Option(
    "catalog.drop_folder", str, "",
    "放数据文件的文件夹，每个数据集一个子文件夹，名称是目录条目的英文短名；留空：DATA/catalog/drop。 / "
    "Folder for files of data sets, a subfolder for each, named by the entry's slug; empty: DATA/catalog/drop.",
)  # fmt: skip


def _an_engine(name: str) -> None:
    if name not in ("duckdb", "postgres"):
        raise ValueError("duckdb, postgres")


ROWS_IN = Option(
    "catalog.rows_in", str, "duckdb",
    "装载的数据由谁来查询：duckdb（数据文件），或 postgres（另存为数据库里的表，要用 PostgreSQL）。 / "
    "Who answers questions to loaded rows: duckdb (their files), or postgres (kept as tables as well; on PostgreSQL).",
    sound=_an_engine,
)  # fmt: skip
ALL = (SECONDS, MEMORY, THREADS, BYTES, ROWS, PRIVATE, FOLDER, ROWS_IN)
