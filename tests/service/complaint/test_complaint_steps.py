"""The 12345 workflow over HTTP, with its clocks, on both databases."""

import json
from datetime import timedelta

import httpx
from desk import CONTACT, HAPPY, NOW, REPLY, TO_CONTRACTOR, answered, complaint, detail, step, taken
from sqlalchemy import text as sql

from shared.clock import frozen
from shared.setting_aside import SetAside
from shared.testing import City
from shared.vocabulary import Role


async def test_a_complaint_goes_from_the_call_to_its_closing(desk: httpx.AsyncClient, contractor: httpx.AsyncClient) -> None:
    with frozen(NOW):
        case = await taken(desk, steps=[{"step": "accept"}, {"step": "file"}, TO_CONTRACTOR])
    assert (case["status"], case["matter_code"], case["colour"]) == ("dispatched", "06042", "green")
    assert case["due_at"].startswith("2025-11-17T07:00")  # 4 work hours: 15:00, over noon
    with frozen(NOW + timedelta(hours=1)):
        await step(contractor, case["case_id"], "take", {"step": "finish", "note": "已清运 2 桶"})
    with frozen(NOW + timedelta(hours=2)):
        await step(desk, case["case_id"], "pass_check", REPLY)
    with frozen(NOW + timedelta(hours=3)):
        done = await step(desk, case["case_id"], HAPPY, "close")
    assert (done["status"], done["solved"], done["satisfaction"]) == ("closed", True, "satisfied")
    assert (done["contacted_in_time"], done["resolved_in_time"], done["returned"]) == (True, True, 0)
    told = await detail(desk, case["case_id"])
    assert [event["step"] for event in told["history"]] == [
        "receive",
        "accept",
        "file",
        "dispatch",
        "take",
        "finish",
        "pass_check",
        "reply",
        "call_back",
        "close",
    ]
    assert [event["responsible"] for event in told["history"]][3:6] == ["contractor:K-1", "contractor:K-1", "centre"]
    marks = [(mark["what"], mark["kind"]) for event in told["history"] for mark in event["clocks"]]
    assert marks == [
        ("started", "contact"),
        ("started", "resolve"),
        ("stopped", "contact"),
        ("stopped", "resolve"),
        ("started", "call_back"),
        ("stopped", "call_back"),
    ]


async def test_what_the_workflow_does_not_allow_is_refused_and_nothing_of_it_is_kept(desk: httpx.AsyncClient) -> None:
    case = await taken(desk)
    problem = await step(desk, case["case_id"], "accept", REPLY, status=409)
    assert problem["code"] == "not_now"
    assert (await detail(desk, case["case_id"]))["status"] == "received"


async def test_a_contractor_sees_and_does_only_what_was_dispatched_to_it(
    desk: httpx.AsyncClient, contractor: httpx.AsyncClient
) -> None:
    case = await taken(desk)
    await answered(contractor.get(f"/v1/complaints/{case['case_id']}"), 404)
    await step(desk, case["case_id"], "accept", "file", TO_CONTRACTOR)
    assert (await detail(contractor, case["case_id"]))["status"] == "dispatched"
    assert (await answered(contractor.get("/v1/complaints")))["items"][0]["case_id"] == case["case_id"]
    problem = await step(contractor, case["case_id"], {"step": "void", "note": "not ours"}, status=403)
    assert "centre" in problem["detail"]
    back = await step(contractor, case["case_id"], {"step": "return", "note": "not ours"})
    assert back["status"] == "filed"


async def test_an_edit_touches_no_clock_and_a_complaint_may_become_another_category(desk: httpx.AsyncClient) -> None:
    with frozen(NOW):
        case = await taken(desk)
    with frozen(NOW + timedelta(minutes=30)):
        edited = await step(desk, case["case_id"], {"step": "edit", "category": "other", "urgency": "complex"})
    assert edited["due_at"] == case["due_at"]
    assert (edited["category"], edited["matter_code"]) == ("other", None)


async def test_an_extension_is_asked_for_in_time_approved_and_moves_the_end(
    desk: httpx.AsyncClient, contractor: httpx.AsyncClient
) -> None:
    with frozen(NOW):
        case = await taken(desk, steps=[{"step": "accept"}, {"step": "file"}, TO_CONTRACTOR])
    ask = {"step": "ask_extension", "amount": 1, "unit": "days", "note": "车辆故障"}
    with frozen(NOW + timedelta(hours=1)):
        await step(contractor, case["case_id"], ask)
        assert (await step(contractor, case["case_id"], "approve_extension", status=403))["code"] == "forbidden"
        longer = await step(desk, case["case_id"], "approve_extension")
    assert longer["due_at"].startswith("2025-11-18T07:00")  # one work day later
    with frozen(NOW + timedelta(days=2)):
        assert (await step(contractor, case["case_id"], ask, status=409))["code"] == "too_late"


async def test_a_citizen_who_is_not_satisfied_opens_it_again_with_a_new_clock(desk: httpx.AsyncClient) -> None:
    with frozen(NOW):
        case = await taken(desk, steps=[{"step": "accept"}, {"step": "answer", "text": "已处理。"}])
    not_happy = {"step": "call_back", "solved": False, "satisfaction": "not_satisfied"}
    with frozen(NOW + timedelta(hours=1)):
        again = await step(desk, case["case_id"], not_happy, {"step": "reopen", "note": "仍未清运"})
    assert (again["status"], again["round"], again["returned"], again["resolved_in_time"]) == ("filed", 2, 1, None)
    assert again["due_at"].startswith("2025-11-17T08:00")
    clocks = (await detail(desk, case["case_id"]))["clocks"]
    assert [(clock["kind"], clock["round"]) for clock in clocks if clock["stopped_at"] is None] == [("resolve", 2)]


async def test_one_answer_serves_all_who_were_joined(desk: httpx.AsyncClient) -> None:
    main, other = await taken(desk), await taken(desk)
    joined = await step(desk, other["case_id"], {"step": "join", "main_id": main["case_id"]})
    assert (joined["status"], joined["main_id"]) == ("joined", main["case_id"])
    await step(desk, main["case_id"], "accept", {"step": "answer", "text": "已清运。"}, HAPPY, "close")
    told = await detail(desk, other["case_id"])
    assert (told["status"], told["reply"], told["resolved_in_time"]) == ("closed", "已清运。", True)
    assert (await detail(desk, main["case_id"]))["joined_ids"] == [other["case_id"]]


async def test_a_joined_case_can_be_split_off_again_and_none_joins_itself(desk: httpx.AsyncClient) -> None:
    main, other = await taken(desk), await taken(desk)
    await step(desk, other["case_id"], "accept", {"step": "join", "main_id": main["case_id"]})
    split = await step(desk, other["case_id"], "split")
    assert (split["status"], split["main_id"]) == ("accepted", None)
    await step(desk, main["case_id"], {"step": "join", "main_id": main["case_id"]}, status=422)


async def test_an_overdue_case_climbs_and_each_level_is_on_record(whole: City, desk: httpx.AsyncClient) -> None:
    from services.complaint.service import escalations

    with frozen(NOW):
        case = await taken(desk)
    resources = whole.apps["complaint"].state.resources
    for hours in (7, 7.1, 31, 200):
        with frozen(NOW + timedelta(hours=hours)):
            async with resources.database.transaction() as session:
                await escalations.escalate(session, whole.settings.zone, SetAside("escalate"))
    told = await detail(desk, case["case_id"])
    climbed = [event["changed"] for event in told["history"] if event["step"] == "escalate"]
    assert climbed == [{"level": 1, "to": "district"}, {"level": 2, "to": "bureau"}, {"level": 3, "to": "city"}]
    assert (await answered(desk.get("/v1/complaints", params={"colour": "red"})))["items"][0]["level"] == 3


async def test_two_steps_at_once_do_not_both_win(desk: httpx.AsyncClient) -> None:
    import asyncio

    case = await taken(desk)
    body = {"steps": [{"step": "accept"}]}
    answers = await asyncio.gather(*(desk.post(f"/v1/complaints/{case['case_id']}/steps", json=body) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


async def test_the_same_call_sent_twice_is_one_case(desk: httpx.AsyncClient) -> None:
    first, second = [await taken(desk, client_id="C-1") for _ in range(2)]
    assert first == second


async def test_another_complaint_under_a_known_client_id_is_no_repeat_and_not_lost(desk: httpx.AsyncClient) -> None:
    case = await taken(desk, client_id="C-1")
    body = {"channel": "hotline", "category": case["category"], "description": "another matter altogether", "client_id": "C-1"}
    problem = await answered(desk.post("/v1/complaints", json=body), 409)
    assert problem["code"] == "case_exists"


async def test_who_looked_at_an_older_revision_is_told(desk: httpx.AsyncClient) -> None:
    case = await taken(desk)
    await step(desk, case["case_id"], "accept")
    stale = {"steps": [{"step": "file"}], "revision": 1}
    problem = await answered(desk.post(f"/v1/complaints/{case['case_id']}/steps", json=stale), 409)
    assert problem["code"] == "changed_meanwhile"


async def test_contact_data_is_masked_and_every_look_is_written_down(whole: City, desk: httpx.AsyncClient) -> None:
    case = await taken(desk)
    masked = (await detail(desk, case["case_id"]))["contact"]
    assert masked == {"name": "张**", "phone": "139****5678", "email": "zha*********e.cn"}
    look = {"person": "李四", "reason": "回访"}
    seen = await answered(desk.post(f"/v1/complaints/{case['case_id']}/contact", json=look))
    assert seen["contact"] == CONTACT
    async with whole.client(Role.ADMIN) as admin:
        looks = (await answered(admin.get(f"/v1/complaints/{case['case_id']}/contact-looks")))["items"]
    assert [(look["person"], look["reason"]) for look in looks] == [("李四", "回访")]


async def test_contact_data_stands_nowhere_in_the_clear_and_is_forgotten_in_time(whole: City, desk: httpx.AsyncClient) -> None:
    from services.complaint.service import escalations

    over = [{"step": "accept"}, {"step": "answer", "text": "好"}, {"step": "call_back"}, {"step": "close"}]
    with frozen(NOW):
        case = await taken(desk, steps=over)
    database = whole.apps["complaint"].state.resources.database
    async with database.read() as session:
        for table in ("complaint_case", "case_event", "case_clock", "contact", "outbox"):
            rows = [tuple(row) for row in await session.execute(sql(f"SELECT * FROM {table}"))]
            assert rows
            assert "13912345678" not in repr(rows)
            assert "张三丰" not in repr(rows)
    for days, left in ((89, 1), (91, 0)):
        with frozen(NOW + timedelta(days=days)):
            async with database.transaction() as session:
                await escalations.forget(session)
            async with database.read() as session:
                assert (await session.execute(sql("SELECT count(*) FROM contact"))).scalar() == left
    assert (await detail(desk, case["case_id"]))["contact"] is None


async def test_events_tell_the_place_no_more_exactly_than_the_rules_allow(whole: City, desk: httpx.AsyncClient) -> None:
    with frozen(NOW):
        case = await taken(desk, lon=121.43712345, lat=31.18598765)
    async with whole.apps["complaint"].state.resources.database.read() as session:
        told = [json.loads(body)["data"] for body in (await session.execute(sql("SELECT body FROM outbox"))).scalars()]
    assert (case["lon"], case["lat"]) == (121.43712345, 31.18598765)
    assert {(one["lon"], one["lat"]) for one in told if one.get("complaint_id") == case["case_id"]} == {(121.4371, 31.186)}


async def test_followers_are_counted_once(desk: httpx.AsyncClient) -> None:
    case = await taken(desk)
    for phone in ("13900000001", "13900000001", "13900000002"):
        follower = {"contact": {"phone": phone}}
        told = await answered(desk.post(f"/v1/complaints/{case['case_id']}/followers", json=follower))
    assert told["followers"] == 2


async def test_near_complaints_of_the_same_words_are_suggested(desk: httpx.AsyncClient) -> None:
    case = await taken(desk)
    same = await taken(desk, lon=121.4005, description="小区门口的垃圾桶满溢，没有人收")
    await taken(desk, lon=121.45, description="小区门口的垃圾桶满溢，没有人收")
    await taken(desk, category="truck_noise", description="凌晨作业噪声很大，无法入睡")
    found = (await answered(desk.get(f"/v1/complaints/{case['case_id']}/duplicates")))["items"]
    assert [one["case_id"] for one in found] == [same["case_id"]]
    assert found[0]["metres"] < 60


async def test_lists_search_and_map_find_what_is_asked_for(desk: httpx.AsyncClient) -> None:
    case = await taken(desk)
    await taken(
        desk,
        category="truck_noise",
        description="凌晨作业噪声很大",
        lon=121.45,
        lat=31.25,
        district_id="310112",
        address="龙吴路",
    )
    for params in ({"q": "满溢"}, {"district_id": "310104"}, {"category": "bin_overflow"}, {"q": "漕溪北路", "open": True}):
        items = (await answered(desk.get("/v1/complaints", params=params)))["items"]
        assert [item["case_id"] for item in items] == [case["case_id"]], params
    shown = await answered(desk.get("/v1/complaint-map", params={"box": "121.39,31.19,121.41,31.21"}))
    assert [feature["properties"]["case_id"] for feature in shown["features"]] == [case["case_id"]]
    assert (await answered(desk.get("/v1/complaint-map", params={"box": "120,30,123,33"})))["complete"] is True
    await answered(desk.get("/v1/complaint-map", params={"box": "1,2,3"}), 400)


async def test_a_place_outside_the_city_and_a_category_nobody_knows_are_refused(desk: httpx.AsyncClient) -> None:
    for wrong, code in (({"lon": 2.35, "lat": 48.85}, "outside_the_city"), ({"category": "ufo"}, "unknown_category")):
        problem = await answered(desk.post("/v1/complaints", json=complaint(**wrong)), 422)
        assert problem["code"] == code


async def test_cases_of_other_districts_are_not_suggested(whole: City, desk: httpx.AsyncClient) -> None:
    with frozen(NOW):
        mine = await taken(desk, client_id="1", district_id="310104003")
        other = await taken(desk, client_id="2", district_id="310105001")
        found = await answered(desk.get(f"/v1/complaints/{mine['case_id']}/duplicates"))
        assert [one["case_id"] for one in found["items"]] == [other["case_id"]]
        async with whole.client(Role.DISPATCHER, district_ids=["310104"]) as bound:
            assert (await answered(bound.get(f"/v1/complaints/{mine['case_id']}/duplicates")))["items"] == []
