//! Names that the languages give a meaning to.

/// Whether a name is a method of dictionaries or strings and at the same time nothing that events carry as a key.
pub(super) fn is_method(name: &str) -> bool {
    METHODS.binary_search(&name).is_ok()
}

/// Whether a name is a method of Python's dictionaries.
/// <https://docs.python.org/3/library/stdtypes.html#mapping-types-dict>
pub(super) fn is_of_dictionaries(name: &str) -> bool {
    matches!(name, "clear" | "copy" | "get" | "items" | "keys" | "pop" | "popitem" | "setdefault" | "update" | "values")
}

/// Whether a name is a method of texts, numbers, lists or dates, and nothing that a program would call what talks to a service.
pub(super) fn is_of_language(name: &str) -> bool {
    const ALSO_OF_PROGRAMS: [&str; 14] = [
        "add", "clear", "copy", "decode", "encode", "entries", "find", "get", "insert", "items", "json", "read", "remove",
        "update",
    ];
    const FURTHER: [&str; 7] = ["catch", "finally", "getTime", "then", "toFixed", "toJSON", "toLocaleString"];
    (is_method(name) && !ALSO_OF_PROGRAMS.contains(&name)) || FURTHER.contains(&name)
}

/// Whether JavaScript or Node.js itself has a variable of this name.
/// <https://nodejs.org/api/globals.html>
pub(super) fn is_javascript_global(name: &str) -> bool {
    const NAMES: [&str; 37] = [
        "Array",
        "Boolean",
        "Buffer",
        "Date",
        "Error",
        "Function",
        "Headers",
        "JSON",
        "Map",
        "Math",
        "Number",
        "Object",
        "Promise",
        "Proxy",
        "Reflect",
        "RegExp",
        "Request",
        "Response",
        "Set",
        "String",
        "Symbol",
        "TextDecoder",
        "TextEncoder",
        "URL",
        "URLSearchParams",
        "WeakMap",
        "WeakSet",
        "WebSocket",
        "clearTimeout",
        "console",
        "crypto",
        "fetch",
        "global",
        "globalThis",
        "process",
        "setInterval",
        "setTimeout",
    ];
    NAMES.contains(&name)
}

/// Whether a name is a method of texts and of nothing else that a program would call.
pub(super) fn is_of_texts(name: &str) -> bool {
    const NAMES: [&str; 17] = [
        "charAt",
        "endsWith",
        "lastIndexOf",
        "localeCompare",
        "padEnd",
        "padStart",
        "replaceAll",
        "startsWith",
        "substr",
        "substring",
        "toFixed",
        "toISOString",
        "toLocaleString",
        "toLowerCase",
        "toUpperCase",
        "trim",
        "valueOf",
    ];
    NAMES.contains(&name)
}

/// Whether a method of collections calls the function that it is given with each item.
pub(super) fn calls_for_each(name: &str) -> bool {
    matches!(name, "map" | "flatMap" | "filter" | "forEach" | "find" | "some" | "every" | "reduce" | "findIndex" | "findLast")
}

/// Whether Python itself defines a name that the analysis gives a meaning to.
pub(super) fn is_python_builtin(name: &str) -> bool {
    PYTHON.binary_search(&name).is_ok()
}

/// In the order of their bytes.
const METHODS: [&str; 82] = [
    "add",
    "append",
    "at",
    "capitalize",
    "casefold",
    "charAt",
    "clear",
    "concat",
    "copy",
    "decode",
    "dict",
    "encode",
    "endsWith",
    "endswith",
    "entries",
    "every",
    "extend",
    "filter",
    "find",
    "findIndex",
    "flatMap",
    "forEach",
    "format",
    "get",
    "getlist",
    "has",
    "hasOwnProperty",
    "includes",
    "indexOf",
    "insert",
    "isdigit",
    "isoformat",
    "items",
    "join",
    "json",
    "keys",
    "lastIndexOf",
    "localeCompare",
    "lower",
    "lstrip",
    "map",
    "match",
    "model_dump",
    "padEnd",
    "padStart",
    "partition",
    "pop",
    "push",
    "read",
    "reduce",
    "remove",
    "removeprefix",
    "removesuffix",
    "replace",
    "replaceAll",
    "rpartition",
    "rsplit",
    "rstrip",
    "setdefault",
    "slice",
    "some",
    "sort",
    "split",
    "splitlines",
    "startsWith",
    "startswith",
    "strftime",
    "strip",
    "substr",
    "substring",
    "title",
    "toISOString",
    "toLowerCase",
    "toString",
    "toUpperCase",
    "to_dict",
    "trim",
    "update",
    "upper",
    "valueOf",
    "values",
    "zfill",
];

/// In the order of their bytes.
const PYTHON: [&str; 55] = [
    "Exception",
    "KeyError",
    "RuntimeError",
    "TypeError",
    "ValueError",
    "__import__",
    "abs",
    "all",
    "any",
    "bool",
    "bytes",
    "callable",
    "classmethod",
    "dict",
    "enumerate",
    "eval",
    "exec",
    "filter",
    "float",
    "format",
    "frozenset",
    "getattr",
    "globals",
    "hasattr",
    "id",
    "int",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "list",
    "locals",
    "map",
    "max",
    "min",
    "next",
    "object",
    "open",
    "print",
    "property",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "setattr",
    "sorted",
    "staticmethod",
    "str",
    "sum",
    "super",
    "tuple",
    "type",
    "vars",
    "zip",
];

/// Names that every value may be asked for as a method, promises included.
pub(super) fn is_of_every_value(name: &str) -> bool {
    is_of_promises(name) || matches!(name, "bind" | "call" | "apply" | "promise")
}

/// Names of methods that only promises have.
pub(super) fn is_of_promises(name: &str) -> bool {
    matches!(name, "then" | "catch" | "finally")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order() {
        assert!(METHODS.is_sorted() && PYTHON.is_sorted());
    }
}
