"""Tables: what migrations make is what the code expects, from every released revision on."""

import re
import shutil
import sqlite3
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from studykit.errors import StudykitError
from studykit.store import schema
from studykit.store.records import Marks
from studykit.store.store import Store
from studykit.store.tables import metadata

FIXTURES = Path(__file__).parent.parent / "fixtures" / "store"
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def schema_of(path: Path) -> dict[str, str]:
    """Return the SQL of each table, index and trigger, spaces aside."""
    raw = sqlite3.connect(path)
    found = raw.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    raw.close()
    return {name: re.sub(r"\s+", " ", sql).strip() for name, sql in found}


def load(revision: str, path: Path) -> None:
    """Make the database that a released studykit left."""
    path.parent.mkdir(parents=True)
    raw = sqlite3.connect(path)
    raw.executescript((FIXTURES / f"{revision}.sql").read_text(encoding="utf8"))
    raw.close()


@pytest.fixture
def newer_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pretend that there is a newer revision; return its file."""
    folder = tmp_path / "migrations"
    shutil.copytree(schema._MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(schema, "_MIGRATIONS", folder)
    monkeypatch.setattr(schema, "REVISIONS", (*schema.REVISIONS, "next"))
    file = folder / "versions" / "next.py"
    file.write_text(
        "import sqlalchemy as sa\n"
        "from alembic import op\n"
        f"revision, down_revision = 'next', '{schema.REVISIONS[-2]}'\n"
        "def upgrade() -> None:\n"
        "    with op.batch_alter_table('memory') as batch:\n"
        "        batch.add_column(sa.Column('note', sa.Text))\n"
    )
    return file


def test_migrations_make_the_tables_that_the_code_names(on_disk: Any, path: Path, tmp_path: Path) -> None:
    declared = tmp_path / "declared.db"
    engine = create_engine(f"sqlite:///{declared}")
    metadata.create_all(engine)
    engine.dispose()
    made = schema_of(path)
    made.pop("alembic_version")
    assert made == schema_of(declared)


def test_alembic_sees_no_difference_either(on_disk: Any, path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_every_table_is_strict(on_disk: Any, path: Path) -> None:
    raw = sqlite3.connect(path)
    tables = raw.execute("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'").fetchall()
    raw.close()
    ours = {name: strict for name, strict in tables if not name.startswith(("sqlite_", "alembic_"))}
    assert ours == {"log": 1, "memory": 1, "marks": 1, "meta": 1}


def test_the_newest_revision_is_alembics_head() -> None:
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(schema._MIGRATIONS))
    assert schema.REVISIONS == ("0001", "0002")
    assert [revision.revision for revision in script.walk_revisions()] == list(reversed(schema.REVISIONS))


def test_every_released_revision_has_a_sample() -> None:
    assert sorted(file.stem for file in FIXTURES.glob("*.sql")) == sorted(schema.REVISIONS)


@pytest.mark.parametrize("revision", schema.REVISIONS)
def test_a_database_of_any_released_revision_is_brought_up_to_date(
    revision: str, path: Path, url: str, tmp_path: Path
) -> None:
    load(revision, path)
    Store.open(f"sqlite:///{tmp_path / 'fresh.db'}").close()
    with Store.open(url) as store:
        assert store.check() == []
        assert schema_of(path) == schema_of(tmp_path / "fresh.db")
        records = store.records()
        assert set(records) == {"t/d/a", "t/d/c", "t/d/renamed"}
        assert records["t/d/a"].memory.due == date(2026, 3, 8)
        assert records["t/d/a"].memory.ease == 236
        assert records["t/d/c"].scheduler == "fsrs"
        assert store.marks() == {
            "t/d/renamed": Marks(suspended=True),
            "t/d/x": Marks(buried_until=date(2026, 3, 10)),
        }
        assert [int(row.grade) for row in store.history("t/d/renamed")] == [2, 4]
        (first, *_) = store.log()
        assert (first.evidence, first.seed, first.duration_ms) == ({"attempts": 1, "passed": True}, 7, 1500)


def test_a_current_database_opens_without_alembic_and_orm(url: str) -> None:
    import subprocess

    Store.open(url).close()
    code = (
        "import sys; from studykit.store.store import Store; "
        f"Store.open({url!r}).close(); "
        "print([name for name in ('alembic', 'sqlalchemy.orm', 'pydantic', 'yaml') if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=FIXTURES.parents[2], check=False
    )
    assert (ran.stdout, ran.stderr) == ("[]\n", "")


def test_an_old_database_is_backed_up_before_it_is_upgraded(
    newer_revision: Path, path: Path, url: str, backups: Path
) -> None:
    load("0001", path)
    before = schema_of(path)
    with Store.open(url, backups=backups, now=NOW) as store:
        assert store.check() == []
        assert len(store.records()) == 3
    assert "note TEXT" in schema_of(path)["memory"]
    assert [file.name for file in backups.iterdir()] == ["studykit-20260501T120000Z.db"]
    assert schema_of(backups / "studykit-20260501T120000Z.db") == before


def test_the_upgraded_database_says_who_upgraded_it(newer_revision: Path, path: Path, url: str) -> None:
    load("0001", path)
    raw = sqlite3.connect(path)
    raw.execute("UPDATE meta SET value = '0.0.0'")
    raw.commit()
    Store.open(url).close()
    from studykit import __version__

    assert raw.execute("SELECT * FROM meta").fetchall() == [("made_by", __version__)]
    raw.close()


@pytest.mark.parametrize(
    "fault",
    [
        "    raise RuntimeError('a bug')\n",
        "    op.execute('DROP TRIGGER log_no_delete')\n    op.execute('DELETE FROM log WHERE seq = 11')\n",
    ],
)
def test_an_upgrade_that_fails_leaves_the_database_as_it_was(
    newer_revision: Path, path: Path, url: str, fault: str
) -> None:
    load("0001", path)
    before, dump = schema_of(path), dumped(path)
    with newer_revision.open("a") as file:
        file.write(fault)
    with pytest.raises((RuntimeError, StudykitError), match=r"a bug|would lose rows"):
        Store.open(url)
    assert schema_of(path) == before
    assert dumped(path) == dump


def test_without_room_for_a_backup_the_database_is_not_upgraded(
    newer_revision: Path, path: Path, url: str
) -> None:
    load("0001", path)
    before = path.read_bytes()
    with pytest.raises(StudykitError, match="cannot be written"):
        Store.open(url, backups=path / "no" / "folder", now=NOW)
    assert path.read_bytes() == before


def test_a_database_of_a_newer_studykit_is_refused_and_left_alone(path: Path, url: str) -> None:
    load("0001", path)
    raw = sqlite3.connect(path)
    raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.execute("UPDATE meta SET value = '7.0'")
    raw.commit()
    raw.close()
    before = path.read_bytes()
    with pytest.raises(StudykitError, match=r"made by a newer studykit, version 7\.0; .*Upgrade studykit"):
        Store.open(url)
    assert path.read_bytes() == before


def test_a_database_of_something_else_is_refused_and_left_alone(path: Path, url: str) -> None:
    path.parent.mkdir()
    raw = sqlite3.connect(path)
    raw.execute("CREATE TABLE moz_places (id INTEGER)")
    raw.close()
    before = path.read_bytes()
    with pytest.raises(StudykitError, match="not a studykit database"):
        Store.open(url)
    assert path.read_bytes() == before


def dumped(path: Path) -> list[str]:
    raw = sqlite3.connect(path)
    lines = list(raw.iterdump())
    raw.close()
    return lines
