//! Containment of patterns when the wider one holds `?`: the length of what a `*` stands for matters then.
//!
//! The wider pattern runs as an automaton over the narrower one, keeping the set of positions it can be in. A `*` of
//! the narrower pattern may stand for any number of unfamiliar characters, which gives one set per number; they stop
//! changing after as many steps as the wider pattern has positions. Of two sets where one holds the other only the
//! smaller matters: when it ends well, so does the larger.

use super::pattern::{Token, accepts};

/// Work allowed before the answer becomes "not for certain". Patterns as people write them stay below a thousandth.
const BUDGET: usize = 4_000_000;

/// Positions the wider pattern can be in, ascending.
type Positions = Vec<usize>;

/// Whether `wider` matches everything that `narrower` matches.
pub(super) fn covers(wider: &[Token], narrower: &[Token]) -> bool {
    let mut walk = Walk { wider, budget: BUDGET };
    let mut frontier = vec![walk.closure(vec![0])];
    for token in narrower {
        let next = match token {
            Token::Many => walk.any_number(&frontier),
            token => frontier.iter().map(|from| walk.step(from, token)).collect(),
        };
        frontier = walk.minimal(next);
        if walk.budget == 0 || frontier.iter().any(Vec::is_empty) {
            return false;
        }
    }
    frontier.iter().all(|positions| positions.last() == Some(&wider.len()))
}

struct Walk<'a> {
    wider: &'a [Token],
    budget: usize,
}

impl Walk<'_> {
    fn spend(&mut self, work: usize) {
        self.budget = self.budget.saturating_sub(work + 1);
    }

    /// Adds the positions that are reached by letting a `*` stand for nothing.
    fn closure(&mut self, start: Positions) -> Positions {
        let mut all = Positions::with_capacity(start.len());
        for position in start {
            let mut position = position;
            if all.last().is_none_or(|&last| last < position) {
                all.push(position);
            }
            while self.wider.get(position) == Some(&Token::Many) {
                position += 1;
                if all.last().is_none_or(|&last| last < position) {
                    all.push(position);
                }
            }
        }
        self.spend(all.len());
        all
    }

    /// The positions after one more character or symbol.
    fn step(&mut self, from: &Positions, token: &Token) -> Positions {
        let mut next = Positions::with_capacity(from.len());
        for &position in from {
            match self.wider.get(position) {
                Some(Token::Many) => next.push(position),
                Some(wider) if accepts(wider, token) => next.push(position + 1),
                _ => {}
            }
        }
        next.dedup();
        self.closure(next)
    }

    /// The sets after no, one, two … unfamiliar characters.
    fn any_number(&mut self, frontier: &[Positions]) -> Vec<Positions> {
        let mut all = Vec::new();
        for start in frontier {
            let mut current = start.clone();
            loop {
                let next = self.step(&current, &Token::One);
                let settled = next == current;
                all.push(std::mem::replace(&mut current, next));
                if settled || self.budget == 0 {
                    break;
                }
            }
        }
        all
    }

    /// Keeps the sets that hold no other set.
    fn minimal(&mut self, mut sets: Vec<Positions>) -> Vec<Positions> {
        sets.sort_by(|left, right| left.len().cmp(&right.len()).then_with(|| left.cmp(right)));
        sets.dedup();
        let mut kept: Vec<Positions> = Vec::new();
        for set in sets {
            self.spend(kept.iter().map(|small| small.len() + set.len()).sum());
            if self.budget == 0 {
                return Vec::new();
            }
            if !kept.iter().any(|small| is_subset(small, &set)) {
                kept.push(set);
            }
        }
        kept
    }
}

/// Whether a sorted list holds only members of another.
fn is_subset(small: &[usize], large: &[usize]) -> bool {
    let mut large = large.iter();
    small.iter().all(|wanted| large.by_ref().any(|found| found == wanted))
}

#[cfg(test)]
mod tests {
    use crate::policy::Glob;
    use crate::value::Text;

    fn glob(text: &str) -> Glob {
        Glob::resource(&Text::literal(text))
    }

    #[test]
    fn the_length_of_a_star_counts() {
        assert!(glob("a?*").covers(&glob("a*b")));
        assert!(!glob("a??*").covers(&glob("a*b")));
        assert!(glob("*-??????").covers(&glob("secret-*-??????")));
        assert!(!glob("secret-??????").covers(&glob("secret-*")));
    }

    #[test]
    fn hostile_patterns_end() {
        let wide = glob(&"*a????????????????".repeat(60));
        let narrow = glob(&"*a*aa?".repeat(300));
        let _ = wide.covers(&narrow);
        assert!(!wide.covers(&glob("b*")));
    }
}
