"""Writes what the frames' declarations say into `docs/protocol.md` and `static/js/net/protocol.d.ts`."""

import importlib
import importlib.util
import re
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from msgspec import inspect

from realtime.limits import Limits
from realtime.protocol import closes, errors, frames

# Whoever declares frames; importing them is what makes them known.
DECLARING = ("accounts.events", "chat.events", "chat.commands", "chat.catalogue", "realtime.commands")
# The engine does not know the shapes of the product, the product does.
PRODUCT_SHAPES = {("Ready", "user"): "Me", ("Ready", "rooms"): "RoomEntry[]", ("ReadyRooms", "rooms"): "RoomEntry[]"}

PAGE = Path("docs/protocol.md")
TYPES = Path("static/js/net/protocol.d.ts")


class Command(BaseCommand):
    """`manage.py protocol`: the page and the types follow the declarations, by machine."""

    help = "Write the generated parts of docs/protocol.md and static/js/net/protocol.d.ts."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail if something is out of date")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        for module in DECLARING:
            if importlib.util.find_spec(module):
                importlib.import_module(module)
        page = settings.BASE_DIR / PAGE
        made = {page: fill(page.read_text(), parts()), settings.BASE_DIR / TYPES: typescript()}
        stale = [path for path, text in made.items() if not path.exists() or path.read_text() != text]
        if check and stale:
            names = ", ".join(str(path.relative_to(settings.BASE_DIR)) for path in stale)
            raise CommandError(f"out of date: {names} (make protocol)")
        for path in stale:
            path.write_text(made[path])


# ---- what is declared ---------------------------------------------------------------------------------------------


def declared(base: type[frames.Payload]) -> dict[str, type[frames.Payload]]:
    """type → struct of all that descend from `base`; where the product extends a frame, the extension."""
    found: dict[str, type[frames.Payload]] = {}
    waiting = [base]
    while waiting:
        for struct in waiting.pop().__subclasses__():
            waiting.append(struct)
            name = getattr(struct, "type", None)
            if name is None or (base is frames.Payload and issubclass(struct, frames.Command)):
                continue
            known = found.setdefault(name, struct)
            if issubclass(struct, known):
                found[name] = struct
            elif not issubclass(known, struct):
                raise CommandError(f"{name} is declared twice: {known} and {struct}")
    return found


def commands() -> dict[str, type[frames.Payload]]:
    return declared(frames.Command)


def server_frames() -> dict[str, type[frames.Payload]]:
    return declared(frames.Payload)


def tree(error: type[errors.ParleyError] = errors.ParleyError) -> Iterable[type[errors.ParleyError]]:
    for child in error.__subclasses__():
        yield child
        yield from tree(child)


def structs() -> dict[str, type[msgspec.Struct]]:
    """All payloads and every shape inside them, by name."""
    found: dict[str, type[msgspec.Struct]] = {}
    waiting: list[type[msgspec.Struct]] = [*commands().values(), *server_frames().values(), *_product_shapes()]
    while waiting:
        struct = waiting.pop()
        known = found.setdefault(struct.__name__, struct)
        if known is not struct:
            raise CommandError(f"two shapes are called {struct.__name__}: {known} and {struct}")
        for field in _fields(struct):
            waiting += [inner for inner in _structs_in(field.type) if found.get(inner.__name__) is not inner]
    return dict(sorted(found.items()))


def _product_shapes() -> list[type[msgspec.Struct]]:
    from accounts.payloads import Me
    from chat.payloads import RoomEntry

    return [Me, RoomEntry]


def _fields(struct: type[msgspec.Struct]) -> tuple[inspect.Field, ...]:
    shape = inspect.type_info(struct)
    assert isinstance(shape, inspect.StructType)
    return shape.fields


def _structs_in(shape: inspect.Type) -> list[type[msgspec.Struct]]:
    match shape:
        case inspect.StructType():
            return [shape.cls]
        case inspect.Metadata():
            return _structs_in(shape.type)
        case inspect.ListType():
            return _structs_in(shape.item_type)
        case inspect.DictType():
            return _structs_in(shape.value_type)
        case inspect.UnionType():
            return [struct for inner in shape.types for struct in _structs_in(inner)]
    return []


def _optional(struct: type[msgspec.Struct], field: inspect.Field) -> bool:
    """Whether the field may be missing on the wire."""
    return not field.required and (issubclass(struct, frames.Command) or struct.__struct_config__.omit_defaults)


# ---- types for the browser ----------------------------------------------------------------------------------------


def typescript() -> str:
    """The whole `.d.ts` file."""
    lines = ["// Written by `manage.py protocol` from the frames' declarations. Do not edit.", ""]
    for name, struct in structs().items():
        lines += [*_comment(struct.__doc__, ""), f"export interface {name} {{"]
        for field in _fields(struct):
            lines.append(f"  {_declaration(struct, field)};")
        lines += ["}", ""]
    for name, table in (("Commands", commands()), ("Frames", server_frames())):
        lines += [f"export interface {name} {{"]
        lines += [f'  "{kind}": {struct.__name__};' for kind, struct in sorted(table.items())]
        lines += ["}", ""]
    lines += [
        "/** What arrives: `re` names the command it answers. */",
        "export type Frame = {",
        "  [T in keyof Frames]: { id: string; ts: number; type: T; re?: string; payload: Frames[T] };",
        "}[keyof Frames];",
        "",
        "export type ErrorCode = " + " | ".join(f'"{error.code}"' for error in tree()) + ";",
        f"export type CloseCode = {' | '.join(str(int(close)) for close in closes.Close)};",
        "",
    ]
    return "\n".join(lines)


def _declaration(struct: type[msgspec.Struct], field: inspect.Field) -> str:
    optional = _optional(struct, field)
    shape = PRODUCT_SHAPES.get((struct.__name__, field.name)) or ts(field.type)
    if optional and field.default is None and not issubclass(struct, frames.Command):
        shape = shape.removesuffix(" | null")  # we leave it out instead
    return f"{field.encode_name}{'?' if optional else ''}: {shape}"


def ts(shape: inspect.Type) -> str:
    match shape:
        case inspect.Metadata():
            return ts(shape.type)
        case inspect.StrType() | inspect.UUIDType():
            return "string"
        case inspect.IntType() | inspect.FloatType():
            return "number"
        case inspect.BoolType():
            return "boolean"
        case inspect.NoneType():
            return "null"
        case inspect.AnyType():
            return "unknown"
        case inspect.LiteralType():
            return " | ".join(f'"{value}"' for value in shape.values)
        case inspect.UnionType():
            return " | ".join(ts(inner) for inner in shape.types)
        case inspect.ListType():
            inner = ts(shape.item_type)
            return f"({inner})[]" if " " in inner else f"{inner}[]"
        case inspect.DictType():
            return f"{{ [key: string]: {ts(shape.value_type)} }}"
        case inspect.StructType():
            return shape.cls.__name__
    raise CommandError(f"no TypeScript for {shape}")


def _comment(text: str | None, indent: str) -> list[str]:
    lines = [line.strip() for line in (text or "").strip().splitlines()]
    if len(lines) <= 1:
        return [f"{indent}/** {lines[0]} */"] if lines else []
    return [f"{indent}/**", *(f"{indent} * {line}".rstrip() for line in lines), f"{indent} */"]


# ---- tables for the page ------------------------------------------------------------------------------------------


def parts() -> dict[str, str]:
    """The generated parts of the page, by the name between their markers."""
    return {
        "commands": _frames_table(commands()),
        "frames": _frames_table(server_frames()),
        "shapes": _shapes_table(),
        "errors": _table(
            ("code", "HTTP", "retry", "when"),
            (
                (f"`{error.code}`", str(error.status), "yes" if error.retry else "no", _sentence(error.__doc__))
                for error in tree()
            ),
        ),
        "closes": _table(
            ("code", "name", "the client comes back"),
            ((str(int(close)), close.name.lower().replace("_", " "), close.returns_when) for close in closes.Close),
        ),
        "limits": _table(
            ("limit", "default"),
            ((f"`{field.name}`", f"{field.default:,}".replace(",", " ")) for field in msgspec.structs.fields(Limits)),
        ),
    }


def fill(page: str, made: dict[str, str]) -> str:
    """The page with each `<!-- generated: name -->` … `<!-- end -->` filled. Raises CommandError for a missing one."""
    for name, text in made.items():
        pattern = re.compile(rf"(<!-- generated: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        page, count = pattern.subn(lambda match: f"{match[1]}{text}\n{match[2]}", page)  # noqa: B023
        if count != 1:
            raise CommandError(f"{PAGE} has no part called {name}")
    return page


def _frames_table(table: dict[str, type[frames.Payload]]) -> str:
    rows = ((f"`{name}`", _shape(struct), _prose(struct.__doc__)) for name, struct in sorted(table.items()))
    return _table(("type", "payload", "meaning"), rows)


def _shapes_table() -> str:
    inner = {name: struct for name, struct in structs().items() if not issubclass(struct, frames.Payload)}
    return _table(
        ("shape", "fields", "meaning"),
        ((f"`{name}`", _shape(struct), _prose(struct.__doc__)) for name, struct in inner.items()),
    )


def _shape(struct: type[msgspec.Struct]) -> str:
    fields = (f"`{_declaration(struct, field)}`{_bounds(field.type)}" for field in _fields(struct))
    return ", ".join(fields).replace(" | ", " \\| ") or "nothing"


def _bounds(shape: inspect.Type) -> str:
    match shape:
        case inspect.Metadata():
            return _bounds(shape.type)
        case inspect.UnionType():
            return next((text for inner in shape.types if (text := _bounds(inner))), "")
        case inspect.StrType(max_length=int(most)):
            return f" (≤ {most})"
        case inspect.ListType(max_length=int(most)) | inspect.DictType(max_length=int(most)):
            return f" (≤ {most} entries)"
        case inspect.IntType(ge=int(least), le=int(most)) if most < 2**31:
            return f" ({least}–{most})"
    return ""


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _prose(text: str | None) -> str:
    return " ".join((text or "").split())


def _sentence(text: str | None) -> str:
    return _prose(text).partition(". ")[0].removesuffix(".") + "."
