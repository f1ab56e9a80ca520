//! `break`, `continue`, labels and `switch` by means of plain loops.
//!
//! A `break` in the middle of a `switch` case, and one that leaves a labeled block, become the `break` of a loop that runs
//! once. A jump across several loops sets a variable of its own and becomes a `break` of the innermost one; behind each loop
//! that it crosses stands a branch on that variable that jumps on.

use smol_str::SmolStr;
use tree_sitter::Node;

use super::Lowerer;
use super::kinds::{Field, Kind};
use crate::ids::ExprId;
use crate::ir::{Block, Expr, Literal, Pattern, SelectArm, Stmt};

/// Something that `break` or `continue` can mean.
#[derive(Debug)]
pub(super) struct Target {
    labels: Vec<SmolStr>,
    kind: TargetKind,
    /// Jumps that cross this target on their way to one further out: its position and how it is reached.
    crossed_by: Vec<(usize, Jump)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TargetKind {
    /// A loop.
    Loop,
    /// A switch; it is a loop in the intermediate form if a `break` needs one.
    Switch {
        /// Whether it is.
        looped: bool,
    },
    /// A labeled statement that is no loop.
    Block,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Jump {
    Break,
    Continue,
}

impl Jump {
    const fn stmt(self) -> Stmt {
        match self {
            Self::Break => Stmt::Break,
            Self::Continue => Stmt::Continue,
        }
    }

    /// The variable that says whether this jump to a target is under way. No name of a program looks like it.
    fn flag(self, target: usize) -> SmolStr {
        let word = match self {
            Self::Break => "break",
            Self::Continue => "continue",
        };
        format!("{word}#{target}").into()
    }
}

impl Target {
    fn is_loop(&self) -> bool {
        self.kind != TargetKind::Switch { looped: false }
    }
}

impl<'a> Lowerer<'a> {
    /// Lowers a loop's body within a new target; what must follow the loop is given back.
    pub(super) fn targeted(&mut self, kind: TargetKind, labels: Vec<SmolStr>, lower: impl FnOnce(&mut Self)) -> Crossings {
        self.context.targets.push(Target { labels, kind, crossed_by: Vec::new() });
        lower(self);
        Crossings(self.context.targets.pop().map(|target| target.crossed_by).unwrap_or_default())
    }

    /// Before a loop, none of the jumps that cross it is under way.
    pub(super) fn before_jumps(&mut self, crossings: &Crossings, node: Node<'a>, out: &mut Block) {
        for (target, jump) in &crossings.0 {
            self.set_flag(jump.flag(*target), false, node, out);
        }
    }

    fn set_flag(&mut self, flag: SmolStr, state: bool, node: Node<'a>, out: &mut Block) {
        self.builder.declare(&flag);
        let value = self.add(Expr::Literal(Literal::Bool(state)), node);
        self.push(Stmt::Bind { pattern: Pattern::Name(flag), value, annotation: None }, out);
    }

    /// Lets the jumps that crossed a loop continue behind it.
    pub(super) fn jump_on(&mut self, crossings: Crossings, node: Node<'a>, out: &mut Block) {
        let innermost = self.context.targets.iter().rposition(Target::is_loop);
        for (target, jump) in crossings.0 {
            let cond = self.add(Expr::Name(jump.flag(target)), node);
            let stmt = if innermost == Some(target) { jump.stmt() } else { Stmt::Break };
            let mut then = Block::new();
            self.push(stmt, &mut then);
            self.push(Stmt::Branch { cond, then, otherwise: Block::new() }, out);
        }
    }

    /// `break` and `continue`.
    pub(super) fn jump(&mut self, node: Node<'a>, out: &mut Block) {
        if self.context.final_break == Some(node.id()) {
            return;
        }
        let jump = if self.kind(node) == Kind::Break { Jump::Break } else { Jump::Continue };
        let label = self.child(node, Field::Label).map(|label| self.text(label));
        let fits = |target: &Target| match (label, jump) {
            (Some(label), _) => target.labels.iter().any(|name| name == label),
            (None, Jump::Break) => target.kind != TargetKind::Block,
            (None, Jump::Continue) => target.kind == TargetKind::Loop,
        };
        let targets = &mut self.context.targets;
        // Without a target the code is broken, or the `break` stands in code after a `return` of its case.
        let Some(target) = targets.iter().rposition(fits) else { return };
        let Some(innermost) = targets.iter().rposition(Target::is_loop) else { return };
        for crossed in targets.iter_mut().skip(target + 1).filter(|target| target.is_loop()) {
            if !crossed.crossed_by.contains(&(target, jump)) {
                crossed.crossed_by.push((target, jump));
            }
        }
        if innermost != target {
            self.set_flag(jump.flag(target), true, node, out);
        }
        let stmt = if innermost == target { jump.stmt() } else { Stmt::Break };
        self.push(stmt, out);
    }

    /// `label: statement`.
    pub(super) fn labeled(&mut self, node: Node<'a>, out: &mut Block) {
        let mut labels = Vec::new();
        let mut body = node;
        while self.kind(body) == Kind::Labeled {
            let children = self.children(body);
            labels.extend(children.field(Field::Label).map(|label| SmolStr::from(self.text(label))));
            match children.field(Field::Body) {
                Some(inner) => body = inner,
                None => return,
            }
        }
        if matches!(self.kind(body), Kind::For | Kind::ForIn | Kind::While | Kind::Do) {
            self.context.pending_labels = labels;
            return self.stmt(body, out);
        }
        let mut inner = Block::new();
        let crossings = self.targeted(TargetKind::Block, labels, |lowerer| inner = lowerer.block(body));
        self.before_jumps(&crossings, node, out);
        self.run_once(inner, out);
        self.jump_on(crossings, node, out);
    }

    /// A loop that ends after one round.
    fn run_once(&mut self, mut body: Block, out: &mut Block) {
        self.push(Stmt::Break, &mut body);
        self.push(Stmt::Loop { each: None, over_keys: false, cond: None, body, otherwise: Block::new() }, out);
    }

    /// `switch`.
    pub(super) fn switch(&mut self, node: Node<'a>, out: &mut Block) {
        let children = self.children(node);
        let subject = match children.field(Field::Value) {
            Some(value) => self.value(value, out),
            None => self.add(Expr::Missing, node),
        };
        let cases = self.cases(children.field(Field::Body));
        let mut names = Vec::new();
        for case in &cases {
            self.block_names(&case.statements, &mut names);
        }
        let looped = cases.iter().any(|case| self.breaks_early(case));
        self.enter_block_scope(names);
        let mut arms = Vec::new();
        let crossings = self.targeted(TargetKind::Switch { looped }, Vec::new(), |lowerer| {
            for case in &cases {
                lowerer.case(case, &mut arms);
            }
        });
        self.leave_block_scope();
        self.before_jumps(&crossings, node, out);
        let mut select = Block::new();
        self.push(Stmt::Select { subject, arms }, &mut select);
        if looped {
            self.run_once(select, out);
        } else {
            out.append(&mut select);
        }
        self.jump_on(crossings, node, out);
    }

    fn cases(&mut self, body: Option<Node<'a>>) -> Vec<Case<'a>> {
        let Some(body) = body else { return Vec::new() };
        let nodes: Vec<_> = self.children(body).named().collect();
        let mut cases = Vec::new();
        for child in nodes {
            let children = self.children(child.node);
            let is_case = child.kind == Kind::SwitchCase;
            let value = if is_case { children.field(Field::Value) } else { None };
            let statements: Vec<_> =
                children.named().filter(|part| !is_case || part.field != Field::Value).map(|part| part.node).collect();
            let last = self.last_statement(&statements);
            cases.push(Case { value, statements, last });
        }
        cases
    }

    /// The statement that ends a list of them, looked for inside of blocks too.
    fn last_statement(&mut self, statements: &[Node<'a>]) -> Option<Node<'a>> {
        let mut last = *statements.last()?;
        while self.kind(last) == Kind::Block {
            last = self.children(last).last()?;
        }
        Some(last)
    }

    /// Whether a `break` before the end of a case leaves the switch.
    fn breaks_early(&mut self, case: &Case<'a>) -> bool {
        let mut pending = case.statements.clone();
        while let Some(node) = pending.pop() {
            match self.kind(node) {
                Kind::Break if Some(node) != case.last && self.child(node, Field::Label).is_none() => return true,
                Kind::If
                | Kind::Else
                | Kind::Try
                | Kind::Catch
                | Kind::Finally
                | Kind::Labeled
                | Kind::With
                | Kind::Block
                | Kind::Error => pending.extend(self.children(node).named().map(|child| child.node)),
                _ => {}
            }
        }
        false
    }

    fn case(&mut self, case: &Case<'a>, arms: &mut Vec<SelectArm>) {
        let always = case.value.is_none();
        let (value, open, guard) = self.case_value(case.value);
        let ends = case.last.map_or(Kind::Other, |last| self.kind(last));
        let plain_break = ends == Kind::Break && case.last.is_some_and(|last| self.child(last, Field::Label).is_none());
        let outer = self.context.final_break;
        self.context.final_break = if plain_break { case.last.map(|last| last.id()) } else { None };
        let mut body = Block::new();
        self.statements(&case.statements, &mut body);
        self.context.final_break = outer;
        let falls_through = !matches!(ends, Kind::Break | Kind::Return | Kind::Throw | Kind::Continue);
        // `case 'a': case 'b':` is one arm.
        if let Some(before) = arms.last_mut().filter(|arm| arm.falls_through && arm.body.is_empty() && arm.guard.is_none())
            && guard.is_none()
        {
            before.values.extend(value);
            before.open |= open;
            before.always |= always;
            before.body = body;
            before.falls_through = falls_through;
            return;
        }
        let values = value.into_iter().collect();
        arms.push(SelectArm { values, open, always, captures: Vec::new(), guard, body, falls_through });
    }

    /// What leads to a case: a value, anything (`default`), or whatever a computed value says.
    fn case_value(&mut self, value: Option<Node<'a>>) -> (Option<ExprId>, bool, Option<ExprId>) {
        let Some(value) = value else { return (None, true, None) };
        let value = self.bare(value);
        let is_constant = matches!(
            self.kind(value),
            Kind::String
                | Kind::Number
                | Kind::True
                | Kind::False
                | Kind::Null
                | Kind::Undefined
                | Kind::Template
                | Kind::Identifier
                | Kind::Member
                | Kind::Subscript
                | Kind::Unary
        );
        let value = self.expr(value);
        if is_constant { (Some(value), false, None) } else { (None, true, Some(value)) }
    }
}

/// Jumps that left a loop for one further out.
#[must_use]
pub(super) struct Crossings(Vec<(usize, Jump)>);

/// A case of a switch; `default` has no value.
struct Case<'a> {
    value: Option<Node<'a>>,
    statements: Vec<Node<'a>>,
    last: Option<Node<'a>>,
}
