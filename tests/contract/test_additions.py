"""Tables are added to a bundle whole or not at all, and none is written over."""

from pathlib import Path

import pandas as pd
import pytest

from contract.additions import add_tables, check_addable
from contract.errors import InputError, OutputError
from contract.mapping_files import load_mapping
from contract.mappings import convert

ACCOUNTS = "号码,状态,变更时间\n13800000001,正常,\n13800000002,神秘,\n"
CLOSED = "工单号,归档时间,原因定位\nT1,2026-03-01 09:00:00,弱覆盖\nT2,2026-03-01 09:00:00,天气\n"


def saved(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_second_conversion_adds_its_table_and_goes_on_with_the_lists(tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    convert(load_mapping("account-states"), [saved(tmp_path, "a.csv", ACCOUNTS)], out)
    before = (out / "accounts.csv").read_bytes()
    convert(load_mapping("closed-orders"), [saved(tmp_path, "c.csv", CLOSED)], out)
    assert sorted(path.name for path in out.iterdir()) == [
        "accounts.csv", "rejected.csv", "repairs.csv", "verdicts.csv",
    ]  # fmt: skip
    assert (out / "accounts.csv").read_bytes() == before
    rejected = pd.read_csv(out / "rejected.csv")
    assert rejected[["file", "table"]].to_numpy().tolist() == [
        ["a.csv", "accounts"], ["c.csv", "verdicts"],
    ]  # fmt: skip


def test_tables_of_any_form_stay(tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    (out / "kpi").mkdir(parents=True)
    pd.DataFrame({"cell_id": ["C1"]}).to_parquet(out / "kpi" / "a.parquet")
    (out / "sites.xlsx").write_bytes(b"a workbook")
    convert(load_mapping("closed-orders"), [saved(tmp_path, "c.csv", CLOSED)], out)
    assert (out / "kpi" / "a.parquet").is_file()
    assert (out / "sites.xlsx").read_bytes() == b"a workbook"
    assert (out / "verdicts.csv").is_file()


@pytest.mark.parametrize("name", ["verdicts.csv", "verdicts.xlsx", "verdicts.parquet"])
def test_table_that_stands_there_is_named_and_kept(tmp_path: Path, name: str) -> None:
    out = tmp_path / "bundle"
    out.mkdir()
    saved(out, name, "mine")
    with pytest.raises(OutputError, match=rf"has \['{name}'\]"):
        convert(load_mapping("closed-orders"), [saved(tmp_path, "c.csv", CLOSED)], out)
    assert [path.name for path in out.iterdir()] == [name]
    assert (out / name).read_text() == "mine"


def test_folder_with_anything_else_is_refused(tmp_path: Path) -> None:
    saved(tmp_path, "notes.txt", "x")
    with pytest.raises(OutputError, match=r"holds \['notes.txt'\]. Choose another folder"):
        check_addable(tmp_path, ["sites"])
    with pytest.raises(OutputError, match="is a file"):
        check_addable(tmp_path / "notes.txt", ["sites"])


def test_failure_leaves_the_bundle_as_it_was(tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    convert(load_mapping("account-states"), [saved(tmp_path, "a.csv", ACCOUNTS)], out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}

    def write(folder: Path) -> None:
        """Write a part and fail."""
        (folder / "verdicts.csv").write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(InputError, match="No space left"):
        add_tables(out, write, tables=["verdicts"], lists=["rejected.csv", "repairs.csv"])
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_source_that_fails_leaves_the_bundle_as_it_was(tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    convert(load_mapping("account-states"), [saved(tmp_path, "a.csv", ACCOUNTS)], out)
    with pytest.raises(InputError, match="must have"):
        convert(load_mapping("closed-orders"), [saved(tmp_path, "c.csv", "x\n1\n")], out)
    assert not (out / "verdicts.csv").exists()
