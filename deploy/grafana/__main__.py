"""`python -m deploy.grafana`: write dashboards/*.json anew."""

from pathlib import Path

from deploy.grafana import chain, city, fleet, furnaces, health
from deploy.grafana.panels import text_of

DIRECTORY = Path(__file__).resolve().parent / "dashboards"
DASHBOARDS = {
    "city": city.dashboard,
    "fleet": fleet.dashboard,
    "chain": chain.dashboard,
    "furnaces": furnaces.dashboard,
    "health": health.dashboard,
}


def texts() -> dict[str, str]:
    """The JSON of each dashboard by its file's name."""
    return {f"{name}.json": text_of(make()) for name, make in DASHBOARDS.items()}


if __name__ == "__main__":
    for name, text in texts().items():
        (DIRECTORY / name).write_text(text, encoding="utf-8")
