//! Batches in which something occurs more than once.

use std::collections::HashMap;
use std::hash::Hash;

/// The batch, with each item's place in it, in parts in which each key occurs at most once: what concerns one key stays in order when the
/// parts are written one after the other.
pub(crate) fn waves<'a, T, K: Eq + Hash>(batch: &'a [T], key: impl Fn(&'a T) -> K) -> Vec<Vec<(usize, &'a T)>> {
    let mut seen: HashMap<K, usize> = HashMap::with_capacity(batch.len());
    let mut waves: Vec<Vec<(usize, &T)>> = Vec::new();
    for (place, item) in batch.iter().enumerate() {
        let number = seen.entry(key(item)).or_default();
        match waves.get_mut(*number) {
            Some(wave) => wave.push((place, item)),
            None => waves.push(vec![(place, item)]),
        }
        *number += 1;
    }
    waves
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_has_each_key_once_and_keeps_its_order() {
        assert_eq!(
            waves(&["a1", "b1", "a2", "a3", "b2"], |item| &item[..1]),
            [vec![(0, &"a1"), (1, &"b1")], vec![(2, &"a2"), (4, &"b2")], vec![(3, &"a3")]],
        );
        assert_eq!(waves(&[] as &[u8], |item| *item), Vec::<Vec<(usize, &u8)>>::new());
    }
}
