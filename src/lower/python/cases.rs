//! `match`: what leads to each arm and what its patterns capture.

use smol_str::SmolStr;
use tree_sitter::Node;

use super::{Field, Kind, Lowering};
use crate::ids::ExprId;
use crate::ir::{Block, EntryKey, Expr, Literal, ObjectPatternEntry, Pattern, SelectArm, SequencePatternItem, Stmt};

/// Built-in classes whose one positional pattern captures the whole subject.
const SELF_MATCHING: [&str; 11] =
    ["bool", "bytearray", "bytes", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple"];

/// What one pattern says.
#[derive(Default)]
struct Case {
    /// Constants that match; none of them when the pattern is open.
    values: Vec<ExprId>,
    /// Whether something other than a constant can match.
    open: bool,
    /// Whether everything matches.
    always: bool,
    /// What captures parts of the subject, each seen from the subject.
    captures: Vec<Pattern>,
}

impl<'t> Lowering<'t> {
    pub(super) fn select(&mut self, node: Node<'t>, out: &mut Block) {
        let kids = self.kids(node);
        let subjects: Vec<_> =
            kids.iter().filter(|child| self.kinds.field(child) == Field::Subject).map(|child| child.node).collect();
        let subject = self.index(node, &subjects);
        let mut arms = Vec::new();
        if let Some(body) = self.in_field(&kids, Field::Body) {
            for clause in self.kids(body) {
                if self.kind(clause.node) == Kind::CaseClause {
                    arms.push(self.select_arm(clause.node));
                } else {
                    self.set_aside.push(clause.node);
                }
            }
        }
        self.emit(Stmt::Select { subject, arms }, out);
    }

    fn select_arm(&mut self, node: Node<'t>) -> SelectArm {
        let kids = self.kids(node);
        let patterns: Vec<_> =
            kids.iter().filter(|child| self.kind(child.node) == Kind::CasePattern).map(|child| child.node).collect();
        let case = match patterns.as_slice() {
            [pattern] => self.case(*pattern),
            _ => self.sequence_case(&patterns),
        };
        let guard = self.in_field(&kids, Field::Guard).and_then(|guard| self.kids(guard).first().copied());
        let guard = guard.map(|condition| self.expr(condition.node));
        let body = self.block_in(&kids, Field::Consequence);
        let Case { values, open, always, captures } = case;
        SelectArm { values, open, always, captures, guard, body, falls_through: false }
    }

    fn case(&mut self, node: Node<'t>) -> Case {
        self.deeper(node, |this| this.case_form(node)).unwrap_or(Case { open: true, ..Case::default() })
    }

    fn case_form(&mut self, node: Node<'t>) -> Case {
        match self.kind(node) {
            Kind::CasePattern => self.wrapped_case(node),
            Kind::Identifier | Kind::DottedName => self.named_case(node),
            Kind::UnionPattern => self.union_case(node),
            Kind::AsPattern => self.named_as_case(node),
            Kind::ListPattern | Kind::TuplePattern => {
                let kids: Vec<_> = self.kids(node).iter().map(|child| child.node).collect();
                self.sequence_case(&kids)
            }
            Kind::ClassPattern => self.class_case(node),
            Kind::DictPattern => self.dict_case(node),
            Kind::SplatPattern => match self.kids(node).first() {
                Some(name) => self.named_case(name.node),
                None => Case { open: true, ..Case::default() },
            },
            Kind::ComplexPattern => Case { values: vec![self.number(node)], ..Case::default() },
            _ => Case { values: vec![self.expr(node)], ..Case::default() },
        }
    }

    fn wrapped_case(&mut self, node: Node<'t>) -> Case {
        let Some(inner) = self.kids(node).first().copied() else { return Case { open: true, always: true, ..Case::default() } };
        if matches!(self.kind(inner.node), Kind::Integer | Kind::Float) {
            return Case { values: vec![self.number(node)], ..Case::default() };
        }
        self.case(inner.node)
    }

    /// A name captures; a dotted one is a constant.
    fn named_case(&mut self, node: Node<'t>) -> Case {
        let name = self.name(node);
        if name.contains('.') {
            return Case { values: vec![self.expr(node)], ..Case::default() };
        }
        Case { open: true, always: true, captures: self.captured(name), ..Case::default() }
    }

    fn captured(&mut self, name: SmolStr) -> Vec<Pattern> {
        if name.is_empty() || name == "_" {
            return Vec::new();
        }
        self.builder.declare(&name);
        vec![Pattern::Name(name)]
    }

    fn union_case(&mut self, node: Node<'t>) -> Case {
        let mut whole = Case::default();
        let mut is_negative = false;
        for child in self.kids_and_tokens(node) {
            // The wildcard and the sign are punctuation to the grammar.
            if self.kind(child.node) == Kind::Token {
                let token = self.text(child.node);
                whole.open |= token == "_";
                whole.always |= token == "_";
                is_negative = token == "-";
                continue;
            }
            let case = self.case(child.node);
            if let (true, [value]) = (is_negative, case.values.as_slice()) {
                self.negate(*value);
            }
            whole.values.extend(case.values);
            whole.open |= case.open;
            whole.always |= case.always;
            whole.captures.extend(case.captures);
        }
        whole
    }

    fn negate(&mut self, number: ExprId) {
        if let Expr::Literal(Literal::Number(text)) = &mut self.builder.frame.body.exprs[number] {
            *text = smol_str::format_smolstr!("-{text}");
        }
    }

    fn named_as_case(&mut self, node: Node<'t>) -> Case {
        let kids = self.kids(node);
        let mut case = kids.first().map(|child| self.case(child.node)).unwrap_or_default();
        if let Some(name) = kids.get(1) {
            let name = self.name(name.node);
            case.captures.extend(self.captured(name));
        }
        case
    }

    fn sequence_case(&mut self, items: &[Node<'t>]) -> Case {
        let item = |pattern, rest| SequencePatternItem { pattern, default: None, rest };
        let rests: Vec<_> = items.iter().map(|node| self.is_rest(*node)).collect();
        let mut captures = Vec::new();
        let mut first: Vec<_> = rests.iter().map(|rest| item(Pattern::Ignore, *rest)).collect();
        for (position, node) in items.iter().enumerate() {
            let mut patterns = self.case(*node).captures.into_iter();
            if let Some(pattern) = patterns.next() {
                first[position].pattern = pattern;
            }
            for pattern in patterns {
                let mut other: Vec<_> = rests[..=position].iter().map(|rest| item(Pattern::Ignore, *rest)).collect();
                other[position].pattern = pattern;
                captures.push(Pattern::Sequence(other));
            }
        }
        if first.iter().any(|item| !matches!(item.pattern, Pattern::Ignore)) {
            captures.insert(0, Pattern::Sequence(first));
        }
        Case { open: true, captures, ..Case::default() }
    }

    fn is_rest(&mut self, node: Node<'t>) -> bool {
        match self.kind(node) {
            Kind::SplatPattern | Kind::ListSplatPattern => true,
            Kind::CasePattern => self.kids(node).first().is_some_and(|inner| self.kind(inner.node) == Kind::SplatPattern),
            _ => false,
        }
    }

    fn dict_case(&mut self, node: Node<'t>) -> Case {
        let mut key = None;
        let mut entries = Vec::new();
        let mut rest = None;
        for child in self.kids(node) {
            match self.kinds.field(&child) {
                Field::Key => key = self.case(child.node).values.first().copied(),
                Field::Value => {
                    let captures = self.case(child.node).captures;
                    let key = key.take();
                    for pattern in captures {
                        entries.push(ObjectPatternEntry { key: self.entry_key(key, child.node), pattern, default: None });
                    }
                }
                _ => rest = self.case(child.node).captures.pop().map(Box::new),
            }
        }
        let captures = if entries.is_empty() && rest.is_none() { Vec::new() } else { vec![Pattern::Object { entries, rest }] };
        Case { open: true, captures, ..Case::default() }
    }

    fn entry_key(&mut self, key: Option<ExprId>, node: Node<'t>) -> EntryKey {
        match key.map(|key| (key, &self.builder.frame.body.exprs[key])) {
            Some((_, Expr::Literal(Literal::Text(text)))) => EntryKey::Name(text.clone()),
            Some((key, _)) => EntryKey::Computed(key),
            None => EntryKey::Computed(self.missing(node)),
        }
    }

    /// `C(x, name=y)`: attributes by name; which attribute a positional one is, only the class knows.
    fn class_case(&mut self, node: Node<'t>) -> Case {
        let kids = self.kids(node);
        let is_whole = kids.first().is_some_and(|class| SELF_MATCHING.contains(&self.text(class.node)));
        let mut case = Case { open: true, ..Case::default() };
        let mut entries = Vec::new();
        for child in kids.iter().skip(1) {
            let keyword = match self.kind(child.node) {
                Kind::CasePattern => self.kids(child.node).first().copied(),
                _ => Some(*child),
            };
            match keyword.filter(|inner| self.kind(inner.node) == Kind::KeywordPattern) {
                Some(keyword) => {
                    let parts = self.kids(keyword.node);
                    let name = parts.first().map(|name| self.name(name.node)).unwrap_or_default();
                    let captures = parts.get(1).map(|value| self.case(value.node).captures).unwrap_or_default();
                    entries.extend(captures.into_iter().map(|pattern| ObjectPatternEntry {
                        key: EntryKey::Name(name.clone()),
                        pattern,
                        default: None,
                    }));
                }
                None if is_whole => case.captures.extend(self.case(child.node).captures),
                None => {
                    for pattern in self.case(child.node).captures {
                        entries.push(ObjectPatternEntry { key: self.entry_key(None, child.node), pattern, default: None });
                    }
                }
            }
        }
        if !entries.is_empty() {
            case.captures.push(Pattern::Object { entries, rest: None });
        }
        case
    }
}
