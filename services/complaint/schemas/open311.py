"""Answers of Open311 GeoReport v2; names and order are the standard's, times are text with their offset."""

from shared.bodies import Answer


class ServiceAnswer(Answer):
    service_code: str
    service_name: str
    description: str
    metadata: bool
    type: str
    keywords: str
    group: str


class ChoiceAnswer(Answer):
    key: str
    name: str


class AttributeAnswer(Answer):
    variable: bool
    code: str
    datatype: str
    required: bool
    datatype_description: str | None
    order: int
    description: str
    values: list[ChoiceAnswer]


class DefinitionAnswer(Answer):
    service_code: str
    attributes: list[AttributeAnswer]


class EndpointAnswer(Answer):
    specification: str
    url: str
    type: str
    changeset: str
    formats: list[str]


class DiscoveryAnswer(Answer):
    changeset: str
    contact: str
    key_service: str
    endpoints: list[EndpointAnswer]


class RequestAnswer(Answer):
    service_request_id: str
    status: str
    status_notes: str
    service_name: str | None
    service_code: str
    description: str | None
    agency_responsible: str | None
    service_notice: str | None = None
    requested_datetime: str
    updated_datetime: str
    expected_datetime: str | None
    address: str | None
    address_id: str | None
    zipcode: str | None = None
    lat: float | None
    long: float | None
    media_url: str | None


class StepNote(Answer):
    datetime: str
    type: str
    status: str
    summary: str


class ExtendedAttributes(Answer):
    matter_code: str | None
    channel: str


class ExtendedRequest(RequestAnswer):
    """`extensions=true`: what happened when, in words of the workflow, and the codes behind the category."""

    notes: list[StepNote]
    extended_attributes: ExtendedAttributes


class TokenAnswer(Answer):
    service_request_id: str
    token: str


class FiledAnswer(Answer):
    service_request_id: str
    service_notice: str
    account_id: str | None
