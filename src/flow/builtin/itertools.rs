//! Python's `zip`, `map` and `itertools`: several collections at once, whose items stay together.
//!
//! <https://docs.python.org/3/library/itertools.html>

use super::super::call::Args;
use super::super::exec::Rounds;
use super::super::interp::Interp;
use super::super::store::{Obj, ObjKind};
use super::super::value::{Atom, Value};
use crate::span::Span;

/// Most rows that are known one by one.
const MAX_ROWS: usize = 64;

impl Interp<'_> {
    pub(super) fn itertools_call(&mut self, name: &str, args: &Args, span: Span) -> Option<Value> {
        Some(match name {
            "chain" | "chain.from_iterable" => {
                let list = self.store.alloc(Obj::new(ObjKind::List));
                let parts = if name == "chain" { args.positional.clone() } else { self.rounds_of(&args.get(0), span).items };
                for part in &parts {
                    self.extend(list, part, span);
                }
                let further = if name == "chain" { args.rest.clone() } else { self.rounds_of(&args.get(0), span).rest };
                let further = self.elements(&further);
                self.store.get_mut(list).rest.join(&further);
                Value::object(list)
            }
            "product" => self.product(args, span),
            "zip_longest" => {
                let fill = args.named("fillvalue").cloned().unwrap_or_else(Value::null);
                self.zip(args, Some(fill), span)
            }
            "islice" | "cycle" => args.get(0),
            "takewhile" | "dropwhile" | "filterfalse" => {
                // How many pass the test is not asked.
                let items = args.get(1);
                self.each_of(&items, "forEach", &Args::positional(vec![args.get(0)]), span);
                let items = self.elements(&items);
                self.list(Vec::new(), items)
            }
            "groupby" => {
                let groups = self.item_of(&args.get(0), span);
                let key = args.either(1, "key");
                let key = if key.is_none() { groups.clone() } else { self.call_back(&key, vec![groups.clone()], span) };
                let group = self.list(Vec::new(), groups);
                let pair = self.list(vec![key, group], Value::none());
                self.list(Vec::new(), pair)
            }
            "starmap" => self.star_map(&args.get(0), &args.get(1), span),
            _ => return None,
        })
    }

    /// Calls a function with the items of each row: `starmap(f, rows)`.
    pub(super) fn star_map(&mut self, function: &Value, rows: &Value, span: Span) -> Value {
        let rounds = self.rounds_of(rows, span);
        let known = rounds.items.iter().map(|row| self.call_with_row(function, row, span)).collect();
        let further = self.apart(rounds.rest);
        let rest = further.iter().map(|row| self.call_with_row(function, row, span)).collect();
        self.list(known, rest)
    }

    fn call_with_row(&mut self, function: &Value, row: &Value, span: Span) -> Value {
        let parts = self.rounds_of(row, span);
        let call = Args { positional: parts.items, rest: parts.rest, ..Args::default() };
        let result = self.perhaps(|this| this.call_value(function, call, span));
        self.awaited(&result)
    }

    /// `map(f, xs, ys)`.
    pub(super) fn map_together(&mut self, args: &Args, span: Span) -> Value {
        let lists = Args { positional: args.positional.get(1..).unwrap_or_default().to_vec(), ..Args::default() };
        let rows = self.zip(&lists, None, span);
        self.star_map(&args.get(0), &rows, span)
    }

    /// Rows of the items at each position; where some collections are shorter, up to their end or filled up.
    pub(super) fn zip(&mut self, args: &Args, fill: Option<Value>, span: Span) -> Value {
        let all: Vec<Rounds> = args.positional.iter().map(|list| self.rounds_of(list, span)).collect();
        if all.iter().any(|rounds| !rounds.rest.is_none()) || !args.rest.is_none() {
            return self.any_rows(all, args);
        }
        let lengths = all.iter().map(|rounds| rounds.items.len());
        let length = if fill.is_some() { lengths.max() } else { lengths.min() }.unwrap_or(0);
        let fill = fill.unwrap_or_default();
        let item = |rounds: &Rounds, at: usize| rounds.items.get(at).cloned().unwrap_or_else(|| fill.clone());
        let rows: Vec<Vec<Value>> = (0..length).map(|at| all.iter().map(|rounds| item(rounds, at)).collect()).collect();
        self.rows(rows)
    }

    /// Every combination of the items of some collections.
    fn product(&mut self, args: &Args, span: Span) -> Value {
        let mut all: Vec<Rounds> = args.positional.iter().map(|list| self.rounds_of(list, span)).collect();
        match args.named("repeat").map(Value::single) {
            None => {}
            Some(Some(Atom::Number(times))) => {
                let times = times.parse::<usize>().unwrap_or(1).min(MAX_ROWS);
                all = std::iter::repeat_n(all, times).flatten().collect();
            }
            Some(_) => {
                let items = all.into_iter().flat_map(|rounds| rounds.items.into_iter().chain([rounds.rest])).collect();
                let row = self.list(Vec::new(), items);
                return self.list(Vec::new(), row);
            }
        }
        let count = all.iter().map(|rounds| rounds.items.len()).try_fold(1_usize, usize::checked_mul);
        let is_known = args.rest.is_none() && all.iter().all(|rounds| rounds.rest.is_none());
        if !is_known || count.is_none_or(|count| count > MAX_ROWS) {
            return self.any_rows(all, args);
        }
        let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
        for rounds in &all {
            let with = |row: &Vec<Value>, item: &Value| row.iter().chain([item]).cloned().collect();
            rows = rows.iter().flat_map(|row| rounds.items.iter().map(move |item| with(row, item))).collect();
        }
        self.rows(rows)
    }

    fn rows(&mut self, rows: Vec<Vec<Value>>) -> Value {
        let rows = rows.into_iter().map(|row| self.list(row, Value::none())).collect();
        self.list(rows, Value::none())
    }

    /// Any number of rows, each item of which is any of its collection's.
    fn any_rows(&mut self, all: Vec<Rounds>, args: &Args) -> Value {
        let row = all.into_iter().map(|rounds| rounds.items.into_iter().chain([rounds.rest]).collect()).collect();
        let further = self.elements(&args.rest);
        let row = self.list(row, further);
        self.list(Vec::new(), row)
    }
}
