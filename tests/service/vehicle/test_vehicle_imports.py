"""A list of trucks as offices keep it: whatever it was saved as, every row has a fate."""

import codecs
import csv
import gzip
import io
import json
from typing import Any

import httpx
import pytest
import xlsxwriter

from tests.conftest import real_data

ROWS: list[list[Any]] = [
    ["vehicle_id", "plate", "kind", "tare_kg", "capacity_kg", "waste_streams", "备注"],
    ["N-1", "川A20001", "compactor", "9120", "6000", "residual;food", "新车"],
    ["N-2", "川A20002", "food_waste", "7410.0", "5000", "", ""],
]


def separated(by: str, rows: list[list[Any]] = ROWS) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=by).writerows(rows)
    return text.getvalue()


def workbook() -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        book.add_worksheet("空")
        sheet = book.add_worksheet("车辆")
        for number, row in enumerate(ROWS):
            for column, cell in enumerate(row):
                as_number = number > 0 and column in {3, 4}
                sheet.write_number(number, column, float(cell)) if as_number else sheet.write_string(number, column, cell)
    return content.getvalue()


def objects() -> list[dict[str, Any]]:
    return [dict(zip(ROWS[0], row, strict=True)) for row in ROWS[1:]]


FILES: dict[str, bytes] = {
    "GB18030": separated(",").encode("gb18030"),
    "UTF-16 with its mark": codecs.BOM_UTF16_LE + separated(",").encode("utf-16-le"),
    "UTF-16 without": separated(",").encode("utf-16-be"),
    "semicolons and a mark": separated(";").encode("utf-8-sig"),
    "tabs": separated("\t").encode(),
    "bars": separated("|").encode(),
    "gzip": gzip.compress(separated(",").encode("gb18030")),
    "XLSX": workbook(),
    "JSON lines": "\n".join(json.dumps(row, ensure_ascii=False) for row in objects()).encode(),
    "JSON": json.dumps(objects()).encode(),
    "JSON in an envelope": json.dumps({"vehicles": objects()}).encode(),
}


async def sent(admin: httpx.AsyncClient, content: bytes, **options: Any) -> httpx.Response:
    headers = {"Content-Type": "application/octet-stream"}
    return await admin.post("/v1/vehicle-imports", content=content, params=options, headers=headers)


async def weights(admin: httpx.AsyncClient, start: str) -> dict[str, tuple[str, int]]:
    items = (await admin.get("/v1/vehicles")).json()["items"]
    return {one["vehicle_id"]: (one["plate"], one["tare_kg"]) for one in items if one["vehicle_id"].startswith(start)}


@pytest.mark.parametrize("name", FILES)
async def test_a_list_of_trucks_is_read_whatever_it_was_saved_as(admin: httpx.AsyncClient, name: str) -> None:
    answer = await sent(admin, FILES[name])
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["created"], told["rejected"], told["ignored_columns"]) == (2, [], ["备注"])
    assert await weights(admin, "N-") == {"N-1": ("川A20001", 9120), "N-2": ("川A20002", 7410)}
    assert (await sent(admin, FILES[name])).json()["unchanged"] == 2


@pytest.mark.parametrize("name", ["gb18030", "utf16", "semicolon_bom"])
async def test_lists_from_public_reports_are_read(admin: httpx.AsyncClient, name: str) -> None:
    answer = await sent(admin, real_data(f"cases/vehicles_{name}.csv").read_bytes())
    assert (answer.json()["created"], answer.json()["rejected"]) == (2, [])
    assert [tare for _, tare in (await weights(admin, "CASE-")).values()] == [8000, 7650]


async def test_every_row_s_fate_is_told_and_the_good_ones_are_kept(admin: httpx.AsyncClient) -> None:
    bad = [
        ["N-3", "川A20003", "spaceship", "1", "1", "", ""],
        ["N-1", "川A20009", "compactor", "1", "1", "", ""],
        ["N-4", "川A20004", "compactor", "7410.5", "1", "", ""],
        ["N 5", "川A20005", "compactor", "1", "1", "", ""],
        ["", "", "", "", "", "", ""],
        ["N-6", "川A20006", "compactor", "heavy", "1", "", ""],
    ]
    told = (await sent(admin, separated(",", ROWS + bad).encode())).json()
    assert told["created"] == 2
    assert [(row["row"], row["vehicle_id"], row["code"]) for row in told["rejected"]] == [
        (3, "N-3", "invalid"),
        (4, "N-1", "duplicate_vehicle_id"),
        (5, "N-4", "bad_weight"),
        (6, "N 5", "invalid"),
        (7, None, "empty_row"),
        (8, "N-6", "bad_weight"),
    ]
    assert all(row["detail"] for row in told["rejected"])


async def test_weights_that_can_be_read_in_two_ways_are_asked_for(admin: httpx.AsyncClient) -> None:
    content = "编号;车牌;自重\nN-7;川A20007;7,650\n".encode()
    options = {"mapping": ["vehicle_id=编号", "plate=车牌", "tare_kg=自重"]}
    answer = await sent(admin, content, **options)
    assert (answer.status_code, answer.json()["code"]) == (422, "ambiguous_numbers")
    assert "decimal_mark" in answer.json()["detail"]
    assert await weights(admin, "N-") == {}
    assert (await sent(admin, content, decimal_mark=".", **options)).json()["created"] == 1
    assert await weights(admin, "N-") == {"N-7": ("川A20007", 7650)}


@pytest.mark.parametrize(
    ("content", "options", "code"),
    [
        (b"", {}, "unreadable_file"),
        (b"PK\x03\x04 no workbook", {}, "unreadable_file"),
        (b"\x1f\x8b\x08 no gzip", {}, "unreadable_file"),
        (b"id,plate\nN-1,x\n", {}, "bad_mapping"),
        (b"vehicle_id,plate\nN-1,x\n", {"mapping": "tare_kg=nowhere"}, "bad_mapping"),
        (b"vehicle_id,plate\nN-1,x\n", {"mapping": "colour=plate"}, "invalid"),
        (b"vehicle_id,plate\nN-1,x\n", {"colour": "red"}, "invalid"),
    ],
)
async def test_a_file_that_cannot_be_used_is_refused_whole(
    admin: httpx.AsyncClient, content: bytes, options: dict[str, str], code: str
) -> None:
    answer = await sent(admin, content, **options)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_stranger_s_file_is_not_even_read(vehicles: Any) -> None:
    async with vehicles.client(None) as stranger:
        assert (await sent(stranger, b"\x1f\x8b no gzip")).status_code == 401
