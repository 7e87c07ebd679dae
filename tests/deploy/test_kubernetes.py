"""Both overlays as kubectl renders them: valid, restricted, without a secret, and with the paths of the suite's edge."""

import json
import re
import shutil
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from tools import DEPLOY, FOREIGN, K8S, OVERLAYS, ROOT, load, manifests, rendered, run, tool

from shared.auth import make_keys
from shared.health import PROBE_SECONDS
from shared.local_bus import LocalBus
from shared.settings import Settings

SERVICES = ("vehicle", "route", "transfer-station", "incinerator", "complaint", "evaluation", "gateway")
WORKLOADS = ("Deployment", "StatefulSet", "Job")
IMAGES = re.compile(r"^[a-z]+:\d+\.\d+(\.\d+)?(-[a-z]+)?$")


def pods(overlay: str) -> dict[str, dict[str, Any]]:
    """The pod templates by the name of what makes them."""
    return {m["metadata"]["name"]: m["spec"]["template"] for m in manifests(overlay, *WORKLOADS)}


def ours(overlay: str) -> dict[str, dict[str, Any]]:
    return {name: pod for name, pod in pods(overlay).items() if pod["spec"]["containers"][0]["image"].startswith("sanitation:")}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_kubernetes_knows_every_field(overlay: str, tmp_path: Path) -> None:
    file = tmp_path / "manifests.yaml"
    file.write_text(rendered(overlay))
    said = run(tool("kubernetes-validate"), "--strict", "-k", "1.34", file)
    assert set(re.findall(r"find schema for kind (\w+)", said)) == {m["kind"] for m in manifests(overlay)} & FOREIGN
    assert said.count("passed for resource") == len([m for m in manifests(overlay) if m["kind"] not in FOREIGN])


def test_checkov_finds_nothing_that_is_not_explained(tmp_path: Path) -> None:
    for overlay in OVERLAYS:
        (tmp_path / f"{overlay}.yaml").write_text(rendered(overlay))
    said = run(tool("checkov"), "--config-file", K8S / "checkov.yaml", "--directory", tmp_path, "--output", "json")
    summary = json.loads(said)["summary"]
    assert summary["failed"] == summary["parsing_errors"] == 0
    assert summary["passed"] > 800


def test_every_skipped_check_has_its_reason() -> None:
    lines = (K8S / "checkov.yaml").read_text("utf-8").splitlines()
    skipped = [number for number, line in enumerate(lines) if re.match(r"\s*- CKV", line)]
    assert skipped
    assert all(re.match(r"\s*# .{30,}", lines[number - 1]) for number in skipped)
    for manifest in [m for overlay in OVERLAYS for m in manifests(overlay)]:
        for note in [v for k, v in manifest["metadata"].get("annotations", {}).items() if k.startswith("checkov.io/skip")]:
            assert re.fullmatch(r"CKV\w+=.{20,}", note)


def test_the_yaml_is_tidy() -> None:
    files = [K8S, *sorted(DEPLOY.glob("*.yaml")), DEPLOY / "prometheus", DEPLOY / "alertmanager", DEPLOY / "grafana"]
    assert run(tool("yamllint"), "--strict", "-c", K8S / "yamllint.yaml", *files) == ""


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_no_secret_is_in_a_manifest(overlay: str) -> None:
    assert not manifests(overlay, "Secret")
    assert "PRIVATE KEY" not in rendered(overlay)
    assert not re.search(r"(postgresql|amqp)://[^/\s]*:[^/\s]*@", rendered(overlay))


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_only_the_gateway_holds_the_signing_key(overlay: str) -> None:
    holding = {name for name, pod in pods(overlay).items() if "sanitation-signing-key" in json.dumps(pod)}
    assert holding == {"gateway"}
    assert all("sanitation-verify-key" in json.dumps(pod) for pod in ours(overlay).values())


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_secret_that_is_referenced_is_named_in_the_documentation(overlay: str) -> None:
    made_by_operators = {"sanitation-postgres-app", "sanitation-rabbitmq-default-user"}
    text = json.dumps(list(pods(overlay).values()))
    names = set(re.findall(r'"secret": \{[^}]*?"name": "([\w-]+)"|"secretName": "([\w-]+)"', text))
    flat = {name for pair in names for name in pair if name} | set(re.findall(r'"name": "(sanitation-[\w-]+)"\}[,}]', text))
    flat -= {config["metadata"]["name"] for config in manifests(overlay, "ConfigMap")}
    assert {"sanitation-verify-key", "sanitation-signing-key"} <= flat
    page = (ROOT / "docs" / "operations" / "kubernetes.md").read_text("utf-8")
    assert not {name for name in flat - made_by_operators if f"secret generic {name} " not in page}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_pod_is_restricted(overlay: str) -> None:
    for name, pod in pods(overlay).items():
        spec, container = pod["spec"], pod["spec"]["containers"][0]
        assert spec["automountServiceAccountToken"] is False, name
        assert spec["enableServiceLinks"] is False, name  # a Service `vehicle` would set VEHICLE_PORT
        assert spec["securityContext"]["runAsNonRoot"] is True, name
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }, name
        assert {"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}} in spec["volumes"], name
        assert container["resources"].keys() == {"requests", "limits"}, name
        assert IMAGES.fullmatch(container["image"]), name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_our_pods_run_as_the_image_s_user(overlay: str) -> None:
    assert set(ours(overlay)) == {*SERVICES, "migrate-0.1.0"}
    assert {pod["spec"]["securityContext"]["runAsUser"] for pod in ours(overlay).values()} == {10001}
    assert "USER 10001:10001" in (DEPLOY / "Dockerfile").read_text("utf-8")


REFERENCES = [
    "newTag: 0.2.0",
    "newName: registry.example.org:5000/city/sanitation, newTag: 0.1.0",
    "newName: registry.example.org:5000/sanitation, digest: sha256:" + "0a" * 32,
    "digest: sha256:" + "0a" * 32,
]


@pytest.mark.parametrize("reference", REFERENCES)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_migration_job_has_a_valid_name_whatever_the_image_is_called(overlay: str, reference: str, tmp_path: Path) -> None:
    shutil.copytree(K8S, tmp_path / "k8s")
    shutil.copytree(DEPLOY, tmp_path / "deploy", ignore=shutil.ignore_patterns("secrets"))
    file = tmp_path / "k8s" / "overlays" / overlay / "kustomization.yaml"
    shipped = "{name: sanitation, newName: sanitation, newTag: 0.1.0}"
    assert shipped in file.read_text("utf-8")
    file.write_text(file.read_text("utf-8").replace(shipped, f"{{name: sanitation, {reference}}}"), "utf-8")
    (job,) = [m for m in yaml.safe_load_all(run(tool("kubectl"), "kustomize", file.parent)) if m["kind"] == "Job"]
    assert re.fullmatch(r"[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?", job["metadata"]["name"])
    assert reference.rpartition(": ")[2] in job["spec"]["template"]["spec"]["containers"][0]["image"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_migration_job_is_named_for_the_release(overlay: str) -> None:
    release = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    (job,) = manifests(overlay, "Job")
    assert job["metadata"]["name"] == f"migrate-{release}"
    assert job["spec"]["template"]["spec"]["containers"][0]["image"] == f"sanitation:{release}"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_rollout_whose_migration_failed_keeps_the_pods_that_serve(overlay: str) -> None:
    """A new pod is not ready while the database is older than its code; no pod goes before a new one is ready."""
    for deployment in manifests(overlay, "Deployment"):
        spec, name = deployment["spec"], deployment["metadata"]["name"]
        assert spec["strategy"] == {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}, name  # RollingUpdate is the default
        (container,) = spec["template"]["spec"]["containers"]
        assert container["readinessProbe"]["httpGet"] == {"path": "/health/ready", "port": "http"}, name
        # Longer than the database is given to answer, or a slow one would look like a broken pod.
        assert container["readinessProbe"]["timeoutSeconds"] > PROBE_SECONDS, name
        # Not ready is no reason to be killed: the pod is there when the migration succeeds.
        assert container["livenessProbe"]["httpGet"]["path"] == "/health/live", name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_stop_has_time_and_a_start_is_awaited(overlay: str) -> None:
    for name in SERVICES:
        spec, container = pods(overlay)[name]["spec"], pods(overlay)[name]["spec"]["containers"][0]
        assert container["readinessProbe"]["httpGet"]["path"] == "/health/ready"
        assert container["livenessProbe"]["httpGet"]["path"] == container["startupProbe"]["httpGet"]["path"] == "/health/live"
        # uvicorn's 10 s, then the consumers and three relays' 5 s each, after the pause of preStop
        assert spec["terminationGracePeriodSeconds"] >= container["lifecycle"]["preStop"]["sleep"]["seconds"] + 10 + 5 * 5


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_settings_are_ones_that_exist(overlay: str) -> None:
    (settings,) = [m for m in manifests(overlay, "ConfigMap") if m["metadata"]["name"].startswith("sanitation-settings")]
    known = {f"SANITATION_{field.upper()}" for field in Settings.model_fields} | {"SANITATION_SECRETS_DIR"}
    passed = {env["name"] for pod in ours(overlay).values() for env in pod["spec"]["containers"][0].get("env", [])}
    assert {*settings["data"], *passed} <= known
    assert settings["data"]["SANITATION_PUBLIC_URL"]
    mounted = {
        source["secret"]["items"][0]["path"]
        for pod in ours(overlay).values()
        for source in pod["spec"]["volumes"][0]["projected"]["sources"]
    }
    assert mounted == {
        "sanitation_database_url",
        "sanitation_bus_url",
        "verify.pem",
        "signing.pem",
        "sanitation_contact_key",
        "sanitation_service_token",
    }


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_everything_is_denied_and_everything_that_runs_has_its_way_in_named(overlay: str) -> None:
    policies = manifests(overlay, "NetworkPolicy")
    (deny,) = [p for p in policies if p["metadata"]["name"] == "default-deny"]
    assert deny["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    for name, pod in pods(overlay).items():
        entered = [
            p for p in policies if p["spec"].get("ingress") and selects(p["spec"]["podSelector"], pod["metadata"]["labels"])
        ]
        assert bool(entered) != name.startswith("migrate"), name  # the Job is asked by nobody


def peers(overlay: str, kind: str, pod: str, port: int) -> list[dict[str, Any]]:
    """Who may talk to `pod` at `port` ("ingress"), or whom it may ask there ("egress"); an empty peer is everybody."""
    labels = pods(overlay)[pod]["metadata"]["labels"]
    rules = [
        rule
        for p in manifests(overlay, "NetworkPolicy")
        if selects(p["spec"]["podSelector"], labels)
        for rule in p["spec"].get(kind, [])
        if port in {one["port"] for one in rule.get("ports", [])}
    ]
    return [peer for rule in rules for peer in rule.get("from" if kind == "ingress" else "to", [{}])]


def asked_in_code(service: str) -> set[str]:
    text = "".join(path.read_text("utf-8") for path in (ROOT / "services" / service.replace("-", "_")).rglob("*.py"))
    return {name.replace("_", "-") for name in re.findall(r'url_of\("(\w+)"\)', text)}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_each_service_may_ask_those_that_its_code_asks_and_nobody_else(overlay: str) -> None:
    for asking in SERVICES:
        allowed = [peer["podSelector"] for peer in peers(overlay, "egress", asking, 8000)]
        reachable = {name for name in SERVICES if any(selects(s, pods(overlay)[name]["metadata"]["labels"]) for s in allowed)}
        assert reachable == asked_in_code(asking), asking
        for asked in reachable:
            entered = [peer.get("podSelector") for peer in peers(overlay, "ingress", asked, 8000)]
            assert any(s and selects(s, pods(overlay)[asking]["metadata"]["labels"]) for s in entered), (asking, asked)
    assert asked_in_code("gateway")


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_names_are_resolved_in_any_cluster(overlay: str) -> None:
    """The resolver may be pods anywhere, a cache on the node's address, and listen at 5353 (OpenShift)."""
    for name in pods(overlay):
        assert {} in peers(overlay, "egress", name, 53), name
        assert {} in peers(overlay, "egress", name, 5353), name


def test_who_comes_through_a_load_balancer_is_let_in() -> None:
    outside = [m for m in manifests("prod", "Service") if m["spec"].get("type") in {"LoadBalancer", "NodePort"}]
    assert [service["metadata"]["name"] for service in outside] == ["loggers"]
    for service in outside:
        assert (
            service["spec"]["externalTrafficPolicy"] == "Local"
        )  # otherwise the address is a node's, and the policy judges that
        for port in service["spec"]["ports"]:
            (container,) = pods("prod")["incinerator"]["spec"]["containers"]
            (number,) = [one["containerPort"] for one in container["ports"] if one["name"] == port["targetPort"]]
            blocks = [peer["ipBlock"]["cidr"] for peer in peers("prod", "ingress", "incinerator", number) if "ipBlock" in peer]
            assert blocks == service["spec"]["loadBalancerSourceRanges"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_plants_may_reach_the_loggers_port_alone_from_outside(overlay: str) -> None:
    for name in pods(overlay):
        for port in (8000, 5432, 5672):
            assert not [peer for peer in peers(overlay, "ingress", name, port) if "ipBlock" in peer or not peer], (name, port)


def selects(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    exact = all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
    return exact and all(labels.get(e["key"]) in e["values"] for e in selector.get("matchExpressions", []))


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_services_budgets_and_scalers_point_to_pods_that_exist(overlay: str) -> None:
    templates = pods(overlay)
    for manifest in manifests(overlay, "Service", "PodDisruptionBudget"):
        selector = manifest["spec"]["selector"].get("matchLabels", manifest["spec"]["selector"])
        assert [n for n, pod in templates.items() if selector.items() <= pod["metadata"]["labels"].items()], manifest["metadata"]
    for scaler in manifests(overlay, "HorizontalPodAutoscaler"):
        target = scaler["spec"]["scaleTargetRef"]["name"]
        (deployment,) = [m for m in manifests(overlay, "Deployment") if m["metadata"]["name"] == target]
        assert "replicas" not in deployment["spec"]  # each apply would undo what the scaler did
        assert scaler["spec"]["minReplicas"] >= 2


def test_production_has_two_of_everything_and_dev_one() -> None:
    scaled = {m["spec"]["scaleTargetRef"]["name"]: m["spec"]["minReplicas"] for m in manifests("prod", "HorizontalPodAutoscaler")}
    fixed = {m["metadata"]["name"]: m["spec"]["replicas"] for m in manifests("prod", "Deployment") if "replicas" in m["spec"]}
    assert scaled | fixed == dict.fromkeys(SERVICES, 2)
    assert {m["metadata"]["name"]: m["spec"]["replicas"] for m in manifests("dev", "Deployment")} == dict.fromkeys(SERVICES, 1)
    assert not manifests("dev", "HorizontalPodAutoscaler")


def rules(overlay: str) -> list[tuple[str, str, str]]:
    """Path, how it matches (Exact or Prefix), service."""
    found = []
    for route in manifests(overlay, "HTTPRoute"):
        for rule in route["spec"]["rules"]:
            for match in rule["matches"]:
                kind = match["path"]["type"].removeprefix("Path")
                found.append((match["path"]["value"], kind, rule["backendRefs"][0]["name"]))
    for ingress in manifests(overlay, "Ingress"):
        paths = ingress["spec"]["rules"][0]["http"]["paths"]
        found += [(path["path"], path["pathType"], path["backend"]["service"]["name"]) for path in paths]
    return found


def owner(overlay: str, path: str) -> str:
    """Exact before prefix, the longest prefix first; a prefix matches whole segments (Gateway API, Ingress)."""
    table, asked = rules(overlay), f"{path}/"
    exact = [service for value, kind, service in table if kind == "Exact" and value == path]
    prefixes = [(len(v), service) for v, kind, service in table if kind == "Prefix" and asked.startswith(v.rstrip("/") + "/")]
    return exact[0] if exact else max(prefixes)[1]


@pytest.mark.parametrize("service", SERVICES)
def test_every_path_of_a_service_reaches_it(service: str, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    make_keys(settings.signing_key, settings.verify_key)
    name = service.replace("-", "_")  # a name in DNS has no underscore
    app = import_module(f"services.{name}.app").create_app(settings, LocalBus())
    paths = {path for path in app.openapi()["paths"] if path not in {"/health/live", "/health/ready", "/metrics"}}
    for overlay in OVERLAYS:
        assert {path: owner(overlay, re.sub(r"[{}]", "x", path)) for path in paths} == dict.fromkeys(paths, service)
        assert owner(overlay, f"/{name}/openapi.json") == service
        assert owner(overlay, "/") == "gateway"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_paths_are_those_of_the_caddyfile(overlay: str) -> None:
    caddy = {
        (pattern.rstrip("*").rstrip("/"), "Prefix" if pattern.endswith("*") else "Exact", service.replace("_", "-"))
        for service, patterns in re.findall(r"@(\w+) path (.+)", (DEPLOY / "Caddyfile").read_text("utf-8"))
        for pattern in patterns.split()
    }
    assert set(rules(overlay)) == caddy | {("/", "Prefix", "gateway")}


def test_the_base_runs_what_compose_runs() -> None:
    compose = load(ROOT / "deploy" / "compose.yaml")["services"]
    for name in SERVICES:
        assert pods("prod")[name]["spec"]["containers"][0]["args"] == compose[name]["command"]
    stores = {pod["spec"]["containers"][0]["image"] for name, pod in pods("dev").items() if name in {"postgres", "rabbitmq"}}
    assert stores == {compose["postgres"]["image"], compose["rabbitmq"]["image"]}
