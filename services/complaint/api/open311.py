"""Endpoints of Open311 GeoReport v2: XML and JSON by extension, form bodies, errors in the standard's shape.

Reading is public, as the standard has it; filing takes an `api_key`, which is a token of role citizen (or of a desk).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from services.complaint.api.forms import read_form
from services.complaint.domain.georeport import as_xml
from services.complaint.service import citizens, rate_limits
from shared import photos
from shared.auth import Principal
from shared.db import Transaction
from shared.errors import PROBLEM, PROBLEMS, DomainError, Forbidden, NotFound, TooMany
from shared.vocabulary import Role

router = APIRouter(tags=["open311"], prefix="/open311")
BOTH: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {"schema": {}}, "text/xml": {"schema": {"type": "string"}}}},
    "4XX": {
        "description": "`[{code, description}]`, or the same as XML: GeoReport v2",
        "content": {"application/json": {}, "text/xml": {}, PROBLEM: {}},
    },
}
FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["api_key", "service_code"],
                    "properties": {
                        name: {"type": "string"}
                        for name in (
                            "api_key",
                            "service_code",
                            "jurisdiction_id",
                            "lat",
                            "long",
                            "address_string",
                            "address_id",
                            "description",
                            "email",
                            "phone",
                            "first_name",
                            "last_name",
                            "device_id",
                            "account_id",
                            "media_url",
                        )
                    },
                }
            },
        },
    }
}
Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,80}$")]
FILERS = frozenset({Role.CITIZEN, Role.DISPATCHER, Role.ADMIN})
INVALID = 400
Answer = Callable[[], Awaitable[Any]]


async def answered(kind: str, root: str, answer: Answer) -> Response:
    """What `answer` gives as `kind`, or its error in the standard's shape. Errors that are not ours go on as they are."""
    try:
        return _shaped(kind, root, _plain(await answer()))
    except DomainError as error:
        status = INVALID if error.status not in {403, 404, 413, 429} else int(error.status)
        headers = {"Retry-After": str(error.retry_after_seconds)} if isinstance(error, TooMany) else None
        return _shaped(kind, "errors", [{"code": status, "description": error.detail}], status, headers)


def _shaped(kind: str, root: str, data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    if kind == "xml":
        return Response(as_xml(root, data), status, headers, media_type="text/xml; charset=utf-8")
    return JSONResponse(data, status, headers)


def _plain(answer: BaseModel | Sequence[BaseModel]) -> Any:
    return answer.model_dump(mode="json") if isinstance(answer, BaseModel) else [one.model_dump(mode="json") for one in answer]


def _split(name: str) -> tuple[str, str]:
    """`0199.json` → the id and the format."""
    stem, dot, kind = name.rpartition(".")
    if not dot or kind not in {"json", "xml"}:
        raise NotFound("ask for .json or .xml")
    return stem, kind


def _url(request: Request) -> str:
    settings = request.app.state.resources.settings
    return str(settings.public_url or request.base_url).rstrip("/")


def _look_at(request: Request) -> None:
    """Before everything else: is it us who are asked?"""
    ours = request.app.state.resources.settings.jurisdiction_id
    citizens.require_jurisdiction(ours, request.query_params.get("jurisdiction_id"))


def _kind(request: Request) -> str:
    return request.url.path.rpartition(".")[2]


@router.get("/discovery.json", summary="Where the API is", responses=BOTH)
@router.get("/discovery.xml", summary="Where the API is", responses=BOTH)
@router.get("/v2/discovery.json", summary="Where the API is", responses=BOTH)
@router.get("/v2/discovery.xml", summary="Where the API is", responses=BOTH)
async def get_discovery(request: Request) -> Response:
    async def answer() -> Any:
        return citizens.discovery(_url(request))

    return await answered(_kind(request), "discovery", answer)


@router.get("/v2/services.json", summary="What can be reported", responses=BOTH)
@router.get("/v2/services.xml", summary="What can be reported", responses=BOTH)
async def get_services(request: Request) -> Response:
    async def answer() -> Any:
        _look_at(request)
        return citizens.services()

    return await answered(_kind(request), "services", answer)


@router.get("/v2/services/{name}", summary="What is asked about a service", responses=BOTH)
async def get_service(request: Request, name: Name) -> Response:
    async def answer() -> Any:
        _look_at(request)
        return citizens.definition(_split(name)[0])

    return await answered(_kind(request), "service_definition", answer)


@router.get("/v2/requests.json", summary="Service requests", responses=BOTH)
@router.get("/v2/requests.xml", summary="Service requests", responses=BOTH)
async def get_requests(request: Request, session: Transaction) -> Response:
    """service_request_id, service_code, start_date, end_date, status; also updated_after, updated_before, page, page_size,
    extensions=true."""
    settings = request.app.state.resources.settings

    async def answer() -> Any:
        _look_at(request)
        return await citizens.requests(session, request.query_params, settings.zone, _url(request))

    return await answered(_kind(request), "service_requests", answer)


@router.get("/v2/requests/{name}", summary="A service request", responses=BOTH)
async def get_request(request: Request, name: Name, session: Transaction) -> Response:
    async def answer() -> Any:
        _look_at(request)
        extensions = request.query_params.get("extensions") == "true"
        return await citizens.request(session, _split(name)[0], extensions, _url(request))

    return await answered(_kind(request), "service_requests", answer)


@router.get("/v2/tokens/{name}", summary="The request behind a token", responses=BOTH)
async def get_token(request: Request, name: Name, session: Transaction) -> Response:
    async def answer() -> Any:
        _look_at(request)
        return await citizens.token(session, _split(name)[0])

    return await answered(_kind(request), "service_requests", answer)


@router.get(
    "/v2/photos/{case_id}/{name}",
    summary="A photo that a citizen sent",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}, **PROBLEMS},
)
async def get_photo(case_id: Name, name: Name, session: Transaction) -> Response:
    return Response(await citizens.public_photo(session, case_id, name.removesuffix(".jpg")), media_type="image/jpeg")


@router.post("/v2/requests.json", summary="Report something", responses=BOTH, openapi_extra=FORM)
@router.post("/v2/requests.xml", summary="Report something", responses=BOTH, openapi_extra=FORM)
async def post_request(request: Request) -> Response:
    """A photo comes as `media` of multipart/form-data, behind `api_key`.

    At most so many reports a minute and a day are taken from one address
    (`data/intake_rules.json`): 429 with Retry-After beyond."""
    app = request.app.state
    database, zone = app.resources.database, app.resources.settings.zone

    async def answer() -> Any:
        _look_at(request)
        address = request.client.host if request.client else "unknown"
        async with database.transaction() as session:  # of its own: what is refused counts as well
            wait_seconds = await rate_limits.count_report(session, app.encryption, address)
        rate_limits.require_room(wait_seconds)
        form = await read_form(
            request.headers.get("content-type", ""), await request.body(), lambda key: _require_filer(request, key)
        )
        principal = _require_filer(request, form.fields.get("api_key"))
        citizens.require_jurisdiction(app.resources.settings.jurisdiction_id, form.fields.get("jurisdiction_id"))
        photo = await photos.cleaned(form.media) if form.media else None
        async with database.transaction() as session:
            return await citizens.file(session, principal, app.encryption, form.fields, photo, zone)

    return await answered(_kind(request), "service_requests", answer)


def _require_filer(request: Request, key: str | None) -> Principal:
    """Who files, by the `api_key` of the address or of the form."""
    key = request.query_params.get("api_key") or key
    if not key:
        raise Forbidden("api_key was not provided; in a form it stands before the file")
    try:
        principal: Principal = request.app.state.resources.verifier.principal(key)
    except DomainError as error:
        raise Forbidden("api_key is not valid") from error
    if principal.role not in FILERS:
        raise Forbidden("api_key may not file requests")
    return principal
