"""Alarm lists of vendors become alarms, and their objects those of the inventory."""

from pathlib import Path

import pandas as pd
import pytest

from contract import delimited_rows
from contract.bundles import Bundle, read_bundle
from contract.mapping_files import SHIPPED, load_mapping, shipped_names
from contract.mappings import convert, convert_files
from contract.proposal_files import save_proposal
from contract.proposals import propose_mapping
from contract.settings import Settings
from contract.word_lists import load_word_list

SITES = "site_id,site_name,lon,lat\nE5001,Hill,100.1,25.1\nE5002,甲站,100.2,25.2\n"
CELLS = (
    "cell_id,site_id,cell_name,rat,freq_mhz\n"
    "5001-L11,E5001,Hill_1,LTE,1850\n5001-G31,E5001,Hill_G1,GSM,945\n"
    "5002-L11,E5002,甲站_1,LTE,1850\n5002-L12,E5002,甲站_2,LTE,1850\n"
)
LINKS = "node,parent,kind\nE5001,AG05,hub\nE5002,BSC-401,controller\n"

HUAWEI = (
    "Query Alarm Logs\nSave Time,2026-03-03 08:00:00\nUser,admin\n\n"
    " ,Severity,Alarm ID,Name,NE Type,Alarm Source,MO Name,Location Information,Occurred On (NT),"
    "Cleared On (NT),Acknowledged On (ST),Cleared By,Clearance Status,eNodeB ID,Log Serial Number\n"
    '-,Major,29240,Cell Unavailable,BTS3900 LTE,Hill,"eNodeB Function Name=Hill, Local Cell ID=1, Cell Name=Hill_1",'
    '"eNodeB Function Name=Hill, Local Cell ID=1, Cell Name=Hill_1, Specific Problem=RF module abnormal",'
    "2026-03-01 10:00:00 DST,\t\t-,-,-,Uncleared,5001,901\n"
    '-,Critical,301,NE Is Disconnected,BTS3900 LTE,HILL,HILL,"Cabinet No.=0, Subrack No.=60, Slot No.=0, '
    'Specific Problem=OML broken",2026-03-01 10:01:00,2026-03-01 10:30:00,-,<System>,Cleared,5001,902\n'
    '-,Cleared,301,NE Is Disconnected,BTS3900 LTE,Gone,-,"Cabinet No.=0",2026-03-01 10:30:00,'
    "2026-03-01 10:30:00,-,<System>,Cleared,-,903\n"
)
HUAWEI_ZH = (
    " ,级别,告警ID,名称,网元类型,告警源,MO对象,定位信息,发生时间(NT),清除时间(NT),eNodeB ID,用户自定义标识\n"
    '-,提示,29247,小区PCI冲突告警,BTS3900 LTE,甲站,"eNodeB名称=甲站, 本地小区标识=2, 小区名称=甲站_2",'
    '"eNodeB名称=甲站, 本地小区标识=2, PCI值=342",09/19/2025 20:08:17,10/09/2025 11:27:54,5002,-\n'
    '-,重要,26532,射频单元硬件故障告警,BTS3900 LTE,甲站,甲站,"柜号=0, 框号=122, 槽号=0",09/19/2025 23:46:06,-,5002,-\n'
)
NCE = (
    "Severity,Name,Alarm Source,Last Occurrence Time,First Occurrence Time,Location Info,Arrive At,"
    "Clearance Status,Clearance Time,Alarm ID,Alarm Serial Number\n"
    "Critical,ETH_LOS,AG05,2026-03-01 10:00:00,2026-03-01 09:00:00,1-2-3,2026-03-01 09:01:00,Uncleared,-,77,5\n"
)
NOKIA = (
    "Notification ID,Alarm Number,Alarm Type,Severity,Alarm Time,Alarm Text,Distinguished Name,Cancel State,"
    "Cancel Time,Site Name,Supplementary Information,Alarm Insertion Time\n"
    "1,7653,Equipment,Critical,2026-03-01 10:00:00,CELL FAULTY,PLMN-PLMN/MRBTS-5001/LNBTS-5001/LNCEL-11,Active,,"
    "Hill,No connection to Flexi transport sub module,2026-03-01 10:00:30\n"
    "2,7745,Quality,Minor,2026-03-01 10:00:00,CHANNEL FAILURE RATE,PLMN-PLMN/BSC-401/BCF-12/BTS-36/TRX-5,Active,,"
    ",01 1,\n"
)
NFM = (
    "alarmId,alarmName,severity,nodeName,affectedObjectName,firstTimeDetected,lastTimeCleared,probableCause\n"
    "9,EquipmentDown,major,AG05,Card Slot 1,2026-03-01 10:00:00,,powerProblem\n"
)
ZTE = (
    "根源告警标识,确认状态,告警级别,网元,网元内定位,告警码,发生时间,网元类型,告警原因,附加文本,告警恢复时间,告警对象类型,"
    "告警对象DN,告警对象名称,告警编号\n"
    ',未确认,严重,甲站(5002),"机架(MO SDR)=1,单板(MO SDR)=1",LTE小区退出服务(198094419),2026/3/1 10:00,管理网元,S1,'
    '"小区用户标识: 甲站_1, 小区标识：1",2026-03-01 10:36:03,CELL,"SubNetwork=44,MEID=5002,ENBFunctionFDD=5002,'
    'EUtranCellFDD=11",甲站_1,1.43923E+12\n'
    ',未确认,主要,甲站(5002),"机架(MO SDR)=52",RRU链路断(198097605),2026/3/1 10:01,管理网元,RRU异常,L eNBId:5002,,RU,'
    '"SubNetwork=44,MEID=5002,Equipment=1,Rack=52",甲站,1.43923E+12\n'
)
ERICSSON = (
    "fdn;presentSeverity;problemText;specificProblem;eventTime;ceaseTime;objectOfReference;alarmNumber;alarmState\n"
    "A=1;CRITICAL;lost;Service Unavailable;2026-03-01T10:00:00Z;;SubNetwork=A,MeContext=E5001,ManagedElement=1,"
    "ENodeBFunction=1,EUtranCellFDD=5001-L11;12;ACTIVE_UNACKNOWLEDGED\n"
    "A=1;CLEARED;lost;Heartbeat Failure;2026-03-01T10:00:00Z;;SubNetwork=A,MeContext=E5001;13;CLEARED\n"
)
OPERATOR = (
    "告警标题,告警对象名称,告警发生时间,告警清除时间,网元名称,基站ID,设备厂家名称,地市名称,告警清除状态,网管告警级别,设备工程状态\n"
    "小区退服,甲站_2,2026-03-01 10:00:00,,甲站,5002,中兴,甲市,未清除,1,正常\n"
    "市电停电,甲站,2026-03-01 10:00:00,2026-03-01 11:00:00,甲站,5002,中兴,甲市,已清除,二级,工程\n"
    "小区退服,某某,2026-03-01 10:00:00,,乙站,,中兴,甲市,未清除,三级,正常\n"
)
FORMS = {
    "alarms-huawei": [HUAWEI, HUAWEI_ZH],
    "alarms-nce": [NCE],
    "alarms-nokia": [NOKIA],
    "alarms-nokia-nfm": [NFM],
    "alarms-zte": [ZTE],
    "alarms-ericsson": [ERICSSON],
    "alarms-operator": [OPERATOR],
}
OBJECTS: dict[str, list[str | None]] = {
    HUAWEI: ["5001-L11", "E5001", None],
    HUAWEI_ZH: ["5002-L12", "E5002"],
    NCE: ["AG05"],
    NOKIA: ["5001-L11", "BSC-401"],
    NFM: ["AG05"],
    ZTE: ["5002-L11", "E5002"],
    ERICSSON: ["5001-L11", "E5001"],
    OPERATOR: ["5002-L12", "E5002", None],
}
CASES = [(name, text) for name, texts in FORMS.items() for text in texts]
IDS = [f"{name} {place}" for name, texts in FORMS.items() for place in range(len(texts))]


def converted(folder: Path, name: str, text: str) -> pd.DataFrame:
    """Convert an export into a bundle with the inventory, and return the rows written."""
    source = folder / "export.csv"
    source.write_text(text, encoding="utf-8")
    out = folder / "bundle"
    convert(load_mapping(name), [source], out)
    for table, rows in (("sites", SITES), ("cells", CELLS), ("links", LINKS)):
        (out / f"{table}.csv").write_text(rows, encoding="utf-8")
    return pd.read_csv(out / "alarms.csv", dtype="str").fillna("")


def loaded(folder: Path) -> Bundle:
    return read_bundle(folder / "bundle", Settings(zone="Asia/Shanghai"))


@pytest.mark.parametrize(("name", "text"), CASES, ids=IDS)
def test_every_row_becomes_an_alarm_of_its_object(tmp_path: Path, name: str, text: str) -> None:
    written = converted(tmp_path, name, text)
    expected = OBJECTS[text]
    assert len(written) == len(expected)
    bundle = loaded(tmp_path)
    objects = bundle.tables["alarms"].set_index("alarm_id")["object_id"].to_dict()
    assert [objects.get(one) for one in written["alarm_id"]] == expected
    left = [row for row, one in zip(written["object_id"], expected, strict=True) if one is None]
    assert bundle.unresolved["identity"].tolist() == left
    assert (written["vendor"] != "").all()


def test_u2000_rows_keep_what_they_say(tmp_path: Path) -> None:
    written = converted(tmp_path, "alarms-huawei", HUAWEI)
    assert written["alarm_id"].tolist() == ["901", "902", "903"]
    assert written["code"].tolist() == ["29240", "301", "301"]
    assert written["severity"].tolist() == ["major", "critical", ""]
    assert written["clearing"].tolist() == ["", "", "Cleared"]
    assert written["raised_at"].iloc[0] == "2026-03-01T10:00:00+08:00"
    assert written["cleared_at"].tolist()[:2] == ["", "2026-03-01T10:30:00+08:00"]
    assert written["object_id"].tolist()[1:] == ["HILL", "Gone"]
    assert pd.read_csv(tmp_path / "bundle" / "repairs.csv").empty


def test_name_as_it_was_given_stays_beside_the_object(tmp_path: Path) -> None:
    converted(tmp_path, "alarms-huawei", HUAWEI)
    bundle = loaded(tmp_path)
    given = bundle.tables["alarms"].set_index("object_id")["object_name"]
    assert given["E5001"] == "HILL"
    assert given["5001-L11"].startswith("Hill, eNodeB Function Name=Hill")
    assert bundle.rejected["reason"].tolist() == ["object_id is unknown"]
    (left,) = bundle.unresolved.to_dict("records")
    assert (left["identity"], left["why"], left["vendor"], left["rows"]) == (
        "Gone", "unknown", "Huawei", 1,
    )  # fmt: skip


def test_month_first_times_of_the_chinese_client_are_read(tmp_path: Path) -> None:
    written = converted(tmp_path, "alarms-huawei", HUAWEI_ZH)
    assert written["raised_at"].tolist() == [
        "2025-09-19T20:08:17+08:00",
        "2025-09-19T23:46:06+08:00",
    ]
    assert written["cleared_at"].tolist() == ["2025-10-09T11:27:54+08:00", ""]
    assert written["severity"].tolist() == ["warning", "major"]


def test_zte_name_and_number_are_taken_apart_and_a_cut_serial_number_does_no_harm(
    tmp_path: Path,
) -> None:
    written = converted(tmp_path, "alarms-zte", ZTE)
    assert written["name"].tolist() == ["LTE小区退出服务", "RRU链路断"]
    assert written["code"].tolist() == ["198094419", "198097605"]
    assert written["severity"].tolist() == ["critical", "major"]
    assert written["alarm_id"].is_unique


def test_supplementary_text_of_nokia_is_kept(tmp_path: Path) -> None:
    written = converted(tmp_path, "alarms-nokia", NOKIA)
    assert written["detail"].tolist() == ["No connection to Flexi transport sub module", "01 1"]
    assert written["received_at"].iloc[0] == "2026-03-01T10:00:30+08:00"


def test_clearing_of_ericsson_in_a_line_of_its_own_is_flagged(tmp_path: Path) -> None:
    written = converted(tmp_path, "alarms-ericsson", ERICSSON)
    assert written["clearing"].tolist() == ["", "CLEARED"]
    assert written["severity"].tolist() == ["critical", ""]
    assert written["raised_at"].iloc[0] == "2026-03-01T18:00:00+08:00"


def test_every_alarm_mapping_is_tried_here() -> None:
    assert {name for name in shipped_names() if name.startswith("alarms-")} == set(FORMS)


@pytest.mark.parametrize(
    ("word", "severity"),
    [("紧急", "critical"), ("严重", "critical"), ("重要", "major"), ("次要", "minor"), ("提示", "warning"),
     ("CRITICAL", "critical"), ("Warning", "warning"), ("1", "critical"), ("4", "warning"), ("A", "critical"),
     ("D", "warning"), ("二级", "major"), ("不确定", "indeterminate"), ("5", "indeterminate")],
)  # fmt: skip
def test_words_of_severity(word: str, severity: str) -> None:
    assert load_word_list(SHIPPED / "severity_words.csv").find(word) == severity


INVENTED = {
    "Device": [f"TOWER-{i // 3}" for i in range(12)],
    "Onset Time": [f"2026-03-01 10:{i:02}:00" for i in range(12)],
    "Fault Text": ["Radio lost", "Mains off"] * 6,
    "Restoral Time": [f"2026-03-01 11:{i:02}:00" for i in range(11)] + [""],
    "Criticality": ["CRI", "MAJ", "MIN", "WARN"] * 3,
    "Fault Code": ["F1", "F2"] * 6,
    "Diagnostics": [f"d {i}" for i in range(12)],
}


def test_list_of_a_vendor_never_heard_of_is_proposed_and_converts(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    pd.DataFrame(INVENTED).to_csv(path, index=False)
    proposal = propose_mapping(path)
    (found,) = proposal.tables.values()
    sources = {one.column: one.sources for one in found if len(one.sources) == 1}
    assert sources == {
        "object_id": ("Device",), "raised_at": ("Onset Time",), "name": ("Fault Text",),
        "cleared_at": ("Restoral Time",),
        "code": ("Fault Code",), "severity": ("Criticality",), "detail": ("Diagnostics",),
    }  # fmt: skip
    save_proposal(proposal, tmp_path / "m.toml")
    counts = convert(load_mapping(tmp_path / "m.toml"), [path], tmp_path / "out")
    assert counts[["used", "rejected", "repaired"]].to_numpy().tolist() == [[12, 0, 0]]


@pytest.mark.parametrize("text", [text for _, text in CASES], ids=IDS)
def test_headers_of_all_vendors_are_known_words(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text, encoding="utf-8")
    proposal = propose_mapping(path)
    assert list(proposal.tables) == ["alarms"]
    lacking = [one.column for one in proposal.tables["alarms"] if not one.score]
    assert not lacking


def test_conversion_in_pieces_is_the_conversion_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "many.csv"
    rows = [
        f"{i % 90},{'soon' if i % 50 == 0 else '2026-03-01 10:00'},x{i},{'bad' if i % 40 == 0 else 'major'}"
        for i in range(600)
    ]
    path.write_text("id,at,name,severity\n" + "\n".join([*rows, "short"]) + "\n", encoding="utf-8")
    (tmp_path / "m.toml").write_text(
        'name = "m"\n[tables.alarms]\ndistinct = ["alarm_id"]\n[tables.alarms.columns]\nalarm_id = "id"\n'
        'object_id = { value = "E5001" }\nraised_at = "at"\nname = "name"\nseverity = "severity"\n'
        '[tables.alarms.extra]\nnote = "nowhere"\nkept = "name"\n',
        encoding="utf-8",
    )
    mapping = load_mapping(tmp_path / "m.toml")
    whole = convert_files(mapping, [path, path], tmp_path / "whole")
    monkeypatch.setattr(delimited_rows, "PIECE", 500)
    pieces = convert_files(mapping, [path, path], tmp_path / "pieces")
    for name in ("alarms", "rejected", "repairs"):
        texts = [(tmp_path / folder / f"{name}.csv").read_bytes() for folder in ("whole", "pieces")]
        assert texts[0] == texts[1]
    pd.testing.assert_frame_equal(whole.counts, pieces.counts)
    pd.testing.assert_frame_equal(whole.rejected, pieces.rejected)
    assert whole.counts["used"].tolist() == [90, 90]
    assert (whole.counts[["left_out", "merged", "used", "rejected"]].sum(axis=1) == 601).all()
