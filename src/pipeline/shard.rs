//! Runs that are split over several machines: each answers for some of the functions.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

/// One part of several: the second of four.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Zero-based.
    index: u32,
    count: u32,
}

impl Shard {
    /// Whether it is the first one, which answers for what belongs to no function.
    pub const fn is_first(self) -> bool {
        self.index == 0
    }

    /// Its share of a list. The shares of all shards are the whole list, without overlaps, and differ in length by one at most.
    fn share(self, length: usize) -> Range<usize> {
        let cut = |index: u32| (length as u128 * u128::from(index) / u128::from(self.count)) as usize;
        cut(self.index)..cut(self.index + 1)
    }

    /// Keeps the items whose paths belong to this shard. Those of one path stay together.
    ///
    /// The paths are sorted and cut into runs, so that neighbors, which share code, are loaded by one machine.
    pub(super) fn keep<T>(self, items: &mut Vec<T>, path: impl Fn(&T) -> String) {
        let paths: Vec<String> = items.iter().map(path).collect();
        let mut sorted: Vec<&String> = paths.iter().collect();
        sorted.sort();
        sorted.dedup();
        let share = self.share(sorted.len());
        let own = &sorted[share];
        let mut of_item = paths.iter();
        items.retain(|_| of_item.next().is_some_and(|path| own.binary_search(&path).is_ok()));
    }
}

impl FromStr for Shard {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WANTED: &str = "write K/N: 1/4 is the first of four parts, 4/4 the last";
        let (number, count) = text.split_once('/').ok_or(WANTED)?;
        let (number, count): (u32, u32) = (number.parse().map_err(|_| WANTED)?, count.parse().map_err(|_| WANTED)?);
        if number == 0 || number > count {
            return Err(WANTED);
        }
        Ok(Self { index: number - 1, count })
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", u64::from(self.index) + 1, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_written_as_fractions() {
        assert_eq!("2/4".parse::<Shard>().map(|shard| shard.to_string()), Ok("2/4".to_owned()));
        assert!("1/1".parse::<Shard>().is_ok_and(Shard::is_first));
        for wrong in ["0/4", "5/4", "1", "1/0", "/", "-1/2", "1/99999999999"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_item_is_in_exactly_one_shard_and_paths_are_not_torn() {
        let all: Vec<(String, u32)> = (0..40).map(|number| (format!("p{}", number * 7 % 11), number)).collect();
        for count in [1, 2, 3, 7, 11, 50, u32::MAX] {
            let mut found = Vec::new();
            for index in 0..count.min(60) {
                let mut own = all.clone();
                Shard { index, count }.keep(&mut own, |(path, _)| path.clone());
                for (path, _) in &own {
                    assert_eq!(
                        own.iter().filter(|(other, _)| other == path).count(),
                        all.iter().filter(|(other, _)| other == path).count()
                    );
                }
                found.extend(own);
            }
            if count <= 60 {
                found.sort();
                let mut wanted = all.clone();
                wanted.sort();
                assert_eq!(found, wanted, "{count}");
            }
        }
    }
}
