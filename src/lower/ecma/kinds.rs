//! Node kinds and fields of the three grammars as one pair of enums.
//!
//! The JavaScript, TypeScript and TSX grammars share most names but number them differently. A [`Grammar`] maps the
//! numbers of one of them to [`Kind`] and [`Field`], so that the lowering never compares strings.

use std::sync::OnceLock;

use tree_sitter::Tree;

use crate::syntax::Language;

macro_rules! names {
    ($(#[$doc:meta])* $type:ident, $fallback:ident { $($name:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum $type {
            $($name,)*
            /// Any other.
            $fallback,
        }

        impl $type {
            /// From the grammar's name.
            fn named(text: &str) -> Self {
                match text {
                    $($text => Self::$name,)*
                    _ => Self::$fallback,
                }
            }

            /// Every name that the lowering knows.
            #[cfg(test)]
            const TEXTS: &[&str] = &[$($text,)*];
        }
    };
}

names! {
    /// The node kinds that the lowering tells apart; everything else is opaque.
    Kind, Other {
        AbstractClass = "abstract_class_declaration",
        AbstractMethod = "abstract_method_signature",
        Accessibility = "accessibility_modifier",
        Ambient = "ambient_declaration",
        Arguments = "arguments",
        Array = "array",
        ArrayPattern = "array_pattern",
        ArrayType = "array_type",
        Arrow = "arrow_function",
        As = "as_expression",
        Assignment = "assignment_expression",
        AssignmentPattern = "assignment_pattern",
        Augmented = "augmented_assignment_expression",
        Await = "await_expression",
        Binary = "binary_expression",
        Break = "break_statement",
        Call = "call_expression",
        Catch = "catch_clause",
        Class = "class",
        ClassBody = "class_body",
        ClassDeclaration = "class_declaration",
        Heritage = "class_heritage",
        StaticBlock = "class_static_block",
        Comment = "comment",
        Computed = "computed_property_name",
        Continue = "continue_statement",
        Debugger = "debugger_statement",
        Decorator = "decorator",
        Do = "do_statement",
        Else = "else_clause",
        Empty = "empty_statement",
        EnumAssignment = "enum_assignment",
        Enum = "enum_declaration",
        Error = "ERROR",
        Escape = "escape_sequence",
        ExportClause = "export_clause",
        ExportSpecifier = "export_specifier",
        Export = "export_statement",
        ExpressionStatement = "expression_statement",
        Extends = "extends_clause",
        False = "false",
        FieldDefinition = "field_definition",
        Finally = "finally_clause",
        ForIn = "for_in_statement",
        For = "for_statement",
        Function = "function_declaration",
        FunctionExpression = "function_expression",
        FunctionSignature = "function_signature",
        FunctionType = "function_type",
        Generator = "generator_function_declaration",
        GeneratorExpression = "generator_function",
        Generic = "generic_type",
        HashBang = "hash_bang_line",
        HtmlComment = "html_comment",
        Identifier = "identifier",
        If = "if_statement",
        Implements = "implements_clause",
        Import = "import",
        ImportAlias = "import_alias",
        ImportAttribute = "import_attribute",
        ImportClause = "import_clause",
        ImportRequire = "import_require_clause",
        ImportSpecifier = "import_specifier",
        ImportStatement = "import_statement",
        IndexSignature = "index_signature",
        Instantiation = "instantiation_expression",
        Interface = "interface_declaration",
        InternalModule = "internal_module",
        Intersection = "intersection_type",
        JsxAttribute = "jsx_attribute",
        JsxClosing = "jsx_closing_element",
        JsxElement = "jsx_element",
        JsxExpression = "jsx_expression",
        JsxName = "jsx_namespace_name",
        JsxOpening = "jsx_opening_element",
        JsxSelfClosing = "jsx_self_closing_element",
        JsxText = "jsx_text",
        Labeled = "labeled_statement",
        Lexical = "lexical_declaration",
        LiteralType = "literal_type",
        Member = "member_expression",
        Meta = "meta_property",
        Method = "method_definition",
        MethodSignature = "method_signature",
        Module = "module",
        NamedImports = "named_imports",
        NamespaceExport = "namespace_export",
        NamespaceImport = "namespace_import",
        NestedIdentifier = "nested_identifier",
        NestedType = "nested_type_identifier",
        New = "new_expression",
        NonNull = "non_null_expression",
        Null = "null",
        Number = "number",
        Object = "object",
        ObjectAssignmentPattern = "object_assignment_pattern",
        ObjectPattern = "object_pattern",
        OptionalParameter = "optional_parameter",
        OverrideModifier = "override_modifier",
        Pair = "pair",
        PairPattern = "pair_pattern",
        Parenthesized = "parenthesized_expression",
        ParenthesizedType = "parenthesized_type",
        PrivateProperty = "private_property_identifier",
        Program = "program",
        Property = "property_identifier",
        PublicField = "public_field_definition",
        ReadonlyType = "readonly_type",
        Regex = "regex",
        RequiredParameter = "required_parameter",
        RestPattern = "rest_pattern",
        Return = "return_statement",
        Satisfies = "satisfies_expression",
        Sequence = "sequence_expression",
        Shorthand = "shorthand_property_identifier",
        ShorthandPattern = "shorthand_property_identifier_pattern",
        Spread = "spread_element",
        Block = "statement_block",
        StatementIdentifier = "statement_identifier",
        String = "string",
        Fragment = "string_fragment",
        Subscript = "subscript_expression",
        Super = "super",
        SwitchBody = "switch_body",
        SwitchCase = "switch_case",
        SwitchDefault = "switch_default",
        Switch = "switch_statement",
        Template = "template_string",
        Substitution = "template_substitution",
        Ternary = "ternary_expression",
        This = "this",
        Throw = "throw_statement",
        True = "true",
        Try = "try_statement",
        TypeAlias = "type_alias_declaration",
        TypeAnnotation = "type_annotation",
        TypeArguments = "type_arguments",
        TypeAssertion = "type_assertion",
        TypeIdentifier = "type_identifier",
        TypeParameters = "type_parameters",
        Unary = "unary_expression",
        Undefined = "undefined",
        Union = "union_type",
        Update = "update_expression",
        Using = "using_declaration",
        Variable = "variable_declaration",
        Declarator = "variable_declarator",
        While = "while_statement",
        With = "with_statement",
        Yield = "yield_expression",
        TokenAbstract = "abstract",
        TokenConst = "const",
        TokenDefault = "default",
        TokenEquals = "=",
        TokenGet = "get",
        TokenGlobal = "global",
        TokenLet = "let",
        TokenReadonly = "readonly",
        TokenSet = "set",
        TokenStar = "*",
        TokenStatic = "static",
        TokenStaticGet = "static get",
        TokenType = "type",
        TokenTypeof = "typeof",
        TokenUsing = "using",
        TokenVar = "var",
    }
}

names! {
    /// The fields that the lowering asks for.
    Field, Other {
        Alias = "alias",
        Alternative = "alternative",
        Argument = "argument",
        Arguments = "arguments",
        Attribute = "attribute",
        Body = "body",
        Close = "close_tag",
        Condition = "condition",
        Consequence = "consequence",
        Constructor = "constructor",
        Declaration = "declaration",
        Decorator = "decorator",
        Finalizer = "finalizer",
        Function = "function",
        Handler = "handler",
        Increment = "increment",
        Index = "index",
        Initializer = "initializer",
        Key = "key",
        Kind = "kind",
        Label = "label",
        Left = "left",
        Module = "module",
        Name = "name",
        Object = "object",
        Open = "open_tag",
        Operator = "operator",
        Parameter = "parameter",
        Parameters = "parameters",
        Pattern = "pattern",
        Property = "property",
        Right = "right",
        Source = "source",
        Type = "type",
        TypeArguments = "type_arguments",
        Value = "value",
    }
}

/// The numbering of one grammar.
#[derive(Debug)]
pub(super) struct Grammar {
    kinds: Vec<Kind>,
    fields: Vec<Field>,
}

impl Grammar {
    /// The numbering of the grammar that a tree was made with.
    pub(super) fn of(language: Language, tree: &Tree) -> &'static Self {
        static JAVASCRIPT: OnceLock<Grammar> = OnceLock::new();
        static TYPESCRIPT: OnceLock<Grammar> = OnceLock::new();
        static TSX: OnceLock<Grammar> = OnceLock::new();
        let cell = match language {
            Language::TypeScript => &TYPESCRIPT,
            Language::Tsx => &TSX,
            Language::JavaScript | Language::Python => &JAVASCRIPT,
        };
        cell.get_or_init(|| Self::new(&tree.language()))
    }

    fn new(language: &tree_sitter::Language) -> Self {
        let kinds = (0..language.node_kind_count() as u16)
            .map(|id| language.node_kind_for_id(id).map_or(Kind::Other, |text| kind(text, language.node_kind_is_named(id))))
            .collect();
        let fields = (0..=language.field_count() as u16)
            .map(|id| language.field_name_for_id(id).map_or(Field::Other, Field::named))
            .collect();
        Self { kinds, fields }
    }

    /// The kind with a number.
    pub(super) fn kind(&self, id: u16) -> Kind {
        // tree-sitter gives ERROR the largest number there is.
        if id == u16::MAX { Kind::Error } else { self.kinds.get(usize::from(id)).copied().unwrap_or(Kind::Other) }
    }

    /// The field with a number.
    pub(super) fn field(&self, id: u16) -> Field {
        self.fields.get(usize::from(id)).copied().unwrap_or(Field::Other)
    }
}

/// Tokens and named nodes share some names (`import`, `class`, `module` …); only the spelled-out tokens count as such.
fn kind(text: &str, named: bool) -> Kind {
    let kind = Kind::named(text);
    let token = matches!(
        kind,
        Kind::TokenConst
            | Kind::TokenDefault
            | Kind::TokenEquals
            | Kind::TokenGet
            | Kind::TokenGlobal
            | Kind::TokenLet
            | Kind::TokenReadonly
            | Kind::TokenSet
            | Kind::TokenStar
            | Kind::TokenAbstract
            | Kind::TokenStatic
            | Kind::TokenStaticGet
            | Kind::TokenType
            | Kind::TokenTypeof
            | Kind::TokenUsing
            | Kind::TokenVar
    );
    if named == token { Kind::Other } else { kind }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_exists_in_a_grammar() {
        let languages: Vec<tree_sitter::Language> = vec![
            tree_sitter_javascript::LANGUAGE.into(),
            tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
            tree_sitter_typescript::LANGUAGE_TSX.into(),
        ];
        for text in Kind::TEXTS.iter().filter(|text| **text != "ERROR") {
            let known = |language: &tree_sitter::Language| {
                language.id_for_node_kind(text, true) != 0 || language.id_for_node_kind(text, false) != 0
            };
            assert!(languages.iter().any(known), "no grammar has the node kind {text}");
        }
        for text in Field::TEXTS {
            assert!(
                languages.iter().any(|language| language.field_id_for_name(text).is_some()),
                "no grammar has the field {text}"
            );
        }
    }
}
