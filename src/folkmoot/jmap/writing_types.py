"""The description of the types, written out: as TypeScript for programs, as Markdown for people.

Everything comes from ``DataType``, ``Method`` and the structs they name; nothing about a type stands here.
"""

import inspect
from collections.abc import Iterator, Sequence
from types import NoneType
from typing import Any, Final

import msgspec
from msgspec.inspect import (
    AnyType,
    BoolType,
    DictType,
    EnumType,
    FloatType,
    FrozenSetType,
    IntType,
    ListType,
    LiteralType,
    Metadata,
    RawType,
    SetType,
    StrType,
    StructType,
    TupleType,
    Type,
    UnionType,
    VarTupleType,
    type_info,
)
from msgspec.inspect import NoneType as Null

from folkmoot.jmap.protocol.calling import Capability, Method
from folkmoot.jmap.protocol.describing import DataType, Described, Property
from folkmoot.jmap.protocol.dispatch import Registry

HEAD: Final = "// Written by `folkmoot jmap-types --typescript`; edits are lost.\n"
MARKDOWN_HEAD: Final = """# JMAP reference

Written by `folkmoot jmap-types --markdown` from the description of the types; edits are lost.
"""
_PLAIN: Final[dict[type[Type], str]] = {
    AnyType: "unknown",
    RawType: "unknown",
    Null: "null",
    BoolType: "boolean",
    IntType: "number",
    FloatType: "number",
    StrType: "string",
}


class Names:
    """The structs that types name, each once, under a name of its own."""

    def __init__(self) -> None:
        self._names: dict[type, str] = {}
        self.waiting: list[type] = []

    def of(self, struct: type) -> str:
        """Return the name of a struct, which is written out later if it has not been."""
        if struct not in self._names:
            taken = set(self._names.values())
            name = struct.__name__.lstrip("_")
            self._names[struct] = name if name not in taken else f"{name}{len(self._names)}"
            self.waiting.append(struct)
        return self._names[struct]

    def give(self, struct: type, name: str) -> None:
        """Let a struct that is written out elsewhere have a name."""
        self._names[struct] = name


def typescript(registry: Registry) -> str:
    """Return a module of TypeScript: an interface for each type and each method's arguments, and maps of both."""
    names = Names()
    kinds = _kinds(registry.capabilities)
    for kind in kinds:
        names.give(kind.described, kind.name)
    parts = [HEAD]
    parts += [_interface(kind, names) for kind in kinds]
    methods = sorted(registry.methods.values(), key=lambda method: method.name)
    lines = [f"  {_quoted(method.name)}: {_shape(type_info(method.arguments), names)};" for method in methods]
    written: list[str] = []
    while names.waiting:
        written.append(_struct(names.waiting.pop(0), names))
    urns = sorted({one.urn for one in registry.capabilities if one.in_session})
    parts += written
    parts.append(
        "/** Each type by its name. */\nexport interface DataTypes {\n"
        + "".join(f"  {kind.name}: {kind.name};\n" for kind in kinds)
        + "}\n"
    )
    parts.append("/** The arguments of each method. */\nexport interface Methods {\n" + "\n".join(lines) + "\n}\n")
    parts.append(
        "/** What may stand in `using`. */\nexport type Using =\n" + "\n".join(f'  | "{u}"' for u in urns) + ";\n"
    )
    return "\n".join(parts)


def markdown(registry: Registry) -> str:
    """Return the reference: each capability with its methods and types, and each type's properties."""
    parts = [MARKDOWN_HEAD]
    by_urn: dict[str, list[Capability]] = {}
    for one in registry.capabilities:
        by_urn.setdefault(one.urn, []).append(one)
    for urn, capabilities in sorted(by_urn.items()):
        parts.append(f"## `{urn}`\n")
        parts += [f"{one.document}\n" for one in capabilities if one.document]
        methods = [method for one in capabilities for method in one.methods]
        if methods:
            parts.append("| Method | Arguments beside the account | What |\n|---|---|---|")
            parts += [_method_row(method) for method in methods]
            parts.append("")
        for kind in _kinds(capabilities):
            parts.append(f"### {kind.name}\n\n{_sentence(kind.described)}\n")
            parts.append("| Property | Type | Whose | What |\n|---|---|---|---|")
            parts += [_property_row(one) for one in kind.properties.values()]
            parts.append("")
    return "\n".join(parts).rstrip("\n") + "\n"


def _kinds(capabilities: Sequence[Capability]) -> list[DataType]:
    found = {kind.name: kind for one in capabilities for kind in one.types}
    return [found[name] for name in sorted(found)]


def _interface(kind: DataType, names: Names) -> str:
    lines = [f"/** {_sentence(kind.described)} */", f"export interface {kind.name} {{"]
    for one in kind.properties.values():
        about = _about(one.type)
        if about:
            lines.append(f"  /** {about} */")
        fixed = "readonly " if one.server_set or one.immutable else ""
        lines.append(f"  {fixed}{_quoted(one.name)}: {_shape(type_info(one.type), names)};")
    if kind.open:
        lines.append("  [property: string]: unknown;")
    return "\n".join([*lines, "}", ""])


def _struct(struct: type, names: Names) -> str:
    told = type_info(struct)
    lines = [f"/** {_sentence(struct)} */", f"export interface {names.of(struct)} {{"]
    if isinstance(told, StructType):
        for one in told.fields:
            asked = "" if one.required else "?"
            lines.append(f"  {_quoted(one.encode_name)}{asked}: {_shape(one.type, names)};")
    return "\n".join([*lines, "}", ""])


def _shape(told: Type, names: Names | None) -> str:
    """Return a type as TypeScript writes it; without names, structs are told by their own."""
    match told:
        case Metadata():
            return _shape(told.type, names)
        case UnionType():
            return " | ".join(dict.fromkeys(_shape(one, names) for one in told.types))
        case TupleType():
            return f"[{', '.join(_shape(one, names) for one in told.item_types)}]"
        case ListType() | VarTupleType() | SetType() | FrozenSetType():
            below = _shape(told.item_type, names)
            return f"({below})[]" if "|" in below else f"{below}[]"
        case DictType():
            return f"Record<string, {_shape(told.value_type, names)}>"
        case StructType():
            return names.of(told.cls) if names is not None else told.cls.__name__.lstrip("_")
        case EnumType():
            return " | ".join(_value(one.value) for one in told.cls)
        case LiteralType():
            return " | ".join(_value(one) for one in told.values)
        case _:
            return _PLAIN.get(type(told), "unknown")


def _method_row(method: Method) -> str:
    told = type_info(method.arguments)
    fields = told.fields if isinstance(told, StructType) else ()
    arguments = ", ".join(f"`{one.encode_name}`" for one in fields if one.encode_name != "accountId")
    return f"| `{method.name}` | {arguments} | {_cell(method.document)} |"


def _property_row(one: Property) -> str:
    whose = "server" if one.server_set else "fixed" if one.immutable else ""
    return f"| `{one.name}` | {_cell(_shape(type_info(one.type), None))} | {whose} | {_cell(_about(one.type))} |"


def _about(hint: Any) -> str:
    return " ".join(_descriptions(type_info(hint)))


def _descriptions(told: Type) -> Iterator[str]:
    if isinstance(told, Metadata):
        description = (told.extra_json_schema or {}).get("description")
        if description:
            yield str(description)
        yield from _descriptions(told.type)


def _sentence(struct: type) -> str:
    inherited = struct.__doc__ is None or struct in {Described, msgspec.Struct, NoneType}
    text = "" if inherited else inspect.cleandoc(struct.__doc__ or "").partition("\n\n")[0]
    return " ".join(text.split())


def _quoted(name: str) -> str:
    return name if name.isidentifier() else f'"{name}"'


def _value(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
