"""Walks the imports of the whole house against `house_rules.RULES`."""

import pytest
from house_rules import RULES, Rule, broken
from reading_imports import circle, modules, read

WALKED = list(modules("services", "shared"))


@pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])
def test_every_module_keeps_to(rule: Rule) -> None:
    messages = broken([rule], WALKED)
    assert not messages, "\n" + "\n".join(messages)


@pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])
def test_the_walk_would_notice_who_breaks(rule: Rule) -> None:
    name, source = rule.bad
    assert broken([rule], [read(name, source)])


def test_the_walk_reaches_every_service_and_all_of_shared() -> None:
    names = {module.name for module in WALKED}
    assert {"shared.app", "shared.events.vehicle", "services.vehicle.domain.motion", "services.gateway.service.live"} <= names
    assert len(names) > 80


def test_no_two_modules_need_each_other() -> None:
    assert circle(WALKED) == []


def test_a_circle_would_be_noticed_even_when_one_import_is_late() -> None:
    operate = read("services.cli.operate", "def demo():\n    from services.cli.city import run_demo")
    city = read("services.cli.city", "from services.cli.operate import make_server")
    assert set(circle([operate, city])) == {"services.cli.operate", "services.cli.city"}


def test_each_rule_says_why() -> None:
    assert all(len(rule.reason) > 20 for rule in RULES)
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_an_alias_does_not_hide_a_name() -> None:
    source = "from datetime import datetime as moment\nimport time as t\nmoment.now()\nt.time()\n"
    assert {"datetime.datetime.now", "time.time"} <= set(read("services.x.service", source).mentions)


def test_a_relative_import_is_counted_from_where_it_stands() -> None:
    assert "services.route.store.plan" in read("services.route.service.judgements", "from ..store import plan").mentions
    package = read("services.route.service", "from ..store import plan", is_package=True)
    assert "services.store.plan" not in package.mentions
    assert "services.route.store.plan" in package.mentions


def test_what_is_allowed_passes() -> None:
    allowed = [
        read("services.vehicle.domain.motion", "from shared.geo import distance_m\nimport math"),
        read("services.vehicle.app", "from fastapi import FastAPI\nfrom services.vehicle.store.telemetry import track"),
        read("services.simulator.scenarios.simulate", "from random import Random\nfrom shared.client import ApiClient"),
        read(
            "services.route.service.run_plans",
            "from services.route.store import plan\nfrom services.route.domain.timetable import calendar",
        ),
        read("shared.clock", "from datetime import datetime\ndatetime.now()"),
    ]
    assert broken(RULES, allowed) == []
