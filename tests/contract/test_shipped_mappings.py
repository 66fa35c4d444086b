"""Each shipped mapping brings a small export of its form to the tables of the contract."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from contract.bundles import read_table
from contract.causes import CAUSES
from contract.mapping_files import SHIPPED, load_mapping, shipped_names
from contract.mappings import convert
from contract.settings import Settings
from contract.word_lists import load_word_list

Rows = list[list[object]]
Made = Callable[[str], tuple[dict[str, pd.DataFrame], pd.DataFrame, pd.DataFrame]]
"""Name of a mapping to its tables as a bundle reads them, its counts and what was rejected."""

EOMS: Rows = [
    ["工单号", "投诉时间", "故障时间", "投诉内容", "主叫号码", "联系人电话", "投诉位置", "故障区县",
     "故障道路", "故障村", "投诉分类1", "投诉分类2", "预处理结果", "处理意见"],
    ["2026030101365464", "2026-03-01 13:45:37", "2026-03-01 12:00:00", "没信号", "+8613800000001",
     "13900000009", "", "甲县", "一路", "二村", "网络质量", "语音", "已让客户重启", "基站已修复"],
    ["2026030101365465", "2026/3/1 13:46", "", "打不通电话", "13800000002", "", "甲县三镇四村",
     "甲县", "", "", "网络质量", "", "null", "结论"],
    ["2.02603E+15", "2026-03-01 13:50:00", "", "上网慢", "13800000003", "", "", "", "", "", "", "", "", ""],
]  # fmt: skip
SUPERVISION: Rows = [
    ["投诉督办清单"],
    ["投诉跟踪工单流水号", "EOMS投诉工单流水号", "投诉类别", "投诉现象", "受理号码", "受理时间", "报结意见"],
    ["GZ-1", "2026030101365464", "语音", "打不通", "13800000001", "2026-03-02 08:00:00", "已恢复"],
    ["GZ-2", "2026030101365465", "上网", "上网慢", "13800000002", "不详", ""],
]  # fmt: skip
DAYIN: Rows = [
    ["投诉工单明细", None, None, None, None],
    ["统计周期:2026-03", None, None, None, None],
    ["投诉工单流水号", "受理时间", "受理号码", "服务请求类型", "业务地市"],
    ["20260301092823X700000001", "2026-03-01 09:28:23", 13800000001, "网络质量→移动语音→掉话", "甲市"],
    ["20260301102823X700000002", "2026/3/1 10:28:23", 13800000002, "网络质量→移动数据→上网慢", "甲市"],
    ["20260301112823X700000003", "2026-03-01 11:28", 13800000003, "网络质量→无信号", "乙市"],
    [None, "2026-03-01 11:29", 13800000004, "网络质量→无信号", "乙市"],
]  # fmt: skip
FOSHAN: Rows = [
    ["工单编号", "工单来源", "受理时间", "申告地", "区/县", "路名", "楼宇名称", "经度", "纬度", "是否为百度经纬度",
     "原因定性一级", "原因定性二级", "归属网格", "业务类型", "受理内容", "预处理内容", "电子运维流水号", "归档时间"],
    ["F1", "10000号", "2026-03-01 09:00:00", "甲市", "乙区", "三路", "四大厦", 113.1, 23.02, "是",
     "网络侧故障", "小区退服", "甲1", "4G", "没信号", "请核查", "E1", "2026-03-01 15:00:00"],
    ["F2", "10000号", "2026-03-01 09:30:00", "甲市", "乙区", "", "", 0, 0, "否",
     "", "", "甲1", "4G", "上网慢", "", "E2", ""],
    ["F3", "10000号", "2026-03-01 09:40:00", "甲市", "乙区", "", "", 113.2, 23.03, "否",
     "用户侧", "天气", "甲1", "4G", "掉话", "", "E3", "2026-03-02 15:00:00"],
]  # fmt: skip
SUPPLY: Rows = [
    ["工单编号", "区域", "镇区", "今年重复投诉次数", "地址", "投诉点经度", "投诉点纬度", "使用场合", "申告号码",
     "申告内容", "投诉表象", "业务类型", "室内外选择", "回单内容", "原因定位", "规划站点名称", "是否已解决",
     "工单来源", "是否为百度经纬度", "受理时间"],
    ["S1", "乙区", "一镇", 2, "三路四号", 113.11, 23.01, "居民住宅", "13800000001", "屋里没信号", "信号弱", "4G",
     "室内", "已处理", "/新增资源/已立项待建设/", "五楼", "否", "10000号", "是", "2026-03-01 09:00"],
    ["S2", "乙区", "一镇", 0, "", "", "", "", "13800000002", "", "", "4G", "", "", "", "", "", "", "",
     "2026-03-01 09:05"],
]  # fmt: skip
ONLINE: Rows = [
    ["接单日期", "故障单号（投诉单号）", "故障来源", "故障现象（申告现象）", "故障内容（投诉内容）", "结单信息",
     "投诉地点", "所属区域", "镇区", "申告时间", "受理时间", "申告号码", "投诉点经度", "投诉点纬度",
     "主用基站名称", "主用基站编号",
     "处理过程及建议", "最终解决时间", "当前进度（必选）", "投诉原因（按需修正）"],
    ["2026-03-01", "O1", "客服", "移动-语音-无信号", "没信号", "已恢复", "三路", "乙区", "一镇", "2026-03-01 09:00:00",
     "2026-03-01 09:10:00", "13800000001", 113.1, 23.0, "五站", 500123, "换板", "2026-03-01 18:00:00", "已解决",
     "/网络侧故障/无线网络/3G网络/基站/小区退服/"],
    ["2026-03-01", "O2", "客服", "移动-数据-上网慢", "上网慢", "", "", "乙区", "一镇", "", "2026-03-01 09:20:00",
     "13800000002", 0, 0, "", "", "", "", "处理中", ""],
]  # fmt: skip
LTE: Rows = [
    ["基本信息", None, None, None, None, None, "天线", None, None, None, None, None],
    ["基站名称", "eNodeB ID", "CELL_ID", "小区名称", "经度", "纬度", "方位角", "机械下倾角", "电下倾角", "天线挂高(米)",
     "频点", "是否接室分", "PCI", "TAC", "区县", "厂家"],
    ["甲站", "500123.0", "1", "甲站-1", 100.1, 25.6, "120°", 3, 4, "30m", 1300, "否", 12, 100, "甲县", "华为"],
    ["甲站", "500123.0", "2", "甲站-2", 100.1, 25.6, "全向", 3, "", "", 1300, "是", 13, 100, "甲县", "华为"],
    ["乙站", "5.00E+15", "1", "乙站-1", 100.2, 25.7, 240, "", "", 25, 38400, "否", 14, 100, "甲县", "中兴"],
]  # fmt: skip
NR: Rows = [
    ["gNodeBID", "小区标识", "小区名称", "基站名称", "小区经度", "小区纬度", "方向角", "总下倾角", "挂高", "频段",
     "SSB频点", "覆盖类型", "NCI", "站点等级"],
    [1234567, 1, "甲5-1", "甲5", 100.1, 25.6, 0, 6, 28, "n41", 504990, "宏站", 5056786433, "A类"],
    [1234567, 2, "甲5-2", "甲5", 100.1, 25.6, 370, 6, 28, "n28", "", "室分", 5056786434, "A类"],
]  # fmt: skip
GSM: Rows = [
    ["小区名称", "基站名称", "LAC", "CI", "BCCH", "经度", "纬度", "方位角", "机械下倾", "电子下倾角",
     "挂高", "覆盖类型", "BSC"],
    ["甲1", "甲站", 9362, 4421, 60, 100.1, 25.6, 0, 2, 3, 40, "宏站", "BSC1"],
    ["甲2", "甲站", 9362, 4422, 520, 100.1, 25.6, 120, 2, 3, 40, "室内分布", "BSC1"],
    ["乙1", "乙站", 9362, 4431, "", 100.2, 25.7, 120, 2, 3, 40, "室内分布", "BSC1"],
]  # fmt: skip
HLR: Rows = [
    ["号码", "位置更新时间", "CGI", "LAC", "CI"],
    ["8613800000001", "2026-03-01 12:00:00", "460-00-9362-4421", 9362, 4421],
    ["13800000002", "2026-03-01 12:05:00", "", 9362, 4422],
    ["13800000003", "2026-03-01 12:06:00", "", "", ""],
]  # fmt: skip
MME: Rows = [
    ["MSISDN", "最后活动时间", "ECGI", "ECI", "TAC"],
    ["8613800000001", "2026-03-01 12:00:00", "460-00-500123-1", 128031489, 100],
    ["13800000002", "2026-03-01 12:05:00", "", 128031490, 100],
    ["1.38E+10", "2026-03-01 12:06:00", "", 128031490, 100],
]  # fmt: skip
ACCOUNTS: Rows = [
    ["用户号码", "用户状态", "状态变更时间"],
    ["13800000001", "正常", ""],
    ["13800000002", "欠费单停", "2026-03-01 00:00:00"],
    ["13800000003", "GPRS关闭", "2026-03-01 00:00:00"],
    ["13800000004", "短信加黑", "2026-03-01 00:00:00"],
    ["13800000005", "神秘状态", "2026-03-01 00:00:00"],
]  # fmt: skip
CLOSED: Rows = [
    ["工单流水号", "归档时间", "投诉原因", "是否满意"],
    ["T1", "2026-03-01 18:00:00", "/网络侧故障/无线网络/3G网络/基站/小区退服/", "满意"],
    ["T2", "2026-03-01 18:00:00", "用户侧→终端→SIM卡", "不满意"],
    ["T3", "2026-03-01 18:00:00", "天气原因", "未接通"],
    ["T4", "", "弱覆盖", "满意"],
]  # fmt: skip
FORMS = {
    "eoms-complaints": EOMS,
    "eoms-supervision": SUPERVISION,
    "dayin-complaints": DAYIN,
    "foshan-complaints": FOSHAN,
    "foshan-supply": SUPPLY,
    "foshan-online": ONLINE,
    "cells-gongcan-lte": LTE,
    "cells-gongcan-nr": NR,
    "cells-gongcan-gsm": GSM,
    "hlr-lookups": HLR,
    "mme-lookups": MME,
    "account-states": ACCOUNTS,
    "closed-orders": CLOSED,
}


def saved_csv(folder: Path, rows: Rows) -> Path:
    """Save rows as a CSV file in GB18030, every row as wide as the widest."""
    width = max(len(row) for row in rows)
    lines = [[*row, *[None] * (width - len(row))] for row in rows]
    text = pd.DataFrame(lines).to_csv(index=False, header=False)
    path = folder / "export.csv"
    path.write_bytes(text.encode("gb18030"))
    return path


def saved_xlsx(folder: Path, rows: Rows) -> Path:
    """Save rows on the second sheet of a workbook, below two merged title rows."""
    book = openpyxl.Workbook()
    book.active.append(["说明:本表仅供参考"])
    sheet = book.create_sheet("数据")
    sheet.append(["导出报表"])
    sheet.append(["导出时间:2026-03-03"])
    sheet.merge_cells("A1:E1")
    sheet.merge_cells("A2:E2")
    for row in rows:
        sheet.append(row)
    path = folder / "export.xlsx"
    book.save(path)
    return path


@pytest.fixture(params=["csv", "xlsx"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Made:
    """Convert the export of a mapping and return its tables as a bundle reads them, and its counts."""

    def convert_form(name: str) -> tuple[dict[str, pd.DataFrame], pd.DataFrame, pd.DataFrame]:
        save = saved_csv if request.param == "csv" else saved_xlsx
        out = tmp_path / "out"
        mapping = load_mapping(name)
        counts = convert(mapping, [save(tmp_path, FORMS[name])], out).set_index("table")
        settings = Settings(zone=mapping.source.zone)
        tables = {
            table: read_table(out / f"{table}.csv", table, settings).frame.set_index(
                "cell_id" if table == "cells" else "site_id" if table == "sites" else ids[table]
            )
            for table in counts.index
        }
        return tables, counts, pd.read_csv(out / "rejected.csv")

    ids = {
        "complaints": "ticket_id",
        "verdicts": "ticket_id",
        "locations": "msisdn",
        "accounts": "msisdn",
    }
    return convert_form


def shanghai(instants: pd.Series) -> list[str]:
    return list(instants.dt.tz_convert("Asia/Shanghai").dt.strftime("%m-%d %H:%M:%S"))


def test_eoms_sheets_give_complaints_without_their_answers(made: Made) -> None:
    tables, counts, rejected = made("eoms-complaints")
    found = tables["complaints"]
    assert found.index.tolist() == ["2026030101365464", "2026030101365465"]
    assert shanghai(found["created_at"]) == ["03-01 13:45:37", "03-01 13:46:00"]
    assert found["msisdn"].tolist() == ["13800000001", "13800000002"]
    assert found["address"].tolist() == ["甲县一路二村", "甲县三镇四村"]
    assert found["category"].tolist() == ["网络质量/语音", "网络质量"]
    assert found["previous_opinion"].fillna("").tolist() == ["已让客户重启", ""]
    assert not found.astype("str").isin(["基站已修复", "13900000009"]).to_numpy().any()
    assert rejected["reason"].tolist() == ["ticket_id lost digits in a spreadsheet"]
    assert counts.loc["complaints", ["rows", "used", "rejected"]].tolist() == [3, 2, 1]


def test_supervision_sheets_point_at_the_ticket(made: Made) -> None:
    tables, _, rejected = made("eoms-supervision")
    found = tables["complaints"].loc["2026030101365464"]
    assert found[["text", "msisdn", "channel", "supervision_id"]].tolist() == [
        "打不通", "13800000001", "督办", "GZ-1",
    ]  # fmt: skip
    assert rejected["reason"].tolist() == ["created_at is not a time"]


def test_dayin_header_is_found_and_its_three_forms_of_time_are_read(made: Made) -> None:
    tables, counts, rejected = made("dayin-complaints")
    found = tables["complaints"]
    assert shanghai(found["created_at"]) == ["03-01 09:28:23", "03-01 10:28:23", "03-01 11:28:00"]
    assert found["category"].iloc[0] == found["text"].iloc[0] == "网络质量→移动语音→掉话"
    assert found["city"].tolist() == ["甲市", "甲市", "乙市"]
    assert rejected["reason"].tolist() == ["ticket_id is missing"]
    assert counts.loc["complaints", "used"] == 3


def test_foshan_list_gives_verdicts_only_of_closed_orders(made: Made) -> None:
    tables, counts, rejected = made("foshan-complaints")
    found, verdicts = tables["complaints"], tables["verdicts"]
    assert found["crs"].tolist() == ["bd09", "wgs84", "wgs84"]
    assert found["lon"].isna().tolist() == [False, True, False]
    assert found["address"].tolist() == ["乙区三路四大厦", "乙区", "乙区"]
    assert found["previous_opinion"].fillna("").tolist() == ["请核查", "", ""]
    assert verdicts["cause"].to_dict() == {"F1": "cell_outage"}
    assert shanghai(verdicts["closed_at"]) == ["03-01 15:00:00"]
    assert counts.loc["verdicts", ["left_out", "rejected"]].tolist() == [1, 1]
    assert "用户侧/天气" in rejected["content"].iloc[-1]


def test_foshan_supply_list_without_a_time_of_closing_gives_complaints_alone(made: Made) -> None:
    tables, _, rejected = made("foshan-supply")
    assert list(tables) == ["complaints"]
    assert tables["complaints"].loc["S1", ["crs", "address"]].tolist() == [
        "bd09",
        "乙区一镇三路四号",
    ]
    assert rejected["reason"].tolist() == ["text is missing"]


def test_foshan_on_line_list_gives_complaint_and_verdict(made: Made) -> None:
    tables, counts, _ = made("foshan-online")
    assert shanghai(tables["complaints"]["created_at"]) == ["03-01 09:10:00", "03-01 09:20:00"]
    assert tables["complaints"].loc["O2", "address"] == "乙区一镇"
    assert tables["verdicts"].loc["O1", ["cause", "object_id"]].tolist() == [
        "cell_outage",
        "L500123",
    ]
    assert counts.loc["verdicts", "left_out"] == 1


def test_lte_sheet_gives_sites_and_cells(made: Made) -> None:
    tables, counts, rejected = made("cells-gongcan-lte")
    sites, cells = tables["sites"], tables["cells"]
    assert sites.loc["L500123", ["site_name", "county", "vendor", "status"]].tolist() == [
        "甲站", "甲县", "华为", "live",
    ]  # fmt: skip
    assert counts.loc["sites", ["merged", "rejected"]].tolist() == [1, 1]
    assert cells.index.tolist() == ["L500123-1", "L500123-2"]
    assert cells["downtilt_deg"].tolist() == [7, 3]
    assert cells["azimuth_deg"].fillna(-1).tolist() == [120, -1]
    assert cells["height_m"].fillna(-1).tolist() == [30, -1]
    assert cells["indoor"].tolist() == [False, True]
    assert cells["freq_mhz"].tolist() == [1815, 1815]
    assert cells["ci"].tolist() == ["128031489", "128031490"]
    assert cells["pci"].tolist() == ["12", "13"]
    reasons = {f"{name} lost digits in a spreadsheet" for name in ("site_id", "cell_id")}
    assert set(rejected["reason"]) == reasons


def test_nr_sheet_gives_sites_and_cells(made: Made) -> None:
    tables, counts, _ = made("cells-gongcan-nr")
    cells = tables["cells"]
    assert cells.index.tolist() == ["N1234567-1", "N1234567-2"]
    assert cells["freq_mhz"].tolist() == pytest.approx([2524.95, 780.5])
    assert cells["azimuth_deg"].fillna(-1).tolist() == [0, -1]
    assert counts.loc["cells", "repaired"] == 1
    assert tables["sites"]["grade"].tolist() == ["A"]


def test_gsm_sheet_gives_sites_and_cells(made: Made) -> None:
    tables, _, rejected = made("cells-gongcan-gsm")
    cells = tables["cells"]
    assert cells["freq_mhz"].to_dict() == {"G9362-4421": 947.0, "G9362-4422": 1806.8}
    assert cells["site_id"].tolist() == ["G甲站", "G甲站"]
    assert cells["downtilt_deg"].tolist() == [5, 5]
    assert rejected["reason"].tolist() == ["freq_mhz is missing"]


@pytest.mark.parametrize(
    ("name", "cells", "reason"),
    [
        ("hlr-lookups", ["G9362-4421", "G9362-4422"], "cell_id is missing"),
        ("mme-lookups", ["L500123-1", "L500123-2"], "msisdn lost digits in a spreadsheet"),
    ],
)
def test_look_ups_name_cells_as_the_inventory_does(
    made: Made, name: str, cells: list[str], reason: str
) -> None:
    tables, _, rejected = made(name)
    found = tables["locations"]
    assert found["cell_id"].to_dict() == dict(
        zip(["13800000001", "13800000002"], cells, strict=True)
    )
    assert found["source"].tolist() == [name[:3]] * 2
    assert rejected["reason"].tolist() == [reason]


def test_account_states_are_read_from_their_words(made: Made) -> None:
    tables, _, rejected = made("account-states")
    assert tables["accounts"]["state"].tolist() == ["active", "suspended", "data_off", "sms_barred"]
    assert "神秘状态" in rejected["content"].iloc[0]


def test_closed_orders_are_read_from_their_paths(made: Made) -> None:
    tables, counts, rejected = made("closed-orders")
    verdicts = tables["verdicts"]
    assert verdicts["cause"].to_dict() == {"T1": "cell_outage", "T2": "terminal_fault"}
    assert verdicts["satisfied"].tolist() == [True, False]
    assert "天气原因" in rejected["content"].iloc[0]
    assert counts.loc["verdicts", ["rows", "left_out", "used", "rejected"]].tolist() == [4, 1, 2, 1]


@pytest.mark.parametrize("name", FORMS)
def test_rows_come_out_as_they_went_in(made: Made, name: str) -> None:
    _, counts, _ = made(name)
    parts = counts[["left_out", "merged", "used", "rejected"]].sum(axis=1)
    assert counts["rows"].tolist() == parts.tolist()


def test_every_shipped_mapping_is_tried_here_or_elsewhere() -> None:
    elsewhere = {name for name in shipped_names() if name.startswith(("alarms-", "kpi-"))}
    assert set(shipped_names()) - elsewhere == {*FORMS, "cells-uk"}


@pytest.mark.parametrize("name", shipped_names())
def test_shipped_mapping_says_where_it_comes_from(name: str) -> None:
    mapping = load_mapping(name)
    assert mapping.name == name
    assert mapping.meaning
    assert mapping.source_note
    assert mapping.source.zone


def test_every_cause_has_words_and_stands_for_itself() -> None:
    words = load_word_list(SHIPPED / "cause_words.csv")
    assert words.values == set(CAUSES)
    assert {code: words.find(code) for code in CAUSES} == {code: code for code in CAUSES}
    assert {cause.zh: words.find(cause.zh) for cause in CAUSES.values()} == {
        cause.zh: code for code, cause in CAUSES.items()
    }


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("/新增资源/已立项待建设/", "weak_coverage"),
        ("网络侧-覆盖-室内弱覆盖", "indoor_coverage"),
        ("传输故障/光缆中断", "transmission_break"),
        ("无线网络/干扰/网内干扰", "cochannel_interference"),
        ("主B载频故障", "bcch_trx_fault"),
        ("未发现基站退服", None),
        ("已排除小区退服", None),
        ("天气", None),
    ],
)
def test_cause_words_are_read_as_an_engineer_would(text: str, cause: str | None) -> None:
    assert load_word_list(SHIPPED / "cause_words.csv").find(text) == cause
