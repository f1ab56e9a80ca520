//! Several files in one space of offsets, so that values of included files keep their own places.

use std::sync::Arc;

use crate::span::{Location, SourceFile, Span};

/// Files one behind the other; a span says by its offset which of them it is in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    /// Where each file starts, in ascending order.
    files: Vec<(u32, Arc<SourceFile>)>,
}

impl Places {
    /// Adds a file; the result is what to add to its own offsets. Nothing when the space is used up.
    pub(crate) fn add(&mut self, file: &Arc<SourceFile>) -> Option<u32> {
        let base = match self.files.last() {
            Some((base, last)) => base.checked_add(u32::try_from(last.text.len()).ok()?)?.checked_add(1)?,
            None => 0,
        };
        base.checked_add(u32::try_from(file.text.len()).ok()?)?;
        self.files.push((base, Arc::clone(file)));
        Some(base)
    }

    /// The place a span means.
    pub(crate) fn locate(&self, span: Span) -> Option<Location> {
        let behind = self.files.partition_point(|(base, _)| *base <= span.start);
        let (base, file) = self.files.get(behind.checked_sub(1)?)?;
        Some(Location::new(file, Span::new(span.start - base, span.end.max(span.start) - base)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_lead_back_to_their_own_file() {
        let (a, b) = (SourceFile::new("a.yml", "x: 1\n"), SourceFile::new("b.yml", "\ny: 2\n"));
        let mut places = Places::default();
        assert_eq!(places.add(&a), Some(0));
        let base = places.add(&b).expect("space");
        let at = places.locate(Span::new(base + 1, base + 2)).expect("known");
        assert_eq!(at.short(), "b.yml:2");
        assert_eq!(places.locate(Span::new(0, 1)).expect("known").short(), "a.yml:1");
        assert!(Places::default().locate(Span::new(0, 1)).is_none());
    }
}
