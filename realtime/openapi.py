"""The OpenAPI description, from the same structs that are decoded and encoded."""

from typing import Any

import msgspec
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import Direction, OpenApiParameter

_REF = "#/components/schemas/{name}"


class StructExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """A msgspec struct as a component."""

    target_class = "msgspec.Struct"
    match_subclasses = True

    def get_name(self, auto_schema: AutoSchema, direction: Direction) -> str:
        return str(self.target.__name__)

    def get_identity(self, auto_schema: AutoSchema, direction: Direction) -> str:
        return self.get_name(auto_schema, direction)

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        _, components = msgspec.json.schema_components([self.target], ref_template=_REF)
        own: dict[str, Any] = components.pop(self.target.__name__)
        for name, schema in components.items():
            auto_schema.registry.register_on_missing(
                ResolvedComponent(  # type: ignore[no-untyped-call]
                    name=name, type=ResolvedComponent.SCHEMA, object=name, schema=schema
                )
            )
        return own


def parameters(shape: type[msgspec.Struct], *also: OpenApiParameter) -> list[OpenApiParameter]:
    """The query parameters that `realtime.rest.query(request, shape)` takes."""
    _, components = msgspec.json.schema_components([shape], ref_template=_REF)
    schema = components[shape.__name__]
    required = schema.get("required", [])
    return [
        OpenApiParameter(
            name,
            type={key: value for key, value in part.items() if key != "description"},
            required=name in required,
            description=part.get("description", ""),
        )
        for name, part in schema["properties"].items()
    ] + list(also)


def add_errors(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Every operation may answer with the one error shape."""
    from realtime.rest import ErrorAnswer

    _, components = msgspec.json.schema_components([ErrorAnswer], ref_template=_REF)
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas["Error"] = {**components["ErrorAnswer"], "title": "Error"}
    refusal = {
        "description": "A refusal.",
        "content": {"application/json": {"schema": {"$ref": _REF.format(name="Error")}}},
    }
    for path in result["paths"].values():
        for method, operation in path.items():
            if method in {"get", "post", "put", "patch", "delete"}:
                operation["responses"].setdefault("default", refusal)
    return result
