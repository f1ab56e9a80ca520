//! Reads `.tf` files: what `hcl-edit` parsed, in our own terms and with the bytes of the file.

use std::ops::Range;
use std::sync::Arc;

use hcl_edit::Span as _;
use hcl_edit::expr::{BinaryOperator, Expression, ForExpr, ObjectKey, Traversal, TraversalOperator, UnaryOperator};
use hcl_edit::structure;
use hcl_edit::template::{Directive, Element, Template};
use smol_str::SmolStr;

use super::ast::{Attribute, Block, Body, Expr, ExprKind, For, Operator, Part, SPLAT};
use crate::note::{Note, NoteKind};
use crate::span::{Location, SourceFile, Span};

/// How many entries of objects with a key of another are passed over in a file; each takes another look at the whole file.
const MAX_REPEATED: usize = 32;

/// Reads a `.tf` file or a file of variable values.
pub(super) fn body(file: &Arc<SourceFile>) -> Result<Body, Note> {
    let text = file.text.strip_prefix('\u{feff}').unwrap_or(&file.text);
    let skipped = file.text.len() - text.len();
    match parsed(text) {
        Ok(body) => Ok(Lowering { skipped, fixed: None }.body(&body)),
        Err(error) => {
            let offset = (error.location().offset() + skipped) as u32;
            let at = Location::new(file, Span::new(offset, offset));
            let message = format!("line {}, column {}: {}", at.line(), at.column(), error.message());
            Err(Note::at(NoteKind::UnreadableFile, at, message))
        }
    }
}

/// Parses a file. Of the entries of an object with one key, Terraform takes the last, and the parser none of them: those before it
/// become blanks, so that all places stay what they are.
fn parsed(text: &str) -> Result<structure::Body, hcl_edit::parser::Error> {
    let mut error = match hcl_edit::parser::parse_body(text) {
        Ok(body) => return Ok(body),
        Err(error) => error,
    };
    let mut text = text.to_owned();
    for _ in 0..MAX_REPEATED {
        let at = error.location().offset();
        let Some(entry) = entry_before(&text, at).filter(|_| error.message().contains("unique object key")) else { break };
        let blank = " ".repeat(entry.len());
        text.replace_range(entry, &blank);
        match hcl_edit::parser::parse_body(&text) {
            Ok(body) => return Ok(body),
            Err(next) if next.location().offset() > at => error = next,
            // It was another one.
            Err(_) => break,
        }
    }
    Err(error)
}

/// The entry of the same object, on a line of its own, that has the key of the line that a byte stands on.
fn entry_before(text: &str, at: usize) -> Option<Range<usize>> {
    let key_of = |line: &str| {
        let (key, _) = line.split_once(['=', ':'])?;
        let key = key.trim().trim_matches('"');
        (!key.is_empty()).then(|| key.to_owned())
    };
    let start = text.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
    let key = key_of(text[start..].lines().next()?)?;
    let (mut depth, mut begin) = (0_i64, start);
    for line in text[..start].split_inclusive('\n').rev() {
        begin -= line.len();
        let line = line.trim_end();
        let balance: i64 =
            line.chars().map(|c| i64::from(matches!(c, '}' | ']' | ')')) - i64::from(matches!(c, '{' | '[' | '('))).sum();
        if depth == 0 && balance == 0 && key_of(line).as_ref() == Some(&key) {
            return Some(begin..begin + line.len());
        }
        depth += balance;
        if depth < 0 {
            return None;
        }
    }
    None
}

/// Reads text with `${…}` in it, all of which stands at one place: JSON strings, the files of `templatefile`.
/// The error says what was expected where within the text.
pub(super) fn template(text: &str, span: Span) -> Result<ExprKind, String> {
    if !text.contains("${") && !text.contains("%{") {
        return Ok(ExprKind::Text(text.into()));
    }
    match hcl_edit::parser::parse_template(text) {
        Ok(template) => Ok(Lowering { skipped: 0, fixed: Some(span) }.template(&template)),
        Err(error) => Err(format!("line {}, column {}: {}", error.location().line(), error.location().column(), error.message())),
    }
}

/// Turns the parser's tree into ours. The parser bounds how deep it is.
struct Lowering {
    /// Bytes of the file before what was parsed.
    skipped: usize,
    /// The place of everything, when the parsed text does not stand in the file as it is.
    fixed: Option<Span>,
}

impl Lowering {
    fn span(&self, range: Option<std::ops::Range<usize>>) -> Span {
        match (self.fixed, range) {
            (Some(span), _) => span,
            (None, Some(range)) => Span::new((range.start + self.skipped) as u32, (range.end + self.skipped) as u32),
            (None, None) => Span::default(),
        }
    }

    fn body(&self, body: &structure::Body) -> Body {
        let mut out = Body::default();
        for part in body {
            match part {
                structure::Structure::Attribute(attribute) => {
                    out.attributes.push(Attribute { name: attribute.key.as_str().into(), value: self.expr(&attribute.value) });
                }
                structure::Structure::Block(block) => out.blocks.push(self.block(block)),
            }
        }
        out
    }

    fn block(&self, block: &structure::Block) -> Block {
        let start = self.span(block.ident.span());
        let end = block.labels.last().map_or(start, |label| self.span(label.span()));
        Block {
            kind: block.ident.as_str().into(),
            labels: block.labels.iter().map(|label| label.as_str().into()).collect(),
            body: self.body(&block.body),
            span: Span::new(start.start, end.end),
        }
    }

    fn expr(&self, expr: &Expression) -> Expr {
        let kind = match expr {
            Expression::Null(_) => ExprKind::Null,
            Expression::Bool(value) => ExprKind::Bool(*value.value()),
            Expression::Number(number) => ExprKind::Number(number.value().to_string().into()),
            Expression::String(text) => ExprKind::Text(text.value().as_str().into()),
            Expression::Array(items) => ExprKind::List(items.iter().map(|item| self.expr(item)).collect()),
            Expression::Object(object) => {
                ExprKind::Map(object.iter().map(|(key, value)| (self.key(key), self.expr(value.expr()))).collect())
            }
            Expression::StringTemplate(template) => self.template(template),
            // The parser took the indentation of `<<-` away already.
            Expression::HeredocTemplate(heredoc) => self.template(&heredoc.template),
            Expression::Parenthesis(inner) => return self.expr(inner.inner()),
            Expression::Variable(name) => ExprKind::Name(name.as_str().into()),
            Expression::Conditional(choice) => ExprKind::Choice(Box::new([
                self.expr(&choice.cond_expr),
                self.expr(&choice.true_expr),
                self.expr(&choice.false_expr),
            ])),
            Expression::FuncCall(call) => {
                let spaces = call.name.namespace.iter().map(|part| format!("{}::", part.as_str()));
                let name: String = spaces.chain([call.name.name.as_str().to_owned()]).collect();
                ExprKind::Call {
                    name: name.strip_prefix("core::").unwrap_or(&name).into(),
                    arguments: call.args.iter().map(|argument| self.expr(argument)).collect(),
                    expand: call.args.expand_final(),
                }
            }
            Expression::Traversal(traversal) => return self.traversal(traversal),
            Expression::UnaryOp(operation) => {
                let inner = Box::new(self.expr(&operation.expr));
                match operation.operator.value() {
                    UnaryOperator::Neg => ExprKind::Negate(inner),
                    UnaryOperator::Not => ExprKind::Not(inner),
                }
            }
            Expression::BinaryOp(operation) => {
                let sides = [self.expr(&operation.lhs_expr), self.expr(&operation.rhs_expr)];
                ExprKind::Binary(operator(*operation.operator.value()), Box::new(sides))
            }
            Expression::ForExpr(each) => self.for_expr(each),
        };
        Expr { kind, span: self.span(expr.span()) }
    }

    fn key(&self, key: &ObjectKey) -> Expr {
        match key {
            ObjectKey::Ident(name) => Expr { kind: ExprKind::Text(name.as_str().into()), span: self.span(name.span()) },
            // A single name without parentheses is a string, but references are expressions.
            ObjectKey::Expression(Expression::Variable(name)) => {
                Expr { kind: ExprKind::Text(name.as_str().into()), span: self.span(name.span()) }
            }
            ObjectKey::Expression(expr) => self.expr(expr),
        }
    }

    fn for_expr(&self, each: &ForExpr) -> ExprKind {
        ExprKind::For(Box::new(For {
            key: each.intro.key_var.as_ref().map(|name| name.as_str().into()),
            value: each.intro.value_var.as_str().into(),
            collection: self.expr(&each.intro.collection_expr),
            result_key: each.key_expr.as_ref().map(|key| self.expr(key)),
            result: self.expr(&each.value_expr),
            condition: each.cond.as_ref().map(|condition| self.expr(&condition.expr)),
            grouping: each.grouping,
        }))
    }

    fn traversal(&self, traversal: &Traversal) -> Expr {
        let span = self.span(traversal.span());
        let mut bases = vec![(self.expr(&traversal.expr), false)];
        for operator in &traversal.operators {
            let Some((base, splat)) = bases.pop() else { continue };
            let kind = match operator.value() {
                TraversalOperator::GetAttr(name) => ExprKind::Attr(Box::new(base), name.as_str().into()),
                TraversalOperator::Index(index) => ExprKind::Index(Box::new(base), Box::new(self.expr(index))),
                TraversalOperator::LegacyIndex(index) => {
                    let index = Expr { kind: ExprKind::Number(SmolStr::from(index.value().to_string())), span };
                    ExprKind::Index(Box::new(base), Box::new(index))
                }
                TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => {
                    bases.push((base, splat));
                    bases.push((Expr { kind: ExprKind::Name(SPLAT.into()), span }, true));
                    continue;
                }
            };
            bases.push((Expr { kind, span }, splat));
        }
        let mut rest = bases.pop();
        while let (Some((result, true)), Some((base, outer))) = (rest.clone(), bases.pop()) {
            rest = Some((Expr { kind: ExprKind::Splat(Box::new(base), Box::new(result)), span }, outer));
        }
        rest.map_or(Expr { kind: ExprKind::Null, span }, |(expr, _)| expr)
    }

    fn template(&self, template: &Template) -> ExprKind {
        let mut parts = self.parts(template);
        match parts.as_mut_slice() {
            [] => ExprKind::Text(SmolStr::default()),
            [Part::Text(text)] => ExprKind::Text(std::mem::take(text)),
            _ => ExprKind::Template(parts),
        }
    }

    fn parts(&self, template: &Template) -> Vec<Part> {
        template
            .iter()
            .map(|element| match element {
                Element::Literal(text) => Part::Text(text.value().as_str().into()),
                Element::Interpolation(inner) => Part::Value(self.expr(&inner.expr)),
                Element::Directive(directive) => self.directive(directive),
            })
            .collect()
    }

    fn directive(&self, directive: &Directive) -> Part {
        match directive {
            Directive::If(choice) => Part::If(
                self.expr(&choice.if_expr.cond_expr),
                self.parts(&choice.if_expr.template),
                choice.else_expr.as_ref().map_or_else(Vec::new, |other| self.parts(&other.template)),
            ),
            Directive::For(each) => Part::For {
                key: each.for_expr.key_var.as_ref().map(|name| name.as_str().into()),
                value: each.for_expr.value_var.as_str().into(),
                collection: self.expr(&each.for_expr.collection_expr),
                body: self.parts(&each.for_expr.template),
            },
        }
    }
}

fn operator(operator: BinaryOperator) -> Operator {
    match operator {
        BinaryOperator::Eq => Operator::Equal,
        BinaryOperator::NotEq => Operator::NotEqual,
        BinaryOperator::LessEq => Operator::LessEqual,
        BinaryOperator::GreaterEq => Operator::GreaterEqual,
        BinaryOperator::Less => Operator::Less,
        BinaryOperator::Greater => Operator::Greater,
        BinaryOperator::Plus => Operator::Add,
        BinaryOperator::Minus => Operator::Subtract,
        BinaryOperator::Mul => Operator::Multiply,
        BinaryOperator::Div => Operator::Divide,
        BinaryOperator::Mod => Operator::Modulo,
        BinaryOperator::And => Operator::And,
        BinaryOperator::Or => Operator::Or,
    }
}
