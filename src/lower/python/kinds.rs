//! The node kinds and fields of the Python grammar as enums. The grammar's numbers are looked up once, so that a dispatch is
//! an array access.

use std::sync::LazyLock;

use tree_sitter::Node;

use crate::syntax::{Child, Language};

macro_rules! kinds {
    ($($variant:ident $name:literal,)*) => {
        /// A named node kind that the lowering has an arm for, or one of the four catch-alls.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Kind {
            $($variant,)*
            /// A region that did not parse.
            Error,
            /// Punctuation and keywords.
            Token,
            /// Any other named kind.
            Other,
        }

        impl Kind {
            fn from_name(name: &str) -> Self {
                match name {
                    $($name => Self::$variant,)*
                    _ => Self::Other,
                }
            }

            /// The names of all kinds that have an arm.
            #[cfg(test)]
            const NAMES: &'static [&'static str] = &[$($name,)*];
        }
    };
}

kinds! {
    AliasedImport "aliased_import",
    ArgumentList "argument_list",
    AsPattern "as_pattern",
    AsPatternTarget "as_pattern_target",
    AssertStatement "assert_statement",
    Assignment "assignment",
    Attribute "attribute",
    AugmentedAssignment "augmented_assignment",
    Await "await",
    BinaryOperator "binary_operator",
    Block "block",
    BooleanOperator "boolean_operator",
    BreakStatement "break_statement",
    Call "call",
    CaseClause "case_clause",
    CasePattern "case_pattern",
    ClassDefinition "class_definition",
    ClassPattern "class_pattern",
    Comment "comment",
    ComparisonOperator "comparison_operator",
    ComplexPattern "complex_pattern",
    ConcatenatedString "concatenated_string",
    ConditionalExpression "conditional_expression",
    ContinueStatement "continue_statement",
    DecoratedDefinition "decorated_definition",
    Decorator "decorator",
    DefaultParameter "default_parameter",
    DeleteStatement "delete_statement",
    DictPattern "dict_pattern",
    Dictionary "dictionary",
    DictionaryComprehension "dictionary_comprehension",
    DictionarySplat "dictionary_splat",
    DictionarySplatPattern "dictionary_splat_pattern",
    DottedName "dotted_name",
    ElifClause "elif_clause",
    Ellipsis "ellipsis",
    ElseClause "else_clause",
    ExceptClause "except_clause",
    ExecStatement "exec_statement",
    ExpressionList "expression_list",
    ExpressionStatement "expression_statement",
    False "false",
    FinallyClause "finally_clause",
    Float "float",
    ForInClause "for_in_clause",
    ForStatement "for_statement",
    FormatExpression "format_expression",
    FormatSpecifier "format_specifier",
    FunctionDefinition "function_definition",
    FutureImportStatement "future_import_statement",
    GeneratorExpression "generator_expression",
    GenericType "generic_type",
    GlobalStatement "global_statement",
    Identifier "identifier",
    IfClause "if_clause",
    IfStatement "if_statement",
    ImportFromStatement "import_from_statement",
    ImportStatement "import_statement",
    Integer "integer",
    Interpolation "interpolation",
    KeywordArgument "keyword_argument",
    KeywordPattern "keyword_pattern",
    KeywordSeparator "keyword_separator",
    Lambda "lambda",
    LineContinuation "line_continuation",
    List "list",
    ListComprehension "list_comprehension",
    ListPattern "list_pattern",
    ListSplat "list_splat",
    ListSplatPattern "list_splat_pattern",
    MatchStatement "match_statement",
    MemberType "member_type",
    Module "module",
    NamedExpression "named_expression",
    None "none",
    NonlocalStatement "nonlocal_statement",
    NotOperator "not_operator",
    Pair "pair",
    ParenthesizedExpression "parenthesized_expression",
    ParenthesizedListSplat "parenthesized_list_splat",
    PassStatement "pass_statement",
    PatternList "pattern_list",
    PositionalSeparator "positional_separator",
    PrintStatement "print_statement",
    RaiseStatement "raise_statement",
    RelativeImport "relative_import",
    ReturnStatement "return_statement",
    Set "set",
    SetComprehension "set_comprehension",
    Slice "slice",
    SplatPattern "splat_pattern",
    String "string",
    StringContent "string_content",
    StringEnd "string_end",
    StringStart "string_start",
    Subscript "subscript",
    True "true",
    TryStatement "try_statement",
    Tuple "tuple",
    TuplePattern "tuple_pattern",
    Type "type",
    TypeAliasStatement "type_alias_statement",
    TypeConversion "type_conversion",
    TypeParameter "type_parameter",
    TypedDefaultParameter "typed_default_parameter",
    TypedParameter "typed_parameter",
    UnaryOperator "unary_operator",
    UnionPattern "union_pattern",
    UnionType "union_type",
    WhileStatement "while_statement",
    WildcardImport "wildcard_import",
    WithClause "with_clause",
    WithItem "with_item",
    WithStatement "with_statement",
    Yield "yield",
}

macro_rules! fields {
    ($($variant:ident $name:literal,)*) => {
        /// A field of the grammar that the lowering asks for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Field {
            $($variant,)*
            /// Any other field, or none.
            Other,
        }

        impl Field {
            fn from_name(name: &str) -> Self {
                match name {
                    $($name => Self::$variant,)*
                    _ => Self::Other,
                }
            }

            #[cfg(test)]
            const NAMES: &'static [&'static str] = &[$($name,)*];
        }
    };
}

fields! {
    Alias "alias",
    Alternative "alternative",
    Arguments "arguments",
    Attribute "attribute",
    Body "body",
    Cause "cause",
    Code "code",
    Condition "condition",
    Consequence "consequence",
    Definition "definition",
    Expression "expression",
    FormatSpecifier "format_specifier",
    Function "function",
    Guard "guard",
    Key "key",
    Left "left",
    ModuleName "module_name",
    Name "name",
    Object "object",
    Operator "operator",
    Operators "operators",
    Parameters "parameters",
    Right "right",
    Subject "subject",
    Subscript "subscript",
    Superclasses "superclasses",
    Type "type",
    TypeConversion "type_conversion",
    Value "value",
}

struct Tables {
    kinds: Vec<Kind>,
    fields: Vec<Field>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let grammar = Language::Python.grammar();
    let kinds = (0..grammar.node_kind_count() as u16).map(|id| match grammar.node_kind_for_id(id) {
        Some(name) if grammar.node_kind_is_named(id) => Kind::from_name(name),
        _ => Kind::Token,
    });
    let fields =
        (0..=grammar.field_count() as u16).map(|id| grammar.field_name_for_id(id).map_or(Field::Other, Field::from_name));
    Tables { kinds: kinds.collect(), fields: fields.collect() }
});

/// The tables, looked up once per file.
#[derive(Clone, Copy)]
pub(super) struct Kinds(&'static Tables);

impl Kinds {
    pub(super) fn new() -> Self {
        Self(&TABLES)
    }

    /// The kind of a node.
    pub(super) fn of(self, node: Node<'_>) -> Kind {
        // The number of error nodes lies past the end of the table.
        self.0.kinds.get(usize::from(node.kind_id())).copied().unwrap_or(Kind::Error)
    }

    /// The field a child stands in.
    pub(super) fn field(self, child: &Child<'_>) -> Field {
        self.0.fields.get(usize::from(child.field)).copied().unwrap_or(Field::Other)
    }
}

impl Kind {
    /// Whether nodes of this kind are lowered by the statement dispatch rather than as expressions.
    pub(super) const fn is_statement(self) -> bool {
        matches!(
            self,
            Self::AssertStatement
                | Self::Block
                | Self::BreakStatement
                | Self::CaseClause
                | Self::ClassDefinition
                | Self::ContinueStatement
                | Self::DecoratedDefinition
                | Self::Decorator
                | Self::DeleteStatement
                | Self::ElifClause
                | Self::ElseClause
                | Self::Error
                | Self::ExceptClause
                | Self::ExecStatement
                | Self::ExpressionStatement
                | Self::FinallyClause
                | Self::ForStatement
                | Self::FunctionDefinition
                | Self::FutureImportStatement
                | Self::GlobalStatement
                | Self::IfStatement
                | Self::ImportFromStatement
                | Self::ImportStatement
                | Self::MatchStatement
                | Self::Module
                | Self::NonlocalStatement
                | Self::PassStatement
                | Self::PrintStatement
                | Self::RaiseStatement
                | Self::ReturnStatement
                | Self::TryStatement
                | Self::TypeAliasStatement
                | Self::WhileStatement
                | Self::WithStatement
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_and_field_is_the_grammars() {
        let grammar = Language::Python.grammar();
        for name in Kind::NAMES {
            assert_ne!(grammar.id_for_node_kind(name, true), 0, "{name}");
        }
        for name in Field::NAMES {
            assert!(grammar.field_id_for_name(name).is_some(), "{name}");
        }
    }

    #[test]
    fn the_committed_list_says_what_has_an_arm() {
        let list = include_str!("../../../grammars/kinds/python.txt");
        let mut armed: Vec<_> = list
            .lines()
            .filter_map(|line| line.split_once(' '))
            .filter(|(_, treatment)| *treatment != "opaque")
            .map(|(kind, _)| kind)
            .collect();
        armed.sort_unstable();
        let mut names = Kind::NAMES.to_vec();
        names.sort_unstable();
        assert_eq!(armed, names);
    }
}
